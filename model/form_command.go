package model

import (
	"strings"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

var commandForm = &form[Command]{
	what: "command",
	doc:  "An intention an actor, a policy or another context has for an aggregate.",
	keys: []key[Command]{
		at("actor", "Who gives it, one or a list; none: internal, no public route.", oneOrMore(pointer(actorRef)), func(c *Command) *[]*ActorRef { return &c.Actors }),
		at("sees", "The view the actor decides from.", pointer(viewRef), func(c *Command) **ViewRef { return &c.Sees }),
		at("creates", "true: a new instance; upsert: new or existing; absent: it must exist.",
			choice(word[Creates]{"true", New}, word[Creates]{"upsert", Upsert}, word[Creates]{"false", Existing}), func(c *Command) *Creates { return &c.Creates }),
		section("input", "What is asked, without the aggregate's id.", fieldForm, func(c *Command) *[]*Field { return &c.Input }),
		at("allow", "Who may; else 403.", expression, func(c *Command) **Expr { return &c.Allow }),
		section("read", "Rows of this context's views, as variables.", readForm, func(c *Command) *[]*Read { return &c.Reads }),
		section("require", "What must hold; else the command is rejected.", ruleForm, func(c *Command) *[]*Rule { return &c.Require }),
		section("let", "Named intermediate values.", letForm, func(c *Command) *[]*Let { return &c.Lets }),
		at("call", "Synchronous requests, one or a list.", oneOrMore(pointer(one(callForm))), func(c *Command) *[]*Call { return &c.Calls }),
		at("emit", "The events it emits, one or a list.", emits, func(c *Command) *[]*Emit { return &c.Emits }),
		at("custom", "true: the decision is Go in a file of yours, in place of emit.", trueOrFalse, func(c *Command) *bool { return &c.Custom }),
		at("http", "Method and path, such as POST /orders.", pointer(route), func(c *Command) **Route { return &c.HTTP }),
	},
	note:  func(c *Command) *Node { return &c.Node },
	enter: func(d *decoder, c *Command) { c.Aggregate = d.aggregate },
	done:  doneCommand,
}

func doneCommand(d decoder, c *Command, n *source.Node) {
	if emit := n.Get("emit"); c.Custom && emit != nil {
		d.badValue(emit.Pos, "command %s cannot both emit and be custom", c.Name).
			With(diag.Fix("a custom decision returns its events itself: leave one out"))
	}
	d.checkVariables(c)
	d.checkOtherwise(c.Emits)
	d.resolve(func() { c.Input = d.withoutID(c.Aggregate, c.Input) })
	d.settle(func() { d.checkParams(c.HTTP, c.Input, c.Aggregate.ID) })
}

// checkVariables reports two variables of one name: what read, let and call
// name stands in one scope.
func (d decoder) checkVariables(c *Command) {
	for _, r := range c.Reads {
		d.declare(c, "variable", &r.Node)
	}
	for _, l := range c.Lets {
		d.declare(c, "variable", &l.Node)
	}
	for _, x := range c.Calls {
		d.declare(c, "variable", &x.Node)
	}
	for _, e := range c.Emits {
		if first, ok := d.declared[declared{c, e.As}]; ok && e.As != "" {
			d.diags.Errorf(rule.DuplicateName, e.Pos, "%s already names something in command %s", e.As, c.Name).
				With(diag.At(first, "the first %s", e.As), diag.Fix("give the element another name with as"))
		}
	}
}

// checkOtherwise requires an `if` before every `otherwise`.
func (d decoder) checkOtherwise(emits []*Emit) {
	conditional := false
	for _, e := range emits {
		if e.Otherwise && !conditional {
			d.badValue(e.Pos, "otherwise stands for \"no if above held\", and there is no if above")
		}
		conditional = conditional || e.If != nil
	}
}

// checkParams reports route parameters that name no field.
func (d decoder) checkParams(r *Route, input []*Field, id *Field) {
	if r == nil {
		return
	}
	fields := input
	if id != nil {
		fields = append([]*Field{id}, input...)
	}
	d.useParams(r, fields)
	for _, p := range r.Params() {
		if fieldNamed(fields, p) == nil {
			d.diags.Errorf(rule.UnknownName, r.Pos, "%s names {%s}, which is none of its fields", d.place(), p).
				With(near(p, fieldNames(fields)))
		}
	}
}

var readForm = &form[Read]{
	what: "read",
	doc:  "A row of a view of this context: by key, or the first that matches.",
	keys: []key[Read]{
		must(at("view", "The view.", viewRef, func(r *Read) *ViewRef { return &r.View })),
		at("key", "The key of the row; of several columns a map.", rowKeys, func(r *Read) *[]*Assign { return &r.Keys }),
		at("where", "What must hold of the row.", expression, func(r *Read) **Expr { return &r.Where }),
		at("sort", "Which of the rows is the first.", oneOrMore(sortKey), func(r *Read) *[]SortKey { return &r.Sort }),
		at("missing", "Code of the rejection when there is no row; or default: the view's defaults.", missingRow, func(r *Read) *Text { return &r.Missing }),
	},
	note: func(r *Read) *Node { return &r.Node },
	name: checkVariable,
	done: doneRead,
}

// missingRow reads the code of the rejection when there is no row.
var missingRow = reader[Text]{
	shape: plainName.shape,
	read: func(d decoder, v *Text, n *source.Node) bool {
		if n.IsEmpty() || !isNull(n) {
			return plainName.read(d, v, n)
		}
		d.badValue(n.Pos, "a row that is missing is not %s: it would have no fields to read", n.Value).
			With(diag.Fix("leave missing out, and the command is rejected; missing: CODE names the rejection; missing: default gives a row of defaults"))
		return false
	},
}

func doneRead(d decoder, r *Read, n *source.Node) {
	switch {
	case n.IsEmpty():
		return
	case n.Get("key") != nil && n.Get("where") != nil:
		d.badValue(r.Pos, "read %s looks for a row both by key and by where", r.Name).With(diag.Fix("leave one out"))
	case n.Get("key") == nil && n.Get("where") == nil:
		d.diags.Errorf(rule.MissingKey, r.Pos, "read %s says neither by which key nor where", r.Name)
	case n.Get("key") != nil && r.Sort != nil:
		d.badValue(r.Sort[0].Pos, "there is nothing to sort: a key finds one row")
	}
	if r.Missing.Value == "default" {
		r.Default, r.Missing.Value = n.Get("key") != nil, ""
		if !r.Default {
			d.badValue(r.Missing.Pos, "read %s says no key: which row would it be?", r.Name).With(diag.Fix("read by key, or name a rejection"))
		}
	}
	d.settle(func() {
		v := r.View.View
		if v == nil {
			return
		}
		if v.Context != d.context {
			d.diags.Errorf(rule.ForeignView, r.View.Pos, "view %s belongs to context %s: a command reads the views of its own", v.Name, v.Context.Name).
				With(diag.At(v.Pos, "the view"), diag.Fix("keep a view of the same events in context %s, or call a query of %s", d.context.Name, v.Name))
		}
		d.resolveSort(r.Sort, v.Fields, "view "+v.Name)
		d.resolveKeys(r.Keys, v, r.Pos, true)
	})
}

// letForm is a named value: an expression, or a decision table.
var letForm = &form[Let]{
	what: "let",
	doc:  "A named intermediate value.",
	keys: []key[Let]{
		must(at("table", "Rows of {if, is}; the last may be {otherwise}.", listOf(pointer(one(caseForm))), func(l *Let) *[]*Case { return &l.Table })),
	},
	short: short(expression, func(l *Let) **Expr { return &l.Expr }),
	note:  func(l *Let) *Node { return &l.Node },
	name:  checkVariable,
	done: func(d decoder, l *Let, n *source.Node) {
		if rows := n.Get("table"); rows != nil && len(l.Table) == 0 {
			d.badValue(rows.Pos, "table of let %s has no rows", l.Name)
		}
		for i, c := range l.Table {
			if c.Otherwise && i < len(l.Table)-1 {
				d.badValue(c.Pos, "otherwise must be the last row: none below it could hold")
			}
		}
	},
}

var caseForm = &form[Case]{
	what: "row",
	doc:  "A row of a decision table.",
	keys: []key[Case]{
		at("if", "When it holds.", expression, func(c *Case) **Expr { return &c.If }),
		at("is", "The value then.", expression, func(c *Case) **Expr { return &c.Is }),
		{name: "otherwise", doc: "The value when no row above holds.", shape: expression.shape, read: func(d decoder, c *Case, n *source.Node) {
			c.Otherwise = expression.read(d, &c.Is, n)
		}},
	},
	done: func(d decoder, c *Case, n *source.Node) {
		c.Pos = n.Pos
		row := n.Get("if") != nil && n.Get("is") != nil && n.Get("otherwise") == nil
		last := n.Get("otherwise") != nil && n.Get("if") == nil && n.Get("is") == nil
		if !row && !last && n.Kind == source.Mapping {
			d.diags.Errorf(rule.MissingKey, n.Pos, "a row of a table is {if: ..., is: ...}, the last may be {otherwise: ...}")
		}
	},
}

var callForm = &form[Call]{
	what: "call",
	doc:  "A synchronous request to another context or an external system.",
	keys: []key[Call]{
		must(at("to", "A command or query of another context, or an external's operation.", targetRef(commandKind|queryKind|operationKind), func(c *Call) *Target { return &c.To })),
		{name: "as", doc: "The name of the reply; default: the operation's.", shape: plainName.shape, read: readCallName},
		at("target", "Which instance is called.", expression, func(c *Call) **Expr { return &c.Target }),
		at("correlateBy", "The lookup field by which the instance is found.", pointer(fieldRef), func(c *Call) **FieldRef { return &c.Correlate }),
		at("with", "What it is given, besides the same-named.", assigns, func(c *Call) *[]*Assign { return &c.With }),
		section("require", "What must hold of the reply.", ruleForm, func(c *Call) *[]*Rule { return &c.Require }),
		at("rejected", "Rejections of the callee, by other names.", renames, func(c *Call) *[]*Rename { return &c.Rejected }),
		at("timeout", "How long one try may take; default 2s.", duration, func(c *Call) *time.Duration { return &c.Timeout }),
		at("total", "How long all tries may take.", duration, func(c *Call) *time.Duration { return &c.Total }),
		at("attempts", "How many tries in all; default 1.", number(), func(c *Call) *int { return &c.Attempts }),
		at("breaker", "When to stop asking.", pointer(one(breakerForm)), func(c *Call) **Breaker { return &c.Breaker }),
		at("bulkhead", "How many calls at once.", number(), func(c *Call) *int { return &c.Bulkhead }),
		at("compensate", "What undoes it.", pointer(one(compensationForm)), func(c *Call) **Compensation { return &c.Compensate }),
		at("fallback", "How to go on without an answer.", pointer(one(fallbackForm)), func(c *Call) **Fallback { return &c.Fallback }),
	},
	note: func(c *Call) *Node { return &c.Node },
	done: doneCall,
}

func readCallName(d decoder, c *Call, n *source.Node) {
	var as Text
	if plainName.read(d, &as, n) {
		d.checkReserved(as.Value, as.Pos)
		c.Name, c.Pos, c.written = as.Value, as.Pos, true
	}
}

func doneCall(d decoder, c *Call, n *source.Node) {
	if !c.Pos.IsValid() {
		c.Pos = n.Pos
	}
	if c.Name == "" {
		c.Name = lowerCamel(c.To.Text[strings.LastIndex(c.To.Text, ".")+1:])
		d.checkReserved(c.Name, c.Pos)
	}
	c.Attempts = max(c.Attempts, 1)
	d.oneInstance(c.Target, c.Correlate)
	d.settle(func() {
		c.Timeout = timeoutOf(c)
		c.keepName()
		d.assignInput(c.With, &c.To)
		d.correlate(c.Correlate, &c.To)
	})
}

// keepName has a call that is called after what it asks be known by what that was
// called before: calls that are to be undone are kept by it.
func (c *Call) keepName() {
	if m := c.To.Command; m != nil && !c.written && len(m.Was) > 0 {
		c.Was = []Text{{Value: lowerCamel(m.Was[0].Value), Pos: m.Was[0].Pos}}
	}
}

// Known is the name by which a call is kept while it may have to be undone: the first
// that it had.
func (c *Call) Known() string {
	if len(c.Was) > 0 {
		return c.Was[0].Value
	}
	return c.Name
}

// timeoutOf is the time one try may take: the call's own, else the external
// system's, else the default.
func timeoutOf(c *Call) time.Duration {
	switch {
	case c.Timeout > 0:
		return c.Timeout
	case c.To.Operation != nil && c.To.Operation.External.Timeout > 0:
		return c.To.Operation.External.Timeout
	}
	return 2 * time.Second
}

// renames reads {CardDeclined: PaymentRefused}.
var renames = reader[[]*Rename]{
	shape: Shape{Kind: EntriesShape, Says: "a map of rejections and their names here", Of: &plainName.shape},
	read: func(d decoder, v *[]*Rename, n *source.Node) bool {
		if n.Kind != source.Mapping {
			d.wrongKind(n, "a map of rejections and their names here")
			return false
		}
		for i := range n.Pairs {
			r := &Rename{}
			from, to := plainName.read(d, &r.From, n.Pairs[i].Key), plainName.read(d, &r.To, n.Pairs[i].Value)
			if from && to {
				*v = append(*v, r)
			}
		}
		return true
	},
}

var breakerForm = &form[Breaker]{
	what: "breaker",
	doc:  "Opens after so many of the last calls failed.",
	keys: []key[Breaker]{
		must(at("failures", "How many failed.", number(), func(b *Breaker) *int { return &b.Failures })),
		must(at("of", "Of how many calls.", number(), func(b *Breaker) *int { return &b.Of })),
		must(at("open", "How long it stays open.", duration, func(b *Breaker) *time.Duration { return &b.Open })),
	},
	done: func(d decoder, b *Breaker, n *source.Node) {
		b.Pos = n.Pos
		if b.Of > 0 && b.Failures > b.Of {
			d.badValue(n.Pos, "%s can never open: %d failures of %d calls", d.about, b.Failures, b.Of)
		}
	},
}

var compensationForm = undoForm("compensate", "What undoes a call or a step.")

// undoForm is what is done when something fails: a name, or {do, target, with}.
func undoForm(what, doc string) *form[Compensation] {
	do := targetRef(commandKind | operationKind)
	return &form[Compensation]{
		what: what,
		doc:  doc,
		keys: []key[Compensation]{
			must(at("do", "A command, or an external's operation.", do, func(c *Compensation) *Target { return &c.Do })),
			at("target", "Which instance; default: the one called.", expression, func(c *Compensation) **Expr { return &c.Target }),
			at("correlateBy", "The lookup field by which the instance is found.", pointer(fieldRef), func(c *Compensation) **FieldRef { return &c.Correlate }),
			at("with", "What it is given, besides the same-named.", assigns, func(c *Compensation) *[]*Assign { return &c.With }),
		},
		short: short(do, func(c *Compensation) *Target { return &c.Do }),
		done: func(d decoder, c *Compensation, n *source.Node) {
			c.Pos = n.Pos
			d.oneInstance(c.Target, c.Correlate)
			d.settle(func() {
				d.assignInput(c.With, &c.Do)
				d.correlate(c.Correlate, &c.Do)
			})
		},
	}
}

var fallbackForm = &form[Fallback]{
	what: "fallback",
	doc:  "How a command goes on when its call fails technically.",
	keys: []key[Fallback]{
		at("emit", "Events in place of the command's own.", emits, func(f *Fallback) *[]*Emit { return &f.Emits }),
		at("reply", "A reply in place of the callee's.", assigns, func(f *Fallback) *[]*Assign { return &f.Reply }),
	},
	done: func(d decoder, f *Fallback, n *source.Node) {
		f.Pos = n.Pos
		if n.Kind == source.Mapping && (n.Get("emit") == nil) == (n.Get("reply") == nil) {
			d.diags.Errorf(rule.MissingKey, n.Pos, "%s needs either emit or reply", d.about)
		}
		d.checkOtherwise(f.Emits)
	},
}

// emits reads what a command emits. Each outcome of a choice is an emit of its own,
// that knows the others.
var emits = reader[[]*Emit]{shape: writtenEmits.shape, read: func(d decoder, v *[]*Emit, n *source.Node) bool {
	var written []*Emit
	if !writtenEmits.read(d, &written, n) {
		return false
	}
	*v = []*Emit{}
	for _, e := range written {
		if e.Choice == nil {
			*v = append(*v, e)
			continue
		}
		*v = append(*v, e.Choice.Outcomes...)
	}
	return true
}}

// writtenEmits reads them as they are written, choices not taken apart.
var writtenEmits = oneOrMore(pointer(one(emitForm)))

// emitForm is an event a command emits: its name, or {event, if, each, with}; or
// one of several, of which it is not known yet when they come about.
var emitForm = &form[Emit]{
	what: "emit",
	doc:  "Which event a command emits, and when.",
	keys: []key[Emit]{
		at("event", "An event of the same aggregate; either this or oneOf.", ownEventRef, func(e *Emit) *EventRef { return &e.Event }),
		{name: "oneOf", doc: "Outcomes, one of which comes about, while nobody knows when which: events, or {event, with}.", shape: outcomes.shape, read: readChoice},
		at("if", "When it is emitted; absent: always.", expression, func(e *Emit) **Expr { return &e.If }),
		at("otherwise", "true: when no if above held.", trueOrFalse, func(e *Emit) *bool { return &e.Otherwise }),
		at("each", "A list: one event for each of its elements.", expression, func(e *Emit) **Expr { return &e.Each }),
		{name: "as", doc: "The name of the element; default item.", shape: plainName.shape, read: readEmitName},
		at("with", "Fields that no same-named value gives.", assigns, func(e *Emit) *[]*Assign { return &e.With }),
	},
	short: short(ownEventRef, func(e *Emit) *EventRef { return &e.Event }),
	done:  doneEmit,
}

// outcomes are what a command may come to.
var outcomes = listOf(pointer(one(branchForm)))

// branchForm is an outcome of a choice: an event, or {event, with}.
var branchForm = &form[Emit]{
	what: "branch",
	doc:  "An outcome of which it is not known yet when it comes about.",
	keys: []key[Emit]{
		must(at("event", "An event of the same aggregate.", ownEventRef, func(e *Emit) *EventRef { return &e.Event })),
		at("with", "Fields that no same-named value gives.", assigns, func(e *Emit) *[]*Assign { return &e.With }),
	},
	short: short(ownEventRef, func(e *Emit) *EventRef { return &e.Event }),
	done: func(d decoder, e *Emit, n *source.Node) {
		e.Pos = n.Pos
		d.settleEmit(e)
	},
}

func readChoice(d decoder, e *Emit, n *source.Node) {
	e.Choice = &Choice{Pos: n.Pos}
	if !outcomes.read(d, &e.Choice.Outcomes, n) {
		return
	}
	if len(e.Choice.Outcomes) < 2 && len(n.Items) < 2 {
		d.badValue(n.Pos, "oneOf has a single outcome").With(diag.Fix("write the event itself, or name what else may happen"))
	}
	for _, o := range e.Choice.Outcomes {
		o.Choice = e.Choice
	}
}

func readEmitName(d decoder, e *Emit, n *source.Node) {
	var as Text
	if plainName.read(d, &as, n) {
		d.checkReserved(as.Value, as.Pos)
		e.As, e.AsPos = as.Value, as.Pos
	}
}

func doneEmit(d decoder, e *Emit, n *source.Node) {
	e.Pos = n.Pos
	switch {
	case n.Kind == source.Mapping && (n.Get("event") == nil) == (n.Get("oneOf") == nil):
		d.diags.Errorf(rule.MissingKey, n.Pos, "%s needs either event or oneOf", d.about)
	case e.Choice != nil && len(n.Pairs) > 1:
		d.badValue(n.Pos, "%s has other keys beside oneOf", d.about).
			With(diag.Fix("write values with the outcome they are of: oneOf: [{event: OrderPaid, with: {...}}, OrderRefused]"))
	case e.If != nil && e.Otherwise:
		d.badValue(n.Pos, "%s has both an if and an otherwise", d.about).With(diag.Fix("leave one out"))
	case e.As != "" && n.Get("each") == nil:
		d.badValue(n.Get("as").Pos, "%s names the element of a list it does not have", d.about).With(diag.Fix("add each: ..., or leave as out"))
	case e.Each != nil && e.As == "":
		e.As = "item"
	}
	d.settleEmit(e)
}

// settleEmit finds the fields that values are given to.
func (d decoder) settleEmit(e *Emit) {
	d.settle(func() {
		if event := e.Event.Event; event != nil {
			d.assignTo(e.With, event.Fields, d.aggregate.ID, "event "+event.Name)
		}
	})
}
