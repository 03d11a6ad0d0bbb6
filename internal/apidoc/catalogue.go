package apidoc

import (
	"encoding/json"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Catalogue is all that a system has, for people: a page for each context, and
// one that leads to them. What is said of a thing is Markdown, with links to
// the things it is about.
type Catalogue struct {
	Title       quote.Markdown
	Description quote.Markdown
	Pages       []*Page
	Externals   []*Entry
	Actors      []*Entry

	system   *contract.System
	examples *Examples
	entries  map[any]*Entry // by node of the model

	given, heard, read uses
}

// Page is that of a context.
type Page struct {
	Catalogue   *Catalogue
	File        string // front.md
	Name        string
	Title       quote.Markdown
	Description quote.Markdown
	Facts       []Fact
	Commands    []*Entry
	States      []*Entry
	Events      []*Entry
	Views       []*Entry
	Policies    []*Entry // and sagas
	Types       []*Entry

	Service *contract.Service // nil: it is names only

	context *model.Context
}

// Entry is a thing that somebody may look for.
type Entry struct {
	Name        string         // as the model has it
	Title       quote.Markdown // "": the name says it
	Description quote.Markdown
	Anchor      string
	Facts       []Fact
	Fields      []FieldRow
	Problems    []ProblemRow

	example func() json.RawMessage // nil: there is none
	page    *Page                  // nil: on the first page
}

// Example is one of the entry, as JSON; "": there is none. It is found when it is
// asked for: not all pages are written every time.
func (e *Entry) Example() quote.Markdown {
	if e.example == nil {
		return ""
	}
	return indented(e.example())
}

// Fact is one thing to know about an entry.
type Fact struct{ Label, Text quote.Markdown }

// FieldRow is a field of an entry.
type FieldRow struct{ Name, Type, Notes quote.Markdown }

// ProblemRow is a refusal.
type ProblemRow struct {
	Code    quote.Markdown
	Status  int
	Message quote.Markdown
}

// Find is a fact of an entry, for a table; "": it has none.
func (e *Entry) Find(label quote.Markdown) quote.Markdown {
	for _, f := range e.Facts {
		if f.Label == label {
			return f.Text
		}
	}
	return ""
}

// Labels of facts that several kinds of entries have.
const (
	labelWho   quote.Markdown = "Who"
	labelRoute quote.Markdown = "Route"
	labelTopic quote.Markdown = "Topic"
)

// NewCatalogue writes down a system.
func NewCatalogue(sys *contract.System, x *Examples) *Catalogue {
	m := sys.Model
	c := &Catalogue{Title: quote.Inline(m.Called()), Description: quote.Block(m.Description), system: sys, examples: x, entries: map[any]*Entry{}}
	c.given, c.heard, c.read = givenBy(m.System), heardBy(m.System), readBy(m.System)
	for _, context := range m.Contexts {
		c.page(context)
	}
	for _, a := range m.Actors {
		c.Actors = append(c.Actors, c.entry(nil, "actor", a, &a.Node))
	}
	for _, external := range m.Externals {
		for _, o := range external.Operations {
			e := c.entry(nil, "external-"+names.Of(&external.Node).Kebab, o, &o.Node)
			e.Name = external.Name + "." + o.Name
			c.Externals = append(c.Externals, e)
		}
	}
	// Links need all entries.
	for _, p := range c.Pages {
		p.fill()
	}
	c.fillOthers()
	return c
}

// page makes a context's page, and the entries on it.
func (c *Catalogue) page(context *model.Context) {
	p := &Page{
		Catalogue: c, File: naming.PageOf(context), Name: context.Name, Title: quote.Inline(context.Called()), Description: quote.Block(context.Description),
		context: context, Service: c.system.Service(context),
	}
	c.Pages = append(c.Pages, p)
	for _, a := range context.Aggregates {
		p.States = append(p.States, c.entry(p, "aggregate", a, &a.Node))
		for _, m := range a.Commands {
			p.Commands = append(p.Commands, c.entry(p, "command-"+names.Of(&a.Node).Kebab, m, &m.Node))
		}
		for _, e := range a.Events {
			p.Events = append(p.Events, c.entry(p, "event-"+names.Of(&a.Node).Kebab, e, &e.Node))
		}
	}
	for _, e := range p.told() {
		p.Events = append(p.Events, c.entry(p, "event-"+names.Of(&e.External.Node).Kebab, e, &e.Node))
	}
	for _, v := range context.Views {
		p.Views = append(p.Views, c.entry(p, "view", v, &v.Node))
	}
	for _, x := range context.Policies {
		p.Policies = append(p.Policies, c.entry(p, "policy", x, &x.Node))
	}
	for _, g := range context.Sagas {
		p.Policies = append(p.Policies, c.entry(p, "saga", g, &g.Node))
	}
}

func (c *Catalogue) entry(p *Page, kind string, key any, n *model.Node) *Entry {
	e := &Entry{Name: n.Name, Description: quote.Block(n.Description), Anchor: kind + "-" + names.Of(n).Kebab, page: p}
	if n.Called() != quote.Text(n.Name) {
		e.Title = quote.Inline(n.Title)
	}
	c.entries[key] = e
	return e
}

// to is a link to what the model has, with the name of its page on others (nil:
// the first one).
func (c *Catalogue) to(from *Page, key any) quote.Markdown {
	e := c.entries[key]
	if e == nil {
		return ""
	}
	switch {
	case e.page == from:
		return link(e.Name, "#"+e.Anchor)
	case e.page == nil:
		return link(e.Name, e.place())
	}
	return link(e.page.Name+"."+e.Name, e.place())
}

// place is where an entry is for another page: they lie side by side.
func (e *Entry) place() string {
	if e.page == nil {
		return "README.md#" + e.Anchor
	}
	return e.page.File + "#" + e.Anchor
}

// Lead leads to what the model has from a page beside the directory of the
// catalogue; "": the catalogue does not know it.
func (c *Catalogue) Lead(dir string, thing any) quote.Markdown {
	e := c.entries[thing]
	if e == nil {
		return ""
	}
	name := e.Name
	if e.page != nil {
		name = e.page.Name + "." + name
	}
	return link(name, dir+"/"+e.place())
}

// Link leads to an entry from the first page.
func (e *Entry) Link() quote.Markdown { return link(e.Name, e.place()) }

// Link leads to the page.
func (p *Page) Link() quote.Markdown { return link(p.Name, p.File) }

// link leads to a place that this package made.
func link(words, place string) quote.Markdown {
	return "[" + quote.Inline(words) + "](" + quote.Markdown(place) + ")"
}

// fact adds what there is to say, if there is.
func (e *Entry) fact(label quote.Markdown, texts ...quote.Markdown) {
	if out := pieces(texts...); len(out) > 0 {
		e.Facts = append(e.Facts, Fact{label, quote.Join(unique(out), ", ")})
	}
}

func unique[S comparable](list []S) []S {
	var out []S
	seen := map[S]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// rows are the fields of an object as a table has them.
func (p *Page) rows(s *contract.Schema, request bool) []FieldRow {
	var out []FieldRow
	for _, f := range s.Fields {
		row := FieldRow{Name: quote.Code(f.Name), Type: p.typeOf(f.Schema)}
		var notes []quote.Markdown
		if f.Title != "" {
			notes = append(notes, quote.Inline(f.Title))
		}
		if f.Optional {
			notes = append(notes, "may be absent")
		}
		if d := defaultOf(f); request && f.Defaulted {
			if len(d) == 0 {
				notes = append(notes, "may be left out")
			} else {
				notes = append(notes, "default "+quote.Code(string(d)))
			}
		}
		for _, check := range append(append([]string(nil), f.Schema.Checks...), f.Check) {
			if check != "" {
				notes = append(notes, quote.Code(check))
			}
		}
		if f.PII {
			notes = append(notes, "**personal data**")
		}
		if f.Enciphered {
			notes = append(notes, "enciphered for its own context")
		}
		row.Notes = quote.Join(notes, "; ")
		out = append(out, row)
	}
	return out
}

// typeOf is a type in words. Types of the model get an entry on the page.
func (p *Page) typeOf(s *contract.Schema) quote.Markdown {
	if s.Def != nil {
		p.typed(s)
		return p.Catalogue.to(p, typeKey{p, s.Def})
	}
	switch s.Kind {
	case contract.List:
		return "list of " + p.typeOf(s.Items)
	case contract.Map:
		return "map of " + p.typeOf(s.Items)
	case contract.ID:
		if s.Refers != nil {
			return "id of " + p.Catalogue.to(p, s.Refers)
		}
	}
	return quote.Markdown(s.Kind)
}

// typeKey is a type on a page: each page explains the types it mentions.
type typeKey struct {
	page *Page
	def  *model.TypeDef
}

func (p *Page) typed(s *contract.Schema) {
	key := typeKey{p, s.Def}
	if p.Catalogue.entries[key] != nil {
		return
	}
	e := p.Catalogue.entry(p, "type", key, &s.Def.Node)
	p.Types = append(p.Types, e)
	switch {
	case s.Kind == contract.Enum:
		for _, v := range s.Def.Enum {
			e.Fields = append(e.Fields, FieldRow{Name: quote.Code(names.EnumValue(v)), Notes: quote.Inline(v.Title)})
		}
	case s.Kind == contract.Object:
		e.Fields = p.rows(s, false)
	default:
		bare := *s
		bare.Def = nil
		e.fact("Is", p.typeOf(&bare))
	}
	for _, check := range s.Checks {
		e.fact("Holds", quote.Code(check))
	}
}

func indented(data []byte) quote.Markdown {
	if len(data) == 0 {
		return ""
	}
	text, err := asJSON(rawJSON(data))
	if err != nil {
		return ""
	}
	return quote.Fence("json", text)
}

func through(p *Page, r *naming.Path) quote.Markdown {
	if r == nil {
		return ""
	}
	return quote.Code(r.String()) + ", through the gateway " + quote.Code(r.Method+" /"+names.Of(&p.context.Node).Kebab+r.Path)
}

// answeredAt says where something is answered: by the service, and by the gateway
// at all paths that lead there.
func answeredAt(p *Page, o *contract.Operation) quote.Markdown {
	text := through(p, o.Public)
	if g := p.Catalogue.system.Model.Gateway; g != nil && o.Public != nil {
		for _, x := range g.Routes {
			if p.Catalogue.system.Destination(x) == o {
				text += " and " + quote.Code(naming.GatewayPath(x).String())
			}
		}
	}
	return text
}
