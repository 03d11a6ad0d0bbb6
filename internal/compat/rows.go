package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/meaning"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// views compares how rows come about, and how they are found.
func (c *comparison) views(was, is *contract.Service) {
	for _, v := range was.Context.Views {
		w := sameView(is.Context, v)
		if w == nil {
			continue
		}
		readers := c.readers(was, v)
		c.projections(is, v, w, readers)
		c.kept(is, v, w, readers)
		for _, q := range v.Queries {
			i := slices.IndexFunc(w.Queries, func(p *model.Query) bool { return names.Kept(&p.Node).Go == names.Kept(&q.Node).Go })
			if i >= 0 {
				c.query(is, q, w.Queries[i])
			}
		}
	}
}

// readers are the needs of all who look at rows of a view.
func (c *comparison) readers(s *contract.Service, v *model.View) []*contract.Need {
	var out []*contract.Need
	for _, o := range s.Operations {
		if o.View == v {
			out = append(out, o.Consumers()...)
		}
	}
	return out
}

func (c *comparison) viewFinding(s *contract.Service, is, was *model.View, readers []*contract.Need) Finding {
	return Finding{Rule: BreakingRows, Service: s.Context.Name, Verdict: Unclear, Consumers: consumers(readers), Pos: is.Pos, Old: was.Pos}
}

// projections compares what events do to rows.
func (c *comparison) projections(s *contract.Service, was, is *model.View, readers []*contract.Need) {
	sp := speller{comparison: c}
	find := func(list []*model.Projection, id string) *model.Projection {
		for _, p := range list {
			if sp.event(&p.Event) == id {
				return p
			}
		}
		return nil
	}
	for _, p := range was.From {
		q := find(is.From, sp.event(&p.Event))
		if q == nil {
			if p.Event.Event != nil && c.ids[&p.Event.Event.Node] != "" {
				f := c.viewFinding(s, is, was, readers)
				f.Old = p.Pos
				f.What, f.Why = fmt.Sprintf("view %s does not follow %s any more", is.Name, p.Event.Text), "its rows stay as they were before it"
				c.add(f)
			}
			continue
		}
		c.projection(s, is, was, q, p, readers)
	}
	for _, q := range is.From {
		if find(was.From, sp.event(&q.Event)) != nil {
			continue
		}
		f := c.viewFinding(s, is, was, readers)
		f.Pos = q.Pos
		f.What, f.Why = fmt.Sprintf("view %s follows %s, too", is.Name, q.Event.Text), "it changes rows that it did not"
		c.add(f)
	}
}

func (c *comparison) projection(s *contract.Service, v, old *model.View, is, was *model.Projection, readers []*contract.Need) {
	sp := speller{comparison: c}
	before, now := c.was.Model.Projections[was], c.is.Model.Projections[is]
	keyed := append(keyOf(old), keyOf(v)...)
	other := slices.DeleteFunc(sp.changed(before.Set, now.Set, old.Fields, v.Fields), func(name string) bool { return slices.Contains(keyed, name) })
	if len(other) > 0 {
		f := c.viewFinding(s, v, old, readingAny(readers, other))
		f.Rule, f.Pos, f.Old = BreakingValue, is.Pos, was.Pos
		f.What = fmt.Sprintf("%s puts another value into %s of view %s", is.Event.Text, listed(other), v.Name)
		f.Why = "who reads it reads something else"
		c.add(f)
	}
	f := c.viewFinding(s, v, old, readers)
	f.Pos, f.Old = is.Pos, was.Pos
	f.What, f.Why = fmt.Sprintf("%s changes the rows of view %s otherwise", is.Event.Text, v.Name), "other rows are there, or they say something else"
	if slices.Equal(sp.keyed(old), sp.keyed(v)) { // else that is told of the view
		c.told(f, sp.projected(was, before.Key), sp.projected(is, now.Key))
	} else {
		c.told(f, sp.projected(was, nil), sp.projected(is, nil))
	}
}

// keyed are the key columns of a view, as they are called now.
func (s speller) keyed(v *model.View) []string {
	var out []string
	for _, k := range v.Key {
		if k.Field != nil {
			out = append(out, s.field(k.Field))
		}
	}
	return out
}

func (s speller) projected(p *model.Projection, key []check.Assigned) []trait {
	return []trait{
		{about: "which row", says: s.assigned(key), pos: p.Pos},
		{about: "which rows", says: s.expr(p.Where), pos: p.Pos},
		{about: "what becomes of a row that is not there", says: string(p.Missing), pos: p.Pos},
		{about: "whether it is deleted", says: fmt.Sprint(p.Delete), pos: p.Pos},
		{about: "whether it is decided by hand", says: fmt.Sprint(p.Custom), pos: p.Pos},
	}
}

// kept compares what is not about single events.
func (c *comparison) kept(s *contract.Service, was, is *model.View, readers []*contract.Need) {
	if was.Inline != is.Inline {
		f := c.viewFinding(s, is, was, readers)
		f.What, f.Why = fmt.Sprintf("view %s is kept after its events, not with them", is.Name), "who reads it right after a command may not see what that did"
		if is.Inline {
			f.What, f.Why, f.Verdict, f.Consumers = fmt.Sprintf("view %s is kept with its events", is.Name), "who reads it sees what was done, sooner than before", Compatible, nil
		}
		c.add(f)
	}
	if was.Stream != is.Stream {
		f := c.viewFinding(s, is, was, readers)
		f.What, f.Why = fmt.Sprintf("changes of view %s are not sent any more", is.Name), "who waits for them waits in vain"
		if is.Stream {
			f.What, f.Why, f.Verdict, f.Consumers = fmt.Sprintf("changes of view %s are sent", is.Name), "nobody relies on it yet", Compatible, nil
		}
		c.add(f)
	}
	sp := speller{comparison: c}
	links := func(v *model.View) []trait {
		var out []trait
		for _, l := range v.Links {
			by := append(c.was.Model.Links[l].By, c.is.Model.Links[l].By...)
			out = append(out, trait{about: "link " + l.Name, says: sp.view(l.To) + " by " + sp.assigned(by), pos: l.Pos})
		}
		return out
	}
	f := c.viewFinding(s, is, was, readers)
	f.What, f.Why = fmt.Sprintf("rows of view %s lead elsewhere", is.Name), "who follows a link comes to something else, or nowhere"
	c.told(f, links(was), links(is))
}

// query compares which rows are found, and in which order.
func (c *comparison) query(s *contract.Service, was, is *model.Query) {
	o := c.operations[&was.Node]
	if o == nil {
		return
	}
	sp := speller{comparison: c}
	name := is.View.Name + "." + is.Name
	f := Finding{Service: s.Context.Name, Rule: BreakingRows, Verdict: Unclear, Consumers: consumers(o.Consumers()), Pos: is.Pos, Old: was.Pos}
	if r := c.relate(c.all(listOf(was.Where)), c.all(listOf(is.Where)), nil, nil); !r.same() {
		g := f
		g.Rule = BreakingCondition
		g.What, g.Why = fmt.Sprintf("query %s asks %q, and asked %q", name, exprText(is.Where), exprText(was.Where)), "other rows are found than before"
		switch {
		case r.keeps == meaning.Yes:
			g.Why = "more rows are found than before" + suchAs(r.new)
		case r.adds == meaning.Yes:
			g.Why = "fewer rows are found than before" + suchAs(r.lost)
		}
		c.add(g)
	}
	if sp.sorted(was.Sort) != sp.sorted(is.Sort) {
		g := f
		g.What, g.Why = fmt.Sprintf("query %s sorts by %s, and did by %s", name, sortedBy(sp.sorted(is.Sort)), sortedBy(sp.sorted(was.Sort))), "rows come in another order, and pages hold others"
		c.add(g)
	}
	c.searched(f, name, was, is, len(o.Consumers()) > 0)
}

func sortedBy(sort string) string {
	if sort == "" {
		return "key"
	}
	return sort
}

// searched compares what a search looks into.
func (c *comparison) searched(f Finding, name string, was, is *model.Query, known bool) {
	fields := func(q *model.Query) []string {
		var out []string
		for _, r := range q.Search {
			out = append(out, fieldName(r))
		}
		slices.Sort(out)
		return out
	}
	had, has := fields(was), fields(is)
	switch {
	case slices.Equal(had, has):
		return
	case len(has) == 0:
		f.Rule, f.Verdict = BreakingInput, Unused
		if known {
			f.Verdict = Breaking
		}
		f.What, f.Why = "query "+name+" cannot be searched any more", "who sends search gets 400"
	case len(had) == 0:
		f.Verdict, f.Consumers = Compatible, nil
		f.What, f.Why = "query "+name+" can be searched", "who does not search finds what there was"
	default:
		f.What, f.Why = fmt.Sprintf("query %s searches in %s, and did in %s", name, strings.Join(has, ", "), strings.Join(had, ", ")), "other rows are found than before"
	}
	c.add(f)
}
