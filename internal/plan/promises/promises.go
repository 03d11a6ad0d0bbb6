// Package promises plans the page on which a system says what it promises: of all
// promises those that its model has a use for, each with what it is about.
package promises

import (
	"slices"

	"github.com/esgen/esgen/internal/apidoc"
	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Page is what a system promises. Things of the model are links to the catalogue;
// where there are none, nothing is promised of them.
type Page struct {
	Title quote.Text

	Commands bool // somebody gives commands
	Messages bool // somebody hears of events
	Policies bool // and acts on them
	Calls    bool // somebody asks others
	Composes bool // the gateway puts answers together
	Played   bool // there are scenarios

	Projected []quote.Markdown // views that events keep
	Followed  []quote.Markdown // views that change with their aggregate
	Streamed  []quote.Markdown // views whose changes are told
	Sourced   []quote.Markdown // aggregates whose events are kept
	Documents []quote.Markdown // aggregates that are kept in a database of documents
	Persons   []quote.Markdown // aggregates that are somebody's
	Older     []quote.Markdown // events that had another shape
	Sagas     []quote.Markdown
	Waiting   []quote.Markdown // policies that act later
	Clocks    []quote.Markdown // policies that act at times of the clock
	Undone    []quote.Markdown // commands that undo what they asked for in vain
	Outside   []quote.Markdown // operations of external systems
	Webhooks  []quote.Markdown // external systems that tell something by requests
	Topics    []quote.Markdown // external systems that tell something in a topic

	to func(thing any) quote.Markdown
}

// Of is the page of a system, and lies beside the directory of its catalogue.
func Of(sys *services.System, g *gateway.Gateway, catalogue *apidoc.Catalogue) *Page {
	p := &Page{
		Title: sys.Title, Composes: len(g.Compositions) > 0, Played: sys.Played(),
		to: func(thing any) quote.Markdown { return catalogue.Lead("catalogue", thing) },
	}
	for _, s := range sys.Services {
		p.Commands = p.Commands || len(s.Aggregates) > 0
		p.Messages = p.Messages || s.Hears()
		p.Policies = p.Policies || len(s.Policies) > 0
		p.Calls = p.Calls || len(s.Dependencies) > 0
		p.aggregates(s)
		p.views(s)
		p.reactions(s)
		p.told(s)
	}
	for _, x := range sys.Model.Externals {
		for _, o := range x.Operations {
			p.Outside = append(p.Outside, p.to(o))
		}
	}
	return p
}

func (p *Page) aggregates(s *services.Service) {
	for _, a := range s.Aggregates {
		if a.Sourced != nil {
			p.Sourced = append(p.Sourced, p.to(a.Model))
		}
		if s.Documents {
			p.Documents = append(p.Documents, p.to(a.Model))
		}
		if a.Personal != nil {
			p.Persons = append(p.Persons, p.to(a.Model))
		}
		for _, e := range a.Versioned() {
			p.Older = append(p.Older, p.to(e.Model))
		}
		for _, c := range a.Commands {
			if slices.ContainsFunc(c.Model.Calls, func(call *model.Call) bool { return call.Compensate != nil }) {
				p.Undone = append(p.Undone, p.to(c.Model))
			}
		}
	}
}

func (p *Page) views(s *services.Service) {
	for _, v := range s.Views {
		if v.Inline {
			p.Followed = append(p.Followed, p.to(v.Model))
		}
		if v.Changes != "" {
			p.Streamed = append(p.Streamed, p.to(v.Model))
		}
	}
	for _, v := range s.Rebuildable() {
		p.Projected = append(p.Projected, p.to(v.Model))
	}
}

func (p *Page) reactions(s *services.Service) {
	for _, x := range s.Policies {
		if x.Timer != nil {
			p.Waiting = append(p.Waiting, p.to(x.Model))
		}
	}
	for _, x := range s.Clocks() {
		p.Clocks = append(p.Clocks, p.to(x.Model))
	}
	for _, g := range s.Sagas {
		p.Sagas = append(p.Sagas, p.to(g.Model))
	}
}

func (p *Page) told(s *services.Service) {
	for _, x := range s.Webhooks() {
		p.Webhooks = append(p.Webhooks, quote.Inline(x.Title))
	}
	for _, x := range s.ForeignTopics() {
		p.Topics = append(p.Topics, quote.Inline(x.Title))
	}
}
