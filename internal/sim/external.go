package sim

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Double says how an external system's operation answers from now on. Of
// several that match a request, the last counts.
type Double struct {
	Operation *model.Operation
	With      map[string]any // for requests with these values only
	Reply     map[string]any // fields that are not here are as in the usual reply
	Fails     bool
	Slow      time.Duration // before it answers
}

// Contact is a request that reached an external system.
type Contact struct {
	Operation *model.Operation
	Input     map[string]any
	Key       string // idempotency key: one that was there before means the same request
	Repeat    bool

	digest uint64 // 0: not known yet
}

// outside is what the external systems know.
type outside struct {
	doubles  []*Double
	contacts []*Contact
	keys     kept[string, bool]           // seen
	answers  kept[string, map[string]any] // by key: a request that comes again gets the same
}

func newOutside() outside {
	return outside{keys: keep[string, bool](), answers: keep[string, map[string]any]()}
}

// Script has an external system answer as told.
func (w *World) Script(d *Double) { w.outside.doubles = append(w.outside.doubles, d) }

// Contacts are the requests that reached external systems, in order.
func (w *World) Contacts() []*Contact { return w.outside.contacts }

// defaultTimeout is how long an answer is waited for when the model does not say.
const defaultTimeout = 2 * time.Second

// operate asks an external system.
func (w *World) operate(op *model.Operation, input map[string]any, key string, timeout time.Duration, cause *Effect) (map[string]any, *refusal) {
	name := operationName(op)
	e := cause
	if cause.Kind != Calls {
		e = w.lead(cause, &Effect{Kind: Calls, Name: name, Of: op, Values: input, Order: fieldNames(nil, op.Input)})
	}
	reply, refused := w.contact(op, name, input, name+"/"+key, cmp.Or(timeout, defaultTimeout))
	switch {
	case refused != nil:
		refusedBy(e, refused)
	case len(op.Reply) > 0 && w.copied == nil:
		e.note("replies %s", showFields(reply, fieldNames(nil, op.Reply)))
	}
	return reply, refused
}

// missingInPath is a parameter of an operation's path that has no value here; "": each
// has one. Without it the path would be another one.
func missingInPath(op *model.Operation, input map[string]any) string {
	if op.HTTP == nil {
		return ""
	}
	for _, name := range op.HTTP.Params() {
		if v := input[name]; v == nil || v == "" {
			return name
		}
	}
	return ""
}

func (w *World) contact(op *model.Operation, name string, input map[string]any, key string, timeout time.Duration) (map[string]any, *refusal) {
	if lacks := missingInPath(op, input); lacks != "" {
		r := failing(name, false)
		r.final = true
		r.message += ": the input has no " + lacks + " for the path"
		return nil, r
	}
	if w.down.of[op.External] {
		return nil, unavailable(name, false)
	}
	o := &w.outside
	o.contacts = append(o.contacts, &Contact{Operation: op, Input: input, Key: key, Repeat: o.keys.of[key]})
	o.keys.own()[key] = true
	if reply, known := o.answers.of[key]; known {
		return reply, nil
	}
	d := o.answering(op, input)
	if d != nil && d.Fails {
		return nil, failing(name, true)
	}
	reply := UsualReply(op)
	if d != nil {
		for field, v := range d.Reply {
			reply[field] = v
		}
		if d.Slow >= timeout {
			return nil, tooSlow(name)
		}
	}
	o.answers.own()[key] = reply
	return reply, nil
}

// answering is the script for a request; nil: there is none.
func (o *outside) answering(op *model.Operation, input map[string]any) *Double {
	for i := len(o.doubles) - 1; i >= 0; i-- {
		if d := o.doubles[i]; d.Operation == op && within(d.With, input) {
			return d
		}
	}
	return nil
}

// within reports whether an object has the given values.
func within(given, object map[string]any) bool {
	for name, v := range given {
		if !expr.Equal(v, object[name]) {
			return false
		}
	}
	return true
}

// UsualReply is what an operation answers unless a script says else: what the
// stand-in of a generated system answers.
func UsualReply(op *model.Operation) map[string]any { return exampleObject(op.Reply, 0) }

// maxDepth ends recursive types.
const maxDepth = 4

func exampleObject(fields []*model.Field, depth int) map[string]any {
	out := make(map[string]any, len(fields))
	for _, f := range fields {
		if f.Type != nil {
			out[f.Name] = example(f.Type, names.JSON(&f.Node), depth)
		}
	}
	return out
}

// example is a plausible value of a type for a field of that name.
func example(t *model.Type, name string, depth int) any {
	if depth > maxDepth {
		return empty(t)
	}
	switch t.Kind {
	case model.Bool:
		return true
	case model.Int:
		return int64(1)
	case model.Decimal:
		return decimal.NewFromInt(1000)
	case model.Date:
		return expr.Date("2026-12-01")
	case model.Time:
		return time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	case model.Duration:
		return expr.Hour
	case model.ID:
		return exampleID(name)
	case model.Ref:
		return exampleID(names.JSON(&t.Aggregate.ID.Node))
	case model.Optional:
		return example(t.Elem, name, depth)
	case model.List:
		return []any{example(t.Elem, name, depth+1)}
	case model.Map:
		return map[string]any{"key": example(t.Elem, name, depth+1)}
	case model.Named:
		switch {
		case t.Def.Enum != nil:
			return t.Def.Enum[0].Name
		case t.Def.Is != nil:
			return example(t.Def.Is, name, depth)
		}
		return exampleObject(t.Def.Fields, depth+1)
	}
	return name
}

// exampleID is the id in a field of that name: order-1 in orderId.
func exampleID(field string) string {
	name := field
	for _, ending := range []string{"Id", "ID", "_id"} {
		if cut, ok := strings.CutSuffix(field, ending); ok && cut != "" {
			name = cut
		}
	}
	return fmt.Sprintf("%s-1", names.OfText(name).Kebab)
}
