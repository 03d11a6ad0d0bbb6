package services

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Struct is a Go struct of generated code.
type Struct struct {
	Name   string
	Doc    quote.Text
	Fields []Field
	// Defaults are what a request, a record or a reply may leave out, and Checks
	// what the fields of a request must hold; of types that come from outside.
	Defaults []Assignment
	Checks   []FieldCheck
}

// FieldCheck is a condition on a field.
type FieldCheck struct {
	Field   string // its name in JSON
	Unless  string // Go condition under which the value is refused
	Message quote.Text
}

// Field is a field of a generated struct.
type Field struct {
	Go     string
	Type   string
	Tag    string     // with its backquotes
	Doc    quote.Text // "" or a short comment for the end of the line
	JSON   string
	Column string
	PII    bool

	Model *model.Field // nil of one that is not the model's
}

// gotypes spells model types in Go for one package of a service.
type gotypes struct {
	defs *typeNames
	in   string // the package the code stands in; its own names are not qualified
}

// typeNames are the names of the types of a service, in package types.
type typeNames struct {
	names  map[*model.TypeDef]string
	order  []*model.TypeDef
	values map[*model.EnumValue]string
	taken  *naming.Space
	own    *model.Context
	events map[*model.TypeDef]string          // Go types of what policies look back at, which are in no package types
	zone   bool                               // somebody asks for the time zone
	read   map[*model.TypeDef]map[string]bool // of rows of other contexts: the fields that are looked at, by JSON name
}

func newTypeNames(sys *System, own *model.Context) *typeNames {
	taken := sys.Names.In(naming.Go, naming.Dir(own)+"/internal/types").Add("Zone", "load")
	return &typeNames{names: map[*model.TypeDef]string{}, events: map[*model.TypeDef]string{}, values: map[*model.EnumValue]string{}, taken: taken, own: own}
}

// use makes sure that a type, and what it is made of, has a name.
func (n *typeNames) use(t *model.Type) {
	switch {
	case t == nil:
	case t.Elem != nil:
		n.use(t.Elem)
	case t.Kind == model.Named && n.names[t.Def] == "":
		d := t.Def
		name := names.Of(&d.Node).Go
		if d.Context != nil && d.Context != n.own && n.taken.Has(name) {
			name = names.Of(&d.Context.Node).Go + name
		}
		n.names[d] = n.taken.Take(name, "Type", naming.By(&d.Node))
		n.order = append(n.order, d)
		n.use(d.Is)
		n.useFields(n.fieldsOf(d))
	}
}

// nameOf is what a type is called; one that only an expression or a request to
// others speaks of gets its name now.
func (n *typeNames) nameOf(d *model.TypeDef) string {
	n.use(&model.Type{Kind: model.Named, Def: d})
	return n.names[d]
}

func (n *typeNames) useFields(fields []*model.Field) {
	for _, f := range fields {
		n.use(f.Type)
	}
}

// fieldsOf are the fields that a type has here: of rows of other contexts those
// that are looked at.
func (n *typeNames) fieldsOf(d *model.TypeDef) []*model.Field {
	read, theirs := n.read[d]
	if !theirs {
		return d.Fields
	}
	return slices.DeleteFunc(slices.Clone(d.Fields), func(f *model.Field) bool { return !read[contract.JSON(f)] })
}

// Type spells a type.
func (g gotypes) Type(t *model.Type) string {
	switch t.Kind {
	case model.String:
		return "string"
	case model.Bool:
		return "bool"
	case model.Int:
		return "int64"
	case model.Decimal:
		return "values.Decimal"
	case model.Date:
		return "values.Date"
	case model.Time:
		return "time.Time"
	case model.Duration:
		return "values.Duration"
	case model.Optional:
		return "*" + g.Type(t.Elem)
	case model.List:
		return "[]" + g.Type(t.Elem)
	case model.Map:
		return "map[string]" + g.Type(t.Elem)
	case model.Named:
		if name := g.defs.events[t.Def]; name != "" {
			return name
		}
		return g.named(g.defs.nameOf(t.Def))
	}
	return "values.ID"
}

// named spells a name of package types.
func (g gotypes) named(name string) string {
	if g.in == "types" {
		return name
	}
	return "types." + name
}

// Field spells the field of a struct.
func (gotypes) Field(f *model.Field) string { return naming.FieldName(f) }

// EnumValue spells a value of an enum.
func (g gotypes) EnumValue(t *model.TypeDef, v *model.EnumValue) string {
	return g.named(g.defs.value(t, v))
}

// value names the constant of a value of an enum, once all types have names.
func (n *typeNames) value(t *model.TypeDef, v *model.EnumValue) string {
	name := n.values[v]
	if name == "" {
		name = n.taken.Take(n.nameOf(t)+names.Of(&v.Node).Go, "Value", naming.By(&v.Node))
		n.values[v] = name
	}
	return name
}

// Values spells a name of the language's values.
func (g gotypes) Values(name string) string {
	if name == "Zone" {
		g.defs.zone = true
		return g.named("Zone")
	}
	return "values." + name
}

// goNames spells the names of one expression's scope.
type goNames struct {
	gotypes
	vars map[string]string
}

// Var spells a variable; one that the scope does not map keeps its own name
// (the variables of macros).
func (n goNames) Var(name string) string {
	if v := n.vars[name]; v != "" {
		return v
	}
	return names.Variable(name)
}

// Values spells a name of the language's values: new ids are those of a decision.
func (n goNames) Values(name string) string {
	if made := n.vars[expr.NewID]; name == "NewID" && made != "" {
		return made
	}
	return n.gotypes.Values(name)
}

// gocode translates an expression with the given variables.
func (g gotypes) expr(t *expr.Tree, vars map[string]string) string {
	return expr.ToGo(t, goNames{g, vars}).Text
}

// field plans a field of a struct.
func (g gotypes) field(f *model.Field) Field {
	n := names.Of(&f.Node)
	out := Field{Go: g.Field(f), Type: g.Type(f.Type), JSON: n.JSON, Column: naming.ColumnOf(f), PII: f.PII, Model: f}
	if t := f.Called(); t != quote.Text(f.Name) {
		out.Doc = t
	}
	tag := n.JSON
	if f.Type.Kind == model.Optional {
		tag += ",omitempty"
	}
	out.Tag = tagged(`json:"` + tag + `"`)
	return out
}

func tagged(text string) string { return "`" + text + "`" }

func (g gotypes) fields(fs []*model.Field) []Field {
	out := make([]Field, 0, len(fs))
	for _, f := range fs {
		if f.Type != nil { // else it is a name only
			out = append(out, g.field(f))
		}
	}
	return out
}

// defaults plans what a struct that comes from outside may lack.
func (b *builder) defaults(s *Struct, g gotypes, fields []*model.Field) {
	for _, f := range fields {
		if f.Default != nil {
			s.mayMiss(g.Field(f))
			if value := b.defaultValue(g, f); value != "" {
				s.Defaults = append(s.Defaults, Assignment{Go: g.Field(f), Value: value})
			}
		}
	}
}

// validate plans the defaults and checks of a struct that comes from outside.
func (b *builder) validate(s *Struct, g gotypes, fields []*model.Field) {
	b.defaults(s, g, fields)
	for _, f := range fields {
		if f.Check == nil {
			continue
		}
		wrong := negate(b.model.Trees[f.Check])
		if f.Type.Kind == model.Optional {
			wrong = whereThere(wrong, f.Type)
		}
		unless := g.expr(wrong, map[string]string{"value": "v." + g.Field(f)})
		s.Checks = append(s.Checks, FieldCheck{names.Of(&f.Node).JSON, unless, quote.Text("must hold: " + f.Check.Text)})
	}
}

// mayMiss tags a field that a request may leave out.
func (s *Struct) mayMiss(name string) {
	for i, f := range s.Fields {
		if f.Go == name {
			s.Fields[i].Tag = strings.TrimSuffix(f.Tag, "`") + " default:\"model\"`"
		}
	}
}

// whereThere makes a condition over a value one over an optional value, which
// does not hold where there is none.
func whereThere(cond *expr.Tree, t *model.Type) *expr.Tree {
	value := &expr.Tree{Op: expr.Name, Ident: "value", Type: t}
	has := &expr.Tree{Op: expr.Has, Type: cond.Type, Args: []*expr.Tree{value}}
	cond = expr.Replace(cond, "value", &expr.Tree{Op: expr.Convert, Type: t.Elem, Args: []*expr.Tree{value}})
	return &expr.Tree{Op: expr.Binary, Ident: "&&", Type: cond.Type, Args: []*expr.Tree{has, cond}}
}

// StandardImports are the packages any generated file may use: of the standard
// library, of the platform, and of the testkit, which are below base.
func StandardImports(base string) map[string]string {
	out := map[string]string{}
	for _, p := range []string{"bytes", "cmp", "context", "database/sql/driver", "embed", "encoding/json", "errors", "flag", "fmt", "io", "io/fs", "log/slog", "maps", "math",
		"net/http", "net/http/httptest", "os", "os/signal", "path/filepath", "reflect", "regexp", "slices", "sort", "strconv", "strings",
		"sync", "syscall", "testing", "time"} {
		out[path.Base(p)] = p
	}
	for _, p := range []string{"aggregate", "assembly", "client", "command", "foreign", "grpc", "inbound", "kafka", "message", "orchestrator", "participant", "personal", "policy", "rest", "saga", "service", "standin", "store",
		"strictjson", "table", "telemetry", "timer", "values", "view", "where", "window"} {
		out[p] = base + "/platform/" + p
	}
	for _, p := range []string{"badinput", "examples", "fixture", "given", "grpctest", "layers", "once", "pact", "proof", "scenarios", "suite"} {
		out[p] = base + "/testkit/" + p
	}
	return out
}

// Imports adds the service's own packages to the standard ones.
func (s *Service) Imports(std map[string]string) map[string]string {
	out := maps.Clone(std)
	for _, p := range []string{"internal/types", "internal/readmodel", "internal/policies", "internal/projections", "internal/anticorruption", "internal/externals", "internal/app", "internal/adapters/rest",
		"internal/adapters/grpc", "internal/adapters/kafka", "internal/adapters/sql", "internal/adapters/clients"} {
		name := path.Base(p)
		if strings.HasPrefix(p, "internal/adapters/") && name != "clients" {
			name += "adapter" // beside the chassis package of the same name
		}
		out[name] = s.Module + "/" + p
	}
	out["api"] = s.Module + "/api"
	for _, a := range s.Aggregates {
		out[a.Package] = s.Module + "/internal/domain/" + a.Package
	}
	for _, u := range s.Upstreams {
		out[u.Package] = s.Module + "/internal/upstream/" + u.Package
	}
	return out
}

// UsesZone reports whether days of the business begin anywhere.
func (s *Service) UsesZone() bool { return s.types.zone }

// TypeName is what a type is called in the service's package types.
func (s *Service) TypeName(d *model.TypeDef) string { return s.types.names[d] }

// TypeDef is one type of a service's package types.
type TypeDef struct {
	Struct
	Enum   []EnumValue // of an enum
	Is     string      // of a constrained scalar: the Go type below
	Unless string      // of a constrained scalar: Go condition over v under which it is refused; "" when there is none
	Below  bool        // of a constrained scalar: the Go type below has a check of its own
	Text   bool        // of a constrained scalar: its Go type has a text form of its own
	Form   bool        // of a constrained scalar: its Go type says what that is
	Stored bool        // of a constrained scalar: databases keep its Go type as something else than its text
	Broken quote.Text  // of a constrained scalar: what to say of a value that does not hold
}

// EnumValue is a constant of an enum.
type EnumValue struct {
	Go    string
	Value string // what it is in JSON
	Doc   quote.Text
}

// typeDefs plans the package types of a service.
func (b *builder) typeDefs(n *typeNames) []TypeDef {
	g := gotypes{n, "types"}
	var out []TypeDef
	for i := 0; i < len(n.order); i++ { // what conditions of types speak of is added
		d := n.order[i]
		t := TypeDef{Struct: Struct{Name: n.names[d], Doc: doc(n.names[d], "a value of the language", &d.Node)}}
		switch {
		case d.Enum != nil:
			for _, v := range d.Enum {
				t.Enum = append(t.Enum, EnumValue{n.value(d, v), names.EnumValue(v), EnumDoc(v)})
			}
		case d.Is != nil:
			t.Is, t.Below = g.Type(d.Is), checked(d.Is)
			switch kind := d.Is.Scalar().Kind; kind {
			case model.Decimal, model.Date, model.Time, model.Duration:
				t.Text, t.Form, t.Stored = true, kind != model.Time, kind == model.Duration
			}
			if d.Check != nil {
				t.Broken = quote.Text("must hold: " + d.Check.Text)
				wrong, value := negate(b.model.Trees[d.Check]), t.Is+"(v)"
				if k := d.Is.Scalar().Kind; (k == model.Int || k == model.String) && compares(wrong) {
					value = "v" // constants are of its type
				}
				t.Unless = g.expr(wrong, map[string]string{"value": value})
			}
		default:
			fields := n.fieldsOf(d)
			t.Fields = g.fields(fields)
			b.validate(&t.Struct, g, fields)
		}
		out = append(out, t)
	}
	return out
}

// compares reports whether a condition does no more with its value than compare
// it with constants.
func compares(t *expr.Tree) bool {
	switch {
	case t.Op == expr.Unary, t.Op == expr.Binary && joint[t.Ident] != "":
		return !slices.ContainsFunc(t.Args, func(side *expr.Tree) bool { return !compares(side) })
	case t.Op == expr.Binary && opposite[t.Ident] != "":
		l, r := t.Args[0].Op, t.Args[1].Op
		return l == expr.Name && r == expr.Const || l == expr.Const && r == expr.Name
	}
	return false
}

// checked reports whether a type is a constrained scalar with a condition, its
// own or of what it is made of.
func checked(t *model.Type) bool {
	return t.Kind == model.Named && t.Def.Is != nil && (t.Def.Check != nil || checked(t.Def.Is))
}

// EnumDoc is what the business calls a value of an enum; "" where its name says
// it.
func EnumDoc(v *model.EnumValue) quote.Text {
	if t := v.Called(); t != quote.Text(v.Name) {
		return t
	}
	return ""
}
