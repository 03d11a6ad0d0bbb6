package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// here stands in texts for the lane they are played in: one sequence can be
// played in many lanes, which have nothing to do with one another.
const here = "§"

// derived is an id that was not sent but made: the n-th of its aggregate in
// the lane. The two sides made different ones.
type derived struct {
	aggregate *model.Aggregate
	n         int
}

// ask is a command somebody gives, or what an external system tells, with
// placeholders for lane and derived ids.
type ask struct {
	command *model.Command
	event   *model.Event // in place of a command: it happened at an external system
	inside  bool         // by another service
	input   map[string]any
	subject string
	roles   []string
	claims  map[string]any
	key     string
}

// generator writes random commands: most are such that they might succeed.
type generator struct {
	*rand.Rand
	model      *check.Model
	commands   []*model.Command
	literals   map[model.Kind][]any // constants of the model's expressions: where decisions change
	enumerated []string             // constants that are called like a value of an enum: keys of maps
	roles      []string
	accepted   map[string]int            // commands, by their names
	inside     int                       // of a hundred commands that services give one another, how many are given from here
	shared     map[string]bool           // names of fields by which instances meet
	begins     []*model.Command          // that sagas begin with
	outside    []*model.Event            // that external systems tell
	ordered    map[*model.Aggregate]bool // of whose instances some are taken by their ids' order
	now        time.Time                 // at the start of the run
}

func newGenerator(m *check.Model, seed uint64, now time.Time) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 2)), model: m, literals: map[model.Kind][]any{}, shared: map[string]bool{}, now: now.Truncate(time.Second), inside: 40}
	for _, c := range m.Contexts {
		for _, p := range c.Policies {
			if p.Window != nil && p.Window.By != nil {
				g.shared[p.Window.By.Text] = true
			}
		}
		for _, v := range c.Views {
			for _, k := range v.Key {
				g.shared[k.Text] = true
			}
		}
		for _, a := range c.Aggregates {
			for _, f := range a.Lookup {
				g.shared[f.Text] = true
			}
			for _, u := range a.Unique {
				for _, f := range u.Fields {
					g.shared[f.Text] = true
				}
			}
			for _, x := range a.Commands {
				if !x.Custom && !m.Incomplete[&x.Node] && !m.Incomplete[&a.Node] {
					g.commands = append(g.commands, x)
				}
			}
		}
	}
	if slices.ContainsFunc(m.Contexts, func(c *model.Context) bool { return len(c.Sagas) > 0 }) {
		g.inside = 10 // or sagas would find everything done
	}
	g.ordered, g.outside = ordered(m), outside(m)
	g.begins = slices.Clone(g.commands)
	g.begins = slices.DeleteFunc(g.begins, func(x *model.Command) bool {
		return !slices.ContainsFunc(x.Emits, func(e *model.Emit) bool { return begins(m, e.Event.Event) })
	})
	for _, a := range m.Actors {
		g.roles = append(g.roles, a.Role)
	}
	g.literals[model.String] = []any{here + "1", here + "2", "a" + here + "@x.example", "b" + here + "@y.example", "510012345678", "4000123456789", "서울 " + here,
		" Ada " + here, "Dr " + here, "a", ""}
	g.literals[model.Int] = []any{int64(0), int64(1), int64(2), int64(3), int64(-1), int64(100)}
	g.literals[model.Decimal] = []any{decimal.NewFromInt(0), decimal.RequireFromString("2.50"), decimal.NewFromInt(9000), decimal.NewFromInt(-1), decimal.RequireFromString("0.005")}
	today := expr.Date(g.now.In(m.Zone).Format(time.DateOnly))
	g.literals[model.Date] = []any{today}
	for _, days := range []int{-20, -10, -3, 3, 30} {
		g.literals[model.Date] = append(g.literals[model.Date], expr.Date(g.now.In(m.Zone).AddDate(0, 0, days).Format(time.DateOnly)))
	}
	g.literals[model.Time] = []any{g.now.Add(-48 * time.Hour), g.now.Add(30 * time.Minute), g.now.Add(5 * time.Hour)}
	g.literals[model.Duration] = []any{expr.Span(0), 10 * expr.Minute, 26 * expr.Hour}
	var trees []*expr.Tree
	for _, t := range m.Trees {
		trees = append(trees, t)
	}
	g.harvest(trees)
	return g
}

// begins reports whether a saga begins with an event.
func begins(m *check.Model, e *model.Event) bool {
	return e != nil && slices.ContainsFunc(m.Contexts, func(c *model.Context) bool {
		return slices.ContainsFunc(c.Sagas, func(s *model.Saga) bool { return s.StartedBy.Event == e })
	})
}

// ordered are the aggregates of which the first of several instances is taken, by
// the order of their ids: each side orders ids that it makes itself in its own way.
func ordered(m *check.Model) map[*model.Aggregate]bool {
	out := map[*model.Aggregate]bool{}
	byRows := false
	for _, c := range m.Contexts {
		for _, p := range c.Policies {
			if p.Each != nil {
				out[p.Each.Aggregate] = true
				byRows = byRows || p.Each.View != nil
			}
		}
		for _, s := range c.Sagas {
			for _, step := range s.Steps {
				if step.Correlate != nil {
					out[step.Do.Command.Aggregate] = true
				}
				if u := step.Compensate; u != nil && u.Correlate != nil {
					out[u.Do.Command.Aggregate] = true
				}
			}
		}
		for _, a := range c.Aggregates {
			for _, x := range a.Commands {
				byRows = byRows || slices.ContainsFunc(x.Reads, func(r *model.Read) bool { return r.Where != nil })
			}
		}
	}
	for _, c := range m.Contexts {
		for _, a := range c.Aggregates {
			out[a] = out[a] || byRows // whose rows these may be
		}
	}
	return out
}

// harvest takes the constants of expressions, and what is next to them.
func (g *generator) harvest(trees []*expr.Tree) {
	found := map[string]bool{}
	var walk func(t *expr.Tree)
	walk = func(t *expr.Tree) {
		switch v := t.Value.(type) {
		case string:
			found["s"+v] = t.Op == expr.Const
		case int64:
			found["i"+fmt.Sprint(v)] = true
		case expr.Decimal:
			found["d"+string(v)] = true
		}
		for _, x := range slices.Concat(t.Keys, t.Args) {
			walk(x)
		}
	}
	for _, t := range trees {
		if t != nil {
			walk(t)
		}
	}
	var texts []string
	for text := range found {
		texts = append(texts, text)
	}
	slices.Sort(texts) // the same seed, the same commands
	for _, types := range append([][]*model.TypeDef{g.model.Types}, contextTypes(g.model)...) {
		for _, d := range types {
			for _, v := range d.Enum {
				if found["s"+v.Name] {
					g.enumerated = append(g.enumerated, v.Name)
				}
			}
		}
	}
	for _, text := range texts {
		switch kind, v := text[0], text[1:]; kind {
		case 's':
			g.literals[model.String] = append(g.literals[model.String], v)
		case 'i', 'd':
			d := decimal.RequireFromString(v)
			one := decimal.NewFromInt(1)
			g.literals[model.Decimal] = append(g.literals[model.Decimal], d, d.Add(one), d.Sub(one))
			if d.IsInteger() && d.Abs().LessThan(decimal.NewFromInt(1_000_000)) {
				g.literals[model.Int] = append(g.literals[model.Int], d.IntPart(), d.IntPart()+1, d.IntPart()-1)
			}
		}
	}
}

func contextTypes(m *check.Model) [][]*model.TypeDef {
	var out [][]*model.TypeDef
	for _, c := range m.Contexts {
		out = append(out, c.Types)
	}
	return out
}

// scene is what a command is written for: what there is in its lane already.
type scene struct {
	ids     map[*model.Aggregate][]any // of instances: texts with placeholders, or derived
	objects []map[string]any           // states, rows, and the objects in them
	earlier []ask                      // with keys
}

// often is true in so many of a hundred cases.
func (g *generator) often(percent int) bool { return g.IntN(100) < percent }

func oneOf[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// subject is somebody of the lane.
func (g *generator) subject() string { return fmt.Sprintf("%s%s%d", here, personal, 1+g.IntN(2)) }

// personal is what ids of people begin with.
const personal = "person-"

// goesOn reports whether a lane gets another command in a step: after a refusal
// most often, so that enough is accepted. What a command has called may have to
// be undone, though, and that takes a rest.
func (g *generator) goesOn(l *lane, slot int) bool {
	if slot%slots == 0 {
		return true
	}
	before := l.asks[slot-1].command
	return l.refused && before != nil && len(before.Calls) == 0 && g.often(85)
}

// ask writes a command.
func (g *generator) ask(s *scene, slot int) ask {
	if len(s.earlier) > 0 && g.often(6) {
		again := oneOf(g, s.earlier)
		if g.often(25) {
			again.input = map[string]any{} // the key is another request's
			g.instance(again.command, again.input, s)
			g.fill(again.command, again.input, again.subject, s)
		}
		return again
	}
	if len(g.outside) > 0 && g.often(20) {
		return g.tells(s)
	}
	m := g.command(s)
	input := map[string]any{}
	g.instance(m, input, s)
	a := ask{command: m, input: input, subject: g.person(input[m.Aggregate.ID.Name], m.Aggregate, s), inside: len(m.Actors) == 0 || g.often(5)}
	if !a.inside {
		a.roles = []string{oneOf(g, m.Actors).Actor.Role}
		if g.often(5) {
			a.roles = []string{oneOf(g, g.roles)}
		}
		a.claims = g.claims(a.roles)
	}
	g.fill(m, input, a.subject, s)
	if g.often(20) {
		a.key = fmt.Sprintf("%skey-%d", here, slot)
	}
	if g.often(6) {
		g.spoil(a)
	}
	if a.inside {
		a.subject = ""
	}
	return a
}

// claims are what a token says of somebody beside the roles: most often all that
// these ask for.
func (g *generator) claims(roles []string) map[string]any {
	out := map[string]any{}
	for _, a := range g.model.Actors {
		for _, f := range a.Claims {
			if slices.Contains(roles, a.Role) && g.often(90) {
				out[f.Name] = g.claim(f.Type.Value())
			}
		}
	}
	return out
}

func (g *generator) claim(t *model.Type) any {
	switch t.Kind {
	case model.Int:
		return int64(g.IntN(5))
	case model.Bool:
		return g.often(50)
	case model.List:
		return []any{here + "1", "a", here + "2"}
	}
	return oneOf(g, []string{here + "1", here + "2"})
}

// command chooses a command: rather one that has been accepted seldom so far.
func (g *generator) command(s *scene) *model.Command {
	if len(g.begins) > 0 && g.often(25) {
		if m := oneOf(g, g.begins); possible(m, s) {
			return m
		}
	}
	var best *model.Command
	for range 12 {
		m := oneOf(g, g.commands)
		if !possible(m, s) && !g.often(2) || len(m.Actors) == 0 && !g.often(g.inside) {
			continue
		}
		if best == nil || g.accepted[m.Name] < g.accepted[best.Name] {
			best = m
		}
		if g.often(35) {
			break
		}
	}
	if best == nil {
		return oneOf(g, g.commands)
	}
	return best
}

// possible reports whether there is what a command is for, and refers to.
func possible(m *model.Command, s *scene) bool {
	for _, f := range m.Input {
		if f.Type.Kind == model.Ref && len(s.ids[f.Type.Aggregate]) == 0 {
			return false
		}
	}
	return m.Creates != model.Existing || len(s.ids[m.Aggregate]) > 0
}

// instance says which instance a command is for.
func (g *generator) instance(m *model.Command, input map[string]any, s *scene) {
	id := m.Aggregate.ID.Name
	switch {
	case m.Creates == model.New && !g.ordered[m.Aggregate] && g.often(10): // it gets an id
	case m.Creates != model.New && len(s.ids[m.Aggregate]) > 0 && g.often(95):
		input[id] = oneOf(g, s.ids[m.Aggregate])
	case m.Creates == model.Upsert && g.often(60), m.Creates == model.New && g.often(20):
		input[id] = g.subject() // it is often one's own
	default:
		input[id] = g.fixed(m.Aggregate)
	}
}

// person is who gives a command: most often somebody its instance names.
func (g *generator) person(id any, a *model.Aggregate, s *scene) string {
	if text, ok := id.(string); ok && strings.HasPrefix(text, here+personal) {
		return text
	}
	if g.often(80) {
		for _, o := range s.objects {
			if o[a.ID.Name] != id || id == nil {
				continue
			}
			for _, f := range a.State {
				if text, ok := o[f.Name].(string); ok && strings.HasPrefix(text, here+personal) {
					return text
				}
			}
		}
	}
	return g.subject()
}

// fill writes the rest of an input.
func (g *generator) fill(m *model.Command, input map[string]any, subject string, s *scene) {
	for _, f := range m.Input {
		switch v := g.field(f, subject, s); {
		case v != nil:
			input[f.Name] = v
		case f.Type.Kind == model.Optional && g.often(40):
			input[f.Name] = nil // which is not to leave it out
		}
	}
}

// fixed is an id of the lane that may be taken or not.
func (g *generator) fixed(a *model.Aggregate) string {
	return fmt.Sprintf("%s%s-%d", here, names.Of(&a.Node).Kebab, 1+g.IntN(3))
}

// field writes the value of a field; nil leaves it out.
func (g *generator) field(f *model.Field, subject string, s *scene) any {
	if f.Default != nil && g.often(40) {
		return nil
	}
	if f.Type.Scalar().Kind == model.ID && g.often(75) {
		return subject
	}
	if v, ok := g.echo(f, s); ok {
		return v
	}
	var v any
	for range 50 {
		if v = g.value(f.Type, subject, s); v == nil || g.ownOf(f, v) && (g.holds(f.Check, v) || g.often(4)) {
			break
		}
	}
	return v
}

// ownOf reports whether a value may stand in a field: by a field that is unique,
// or by which instances are found, a lane must not meet another one.
func (g *generator) ownOf(f *model.Field, v any) bool {
	text, ok := v.(string)
	return !ok || !g.shared[f.Name] || strings.Contains(text, here)
}

// echo takes a value that a field of the same name and type has elsewhere.
func (g *generator) echo(f *model.Field, s *scene) (any, bool) {
	if !g.often(35) {
		return nil, false
	}
	var found []any
	for _, o := range s.objects {
		if v, ok := o[f.Name]; ok && v != nil && f.Type.Value().Kind != model.Named {
			found = append(found, v)
		}
	}
	if len(found) == 0 {
		return nil, false
	}
	v := oneOf(g, found)
	return v, g.fits(v, f.Type.Value())
}

// fits reports whether a value is of the Go type of a scalar type.
func (g *generator) fits(v any, t *model.Type) bool {
	ok := false
	switch t.Kind {
	case model.String:
		_, ok = v.(string)
	case model.ID, model.Ref:
		_, text := v.(string)
		_, made := v.(derived)
		ok = text && v != "" || made
	case model.Int:
		_, ok = v.(int64)
	case model.Decimal:
		_, ok = v.(decimal.Decimal)
	case model.Bool:
		_, ok = v.(bool)
	case model.Date:
		_, ok = v.(expr.Date)
	case model.Time:
		_, ok = v.(time.Time)
	}
	return ok
}

func (g *generator) holds(check *model.Expr, v any) bool {
	if check == nil || g.model.Trees[check] == nil {
		return true
	}
	if text, ok := v.(string); ok {
		v = strings.ReplaceAll(text, here, laneName(1))
	}
	ok, err := expr.Eval(g.model.Trees[check], map[string]any{"value": v})
	return err == nil && ok == true
}

// value writes a value of a type; nil: none, of an optional one.
func (g *generator) value(t *model.Type, subject string, s *scene) any {
	switch t.Kind {
	case model.Optional:
		if g.often(35) {
			return nil
		}
		return g.value(t.Elem, subject, s)
	case model.Bool:
		return g.often(50)
	case model.ID:
		if g.often(40) {
			return subject
		}
		return fmt.Sprintf("%sthing-%d", here, 1+g.IntN(3))
	case model.Ref:
		if slices.Contains(s.ids[t.Aggregate], any(subject)) && g.often(60) {
			return subject // whoever asks is one, and often asks for it
		}
		if ids := s.ids[t.Aggregate]; len(ids) > 0 && g.often(90) {
			return oneOf(g, ids)
		}
		return g.fixed(t.Aggregate)
	case model.List:
		out := []any{}
		if g.often(10) {
			return out
		}
		for range oneOf(g, []int{1, 1, 1, 2, 3}) {
			out = append(out, g.value(t.Elem, subject, s))
		}
		return out
	case model.Map:
		out := map[string]any{}
		for range g.IntN(4) {
			key := oneOf(g, g.literals[model.String]).(string)
			if len(g.enumerated) > 0 && g.often(70) {
				key = oneOf(g, g.enumerated)
			}
			out[key] = g.value(t.Elem, subject, s)
		}
		return out
	case model.Named:
		return g.named(t.Def, subject, s)
	}
	return oneOf(g, g.literals[t.Kind])
}

func (g *generator) named(d *model.TypeDef, subject string, s *scene) any {
	switch {
	case d.Enum != nil:
		return oneOf(g, d.Enum).Name
	case d.Is != nil:
		for range 50 {
			if v := g.value(d.Is, subject, s); g.holds(d.Check, v) || g.often(2) {
				return v
			}
		}
		return g.value(d.Is, subject, s)
	}
	out := map[string]any{}
	like := g.alike(d, s)
	for _, f := range d.Fields {
		v, known := like[f.Name]
		if !known || !g.fits(v, f.Type.Scalar()) {
			v = g.field(f, subject, s)
		}
		if v != nil {
			out[f.Name] = v
		}
	}
	return out
}

// alike is an object that shares at least two fields with a type, or one that is
// an id: the item of a menu, for the item of an order.
func (g *generator) alike(d *model.TypeDef, s *scene) map[string]any {
	if !g.often(70) {
		return nil
	}
	var found []map[string]any
	for _, o := range s.objects {
		shared := 0
		for _, f := range d.Fields {
			if _, ok := o[f.Name]; ok {
				shared++
				if f.Type.Scalar().Kind == model.ID {
					shared++
				}
			}
		}
		if shared > 1 {
			found = append(found, o)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return oneOf(g, found)
}

// nonsense is a field nobody knows, and a value of no type but text.
const nonsense = "nonsense"

// spoil makes an input malformed: what is no part of a path has a wrong type,
// is left out, or is too much.
func (g *generator) spoil(a ask) {
	if len(a.command.Input) == 0 || g.often(20) {
		a.input[nonsense] = nonsense
		return
	}
	f := oneOf(g, a.command.Input)
	if a.command.HTTP != nil && strings.Contains(a.command.HTTP.Path, "{"+f.Name+"}") {
		return
	}
	if g.often(40) {
		delete(a.input, f.Name)
		return
	}
	switch bare(f.Type).Kind {
	case model.Int, model.Decimal, model.Date, model.Time, model.Duration:
		a.input[f.Name] = nonsense
	default:
		a.input[f.Name] = int64(7)
	}
}
