package meaning

import (
	"testing"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// fixture is a small system whose expressions are compared.
type fixture struct {
	env   *expr.Env
	scope expr.Scope
	types map[string]*model.TypeDef
	trees map[*model.Expr]*expr.Tree
}

func scalar(k model.Kind) *model.Type { return &model.Type{Kind: k} }

func field(name string, t *model.Type) *model.Field {
	return &model.Field{Node: model.Node{Name: name}, Type: t}
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	node := func(name string) model.Node { return model.Node{Name: name} }
	color := &model.TypeDef{Node: node("Color"), Enum: []*model.EnumValue{{Node: node("Red")}, {Node: node("Green")}, {Node: node("Blue")}}}
	count := &model.TypeDef{Node: node("Count"), Is: scalar(model.Int), Check: exprOf("value > 0")}
	item := &model.TypeDef{Node: node("Item"), Fields: []*model.Field{field("sku", scalar(model.String)), field("price", scalar(model.Decimal)), field("qty", scalar(model.Int))}}
	named := func(d *model.TypeDef) *model.Type { return &model.Type{Kind: model.Named, Def: d} }
	list := func(e *model.Type) *model.Type { return &model.Type{Kind: model.List, Elem: e} }
	input := expr.Object("s",
		field("n", scalar(model.Int)), field("m", scalar(model.Int)), field("d", scalar(model.Decimal)), field("e", scalar(model.Decimal)),
		field("text", scalar(model.String)), field("name", scalar(model.String)), field("yes", scalar(model.Bool)), field("no", scalar(model.Bool)),
		field("color", named(color)), field("count", named(count)), field("items", list(named(item))), field("tags", list(scalar(model.String))),
		field("ints", list(scalar(model.Int))), field("note", &model.Type{Kind: model.Optional, Elem: scalar(model.String)}),
		field("at", scalar(model.Time)), field("wait", scalar(model.Duration)), field("day", scalar(model.Date)), field("who", scalar(model.ID)))
	rated := field("rating", scalar(model.Int))
	rated.Check = exprOf("value < 6")
	perhaps := field("perhaps", &model.Type{Kind: model.Optional, Elem: scalar(model.Int)})
	perhaps.Check = exprOf("value > 0")
	sys := &model.System{Types: []*model.TypeDef{color, count, item}}
	f := &fixture{env: expr.NewEnv(sys), types: map[string]*model.TypeDef{}, trees: map[*model.Expr]*expr.Tree{}}
	f.scope = expr.Scope{Vars: []expr.Var{{Name: "s", Type: input}, {Name: "input", Type: expr.Object("input", rated, perhaps)}, expr.ActorVar(), expr.NowVar(),
		{Name: "value", Type: scalar(model.Decimal)}, {Name: "word", Type: scalar(model.String)}}}
	f.trees[count.Check] = f.in(t, expr.Scope{Vars: []expr.Var{{Name: "value", Type: scalar(model.Int)}}}, "value > 0")
	for _, c := range []*model.Expr{rated.Check, perhaps.Check} {
		f.trees[c] = f.in(t, expr.Scope{Vars: []expr.Var{{Name: "value", Type: scalar(model.Int)}}}, c.Text)
	}
	return f
}

func exprOf(text string) *model.Expr {
	return &model.Expr{Text: text, Node: &source.Node{Kind: source.Scalar, Value: text, Pos: source.Pos{File: &source.File{Path: "x.yaml"}, Line: 1, Column: 1}}}
}

func (f *fixture) tree(t testing.TB, text string) *expr.Tree { return f.in(t, f.scope, text) }

func (f *fixture) in(t testing.TB, s expr.Scope, text string) *expr.Tree {
	t.Helper()
	var diags diag.List
	tree := f.env.Check(exprOf(text), &s, &diags)
	if tree == nil {
		t.Fatalf("%s: %s", text, diags.Sorted()[0].Message)
	}
	return tree
}

// wellTyped reports whether a text is an expression at all.
func (f *fixture) wellTyped(text string) bool {
	return f.env.Check(exprOf(text), &f.scope, &diag.List{}) != nil
}

func (f *fixture) checks(x *model.Expr) *expr.Tree { return f.trees[x] }
