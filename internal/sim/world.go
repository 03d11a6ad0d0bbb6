// Package sim plays a checked model in memory, as the services generated from
// it would run: commands are decided on the model's own expressions, events
// change states and views, policies and sagas follow, external systems answer
// as scripted, and time passes only when it is told to.
//
// It is deterministic: the same commands in the same order give the same
// events, ids and times.
package sim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// World is a system that runs: what its contexts have stored, what is on the
// way between them, and the time it is. It is for one goroutine.
type World struct {
	model     *check.Model
	contexts  []*model.Context        // that take part, in the order of the model
	there     map[*model.Context]bool // nil: all do
	now       time.Time
	numbers   map[any]int // of aggregates and views, among their own kind
	stores    []*store    // by the number of the aggregate; nil: nothing is there
	tables    []*table    // by the number of the view
	handled   kept[handledKey, handling]
	erased    kept[erasedPerson, bool]
	listeners map[*model.Event][]*listener
	log       []*Happened
	tasks     tasks
	stories   []*story    // in the order in which they began
	lost      *model.Step // whose answers do not come; nil: all come
	clock     clock
	down      kept[any, bool] // *model.Context and *model.External
	outside   outside
	breakers  map[*model.Call]*breaker
	counts    kept[string, int]
	roots     []*Effect
	effects   int // how many there are
	faults    []*TaskFault
	weighed   int            // what the events of the flow weigh, about, in bytes
	awaited   []*model.Event // that a scenario says happen now: they choose between outcomes

	late       func(Line) bool // whose work is not to come yet; nil: nobody's
	copied     *copied         // of a world that is copied; nil: it is not
	transcript *Transcript     // nil: nobody wants to know
}

// New is a system of which nothing has happened yet.
func New(m *check.Model, at time.Time) *World { return begin(m, m.Contexts, nil, at) }

// Among is a system of which only some contexts, in the order of the model, take
// part: what the others would do does not happen, and they do not answer.
func Among(m *check.Model, contexts []*model.Context, at time.Time) *World {
	there := make(map[*model.Context]bool, len(contexts))
	for _, c := range contexts {
		there[c] = true
	}
	return begin(m, contexts, there, at)
}

func begin(m *check.Model, contexts []*model.Context, there map[*model.Context]bool, at time.Time) *World {
	w := &World{
		model: m, contexts: contexts, there: there, now: at.UTC().Truncate(time.Microsecond),
		numbers: map[any]int{}, erased: keep[erasedPerson, bool](), handled: keep[handledKey, handling](), down: keep[any, bool](), breakers: map[*model.Call]*breaker{},
		counts: keep[string, int](), outside: newOutside(),
	}
	w.count()
	w.listen()
	w.startClock()
	return w
}

// count numbers what there is a store or a table of.
func (w *World) count() {
	for _, c := range w.contexts {
		for _, a := range c.Aggregates {
			w.numbers[a] = len(w.stores)
			w.stores = append(w.stores, nil)
		}
		for _, v := range c.Views {
			w.numbers[v] = len(w.tables)
			w.tables = append(w.tables, nil)
		}
	}
}

// away reports whether a context does not answer.
func (w *World) away(c *model.Context) bool { return w.down.of[c] || w.there != nil && !w.there[c] }

// store is where the instances of an aggregate are; where its context takes no
// part, there are none.
func (w *World) store(a *model.Aggregate) *store {
	n, here := w.numbers[a]
	if !here {
		return newStore(a)
	}
	s := w.stores[n]
	if s == nil {
		s = newStore(a)
		w.stores[n] = s
	}
	return s
}

// table is where the rows of a view are; where its context takes no part, there
// are none.
func (w *World) table(v *model.View) *table {
	n, here := w.numbers[v]
	if !here {
		return newTable(v)
	}
	t := w.tables[n]
	if t == nil {
		t = newTable(v)
		w.tables[n] = t
	}
	return t
}

// Now is the time it is.
func (w *World) Now() time.Time { return w.now }

// Events are all that ever happened, in order.
func (w *World) Events() []*Happened { return w.log }

// State is the state of an instance, the aggregate's id included; false when
// there is no such instance, or no more. It is a copy.
func (w *World) State(a *model.Aggregate, id string) (map[string]any, bool) {
	i := w.store(a).find(id)
	if i == nil {
		return nil, false
	}
	return maps.Clone(i.state), true
}

// Meta is what is known of an instance beside its state, as `meta` has it; nil
// when there is no such instance.
func (w *World) Meta(a *model.Aggregate, id string) map[string]any {
	if i := w.store(a).find(id); i != nil {
		return i.stamps.value()
	}
	return nil
}

// Version is how many events an instance has had; 0 when there is none.
func (w *World) Version(a *model.Aggregate, id string) int64 {
	if i := w.store(a).instances[id]; i != nil {
		return i.version
	}
	return 0
}

// Instances are the ids of an aggregate's instances, sorted.
func (w *World) Instances(a *model.Aggregate) []string {
	var ids []string
	for id, i := range w.store(a).instances {
		if !i.gone {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Rows are the rows of a view, sorted by its key. They are copies.
func (w *World) Rows(v *model.View) []map[string]any {
	rows := w.table(v).sorted()
	for i, row := range rows {
		rows[i] = maps.Clone(row)
	}
	return rows
}

// eval computes an expression; what it cannot compute is a refusal.
func (w *World) eval(t *expr.Tree, vars map[string]any) (any, *refusal) {
	v, err := expr.Eval(t, vars)
	if err != nil {
		return nil, faulty(err)
	}
	if n := weight(v); n > maxValue {
		return nil, faulty(fmt.Errorf("the value is too large: %d bytes", n))
	}
	return v, nil
}

// holds reports whether a condition holds; one that is not there does.
func (w *World) holds(x *model.Expr, vars map[string]any) (bool, *refusal) {
	t := w.model.Trees[x]
	if x == nil || t == nil {
		return true, nil
	}
	v, r := w.eval(t, vars)
	return v == true, r
}

// fill computes the fields of an object. A field without a value has its
// default, else nothing.
func (w *World) fill(list []check.Assigned, vars map[string]any) (map[string]any, *refusal) {
	out := make(map[string]any, len(list)+1)
	for _, x := range list {
		v, r := w.value(x, vars)
		if r != nil {
			return nil, r
		}
		out[x.Field.Name] = v
	}
	return out, nil
}

// told is what somebody is given. What nobody says is left out of what a
// command or a query is asked: it fills that in by itself.
func (w *World) told(to *model.Target, list []check.Assigned, vars map[string]any) (map[string]any, *refusal) {
	if to.Operation == nil {
		list = slices.DeleteFunc(slices.Clone(list), func(x check.Assigned) bool { return x.Unsaid })
	}
	return w.fill(list, vars)
}

func (w *World) value(x check.Assigned, vars map[string]any) (any, *refusal) {
	if x.Value == nil {
		return w.start(x.Field)
	}
	v, r := w.eval(x.Value, vars)
	if v == nil {
		v = empty(x.Field.Type)
	}
	return v, r
}

// start is the value of a field nobody sets.
func (w *World) start(f *model.Field) (any, *refusal) {
	switch d := f.Default; {
	case d == nil:
		return empty(f.Type), nil
	case d.Expr != nil:
		return w.eval(w.model.Trees[d.Expr], nil)
	default:
		v, err := plain(d.Value, f.Type)
		if err != nil {
			return nil, faulty(err)
		}
		return v, nil
	}
}

// next counts what has no name of its own: event-1, event-2. In a world that is
// copied it is counted for each thing it is of, so that it has the same name in
// whatever order all happens.
func (w *World) next(what string, of ...string) string {
	if w.copied != nil {
		what = join(append([]string{what}, of...)...)
	}
	counts := w.counts.own()
	counts[what]++
	return what + "-" + strconv.Itoa(counts[what])
}

// newInstance names an instance nobody has named: order-1.
func (w *World) newInstance(a *model.Aggregate) string {
	for {
		id := w.next(names.Of(&a.Node).Kebab)
		if w.store(a).instances[id] == nil {
			return id
		}
	}
}

// qualified is the name of a node in its context: front.OrderPlaced.
func qualified(c *model.Context, name string) string {
	if c == nil {
		return name
	}
	return c.Name + "." + name
}

// eventName is the name of an event with whose it is.
func eventName(e *model.Event) string {
	if e.External != nil {
		return e.External.Name + "." + e.Name
	}
	return qualified(e.Context, e.Name)
}

// commandName is the name of a command with its context and aggregate where
// the command's name alone does not tell.
func commandName(m *model.Command) string { return qualified(m.Aggregate.Context, m.Name) }

func operationName(o *model.Operation) string { return o.External.Name + "." + o.Name }

func join(parts ...string) string { return strings.Join(parts, "/") }
