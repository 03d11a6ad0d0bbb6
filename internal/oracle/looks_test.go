package oracle

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// look has somebody of each lane ask a question at random, and compares what
// there is to see: the rows of a query, in their order, or the state of an
// instance.
func (d *duel) look(t *testing.T, g *generator, lanes []*lane, scenes map[int]*scene) {
	t.Helper()
	var questions []any
	for _, c := range d.model.Contexts {
		for _, v := range c.Views {
			if d.views[v] == nil || len(v.Actors) == 0 {
				continue
			}
			for _, q := range v.Queries {
				questions = append(questions, q)
			}
		}
		for _, a := range c.Aggregates {
			if d.aggregates[a] != nil && slices.ContainsFunc(a.Commands, func(m *model.Command) bool { return len(m.Actors) > 0 }) {
				questions = append(questions, a)
			}
		}
	}
	for _, l := range lanes {
		if len(questions) == 0 || l.failed != "" {
			continue
		}
		var differs string
		switch of := oneOf(g, questions).(type) {
		case *model.Query:
			differs = d.lookFor(t, g, l, of, scenes[l.number])
		case *model.Aggregate:
			differs = d.lookAt(t, g, l, of, scenes[l.number])
		}
		if differs != "" {
			l.fail("%s", differs)
		}
	}
}

// roleOf is the role of one who may ask, most often.
func (g *generator) roleOf(actors []*model.ActorRef) []string {
	if len(actors) == 0 || g.often(10) {
		return []string{oneOf(g, g.roles)}
	}
	return []string{oneOf(g, actors).Actor.Role}
}

// lookFor asks a query.
func (d *duel) lookFor(t *testing.T, g *generator, l *lane, q *model.Query, s *scene) string {
	t.Helper()
	v := q.View
	actors := q.Actors
	if len(actors) == 0 {
		actors = v.Actors
	}
	subject, input := g.subject(), map[string]any{}
	for _, f := range q.Input {
		if x := g.field(f, subject, s); x != nil {
			input[f.Name] = x
		}
	}
	ofWorld, _ := l.place(input, false).(map[string]any)
	asked, _ := l.place(input, true).(map[string]any)
	question := sim.Question{Query: q, Input: ofWorld, Actor: strings.ReplaceAll(subject, here, l.name()), Roles: g.roleOf(actors)}
	d.claim(g, l, &question)
	query := url.Values{"limit": {oneOf(g, []string{"2", "3", "10", "200"})}}
	for name, value := range encodeFields(asked, q.Input) {
		if _, plain := value.([]any); plain {
			return "" // cannot be asked for by a parameter
		}
		query.Set(name, fmt.Sprint(value))
	}
	if words := oneOf(g, []string{"", l.name(), "a", "1"}); len(q.Search) > 0 && words != "" && !slices.ContainsFunc(q.Input, func(f *model.Field) bool { return f.Name == "search" }) {
		ofWorld["search"] = words
		query.Set("q", words)
	}
	path := ""
	for _, p := range d.views[v].Queries {
		if p.Name == names.Of(&q.Node) {
			path = p.Path
		}
	}
	d.counts["questions"]++
	want := d.world.Look(question)
	have, rows, err := d.pages(t.Context(), d.views[v].Service, path, query, question)
	if err != nil {
		t.Fatal(err)
	}
	what := fmt.Sprintf("%s as %v asks %s %s", question.Actor, question.Roles, q.Name, query.Encode())
	if differs := d.answersDiffer(what, want, have); differs != "" || want.Rejected != "" {
		return differs
	}
	return d.sameRows(what, v.Fields, want.Rows, rows)
}

// lookAt asks for the state of an instance.
func (d *duel) lookAt(t *testing.T, g *generator, l *lane, a *model.Aggregate, s *scene) string {
	t.Helper()
	var actors []*model.ActorRef
	for _, m := range a.Commands {
		actors = append(actors, m.Actors...)
	}
	input := map[string]any{a.ID.Name: g.fixed(a)}
	if len(s.ids[a]) > 0 && g.often(90) {
		input[a.ID.Name] = oneOf(g, s.ids[a])
	}
	ofWorld, _ := l.place(input, false).(map[string]any)
	asked, _ := l.place(input, true).(map[string]any)
	question := sim.Question{State: a, Input: ofWorld, Roles: g.roleOf(actors),
		Actor: strings.ReplaceAll(g.person(input[a.ID.Name], a, s), here, l.name())}
	d.claim(g, l, &question)
	p := d.aggregates[a]
	d.counts["questions"]++
	want := d.world.Look(question)
	have, err := d.as(t.Context(), d.system.Addr(p.Service.Dir)+p.Path+"/"+url.PathEscape(fmt.Sprint(asked[a.ID.Name])), question)
	if err != nil {
		t.Fatal(err)
	}
	what := fmt.Sprintf("%s as %v asks for %s %v", question.Actor, question.Roles, a.Name, ofWorld[a.ID.Name])
	if differs := d.answersDiffer(what, want, have); differs != "" || want.Rejected != "" {
		return differs
	}
	return d.sameRows(what, withID(a, a.State), want.Rows, []map[string]any{have.body})
}

// claim has whoever asks say what is claimed of them.
func (d *duel) claim(g *generator, l *lane, q *sim.Question) {
	q.Claims, _ = l.place(g.claims(q.Roles), false).(map[string]any)
}

func (d *duel) answersDiffer(what string, want *sim.Answer, have answer) string {
	code := d.code(want.Rejected)
	switch code { // of the way to a question
	case "Forbidden":
		code = "forbidden"
	case "NotFound":
		code = "not-found"
	}
	told := have.code()
	if told == "NotFound" {
		told = "not-found"
	}
	if want.Status != have.status || code != told {
		return fmt.Sprintf("%s\nthe interpreter answers %d %s %s\nthe service answers %d %v", what, want.Status, code, want.Message, have.status, have.body)
	}
	return ""
}

// sameRows says what differs between two lists of rows. Ids that the sides made
// themselves are in an order of their own.
func (d *duel) sameRows(what string, fields []*model.Field, want, have []map[string]any) string {
	var ours, theirs []string
	for _, row := range want {
		ours = append(ours, d.writer(d.same).object(encodeFields(row, fields), fields))
	}
	for _, row := range have {
		theirs = append(theirs, d.writer(d.known).object(row, fields))
	}
	if slices.ContainsFunc(ours, func(row string) bool { return !laneMark.MatchString(row) }) || len(d.ofSim) > 0 {
		slices.Sort(ours)
		slices.Sort(theirs)
	}
	if slices.Equal(ours, theirs) {
		return ""
	}
	return fmt.Sprintf("%s\nthe interpreter has\n%sthe services have\n%s", what, indent(strings.Join(ours, "\n")), indent(strings.Join(theirs, "\n")))
}

// as asks in somebody's name.
func (d *duel) as(ctx context.Context, address string, q sim.Question) (answer, error) {
	header := http.Header{"X-Actor-Id": {q.Actor}, "X-Actor-Roles": {strings.Join(q.Roles, ",")}}
	for name, said := range sample.Said(d.model.Actors, q.Roles, q.Claims) {
		header.Set(claimHeader+name, said)
	}
	return d.system.ask(ctx, http.MethodGet, address, header, nil)
}

// pages are all rows of a question's answer.
func (d *duel) pages(ctx context.Context, service *services.Service, path string, query url.Values, q sim.Question) (answer, []map[string]any, error) {
	var rows []map[string]any
	for {
		a, err := d.as(ctx, d.system.Addr(service.Dir)+path+"?"+query.Encode(), q)
		if err != nil || a.status != http.StatusOK {
			return a, rows, err
		}
		rows = append(rows, itemsOf(a)...)
		next, _ := a.body["next"].(string)
		if next == "" {
			return a, rows, nil
		}
		query.Set("cursor", next)
	}
}
