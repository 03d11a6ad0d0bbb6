package expr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// problem is what is wrong with an expression, at a byte offset of its text.
type problem struct {
	rule    rule.ID
	at      int
	message string
	fix     string
	meant   string // the name that was likely meant by the one there
}

// cache is what checking prepares once.
type cache struct {
	parser *parser.Parser
	types  map[*model.Context]map[string]*model.TypeDef // by name; of nil: the shared ones
	checks map[*model.TypeDef]*Tree                     // of constrained scalars, over value
	sealed bool                                         // checks is complete, and only read
}

func newEnv(sys *model.System) *Env {
	e := &Env{sys: sys, env: cache{parser: newParser(), types: map[*model.Context]map[string]*model.TypeDef{}, checks: map[*model.TypeDef]*Tree{}}}
	e.env.types[nil] = byName(sys.Types)
	defs := slices.Clone(sys.Types)
	for _, c := range sys.Contexts {
		e.env.types[c] = byName(c.Types)
		defs = append(defs, c.Types...)
	}
	for _, d := range defs {
		e.constraint(d)
	}
	e.env.sealed = true
	return e
}

func byName(defs []*model.TypeDef) map[string]*model.TypeDef {
	out := make(map[string]*model.TypeDef, len(defs))
	for _, d := range defs {
		out[d.Name] = d
	}
	return out
}

// checker checks one expression.
type checker struct {
	*Env
	src    *parsed
	scope  *Scope
	locals []local // variables of macros, the innermost last
	known  facts
	found  []problem
	uses   []Use
	count  int // of macros so far; tells their variables apart
}

// local is the variable of a macro.
type local struct {
	name, key string
	typ       *model.Type
	pos       source.Pos // of one of the scope
}

func (e *Env) check(x *model.Expr, s *Scope, diags *diag.List) *Tree {
	t, found := e.text(x.Text, s)
	if len(found) > 0 {
		if full, ok := e.cut(x); ok {
			diags.Errorf(rule.ExprSyntax, x.Node.PosAt(len(x.Text)), "YAML takes the rest of this line for a comment").
				With(diag.Fix("quote the expression: %s", quoteYAML(full)))
			return nil
		}
		for _, p := range found {
			d := diags.Errorf(p.rule, x.Node.PosAt(p.at), "%s", p.message)
			switch {
			case p.meant != "":
				d.With(diag.Meant(p.meant))
			case p.fix != "":
				d.With(diag.Fix("%s", p.fix))
			}
		}
		return nil
	}
	return t
}

// cut is the expression as it was meant, where YAML has cut off what stands
// behind a blank and a #.
func (e *Env) cut(x *model.Expr) (string, bool) {
	comment := x.Node.Trailing()
	if comment == "" {
		return "", false
	}
	if _, bad := parse(e.env.parser, x.Text); bad == nil {
		return "", false
	}
	full := x.Text + " " + comment
	_, bad := parse(e.env.parser, full)
	return full, bad == nil
}

// quoteYAML quotes a text for YAML, on one line.
func quoteYAML(s string) string {
	if strings.ContainsAny(s, "\"\\") {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return `"` + s + `"`
}

// text checks an expression that stands nowhere.
func (e *Env) text(text string, s *Scope) (*Tree, []problem) {
	src, bad := parse(e.env.parser, text)
	if bad != nil {
		return nil, []problem{*bad}
	}
	c := &checker{Env: e, src: src, scope: s}
	for _, g := range s.Given {
		c.known.learn(g, true)
	}
	t := c.top(src.root)
	if t != nil {
		c.literals(t)
	}
	if len(c.found) > 0 {
		return nil, c.found
	}
	e.arm(t)
	if t != nil {
		t.Uses = used(c.uses)
	}
	return t, nil
}

// top checks the whole expression against what its place wants.
func (c *checker) top(x ast.Expr) *Tree {
	t := c.expr(x, c.scope.Want)
	if t == nil {
		return nil
	}
	if c.scope.Want == nil {
		return c.value(t, x)
	}
	place := c.scope.Place
	if place == "" {
		place = "this place"
	}
	return c.convert(t, c.scope.Want, x, place)
}

// fail reports a problem at a byte offset.
func (c *checker) fail(id rule.ID, at int, fix, format string, args ...any) *Tree {
	c.found = append(c.found, problem{rule: id, at: at, message: fmt.Sprintf(format, args...), fix: fix})
	return nil
}

// misspelt reports a name that is nothing here, and the one that is most like it;
// fix is for where none is.
func (c *checker) misspelt(name string, like []string, fix string, at int, format string, args ...any) *Tree {
	c.fail(rule.ExprName, at, fix, format, args...)
	c.found[len(c.found)-1].meant = diag.Nearest(name, like)
	return nil
}

// expr gives an expression the type it has by itself; want is what its place
// would like, which decides what bare enum values and empty lists are. The
// result is nil when something was wrong.
func (c *checker) expr(x ast.Expr, want *model.Type) *Tree {
	switch x.Kind() {
	case ast.LiteralKind:
		return c.literal(x)
	case ast.IdentKind:
		return c.ident(x, want)
	case ast.SelectKind:
		return c.sel(x)
	case ast.CallKind:
		return c.call(x, want)
	case ast.ListKind:
		return c.list(x, want)
	case ast.MapKind:
		return c.mapping(x, want)
	case ast.StructKind:
		return c.object(x)
	}
	return c.fail(rule.ExprSyntax, c.src.start(x), "", "this is no expression")
}

// node makes a tree that stands where x stands.
func (c *checker) node(x ast.Expr, op Op, t *model.Type, args ...*Tree) *Tree {
	return &Tree{Op: op, Type: t, Args: args, Offset: c.src.mark(x)}
}

func (c *checker) literal(x ast.Expr) *Tree {
	t := c.node(x, Const, nil)
	switch v := x.AsLiteral().(type) {
	case types.String:
		t.Type, t.Value = stringType, string(v)
	case types.Bool:
		t.Type, t.Value = boolType, bool(v)
	case types.Int:
		t.Type, t.Value = intType, int64(v)
	case types.Double:
		d, err := parseDecimal(c.src.literal(t.Offset))
		if err != nil {
			return c.fail(rule.ExprLiteral, t.Offset, "", "%v", err)
		}
		t.Type, t.Value = decimalType, d
	default: // types.Null
		return c.fail(rule.ExprSyntax, t.Offset, "test with has(…)", "there is no null in expressions")
	}
	return t
}

// ident resolves a bare name: of a macro, of the scope, or a value of the enum
// that is wanted.
func (c *checker) ident(x ast.Expr, want *model.Type) *Tree {
	name := c.src.name(x.AsIdent())
	at := c.src.mark(x)
	enum := want.Value()
	if v := c.variable(name); v != nil && (v.typ.Same(want) || v.typ.Same(enum) || enumValue(enum, name) == nil) {
		c.use(at, name, Variable{name, v.key, v.pos})
		return &Tree{Op: Name, Type: v.typ, Ident: name, Offset: at, binding: v.key}
	}
	if v := enumValue(enum, name); v != nil {
		c.use(at, name, v)
		return &Tree{Op: Enum, Type: enum, Enum: v, Offset: at}
	}
	if why, ok := c.scope.Unavailable[name]; ok {
		return c.fail(rule.ExprName, at, "", "%s is not known here: %s", name, why)
	}
	return c.unknown(name, at, enum)
}

// unknown reports a name that is nothing here, with what it was likely meant
// to be.
func (c *checker) unknown(name string, at int, want *model.Type) *Tree {
	if d := c.typeDef(name); d != nil {
		if len(d.Enum) > 0 {
			return c.fail(rule.ExprName, at, fmt.Sprintf("write one of its values: %s.%s", d.Name, d.Enum[0].Name), "%s is a type, not a value", name)
		}
		return c.fail(rule.ExprName, at, "", "%s is a type, not a value", name)
	}
	if strings.HasPrefix(name, ".") {
		return c.fail(rule.ExprSyntax, at, "", "unexpected .")
	}
	for _, v := range c.scope.Vars {
		if f := fieldOf(v.Type, name); f != nil {
			return c.misspelt(name, []string{v.Name + "." + name}, "", at, "unknown name %s", name)
		}
	}
	if want.IsEnum() {
		values := enumNames(want.Def)
		return c.misspelt(name, values, "its values are "+strings.Join(values, ", "), at, "%s is no value of %s", name, want.Def.Name)
	}
	for _, d := range c.typeDefs() {
		if d.Enum != nil && enumValue(namedType(d), name) != nil {
			return c.misspelt(name, []string{d.Name + "." + name}, "", at, "unknown name %s", name)
		}
	}
	return c.misspelt(name, c.names(), "", at, "unknown name %s", name)
}

// names are the names an expression here can begin with.
func (c *checker) names() []string {
	var out []string
	for _, l := range c.locals {
		out = append(out, l.name)
	}
	for _, v := range c.scope.Vars {
		out = append(out, v.Name)
	}
	for _, d := range c.typeDefs() {
		out = append(out, d.Name)
	}
	return out
}

// variable finds a variable by name: of the innermost macro that has it, else
// of the scope. It is nil when there is none.
func (c *checker) variable(name string) *local {
	for i, l := range slices.Backward(c.locals) {
		if l.name == name {
			return &c.locals[i]
		}
	}
	for _, v := range c.scope.Vars {
		if v.Name == name && v.Type != nil {
			return &local{name: name, typ: v.Type, pos: v.Pos}
		}
	}
	return nil
}

// zone is the time zone of the system's days.
func (c *checker) zone() *time.Location {
	if c.sys.Zone == nil {
		return time.UTC
	}
	return c.sys.Zone
}

// typeDef finds a type by the name it has here.
func (c *checker) typeDef(name string) *model.TypeDef {
	if c.scope.Context != nil {
		if d := c.env.types[c.scope.Context][name]; d != nil {
			return d
		}
	}
	return c.env.types[nil][name]
}

// typeDefs are all types that can be named here.
func (c *checker) typeDefs() []*model.TypeDef {
	if c.scope.Context == nil {
		return c.sys.Types
	}
	return slices.Concat(c.scope.Context.Types, c.sys.Types)
}

func namedType(d *model.TypeDef) *model.Type { return &model.Type{Kind: model.Named, Def: d} }

func enumValue(t *model.Type, name string) *model.EnumValue {
	if !t.IsEnum() {
		return nil
	}
	for _, v := range t.Def.Enum {
		if v.Name == name {
			return v
		}
	}
	return nil
}

func enumNames(d *model.TypeDef) []string {
	out := make([]string, len(d.Enum))
	for i, v := range d.Enum {
		out[i] = v.Name
	}
	return out
}

// sel checks operand.field: a field of an object, or a value of an enum.
func (c *checker) sel(x ast.Expr) *Tree {
	s := x.AsSelect()
	name := c.src.name(s.FieldName())
	if t, ok := c.enumConst(x, s.Operand(), name); ok {
		return t
	}
	operand := c.operand(s.Operand(), nil)
	if operand == nil {
		return nil
	}
	f := c.field(operand, name, c.src.mark(x))
	if f == nil {
		return nil
	}
	t := c.node(x, Select, f.Type, operand)
	t.Field = f
	return t
}

// enumConst checks Type.Value; ok is false when the operand is no type.
func (c *checker) enumConst(x, operand ast.Expr, value string) (*Tree, bool) {
	if operand.Kind() != ast.IdentKind {
		return nil, false
	}
	name := c.src.name(operand.AsIdent())
	if c.variable(name) != nil {
		return nil, false
	}
	d := c.typeDef(name)
	if d == nil {
		return nil, false
	}
	if d.Enum == nil {
		return c.fail(rule.ExprName, c.src.start(x), "", "%s is a type, not a value, and no enum", name), true
	}
	t := namedType(d)
	v := enumValue(t, value)
	if v == nil {
		values := enumNames(d)
		return c.misspelt(value, values, "its values are "+strings.Join(values, ", "), c.src.mark(x), "%s is no value of %s", value, name), true
	}
	c.use(c.src.start(x), name, d)
	c.use(c.src.mark(x), value, v)
	return &Tree{Op: Enum, Type: t, Enum: v, Offset: c.src.start(x)}, true
}

// field finds a field of an object.
func (c *checker) field(operand *Tree, name string, at int) *model.Field {
	t := operand.Type
	if !t.IsObject() {
		fix := ""
		switch {
		case t.Kind == model.Map:
			fix = fmt.Sprintf("write ['%s']", name)
		case t.Kind == model.List && hint(t, model.List).IsObject():
			fix = fmt.Sprintf("look at its elements: .map(x, x.%s), .exists(x, …), .all(x, …)", name)
		case lookup(name) != nil:
			fix = fmt.Sprintf("write .%s()", name)
		}
		c.fail(rule.ExprName, at, fix, "%s has no fields, so no %s", a(t), name)
		return nil
	}
	if f := fieldOf(t, name); f != nil {
		if f.Type == nil { // said elsewhere: the field's type could not be found
			c.fail(rule.ExprType, at, "", "the type of %s is not known", name)
			return nil
		}
		c.use(at, name, f)
		return f
	}
	fields := make([]string, len(t.Def.Fields))
	for i, f := range t.Def.Fields {
		fields[i] = f.Name
	}
	id, elsewhere := c.sys.IDMeant(name), c.elsewhere(name)
	fix := cmp.Or(id, elsewhere)
	if fix == "" && len(fields) <= 8 {
		fix = "it has " + strings.Join(fields, ", ")
	}
	if id != "" {
		fields = nil // the right name is known
	}
	c.misspelt(name, fields, fix, at, "%s has no field %s", describe(operand), name)
	return nil
}

// elsewhere suggests a variable that has the field.
func (c *checker) elsewhere(name string) string {
	for _, v := range c.scope.Vars {
		if fieldOf(v.Type, name) != nil {
			return didYouMean(v.Name + "." + name)
		}
	}
	return ""
}

func fieldOf(t *model.Type, name string) *model.Field {
	if !t.IsObject() {
		return nil
	}
	for _, f := range t.Def.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// list checks [a, b, …].
func (c *checker) list(x ast.Expr, want *model.Type) *Tree {
	elem := hint(want, model.List)
	if x.AsList().Size() == 0 {
		if elem == nil {
			return c.fail(rule.ExprType, c.src.start(x), "", "what is this empty list a list of?")
		}
		return c.node(x, ListOf, want.Value())
	}
	args, elem := c.alike(x.AsList().Elements(), elem)
	if args == nil {
		return nil
	}
	return c.node(x, ListOf, listOf(elem), args...)
}

// mapping checks {'key': value, …}.
func (c *checker) mapping(x ast.Expr, want *model.Type) *Tree {
	elem := hint(want, model.Map)
	entries := x.AsMap().Entries()
	if len(entries) == 0 {
		if elem == nil {
			return c.fail(rule.ExprType, c.src.start(x), "", "what is this empty map a map of?")
		}
		return c.node(x, MapOf, want.Value())
	}
	var keys []*Tree
	var values []ast.Expr
	for _, e := range entries {
		k := c.as(e.AsMapEntry().Key(), stringType, "the key of a map")
		if k != nil && k.Op == Const && slices.ContainsFunc(keys, func(o *Tree) bool { return o.Op == Const && o.Value == k.Value }) {
			c.fail(rule.ExprType, k.Offset, "", "the key %s is there twice", c.src.literal(k.Offset))
		}
		if k != nil {
			keys = append(keys, k)
		}
		values = append(values, e.AsMapEntry().Value())
	}
	args, elem := c.alike(values, elem)
	if args == nil || len(keys) < len(args) {
		return nil
	}
	t := c.node(x, MapOf, mapOf(elem), args...)
	t.Keys = keys
	return t
}

// alike checks expressions that must have one type, and converts them to it:
// to elem when all fit it, else to the widest of theirs.
func (c *checker) alike(xs []ast.Expr, elem *model.Type) ([]*Tree, *model.Type) {
	args := make([]*Tree, len(xs))
	order := slices.Clone(xs)
	slices.SortStableFunc(order, func(x, y ast.Expr) int { return boolInt(c.needsHint(x)) - boolInt(c.needsHint(y)) })
	var widest *model.Type
	ok, all := true, elem != nil
	for _, x := range order {
		hint := elem
		if hint == nil {
			hint = widest
		}
		t := c.operand(x, hint)
		if ok = ok && t != nil; t != nil {
			args[slices.Index(xs, x)] = t
			widest = wider(widest, t.Type)
			all = all && fit(t, elem) != nil
		}
	}
	if !ok {
		return nil, nil
	}
	if all {
		widest = elem
	}
	for i, x := range xs {
		if args[i] = c.convert(args[i], widest, x, "each element of the list"); args[i] == nil {
			ok = false
		}
	}
	if !ok {
		return nil, nil
	}
	return args, widest
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// object checks Type{field: value, …}.
func (c *checker) object(x ast.Expr) *Tree {
	s := x.AsStruct()
	name := c.src.name(s.TypeName())
	d := c.typeDef(name)
	if d == nil {
		var names []string
		for _, d := range c.typeDefs() {
			if d.Fields != nil {
				names = append(names, d.Name)
			}
		}
		return c.fail(rule.ExprName, c.src.mark(x), c.suggest(name, names...), "unknown type %s", name)
	}
	if d.Fields == nil {
		return c.fail(rule.ExprName, c.src.mark(x), "", "%s has no fields to set", name)
	}
	t := c.node(x, New, namedType(d))
	c.use(c.src.mark(x), name, d)
	ok := true
	for _, e := range s.Fields() {
		f := c.field(t, c.src.name(e.AsStructField().Name()), c.src.before(c.src.own(e.ID())))
		if f == nil {
			ok = false
			continue
		}
		if slices.Contains(t.Fields, f) {
			ok = false
			c.fail(rule.ExprType, c.src.before(c.src.own(e.ID())), "", "%s is set twice", f.Name)
			continue
		}
		v := c.as(e.AsStructField().Value(), f.Type, f.Name+" of "+name)
		ok = ok && v != nil
		t.Fields, t.Args = append(t.Fields, f), append(t.Args, v)
	}
	for _, f := range d.Fields {
		if ok && !slices.Contains(t.Fields, f) && !isAbsentable(f.Type) {
			ok = false
			c.fail(rule.ExprType, t.Offset, "", "%s of %s is not set", f.Name, name)
		}
	}
	if !ok {
		return nil
	}
	return t
}

// isAbsentable reports whether a field that nobody sets has a value all the
// same: none.
func isAbsentable(t *model.Type) bool {
	return t == nil || t.Kind == model.Optional || t.Kind == model.List || t.Kind == model.Map
}

// describe names what an expression is, for messages.
func describe(t *Tree) string {
	switch {
	case t.Op == Name:
		return t.Ident
	case t.Op == Select:
		return t.Field.Name
	case t.Type.IsObject() && t.Type.Def.Name != "":
		return t.Type.Def.Name
	}
	return "it"
}

// suggest is the sentence that offers the nearest of the names, if one is near.
func (c *checker) suggest(name string, candidates ...string) string {
	return diag.DidYouMean(name, candidates)
}

func didYouMean(name string) string { return fmt.Sprintf("did you mean %q?", name) }
