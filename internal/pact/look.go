package pact

import (
	"net/http"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// mostRows is how many rows a page has that is asked for without saying.
const mostRows = 50

// looked is an example of a question: of a call, or of actors.
func (b *builder) looked(s *stories.Story, m *sim.Moment) {
	l := m.Looked
	if l.Answer.Rejected != "" || len(l.Answer.Rows) > mostRows {
		return
	}
	if l.Call != nil {
		if n := b.calls[l.Call]; n != nil {
			b.questioned(s, m, n)
		}
		return
	}
	switch {
	case l.State != nil:
		b.seen(s, m, asked{contract.ReadState, l.State}, b.readState)
	case l.Query != nil:
		b.seen(s, m, asked{contract.AskQuery, l.Query}, readQuery)
		b.seen(s, m, asked{contract.ReadRow, l.Query.View}, readRow)
	case l.View != nil:
		b.seen(s, m, asked{contract.ListRows, l.View}, readQuery)
		b.seen(s, m, asked{contract.ReadRow, l.View}, readRow)
	}
}

// questioned is an example of a query that another service asks.
func (b *builder) questioned(s *stories.Story, m *sim.Moment, n *contract.Need) {
	l := m.Looked
	input := only(n.Operation.Input, n.Sends)
	rows := page(only(n.Operation.Reply, n.Reads))
	values := map[string]any{"items": anyRows(l.Answer.Rows)}
	shows := features{}
	shows.meets(n)
	shows.see("> $", input, l.Input, nil)
	shows.see("$", rows, values, n.Compares)
	b.candidate(n, candidate{"", shows, func() *Interaction {
		what := n.Provider.Name.Kebab + "." + n.Operation.ID
		return &Interaction{
			Needs: []*contract.Need{n}, Description: does(n) + what, Client: b.clientOf(n), slack: slackOf("$.items[*]", only(n.Operation.Reply, n.Reads)),
			State: State{stateName(s, m, what), b.paramsAt(s, n.Provider.Context, m, m.Number)},
			Request: &Request{
				Method: n.Operation.Internal.Method, Path: n.Operation.Internal.Path, Headers: onBehalf(l.Actor, l.Roles), Body: input.JSON(l.Input),
			},
			Response: answerRows(n, rows, values),
		}
	}})
}

// reader says how an actor asks, and what is answered; nil: it cannot be an
// example.
type reader func(s *stories.Story, m *sim.Moment, n *contract.Need) (*Request, *Response, features)

// seen is an example of a question of actors.
func (b *builder) seen(s *stories.Story, m *sim.Moment, what asked, read reader) {
	for _, n := range b.outside[what] {
		if !asks(n, m.Looked.Roles) {
			continue
		}
		request, response, shows := read(s, m, n)
		if request == nil {
			continue
		}
		request.Actor = &Actor{Subject: m.Looked.Actor, Roles: m.Looked.Roles, Claims: sample.Said(n.Operation.Actors, m.Looked.Roles, m.Looked.Claims)}
		b.candidate(n, candidate{"", shows, func() *Interaction {
			what := n.Provider.Name.Kebab + "." + n.Operation.ID
			return &Interaction{
				Needs: []*contract.Need{n}, Description: does(n) + what, Request: request, Response: response,
				State: State{stateName(s, m, what), b.paramsAt(s, n.Provider.Context, m, m.Number)},
			}
		}})
	}
}

// asks reports whether somebody with some roles can be the consumer. The gateway
// asks for whoever asks it.
func asks(n *contract.Need, roles []string) bool {
	a := n.Consumer.Actor
	return len(roles) > 0 && (a == nil || slices.Contains(roles, a.Role))
}

func (b *builder) readState(s *stories.Story, m *sim.Moment, n *contract.Need) (*Request, *Response, features) {
	if len(m.Looked.Answer.Rows) != 1 {
		return nil, nil, nil
	}
	state, a := m.Looked.Answer.Rows[0], n.Operation.Aggregate
	path, ok := fillPath(naming.ResourcePath(a)+"/{"+contract.JSON(a.ID)+"}", n.Operation.Reply, map[string]any{a.ID.Name: state[a.ID.Name]})
	if !ok {
		return nil, nil, nil
	}
	shows := features{}
	shows.meets(n)
	shows.see("$", n.Operation.Reply, state, n.Compares)
	response := answer(n, http.StatusOK, n.Operation.Reply, state)
	response.addVersion(n.Operation.Reply, versionOf(s, m, a, state[a.ID.Name]))
	return &Request{Method: http.MethodGet, Path: path}, response, shows
}

// versionOf is how many events an instance has had before a moment.
func versionOf(s *stories.Story, m *sim.Moment, a *model.Aggregate, id any) int64 {
	version := int64(0)
	for _, x := range s.Transcript.Moments[:m.Number] {
		if h := x.Happened; h != nil && h.Event.Aggregate == a && h.Instance == id {
			version = h.Version
		}
	}
	return version
}

func readRow(_ *stories.Story, m *sim.Moment, n *contract.Need) (*Request, *Response, features) {
	if len(m.Looked.Answer.Rows) == 0 {
		return nil, nil, nil
	}
	row := m.Looked.Answer.Rows[0]
	keys := map[string]any{}
	for _, k := range n.Operation.View.Key {
		keys[k.Field.Name] = row[k.Field.Name]
	}
	path, ok := fillPath(n.Operation.Public.Path, n.Operation.Reply, keys)
	if !ok {
		return nil, nil, nil
	}
	shows := features{}
	shows.meets(n)
	shows.see("$", n.Operation.Reply, row, n.Compares)
	return &Request{Method: http.MethodGet, Path: path}, answer(n, http.StatusOK, n.Operation.Reply, row), shows
}

func readQuery(_ *stories.Story, m *sim.Moment, n *contract.Need) (*Request, *Response, features) {
	l := m.Looked
	r := &Request{Method: http.MethodGet, Path: n.Operation.Public.Path}
	if n.Operation.Input != nil {
		var ok bool
		if r.Query, ok = parameters(n.Operation.Input, l.Input); !ok {
			return nil, nil, nil
		}
	}
	rows, values := page(n.Operation.Reply), map[string]any{"items": anyRows(l.Answer.Rows)}
	shows := features{}
	shows.meets(n)
	shows.see("$", rows, values, n.Compares)
	return r, answerRows(n, rows, values), shows
}

// parameters are the input of a query as they stand in a URL. Ok is false where
// it holds what cannot.
func parameters(input *contract.Schema, values map[string]any) (map[string][]string, bool) {
	out := map[string][]string{}
	for _, f := range input.Fields {
		switch v := values[f.Model.Name]; v.(type) {
		case nil:
		case []any, map[string]any:
			return nil, false
		default:
			out[f.Name] = []string{plain(f.Schema.JSON(v))}
		}
	}
	if words, ok := values["search"].(string); ok && input.Field("search") == nil {
		out["q"] = []string{words}
	}
	return out, true
}

// page is the schema of a page of rows.
func page(row *contract.Schema) *contract.Schema {
	items := &contract.Field{Name: "items", Schema: &contract.Schema{Kind: contract.List, Items: row}, Model: &model.Field{Node: model.Node{Name: "items"}}}
	return &contract.Schema{Kind: contract.Object, Fields: []*contract.Field{items}}
}

// answerRows is a page; one without rows says so.
func answerRows(n *contract.Need, page *contract.Schema, values map[string]any) *Response {
	r := answer(n, http.StatusOK, page, values)
	if rows, _ := values["items"].([]any); len(rows) == 0 {
		r.Body = []byte(`{"items":[]}`)
	}
	return r
}

func anyRows(rows []map[string]any) []any {
	out := make([]any, len(rows))
	for i, row := range rows {
		out[i] = row
	}
	return out
}
