package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// place is where an event happened.
type place struct {
	aggregate *model.Aggregate
	id        string
}

// point is an event: what happened at a place, by its version there.
type point struct {
	place
	version string
}

// happenings are all events by their ids, on either side.
type happenings struct{ ofWorld, ofSystem map[string]point }

// happened is an event of either side.
type happened struct {
	event   *model.Event
	version string
	fields  map[string]any
	meta    meta
	// origin is the same for all that follows from one request, on its side.
	origin any
	// because is the event that led to it; nil: none did, or it is not told.
	because *point
}

// meta is what is known of an event beside its fields.
type meta struct {
	time   string
	actor  string // "": nobody
	roles  string
	system bool
}

// compareEvents compares what happened since the last time, instance by
// instance.
func (d *duel) compareEvents(t *testing.T) {
	t.Helper()
	want, have := d.ofWorld(), d.ofSystem(t)
	d.meet(want, have)
	for at, events := range have { // as the world calls them
		if id, ok := d.toSim[at.id]; ok {
			delete(have, at)
			have[place{at.aggregate, id}] = events
		}
	}
	d.origins.name(want, d.same)
	d.correlations.name(have, d.same)
	d.untold(want, have)
	for at := range union(want, have) {
		d.judge("events of "+at.aggregate.Name+" "+at.id, d.tell(want[at], d.same, d.origins), d.tell(have[at], d.known, d.correlations))
	}
}

// ofWorld is what happened in the interpreter since the last time.
func (d *duel) ofWorld() map[place][]happened {
	out := map[place][]happened{}
	log := d.world.Events()
	for i, h := range log[d.seen:] {
		if h.Event.Aggregate == nil {
			continue // an external system told it, on both sides
		}
		at := place{h.Event.Aggregate, h.Instance}
		subject, roles, system := h.Actor()
		e := happened{
			event: h.Event, version: strconv.FormatInt(h.Version, 10), origin: h.Origin(),
			fields: encodeFields(h.Fields, withID(h.Event.Aggregate, h.Event.Fields)),
			meta:   meta{expr.Text(h.Time), subject, strings.Join(slices.Sorted(slices.Values(roles)), ","), system},
		}
		if b := h.Because(); b != nil && b.Event.Aggregate != nil {
			e.because = &point{place{b.Event.Aggregate, b.Instance}, strconv.FormatInt(b.Version, 10)}
		}
		d.happenings.ofWorld[h.ID] = point{at, e.version}
		if _, known := d.first[at]; !known {
			d.first[at] = d.seen + i
		}
		out[at] = append(out[at], e)
	}
	d.seen = len(log)
	return out
}

// ofSystem is what happened in the services since the last time.
func (d *duel) ofSystem(t *testing.T) map[place][]happened {
	t.Helper()
	out := map[place][]happened{}
	records := d.system.news(t)
	for _, r := range records {
		d.happenings.ofSystem[r.id] = point{place{d.topics[r.topic], r.key}, r.version}
	}
	for _, r := range records {
		a := d.topics[r.topic]
		at := place{a, r.key}
		e := happened{event: d.events[a][r.kind], version: r.version, fields: r.data, meta: r.meta, origin: r.correlation}
		if b, ok := d.happenings.ofSystem[r.causation]; ok {
			e.because = &b
		}
		out[at] = append(out[at], e)
	}
	return out
}

// untold forgets reasons of the services' events that the interpreter does not
// tell: those of sagas and of compensations.
func (d *duel) untold(want, have map[place][]happened) {
	for at, events := range have {
		for i := range events {
			if i < len(want[at]) && want[at][i].because == nil {
				events[i].because = nil
			}
		}
	}
}

// origins name what events begin with, on one side: after the first event that
// followed from it.
type origins map[any]string

func (o origins) name(all map[place][]happened, id func(string) string) {
	found := map[any]string{}
	for at, events := range all {
		for _, e := range events {
			here := fmt.Sprintf("%s %s %s", at.aggregate.Name, id(at.id), e.version)
			if first, there := found[e.origin]; !there || here < first {
				found[e.origin] = here
			}
		}
	}
	for origin, first := range found {
		if _, known := o[origin]; !known {
			o[origin] = first
		}
	}
}

// tell writes who did it, and when.
func (m meta) tell(w writer) string {
	who := "nobody"
	if m.actor != "" {
		who = w.value(m.actor, &model.Type{Kind: model.ID})
	}
	if m.system {
		who = "the system for " + who
	}
	return fmt.Sprintf("by %s (%s) at %s", who, m.roles, w.value(m.time, &model.Type{Kind: model.Time}))
}

// tell writes events one by one, each with its reason, and with what all began.
func (d *duel) tell(events []happened, id func(string) string, began origins) string {
	w := d.writer(id)
	var b strings.Builder
	for _, e := range events {
		if e.event == nil {
			b.WriteString("an event the model does not have\n")
			continue
		}
		fmt.Fprintf(&b, "%s %s %s %s", e.version, e.event.Name, w.object(e.fields, withID(e.event.Aggregate, e.event.Fields)), e.meta.tell(w))
		if e.because != nil {
			fmt.Fprintf(&b, " because of %s %s %s", e.because.aggregate.Name, id(e.because.id), e.because.version)
		}
		if first, named := began[e.origin]; named {
			fmt.Fprintf(&b, ", of all that began with %s", first)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (d *duel) writer(id func(string) string) writer { return writer{id} }

// same is an id of the world as both sides have it.
func (d *duel) same(id string) string {
	if d.ofSim[id] {
		return id
	}
	return made.ReplaceAllString(id, "an id that uuid() made")
}

// made is what uuid() makes, of the interpreter and of a service, by chance or for
// work that may be done again: neither knows that of the other.
var made = regexp.MustCompile(`^(id-[0-9]+|[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})$`)

// known is an id of the system as the world has it.
func (d *duel) known(id string) string { return d.same(cmp.Or(d.toSim[id], id)) }

// answered notes that the answers to a command named what is one instance.
func (d *duel) answered(l *lane, a *model.Aggregate, ours, theirs string) {
	if ours == theirs || d.ofSim[ours] || d.toSim[theirs] != "" {
		return
	}
	d.twin(a, ours, theirs)
	l.made[a] = append(l.made[a], twin{ours, theirs})
}

func (d *duel) twin(a *model.Aggregate, ours, theirs string) {
	d.ofSim[ours], d.toSim[theirs] = true, ours
}

// strangers are the instances of one side that are not known to be one of the
// other side.
type strangers struct {
	all   map[place][]happened
	known func(id string) bool
	name  func(id string) string
}

// left are those that are still strangers, with what happened to them: ids of
// strangers, which the other side calls differently, left out.
func (d *duel) left(s strangers) map[place]string {
	strange := map[string]bool{}
	for at := range s.all {
		strange[at.id] = !laneMark.MatchString(at.id) && !s.known(at.id)
	}
	out := map[place]string{}
	for at, events := range s.all {
		if !strange[at.id] {
			continue
		}
		out[at] = d.tell(events, func(id string) string {
			if strange[id] {
				return "?"
			}
			return s.name(id)
		}, nil)
	}
	return out
}

// meet finds out which new instances of the two sides are the same: those to
// which alone the same happened for the same reason. Of several that are alike in
// all of this any is as good as another, and that is settled one by one, since the
// next ones may be told apart by it.
func (d *duel) meet(want, have map[place][]happened) {
	met := map[place]string{}
	for {
		ours := d.left(strangers{want, func(id string) bool { return d.ofSim[id] }, d.same})
		theirs := d.left(strangers{have, func(id string) bool { return d.toSim[id] != "" }, d.known})
		pairs := alone(ours, theirs)
		if len(pairs) == 0 {
			break
		}
		for at, system := range pairs {
			d.twin(at.aggregate, at.id, system)
			met[at] = system
		}
	}
	for _, at := range slices.SortedFunc(maps.Keys(met), func(x, y place) int { return d.first[x] - d.first[y] }) {
		if l := d.laneOf(d.tell(want[at], d.same, nil)); l != nil {
			l.made[at.aggregate] = append(l.made[at.aggregate], twin{at.id, met[at]})
		}
	}
}

// alone are the pairs of which nothing else is like them; without any, the first
// of those that are alike; without any of these, the first that are left.
func alone(ours, theirs map[place]string) map[place]string {
	group := func(all map[place]string) map[string][]string {
		out := map[string][]string{}
		for at, text := range all {
			text = at.aggregate.Name + " " + text
			out[text] = append(out[text], at.id)
		}
		return out
	}
	mine, others := group(ours), group(theirs)
	pairs := map[place]string{}
	var alike, left []place
	for at, text := range ours {
		text = at.aggregate.Name + " " + text
		switch {
		case len(mine[text]) == 1 && len(others[text]) == 1:
			pairs[at] = others[text][0]
		case len(others[text]) > 0:
			alike = append(alike, at)
		default:
			left = append(left, at)
		}
	}
	first := func(x, y place) int { return strings.Compare(x.id, y.id) }
	switch {
	case len(pairs) > 0:
	case len(alike) > 0:
		at := slices.MinFunc(alike, first)
		pairs[at] = slices.Min(others[at.aggregate.Name+" "+ours[at]])
	default:
		for _, at := range slices.SortedFunc(slices.Values(left), first) {
			for other := range theirs {
				if other.aggregate == at.aggregate {
					return map[place]string{at: other.id} // they differ, and it will be told how
				}
			}
		}
	}
	return pairs
}
