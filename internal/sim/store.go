package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/esgen/esgen/model"
)

// store holds the instances of an aggregate.
type store struct {
	aggregate *model.Aggregate
	instances map[string]*instance
	indexed   []*model.Field
	sum       uint64                                      // its digest
	digested  bool                                        // the digest is known
	shared    bool                                        // with a copy of its world: it must not change any more
	index     map[*model.Field]map[string]map[string]bool // value -> ids
}

// instance is one of an aggregate. One that is gone keeps its version: a next
// life counts on from there.
type instance struct {
	id      string
	version int64
	state   map[string]any
	gone    bool
	stamps  stamps
	digest  uint64 // 0: not known yet
}

// stamps are when and by whom an instance was created and last changed.
type stamps struct{ created, changed stamp }

type stamp struct {
	at time.Time
	by string // "": the system, on nobody's behalf
}

// value is meta, as expressions see it.
func (s stamps) value() map[string]any {
	v := map[string]any{"createdAt": s.created.at, "createdBy": nil, "changedAt": s.changed.at, "changedBy": nil}
	if s.created.by != "" {
		v["createdBy"] = s.created.by
	}
	if s.changed.by != "" {
		v["changedBy"] = s.changed.by
	}
	return v
}

func stampOf(h *Happened) stamp { return stamp{h.Time, h.actor.subject} }

// stamp notes an event that happened to an instance; before is the instance
// before it, or before the command whose event it is: nil, there was none.
func (i *instance) stamp(h *Happened, before *instance) {
	now := stampOf(h)
	if before != nil {
		i.stamps.created = before.stamps.created
	} else if i.stamps.created.at.IsZero() {
		i.stamps.created = now
	}
	i.stamps.changed = now
}

func newStore(a *model.Aggregate) *store {
	s := &store{aggregate: a, instances: map[string]*instance{}, index: map[*model.Field]map[string]map[string]bool{}}
	indexed := slices.Clone(a.Lookup)
	for _, u := range a.Unique {
		indexed = append(indexed, u.Fields...)
	}
	for _, r := range indexed {
		if r.Field != nil && s.index[r.Field] == nil {
			s.indexed = append(s.indexed, r.Field)
			s.index[r.Field] = map[string]map[string]bool{}
		}
	}
	return s
}

// find is the instance of an id; nil: there is none.
func (s *store) find(id string) *instance {
	if i := s.instances[id]; i != nil && !i.gone {
		return i
	}
	return nil
}

// with are the ids of the instances whose indexed field has a value, sorted.
func (s *store) with(f *model.Field, value any) []string {
	return slices.Sorted(maps.Keys(s.having(f, value)))
}

// having is with as a set. What is absent is like nothing else.
func (s *store) having(f *model.Field, value any) map[string]bool {
	if value == nil {
		return nil
	}
	return s.index[f][keyText(value)]
}

func (s *store) put(i *instance) {
	s.digested = false
	before := s.find(i.id)
	for _, f := range s.indexed {
		if before != nil {
			delete(s.index[f][keyText(before.state[f.Name])], i.id)
		}
		if value := i.state[f.Name]; !i.gone && value != nil {
			ids := s.index[f][keyText(value)]
			if ids == nil {
				ids = map[string]bool{}
				s.index[f][keyText(value)] = ids
			}
			ids[i.id] = true
		}
	}
	s.instances[i.id] = i
}

// named is what a task waits for that needs an instance of an id.
func (s *store) named(id string) string {
	return keyText(s.aggregate.Context.Name, s.aggregate.Name, id)
}

// holding is what a task waits for that needs an instance with a value.
func (s *store) holding(f *model.Field, value any) string {
	return keyText(s.aggregate.Context.Name, s.aggregate.Name, f.Name, value)
}
