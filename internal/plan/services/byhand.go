package services

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// ByHand is what people decide in Go: a function in a file of theirs, in a package
// that the generated code which calls it is no part of. What has come to be at odds
// with the model is an error there, before anything else is compiled.
type ByHand struct {
	Func      string // DecideReorder
	Signature string // its type, against which the compiler holds it: ReorderFunc
	Params    []Param
	Results   []Result // beside the error
}

// Param is a parameter of a function, and what it is given.
type Param struct {
	Name, Type string
	Given      string // Go expression, where it is called
}

// Result is a result of a function, and what it is where there is an error.
type Result struct{ Type, Nothing string }

// Parameters are the parameters as Go has them.
func (h *ByHand) Parameters() string {
	return h.list(func(p Param) string { return p.Name + " " + p.Type })
}

// Arguments are what it is given, as Go has it.
func (h *ByHand) Arguments() string { return h.list(func(p Param) string { return p.Given }) }

func (h *ByHand) list(of func(Param) string) string {
	parts := make([]string, len(h.Params))
	for i, p := range h.Params {
		parts[i] = of(p)
	}
	return strings.Join(parts, ", ")
}

// Returns are the results as Go has them.
func (h *ByHand) Returns() string {
	if len(h.Results) == 0 {
		return "error"
	}
	return "(" + h.Returned() + ")"
}

// Returned are the results in a line of their own: one that changes is merged into a
// file only where no line that touches it was written by people, as the body is.
func (h *ByHand) Returned() string {
	var b strings.Builder
	for _, r := range h.Results {
		b.WriteString(r.Type + ", ")
	}
	return b.String() + "error"
}

// Nothing begins what it returns with an error.
func (h *ByHand) Nothing() string {
	var b strings.Builder
	for _, r := range h.Results {
		b.WriteString(r.Nothing + ", ")
	}
	return b.String()
}

// byHand plans what people decide of a command.
func (c *Command) byHand() {
	c.ByHand = &ByHand{
		Func: naming.CustomDecision(c.Model), Signature: c.Aggregate.names.Take(c.Go+"Func", "Signature", naming.By(&c.Model.Node)),
		Params:  []Param{{"ctx", "context.Context", "ctx"}, {"state", "State", "at.State"}, {"cmd", c.Go, "input"}},
		Results: []Result{{"[]Event", "nil"}},
	}
}

// byHand plans what people decide of a policy.
func (p *Policy) byHand() {
	h := &ByHand{Func: naming.PolicyDecision(p.Model), Signature: p.policies().Take(p.Name+"Func", "Signature", naming.By(&p.Model.Node)), Params: []Param{{"ctx", "context.Context", "ctx"}}}
	if p.Clock != nil {
		h.Params = append(h.Params, Param{"now", "time.Time", "now"})
		p.UsesNow = true
	} else {
		event := strings.TrimPrefix(p.Param, "policies.")
		h.Params = append(h.Params, Param{"event", event, "e"})
		p.UsesEvent = true
		if p.Window != nil {
			h.Params = append(h.Params, Param{"window", "[]" + event, "window"})
			p.Window.Used = true
		}
		h.Params = append(h.Params, Param{"meta", "values.Meta", "m.Meta()"})
	}
	switch e := p.Each; {
	case e == nil:
	case e.View != nil:
		h.Params = append(h.Params, Param{"row", "readmodel." + e.View.Name.Go, "row"})
	default:
		h.Params = append(h.Params, Param{"state", e.Aggregate.Package + ".State", "instance.State"})
	}
	for i, a := range p.Then {
		of := a.Request.Name
		a.Given = "requests"
		if a.Command != nil {
			of = a.Command.Aggregate.Package + "." + a.Command.Go
			a.Given = "commands"
		}
		if i > 0 {
			a.Given = fmt.Sprint(a.Given, i+1)
		}
		h.Results = append(h.Results, Result{"[]" + of, "nil"})
	}
	p.ByHand = h
}

// policies are the names beside the decision of a policy.
func (p *Policy) policies() *naming.Space { return p.Service.space(naming.Go, "internal/policies") }

// Translation makes of an event of another context what it means here, by hand.
type Translation struct {
	*ByHand
	Service  *Service
	Upstream *Upstream
	Event    *Event // as it is understood here
	Told     *Event
	File     string
}

// translation plans one, of an event as it is understood.
func (b *builder) translation(s *Service, u *Upstream, means *Event, t *model.Translation) {
	g, in := gotypes{s.types, u.Package}, s.space(naming.Go, "internal/upstream/"+u.Package)
	told := b.event(g, t.Event.Event, t.Event.Event.Carries())
	told.Name, told.Note = in.Take(means.Name+"Told", "Event", naming.By(&t.Event.Event.Node)), means.Note
	told.Doc = quote.Text(told.Name + " is " + means.Name + " as " + u.Name.Go + " tells it.")
	b.older(g, in, told, t.Event.Event.Carries())
	u.Events = append(u.Events, told)
	here := s.space(naming.Go, "internal/anticorruption")
	name := here.Take("Translate"+means.Name, "Of"+u.Name.Go, naming.By(&t.Event.Event.Node))
	s.Translations = append(s.Translations, &Translation{
		Service: s, Upstream: u, Event: means, Told: told, File: translationFile(u, names.Of(&t.Event.Event.Node)),
		ByHand: &ByHand{
			Func: name, Signature: here.Take(strings.TrimPrefix(name, "Translate")+"Func", "Signature", naming.By(&t.Event.Event.Node)),
			Params:  []Param{{"told", u.Package + "." + told.Name, "told"}, {"meta", "values.Meta", "meta"}},
			Results: []Result{{u.Package + "." + means.Name, u.Package + "." + means.Name + "{}"}},
		},
	})
}

func translationFile(u *Upstream, event names.Name) string { return u.Name.Snake + "_" + event.Snake }

// Formerly is the translation by each of the names that its event had before, as far
// as the paths of its files go.
func (t *Translation) Formerly() []any {
	var out []any
	for _, n := range names.Before(&t.Event.Model.Node) {
		named := *t
		named.File = translationFile(t.Upstream, n)
		out = append(out, &named)
	}
	return out
}

// byHand plans what people decide of a row.
func (p *Projection) byHand() {
	v, row := p.View, "readmodel."+p.View.Name.Go
	in, by := v.Service.space(naming.Go, "internal/projections"), naming.By(&v.Model.Node)
	p.UsesEvent, p.UsesMeta = true, true
	p.File = projectionFile(v.Name, names.Of(&p.Event.Model.Node))
	p.ByHand = &ByHand{
		Func: in.Take("Project"+p.Name, "Func", by), Signature: in.Take(p.Name+"Func", "Signature", by),
		Params:  []Param{{"row", row, "row"}, {"event", p.Event.GoType, "e"}, {"meta", "values.Meta", "meta"}},
		Results: []Result{{row, "row"}},
	}
}

func projectionFile(view, event names.Name) string { return view.Snake + "_on_" + event.Snake }

// Formerly is the projection by each of the names that its view and its event had before,
// as far as the paths of its files go.
func (p *Projection) Formerly() []any {
	views, events := spellings(&p.View.Model.Node), spellings(&p.Event.Model.Node)
	var out []any
	for _, v := range views {
		for _, e := range events {
			named := *p
			named.File = projectionFile(v, e)
			out = append(out, &named)
		}
	}
	return out
}

// spellings are the names of a note, as it is called and as it was.
func spellings(n *model.Node) []names.Name {
	return append([]names.Name{names.Of(n)}, names.Before(n)...)
}

// Decisions are the projections of its views that people decide.
func (s *Service) Decisions() []*Projection {
	var out []*Projection
	for _, v := range s.Views {
		for _, p := range v.Projections {
			if p.ByHand != nil {
				out = append(out, p)
			}
		}
	}
	return out
}

// Asking is an operation of an external system of which people write how it is asked.
type Asking struct {
	*ByHand
	Service   *Service
	Operation quote.Text // courier.announce
	Request   Struct
	Reply     *Struct // nil: it answers nothing
	File      string

	model *model.Operation
}

// asking finds or adds how a service asks an operation.
func (b *builder) asking(s *Service, o *model.Operation) *Asking {
	if i := slices.IndexFunc(s.Askings, func(a *Asking) bool { return a.model == o }); i >= 0 {
		return s.Askings[i]
	}
	x := o.External
	g, in, by := gotypes{s.types, "externals"}, s.space(naming.Go, "internal/externals"), naming.By(&o.Node)
	name := in.Take(names.Of(&x.Node).Go+names.Of(&o.Node).Go, "Operation", by)
	a := &Asking{
		Service: s, Operation: quote.Text(x.Name + "." + o.Name), File: names.Of(&x.Node).Snake + "_" + names.Of(&o.Node).Snake, model: o,
		Request: Struct{Name: in.Take(name+"Request", "Type", by), Fields: g.fields(o.Input)},
		ByHand:  &ByHand{Func: in.Take("Ask"+name, "Operation", by), Signature: in.Take(name+"Func", "Signature", by)},
	}
	a.Request.Doc = quote.Text(a.Request.Name+" is what ") + a.Operation + " is asked."
	a.Params = []Param{{"ctx", "context.Context", ""}, {"url", "string", ""}, {"ask", a.Request.Name, ""}, {"key", "string", ""}}
	if len(o.Reply) > 0 {
		a.Reply = &Struct{Name: in.Take(name+"Reply", "Type", by), Fields: g.fields(o.Reply)}
		a.Reply.Doc = quote.Text(a.Reply.Name+" is what ") + a.Operation + " answers."
		a.Results = []Result{{a.Reply.Name, a.Reply.Name + "{}"}}
	}
	s.Askings = append(s.Askings, a)
	return a
}

// ByHand reports whether people write how it is asked.
func (d *Dependency) ByHand() bool {
	return slices.ContainsFunc(d.Methods, func(m *Method) bool { return m.ByHand != nil })
}

// Asker is the function that asks, as package client takes it.
func (a *Asking) Asker() string {
	if a.Reply == nil {
		return "client.Done(externals." + a.Func + ")"
	}
	return "externals." + a.Func
}
