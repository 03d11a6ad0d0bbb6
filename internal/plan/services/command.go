package services

import (
	"net/http"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Command is an intention, and the decision it leads to: one file of its
// aggregate's package, and one handler in app.
type Command struct {
	Aggregate *Aggregate
	Name      names.Name
	Go        string // type of the input: PlaceOrder
	FullName  string // Order.PlaceOrder: what it is known by
	Mode      string // of package command: New, Upsert, Existing
	File      string // of app: place_order
	Title     quote.Text
	Doc       quote.Text
	Input     Struct
	Decision  Struct // what the decision knows
	Receiver  string // of its methods
	Custom    bool
	ByHand    *ByHand  // its decision, of a custom one
	Personal  bool     // only people may give it
	Roles     []string // none: internal
	Allow     *Rule
	Reads     []*Read
	Require   []Rule
	Lets      []Let
	Calls     []*Call
	Emission
	Method     string
	Path       string // public route, when there is one
	PathFields []PathField
	Internal   string // internal route
	Handler    string // method of App
	Test       string // function of the domain's tests
	UsesState  bool
	UsesMeta   bool
	UsesNow    bool
	UsesActor  bool
	UsesIDs    bool
	UsesIsNew  bool
	Kept       []Kept

	Model *model.Command
	vars  map[string]string // what the decision's methods call the names in scope
	lets  map[*model.Let]string
	// of the decision: the fields of reads and calls, the types of replies, and
	// the methods of calls
	members map[*model.Node]string
	replies map[*model.Call]string
	methods map[*model.Call]callMethods
}

// callMethods are the methods of a decision that go with a call.
type callMethods struct{ AskFunc, RequireFunc, UndoFunc, WithoutFunc, FallbackFunc string }

func newCallMethods(taken *naming.Space, call *model.Call, name string) callMethods {
	take := func(method string) string { return taken.Take(method, "OfCall", naming.By(&call.Node)) }
	return callMethods{take(name + "Request"), take("Require" + name), take("Undo" + name), take("DecideWithout" + name), take(name + "Fallback")}
}

// Kept is an optional field that stays as the state has it where a request
// leaves it out.
type Kept struct {
	Go      string
	State   string // the field of the state, which may have a code of its own
	LeftOut string // field of the input that tells so

	field *model.Field
}

// PathField is an input field that is taken from the path.
type PathField struct {
	Name string // in the pattern
	Go   string
	Type string
	ID   bool // the aggregate's id
}

// Read brings a row of a view into the decision.
type Read struct {
	Command *Command
	Func    string // method of App
	Var     string // field of the decision
	View    *View
	Keys    []string // Go expressions, by key
	Where   string   // Go code of a where.Cond
	Sort    string   // Go code of []where.Order
	Missing Rule
	Default []Assignment // in place of a rejection: the key of a row of defaults
	// UsesDecision: which row is meant depends on what is known so far.
	UsesDecision bool

	Model *model.Read
}

// Let is a named intermediate value: a method of the decision.
type Let struct {
	Name string
	Type string
	Body []string // statements of the method
	Once string   // field that keeps the value: it makes an id, and does so once; "" computed each time
	Doc  quote.Text
}

// Emission says which events are emitted.
type Emission struct {
	Emits    []Emit
	Branches bool // some event is emitted on a condition or in a loop
	Held     bool // an emit needs to know whether any condition held
}

// First are the events that are emitted in any case before others are not.
func (e Emission) First() []Emit {
	n := slices.IndexFunc(e.Emits, Emit.branches)
	return e.Emits[:max(n, 0)]
}

// Then are those after them.
func (e Emission) Then() []Emit { return e.Emits[len(e.First()):] }

// branches reports whether it may be that the event is not emitted, or more often.
func (e Emit) branches() bool { return e.If != "" || e.Each != "" || e.Otherwise }

// Emit is one event that is emitted.
type Emit struct {
	Event     string // Go type
	Fields    []Assignment
	If        string
	Else      *Emit  // otherwise, of the only condition
	Otherwise bool   // when no condition held
	Each      string // Go expression of the list
	As        string // variable
}

func (b *builder) command(a *Aggregate, m *model.Command) *Command {
	n := names.Of(&m.Node)
	c := &Command{
		Aggregate: a, Name: n, Go: a.goNames[&m.Node], Title: m.Called(),
		FullName: naming.CommandName(m), Mode: modes[m.Creates], Custom: m.Custom,
		Handler: a.handlers[m], File: names.OfText(a.handlers[m]).Snake, Model: m, lets: map[*model.Let]string{},
	}
	g := a.types
	c.Doc = doc(c.Go, "a command to "+a.Name.Go, &m.Node)
	c.Input = Struct{Name: c.Go, Fields: append([]Field{a.ID}, g.fields(m.Input)...)}
	b.validate(&c.Input, g, m.Input)
	c.keep(g)
	for _, r := range m.Actors {
		if r.Actor != nil {
			c.Roles = append(c.Roles, r.Actor.Role)
		}
	}
	if m.Custom {
		c.byHand()
	}
	b.scope(c)
	c.Personal = contract.Personal(b.model, m)
	if m.Allow != nil {
		c.Allow = &Rule{Code: "Forbidden", Kind: kind(http.StatusForbidden), Message: "you may not do this",
			Cond: b.cond(c, m.Allow), Unless: g.expr(negate(b.model.Trees[m.Allow]), c.vars)}
		if t := negate(b.model.Trees[m.Allow]); t.Op == expr.Binary && t.Ident == "||" {
			c.Allow.Unless = "(" + c.Allow.Unless + ")" // it stands beside another condition
		}
	}
	for _, r := range m.Require {
		c.Require = append(c.Require, b.rule(g, r, c.vars, 422))
	}
	for _, l := range m.Lets {
		let := b.let(c, l)
		if let.Once != "" {
			c.Decision.Fields = append(c.Decision.Fields, Field{Go: let.Once, Type: "values.Once[" + let.Type + "]"})
			c.Receiver = "*" + c.Decision.Name
		}
		c.Lets = append(c.Lets, let)
	}
	for _, r := range b.reads(m) {
		c.Reads = append(c.Reads, b.read(c, r))
	}
	for _, call := range m.Calls {
		c.Calls = append(c.Calls, b.call(c, call))
	}
	c.Emission = b.emission(c, m.Emits)
	c.Test = a.names.Take("Test"+c.Go, "Command", naming.By(&m.Node))
	b.route(c)
	return c
}

// keep has the input tell which of the fields that stay were left out.
func (c *Command) keep(g gotypes) {
	taken := names.Unique{"Keep": true, "SetDefaults": true, "Check": true}
	for _, f := range c.Input.Fields {
		taken[f.Go] = true
	}
	for _, f := range c.Model.Kept() {
		i := slices.IndexFunc(c.Model.Aggregate.State, func(s *model.Field) bool { return s.Name == f.Name })
		k := Kept{Go: g.Field(f), State: g.Field(c.Model.Aggregate.State[i]), field: f}
		k.LeftOut = taken.Take(k.Go+"LeftOut", "Field")
		c.Kept = append(c.Kept, k)
		c.Input.Fields = append(c.Input.Fields, Field{
			Go: k.LeftOut, Type: "bool", Tag: tagged(`json:"-" absent:"` + names.Of(&f.Node).JSON + `"`), Doc: "it stays as it is",
		})
	}
}

// leftOut are what says that fields are left out for which nobody gives a value.
func (c *Command) leftOut(list []check.Assigned) []Assignment {
	var out []Assignment
	for _, x := range list {
		for _, k := range c.Kept {
			if x.Unsaid && k.field == x.Field {
				out = append(out, Assignment{Go: k.LeftOut, Value: "true"})
			}
		}
	}
	return out
}

// OwnMembers are the members of its reply that are the model's own although they
// are called like what every reply says of the instance.
func (c *Command) OwnMembers() []string {
	var own []string
	for _, f := range check.Reply(c.Model)[1:] {
		if name := contract.JSON(f); slices.Contains([]string{"id", "version", "_links"}, name) {
			own = append(own, name)
		}
	}
	return own
}

// modes are what package command calls creates.
var modes = map[model.Creates]string{model.Existing: "Existing", model.New: "New", model.Upsert: "Upsert"}

// Called is the command's Go name with what the business calls it.
func (c *Command) Called() quote.Text { return Called(c.Go, &c.Model.Node) }

// Spoken is the command with its aggregate, as the code has them.
func (c *Command) Spoken() string { return c.Aggregate.Name.Go + "." + c.Name.Go }

// Aside is what the business calls the command, where its Go name does not say it.
func (c *Command) Aside() quote.Text { return aside(c.Go, &c.Model.Node) }

// Decides reports whether the handler asks the decision anything: a custom
// command without rules goes to its own code at once.
func (c *Command) Decides() bool {
	return !c.Custom || c.Allow != nil || len(c.Reads)+len(c.Require)+len(c.Calls) > 0
}

// Note is what the input says of its command, in Go.
func (c *Command) Note() string {
	text := "values.Command{Name: " + quote.Go(c.FullName)
	if len(c.Roles) > 0 {
		roles := make([]string, len(c.Roles))
		for i, r := range c.Roles {
			roles[i] = quote.Go(r)
		}
		text += ", Actors: []string{" + strings.Join(roles, ", ") + "}"
	}
	if c.NamesInstance() {
		text += ", Mode: values." + c.Mode
	}
	return text + ", ID: c." + c.Aggregate.ID.Go + ", IDField: " + quote.Go(c.Aggregate.ID.JSON) + "}"
}

// NamesInstance reports whether the id of the instance may be made up here.
func (c *Command) NamesInstance() bool { return c.Model.Creates != model.Existing }

// KeepsSome reports whether fields stay as they are only where there is an
// instance.
func (c *Command) KeepsSome() bool { return len(c.Kept) > 0 && c.Model.Creates == model.Upsert }

// AtOnce reports whether nothing comes before the decision.
func (c *Command) AtOnce() bool {
	return !c.Custom && !c.Personal && c.Allow == nil && len(c.Reads)+len(c.Require)+len(c.Calls) == 0 && !c.byPointer()
}

// UsesContext reports whether the handler waits for anything.
func (c *Command) UsesContext() bool { return c.Custom || len(c.Reads)+len(c.Calls) > 0 }

// UsesAttempt reports whether the handler reads what it is decided on.
func (c *Command) UsesAttempt() bool {
	return c.Custom || c.NamesInstance() || len(c.Kept)+len(c.Calls) > 0 ||
		c.UsesState || c.UsesMeta || c.UsesIsNew || c.UsesNow || c.UsesActor || c.UsesIDs
}

// byPointer reports whether the decision is not to be copied.
func (c *Command) byPointer() bool { return strings.HasPrefix(c.Receiver, "*") }

// Deref is the operator that gives a decision of what is passed around.
func (c *Command) Deref() string {
	if c.byPointer() {
		return "*"
	}
	return ""
}

// Passed is the Go type of the decision as it is passed around.
func (c *Command) Passed() string { return c.Deref() + c.Aggregate.Package + "." + c.Decision.Name }

// Literal is the decision as the handler begins it.
func (c *Command) Literal() string {
	input := "input"
	if len(c.Kept) > 0 && !c.KeepsSome() && !c.Custom {
		input = "input.Keep(at.State)"
	}
	fields := []string{"Input: " + input}
	for _, f := range []struct {
		name string
		used bool
	}{{"State", c.UsesState}, {"Meta", c.UsesMeta}, {"IsNew", c.UsesIsNew}, {"Now", c.UsesNow}, {"Actor", c.UsesActor}, {"IDs", c.UsesIDs}} {
		if f.used {
			fields = append(fields, f.name+": at."+f.name)
		}
	}
	literal := c.Aggregate.Package + "." + c.Decision.Name + "{" + strings.Join(fields, ", ") + "}"
	if c.byPointer() {
		return "&" + literal
	}
	return literal
}

func (b *builder) cond(c *Command, x *model.Expr) string {
	return c.Aggregate.types.expr(b.model.Trees[x], c.vars)
}

// scope decides what the decision knows, and how its methods spell it.
func (b *builder) scope(c *Command) {
	all := contract.Decision(b.model, c.Model)
	c.UsesState, c.UsesMeta = uses(all, "state"), uses(all, "meta")
	c.UsesNow, c.UsesActor = uses(all, "now"), uses(all, "actor") || c.Model.Allow != nil
	c.UsesIDs = slices.ContainsFunc(all, expr.MakesID)
	c.UsesIsNew = uses(all, "isNew")
	c.vars = map[string]string{
		"state": "d.State", "meta": "d.Meta", "input": "d.Input", "id": "d.Input." + c.Aggregate.ID.Go,
		"now": "d.Now", "actor": "d.Actor", "isNew": "d.IsNew", expr.NewID: "d.IDs.New",
	}
	d := Struct{Name: c.Aggregate.names.Take(c.Go+"Decision", "Type", naming.By(&c.Model.Node))}
	taken := c.Aggregate.Service.space(naming.Member, "internal/domain/"+c.Aggregate.Package+"."+d.Name).
		Add("Input", "State", "Meta", "IsNew", "Now", "Actor", "IDs", "Allow", "Require", "Decide")
	c.members, c.replies, c.methods = map[*model.Node]string{}, map[*model.Call]string{}, map[*model.Call]callMethods{}
	d.Fields = append(d.Fields, Field{Go: "Input", Type: c.Go})
	if c.UsesState {
		d.Fields = append(d.Fields, Field{Go: "State", Type: "State", Doc: "before the command"})
	}
	if c.UsesMeta {
		d.Fields = append(d.Fields, Field{Go: "Meta", Type: "values.Stamps", Doc: "of the instance before the command"})
	}
	if c.UsesIsNew {
		d.Fields = append(d.Fields, Field{Go: "IsNew", Type: "bool", Doc: "there was no instance yet"})
	}
	if c.UsesNow {
		d.Fields = append(d.Fields, Field{Go: "Now", Type: "time.Time"})
	}
	if c.UsesActor {
		d.Fields = append(d.Fields, Field{Go: "Actor", Type: "values.Actor"})
	}
	if c.UsesIDs {
		d.Fields = append(d.Fields, Field{Go: "IDs", Type: "*values.IDs"})
	}
	var replies []Field
	for _, call := range c.Model.Calls {
		name := taken.Take(names.Of(&call.Node).Go, "Reply", naming.By(&call.Node))
		c.members[&call.Node] = name
		c.vars[call.Name] = "d." + name
		reply := c.Aggregate.names.Take(c.Go+name+"Reply", "Type", naming.By(&call.Node))
		c.replies[call] = reply
		replies = append(replies, Field{Go: name, Type: reply, Doc: quote.Text("the reply of " + call.To.Text)})
	}
	for _, call := range c.Model.Calls {
		c.methods[call] = newCallMethods(taken, call, c.members[&call.Node])
	}
	for _, r := range b.reads(c.Model) {
		name := taken.Take(names.Of(&r.Node).Go, "Row", naming.By(&r.Node))
		c.members[&r.Node] = name
		c.vars[r.Name] = "d." + name
		d.Fields = append(d.Fields, Field{Go: name, Type: "readmodel." + names.Of(&r.View.View.Node).Go})
	}
	d.Fields = append(d.Fields, replies...)
	for _, l := range c.Model.Lets {
		c.lets[l] = taken.Take(names.Of(&l.Node).Go, "Value", naming.By(&l.Node))
		c.vars[l.Name] = "d." + c.lets[l] + "()"
	}
	c.Decision, c.Receiver = d, d.Name
}

// reads are what a command reads of views that are more than names.
func (b *builder) reads(m *model.Command) []*model.Read {
	return slices.DeleteFunc(slices.Clone(m.Reads), func(r *model.Read) bool { return b.model.Incomplete[&r.View.View.Node] })
}

// uses reports whether one of some expressions reads a variable.
func uses(trees []*expr.Tree, name string) bool {
	return slices.ContainsFunc(trees, func(t *expr.Tree) bool { return expr.Uses(t, name) })
}

// letDoc shows what the model says a value is.
func letDoc(name string, l *model.Let) quote.Text {
	if t := l.Called(); t != quote.Text(l.Name) {
		return quote.Text(name) + " " + t + "."
	}
	if l.Expr != nil {
		return quote.Text(name + " is " + strings.Join(strings.Fields(l.Expr.Text), " ") + ".")
	}
	return quote.Text(name + " is looked up in a table of the model.")
}

func (b *builder) let(c *Command, l *model.Let) Let {
	g := c.Aggregate.types
	out := Let{Name: c.lets[l], Doc: letDoc(c.lets[l], l)}
	if b.makesID(l) {
		out.Once = "once" + out.Name
	}
	if l.Expr != nil {
		t := b.model.Trees[l.Expr]
		out.Type = g.Type(t.Type)
		out.Body = expr.ToGoReturn(t, goNames{g, c.vars})
		return out
	}
	out.Type = g.Type(b.model.Trees[l.Table[len(l.Table)-1].Is].Type)
	out.Body = b.table(c, l.Table)
	return out
}

// table are the statements that look something up in a table.
func (b *builder) table(c *Command, rows []*model.Case) (body []string) {
	last := len(rows) - 1 // check has proved the table complete: its condition need not be asked
	g := c.Aggregate.types
	of := func(row *model.Case, vars map[string]string) string {
		return "return " + g.expr(b.model.Trees[row.Is], vars)
	}
	switch last {
	case 0:
	case 1:
		body = append(body, "if "+b.cond(c, rows[0].If)+" {", of(rows[0], c.vars), "}")
	default:
		begin, vars := "switch {", c.vars
		if value, local := b.subject(c, rows[:last]); value != "" {
			begin, vars = "switch "+local+" := "+c.vars[value]+"; {", with(c.vars, value, local)
		}
		body = append(body, begin)
		for _, row := range rows[:last] {
			body = append(body, "case "+g.expr(b.model.Trees[row.If], vars)+":", of(row, vars))
		}
		body = append(body, "}")
	}
	return append(body, of(rows[last], c.vars))
}

// subject is the value that rows of a table are about, to be computed once: the
// first of them asks for it before all else, and others ask, too. It is "" where
// there is none, or where the variable of a macro might hide it.
func (b *builder) subject(c *Command, rows []*model.Case) (value, local string) {
	first := b.model.Trees[rows[0].If]
	for first.Op == expr.Binary || first.Op == expr.Convert {
		first = first.Args[0]
	}
	value = first.Ident
	if first.Op != expr.Name || !slices.ContainsFunc(c.Model.Lets, func(l *model.Let) bool { return l.Name == value }) {
		return "", ""
	}
	asked := 0
	for _, row := range rows {
		for _, t := range []*expr.Tree{b.model.Trees[row.If], b.model.Trees[row.Is]} {
			if hasMacro(t) {
				return "", ""
			}
		}
		if expr.Uses(b.model.Trees[row.If], value) {
			asked++
		}
	}
	if asked < 2 {
		return "", ""
	}
	return value, names.OfText(value).Local
}

func hasMacro(t *expr.Tree) bool {
	found := false
	expr.Walk(t, func(t *expr.Tree) { found = found || t.Op == expr.Macro })
	return found
}

// makesID reports whether a value is another each time it is computed.
func (b *builder) makesID(l *model.Let) bool {
	if l.Expr != nil {
		return expr.MakesID(b.model.Trees[l.Expr])
	}
	return slices.ContainsFunc(l.Table, func(row *model.Case) bool {
		return expr.MakesID(b.model.Trees[row.Is]) || expr.MakesID(b.model.Trees[row.If])
	})
}

func (b *builder) emission(c *Command, list []*model.Emit) Emission {
	var out Emission
	g := c.Aggregate.types
	conditions := 0
	for _, m := range list {
		ev := c.Aggregate.EventOf(m.Event.Event)
		if ev == nil {
			continue // a name on the wall that no aggregate holds yet, as check has said
		}
		vars := c.vars
		e := Emit{Event: ev.Name, Otherwise: m.Otherwise}
		if m.Each != nil {
			e.Each = b.cond(c, m.Each)
			e.As = names.OfText(m.As).Local
			vars = with(vars, m.As, e.As)
		}
		if m.If != nil {
			e.If = g.expr(b.model.Trees[m.If], vars)
			conditions++
		}
		assigns := b.model.Emits[m].Assigns
		e.Fields = append([]Assignment{{Go: ev.ID.Go, Value: c.vars["id"]}}, b.assignments(g, assigns, vars)...)
		if m.Each != nil && !expr.Uses(b.model.Trees[m.If], m.As) && !uses(check.Values(assigns), m.As) {
			e.As = ""
		}
		out.Branches = out.Branches || e.branches()
		if n := len(out.Emits); e.Otherwise && e.Each == "" && conditions == 1 && n > 0 &&
			out.Emits[n-1].If != "" && out.Emits[n-1].Each == "" {
			out.Emits[n-1].Else = &e
			continue
		}
		out.Held = out.Held || e.Otherwise
		out.Emits = append(out.Emits, e)
	}
	return out
}

// with is the variables with one more.
func with(vars map[string]string, name, value string) map[string]string {
	out := make(map[string]string, len(vars)+1)
	for k, v := range vars {
		out[k] = v
	}
	out[name] = value
	return out
}

// EventOf is an event of the model; nil: it is not generated.
func (a *Aggregate) EventOf(m *model.Event) *Event {
	for _, e := range a.Events {
		if e.Model == m {
			return e
		}
	}
	return nil
}

// route decides the public route of a command, and the internal one.
func (b *builder) route(c *Command) {
	c.Internal = naming.InternalCommand(c.Model)
	r := naming.CommandRoute(c.Model)
	if r == nil {
		return
	}
	c.Method, c.Path = r.Method, r.Path
	for _, name := range naming.Wildcards(c.Path) {
		for i, f := range c.Input.Fields {
			if f.JSON == name {
				c.PathFields = append(c.PathFields, PathField{Name: name, Go: f.Go, Type: f.Type, ID: i == 0})
			}
		}
	}
}
