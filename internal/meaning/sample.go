package meaning

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/regular"
	"github.com/esgen/esgen/model"
)

// path is a thing that expressions look at: a variable, or a field of one.
type path struct {
	root, key string
	typ       *model.Type
	tree      *expr.Tree
	fields    [][]string // what the fields on the way are called, in each model
}

// paths are the things that expressions look at, each once.
func paths(trees ...*expr.Tree) []*path {
	var out []*path
	var walk func(t *expr.Tree, bound []string)
	walk = func(t *expr.Tree, bound []string) {
		if t == nil {
			return
		}
		if p := pathOf(t, bound); p != nil {
			if i := slices.IndexFunc(out, func(o *path) bool { return o.key == p.key }); i < 0 {
				out = append(out, p)
			} else if !slices.ContainsFunc(out[i].fields, func(f []string) bool { return slices.Equal(f, p.fields[0]) }) {
				out[i].fields = append(out[i].fields, p.fields[0])
			}
			return
		}
		for i, a := range t.Args {
			if t.Op == expr.Macro && i == 1 {
				walk(a, append(slices.Clip(bound), t.Var))
			} else {
				walk(a, bound)
			}
		}
		for _, k := range t.Keys {
			walk(k, bound)
		}
	}
	for _, t := range trees {
		walk(t, nil)
	}
	// What holds others is given its value before they are.
	slices.SortStableFunc(out, func(a, b *path) int { return len(a.fields[0]) - len(b.fields[0]) })
	return out
}

func pathOf(t *expr.Tree, bound []string) *path {
	switch {
	case t.Op == expr.Name && !slices.Contains(bound, t.Ident):
		return &path{root: t.Ident, key: t.Ident, typ: t.Type, tree: t, fields: [][]string{nil}}
	case (t.Op == expr.Select || t.Op == expr.Has) && t.Field != nil:
		of := t.Args[0]
		for of.Op == expr.Convert && widens(of) {
			of = of.Args[0] // what may be absent, and is known to be there
		}
		p := pathOf(of, bound)
		if p == nil {
			return nil
		}
		it := *t
		it.Op, it.Type = expr.Select, t.Field.Type
		p.key += "." + spelled(t.Field)
		p.typ, p.tree = t.Field.Type, &it
		p.fields = [][]string{append(slices.Clip(p.fields[0]), t.Field.Name)}
		return p
	}
	return nil
}

// checked are the conditions that are asked of a thing when it comes in: those
// of its type, and of a field of an input or a value object its own.
func (p *path) checked(checks Checks) []*expr.Tree {
	var out []*expr.Tree
	ask := func(x *model.Expr) {
		if is := checks(x); x != nil && is != nil {
			out = append(out, Inline(is, Names{Values: map[string]*expr.Tree{"value": p.tree}}))
		}
	}
	for t := p.typ.Value(); t != nil && constrained(t); t = t.Def.Is {
		ask(t.Def.Check)
	}
	if p.tree.Op == expr.Select && (p.root == "input" || len(p.fields[0]) > 1) {
		ask(p.tree.Field.Check)
	}
	if p.typ.Kind == model.Optional && len(out) > 0 { // asked when it is there
		truth := &model.Type{Kind: model.Bool}
		has := &expr.Tree{Op: expr.Has, Type: truth, Args: []*expr.Tree{p.tree}}
		if p.tree.Op == expr.Select {
			has.Field, has.Args = p.tree.Field, p.tree.Args
		}
		absent := &expr.Tree{Op: expr.Unary, Ident: "!", Type: truth, Args: []*expr.Tree{has}}
		return []*expr.Tree{{Op: expr.Binary, Ident: "||", Type: truth, Args: []*expr.Tree{absent, All(out...)}}}
	}
	return out
}

// maxTries bounds how many values an example is looked for among.
const maxTries = 1_500

// sampler looks for examples among values near those that expressions name.
type sampler struct {
	*rand.Rand
	things  []*path
	checks  Checks
	numbers []*big.Rat
	texts   []string
	known   map[*model.Type][]any
}

func newSampler(things []*path, trees []*expr.Tree, checks Checks) *sampler {
	s := &sampler{Rand: rand.New(rand.NewPCG(1, 2)), things: things, checks: checks, known: map[*model.Type][]any{}}
	s.numbers = []*big.Rat{big.NewRat(0, 1), big.NewRat(1, 1), big.NewRat(-1, 1), big.NewRat(7, 1)}
	s.texts = []string{"", "a", "가나"}
	for _, t := range trees {
		s.collect(t)
	}
	for _, p := range things {
		s.within(p.typ, 3)
	}
	return s
}

// near takes the constants of a condition.
func (s *sampler) near(check *model.Expr) {
	if is := s.checks(check); check != nil && is != nil {
		s.collect(is)
	}
}

// within takes the constants of the conditions of a type, and of what it holds.
func (s *sampler) within(t *model.Type, depth int) {
	switch {
	case t == nil || depth < 0:
	case t.Elem != nil:
		s.within(t.Elem, depth)
	case constrained(t):
		s.near(t.Def.Check)
		s.within(t.Def.Is, depth)
	case t.Kind == model.Named:
		for _, f := range t.Def.Fields {
			s.near(f.Check)
			s.within(f.Type, depth-1)
		}
	}
}

// collect takes the constants of an expression.
func (s *sampler) collect(t *expr.Tree) {
	if n, ok := number(t); ok && len(s.numbers) < 40 {
		s.numbers = append(s.numbers, n)
	}
	if text, ok := literal(t); ok && len(s.texts) < 40 {
		s.texts = append(s.texts, text, text+"a")
	}
	if t.Op == expr.Call && t.Func.Name == "matches" {
		if m, err := regular.Pattern(t.Args[1].Value.(string)); err == nil {
			if text, found, _ := regular.Find([]regular.Machine{m}, func(in []bool) bool { return in[0] }); found {
				s.texts = append(s.texts, text, text+text)
			}
		}
	}
	for _, a := range t.Args {
		s.collect(a)
	}
	for _, k := range t.Keys {
		s.collect(k)
	}
}

// refute looks for values for which all given hold, and the other does not.
func (s *sampler) refute(given []*expr.Tree, then *expr.Tree, tries [][]example) Example {
	values := make([]any, len(s.things))
	test := func() Example {
		vars := s.vars(values)
		for _, g := range given {
			if evaluated(g, vars) != true {
				return nil
			}
		}
		if evaluated(then, vars) != false {
			return nil
		}
		return s.example(values)
	}
	choose := func(n int) {
		for i, p := range s.things {
			from := s.values(p.typ, 3)
			if n >= 0 && len(s.things) == 1 {
				values[i] = from[n%len(from)]
			} else {
				values[i] = from[s.IntN(len(from))]
			}
		}
	}
	for _, examples := range tries {
		for range 12 {
			choose(-1)
			s.put(values, examples)
			if e := test(); e != nil {
				return e
			}
		}
	}
	for n := range maxTries {
		choose(n)
		if e := test(); e != nil {
			return e
		}
	}
	return nil
}

// evaluated is the value of an expression; nil: it has none. Values that are
// made up are not as deep as types may be, and what lacks a part is no example.
func evaluated(t *expr.Tree, vars map[string]any) (v any) {
	defer func() {
		if recover() != nil {
			v = nil
		}
	}()
	v, err := expr.Eval(t, vars)
	if err != nil {
		return nil
	}
	return v
}

// put takes the values of examples.
func (s *sampler) put(values []any, examples []example) {
	for _, e := range examples {
		size := e.tree.Op == expr.Call && e.tree.Func.Name == "size"
		of := e.tree
		if size {
			of = of.Args[0]
		}
		p := pathOf(bare(of), nil)
		if p == nil {
			continue
		}
		i := slices.IndexFunc(s.things, func(o *path) bool { return o.key == p.key })
		if i < 0 {
			continue
		}
		v := e.value
		if n, ok := v.(*big.Rat); ok {
			if size {
				v = s.sized(s.things[i].typ.Value(), n)
			} else {
				v = fromLine(n, s.things[i].typ.Value().Scalar().Kind)
			}
		}
		if e.tree.Op == expr.Has {
			continue
		}
		if v != nil {
			values[i] = v
		}
	}
}

// sized is a list of so many elements.
func (s *sampler) sized(t *model.Type, n *big.Rat) any {
	count := n.Num().Int64()
	if t.Kind != model.List || !n.IsInt() || count > 1_000 || count < 0 {
		return nil
	}
	elems := s.values(t.Elem, 1)
	out := make([]any, count)
	for i := range out {
		out[i] = elems[s.IntN(len(elems))]
	}
	return out
}

// vars gives the things their values, under the names that either model has for
// them.
func (s *sampler) vars(values []any) map[string]any {
	vars := map[string]any{}
	for i, p := range s.things {
		for _, fields := range p.fields {
			if len(fields) == 0 {
				vars[p.root] = clone(values[i])
				continue
			}
			if _, ok := vars[p.root].(map[string]any); !ok {
				vars[p.root] = map[string]any{}
			}
			at := vars[p.root].(map[string]any)
			for _, f := range fields[:len(fields)-1] {
				next, ok := at[f].(map[string]any)
				if !ok {
					next = map[string]any{}
					at[f] = next
				}
				at = next
			}
			at[fields[len(fields)-1]] = clone(values[i])
		}
	}
	return vars
}

func clone(v any) any {
	if m, ok := v.(map[string]any); ok {
		out := map[string]any{}
		for k, x := range m {
			out[k] = clone(x)
		}
		return out
	}
	return v
}

func (s *sampler) example(values []any) Example {
	var out Example
	for i, p := range s.things {
		out = append(out, Sample{p.key, values[i]})
	}
	return out
}

// values are values of a type that are worth a try, those that its conditions
// refuse left out.
func (s *sampler) values(t *model.Type, depth int) []any {
	if out := s.known[t]; out != nil {
		return out
	}
	out := s.candidates(t, depth)
	for c := t; constrained(c); c = c.Def.Is {
		out = s.allowed(c.Def.Check, out)
	}
	if len(out) == 0 {
		out = []any{nil}
	}
	s.known[t] = out
	return out
}

// allowed are the values that a condition lets through.
func (s *sampler) allowed(check *model.Expr, values []any) []any {
	is := s.checks(check)
	if check == nil || is == nil {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), func(v any) bool {
		return v != nil && evaluated(is, map[string]any{"value": v}) != true
	})
}

func (s *sampler) candidates(t *model.Type, depth int) []any {
	switch t.Kind {
	case model.Optional:
		return append([]any{nil}, s.values(t.Elem, depth)...)
	case model.List:
		return s.lists(t, depth)
	case model.Map:
		elems := s.values(t.Elem, depth-1)
		out := []any{map[string]any{}}
		for _, k := range s.texts {
			out = append(out, map[string]any{k: elems[s.IntN(len(elems))]})
		}
		return out
	case model.Named:
		switch {
		case t.Def.Is != nil:
			return s.candidates(t.Def.Is, depth)
		case t.Def.Enum != nil:
			var out []any
			for _, v := range t.Def.Enum {
				out = append(out, v.Name)
			}
			return out
		}
		return s.objects(t, depth)
	case model.Bool:
		return []any{true, false}
	case model.String, model.ID, model.Ref:
		return s.strings()
	}
	var out []any
	for _, n := range s.numbers {
		for _, near := range []*big.Rat{n, new(big.Rat).Add(n, unitOf(t.Kind)), new(big.Rat).Sub(n, unitOf(t.Kind))} {
			if v := fromLine(near, t.Kind); v != nil {
				out = append(out, v)
			}
		}
	}
	if t.Kind == model.Time || t.Kind == model.Date {
		for _, text := range []string{"2026-12-01T09:00:00Z", "1999-02-03T00:00:00Z"} {
			at, _ := time.Parse(time.RFC3339, text)
			out = append(out, fromLine(instant(at), t.Kind))
		}
	}
	return out
}

// unitOf is a small step on the line of a type.
func unitOf(k model.Kind) *big.Rat {
	switch k {
	case model.Decimal:
		return big.NewRat(1, 100)
	case model.Duration, model.Time:
		return big.NewRat(int64(time.Microsecond), 1)
	case model.Date:
		return big.NewRat(int64(24*time.Hour), 1)
	}
	return big.NewRat(1, 1)
}

// strings are texts: those that are named, and some of the lengths that are.
func (s *sampler) strings() []any {
	var out []any
	for _, text := range s.texts {
		out = append(out, text)
	}
	for _, n := range s.numbers {
		if n.IsInt() && n.Sign() >= 0 && n.Cmp(big.NewRat(maxLength, 1)) <= 0 {
			count := int(n.Num().Int64())
			out = append(out, strings.Repeat("x", count), strings.Repeat("x", count+1), strings.Repeat("y", max(count-1, 0)))
		}
	}
	return out
}

func (s *sampler) lists(t *model.Type, depth int) []any {
	elems := []any{nil}
	if depth > 0 {
		elems = s.values(t.Elem, depth-1)
	}
	out := []any{[]any{}}
	for _, e := range elems {
		out = append(out, []any{e})
	}
	for range 8 {
		out = append(out, []any{elems[s.IntN(len(elems))], elems[s.IntN(len(elems))]})
	}
	return out
}

func (s *sampler) objects(t *model.Type, depth int) []any {
	var out []any
	for range 12 {
		object := map[string]any{}
		for _, f := range t.Def.Fields {
			if f.Type == nil || depth <= 0 {
				continue
			}
			if values := s.allowed(f.Check, s.values(f.Type, depth-1)); len(values) > 0 {
				object[f.Name] = values[s.IntN(len(values))]
			}
		}
		out = append(out, object)
	}
	return out
}

// fromLine is the value of a type at a place of its line; nil: there is none.
func fromLine(n *big.Rat, k model.Kind) any {
	whole := new(big.Int).Div(n.Num(), n.Denom())
	switch k {
	case model.Int:
		if n.IsInt() && whole.IsInt64() {
			return whole.Int64()
		}
	case model.Decimal:
		d, err := decimal.NewFromString(n.FloatString(6))
		if back, ok := new(big.Rat).SetString(n.FloatString(6)); err == nil && ok && back.Cmp(n) == 0 {
			return d
		}
	case model.Duration:
		if whole.IsInt64() {
			return expr.Span(whole.Int64())
		}
	case model.Time, model.Date:
		at := time.UnixMicro(whole.Int64()).UTC()
		if !whole.IsInt64() || at.Year() < 1 || at.Year() > 9999 {
			return nil
		}
		if k == model.Date {
			return expr.Date(at.Format(time.DateOnly))
		}
		return at
	}
	return nil
}
