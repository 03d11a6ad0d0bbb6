package pact

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
)

// commanded is an example of a command that a need was met by, or refused with
// a code that the consumer tells apart; of nil there is none.
func (b *builder) commanded(s *stories.Story, m *sim.Moment, n *contract.Need) {
	d := m.Decided
	if n == nil || d.Outcome.Status >= http.StatusInternalServerError {
		return
	}
	code := ""
	if d.Outcome.Rejected != "" {
		code = contract.CalleeCode(d.Command, d.Outcome.Rejected)
		if !slices.Contains(n.Codes, code) {
			return
		}
	} else if n.Kind == contract.ByCompensation && len(d.Outcome.Events) == 0 {
		return // there was nothing to undo
	}
	input := only(n.Operation.Input, n.Sends)
	request, ok := commandRequest(n, input, d)
	if !ok {
		return
	}
	shows := features{}
	shows.meets(n)
	shows.see("> $", input, d.Input, nil)
	response := refusal(d.Outcome.Status, code)
	if code == "" {
		reply := only(n.Operation.Reply, n.Reads)
		shows.see("$", reply, d.Outcome.Reply, n.Compares)
		response = answer(n, d.Outcome.Status, reply, d.Outcome.Reply)
		if n.Consumer.Service == nil {
			response.addVersion(reply, d.Outcome.Version)
		}
	}
	b.candidate(n, candidate{code, shows, func() *Interaction {
		what := n.Provider.Name.Kebab + "." + n.Operation.ID
		i := &Interaction{
			Needs: []*contract.Need{n}, Description: does(n) + what + outcome(code), Client: b.clientOf(n), Request: request, Response: response,
			State: State{stateName(s, m, what), b.paramsAt(s, n.Provider.Context, m, d.Until)},
		}
		if code == "" && n.Consumer.Service != nil {
			i.slack = slackOf("$", only(n.Operation.Reply, n.Reads))
		}
		return i
	}})
}

// does begins the description of what a consumer asks.
func does(n *contract.Need) string {
	switch {
	case n.Kind == contract.ByCompensation:
		return n.By + " undoes by "
	case n.Consumer.Service != nil:
		return n.By + " asks "
	case n.Operation.Command != nil:
		return n.By + " gives "
	}
	return n.By + " reads "
}

func outcome(code string) string {
	if code == "" {
		return ""
	}
	return ": " + code
}

// only is a schema with some of its fields.
func only(s *contract.Schema, names []string) *contract.Schema {
	out := *s
	out.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f *contract.Field) bool { return !slices.Contains(names, f.Name) })
	return &out
}

// commandRequest is the request that gives a command: of actors at the public
// route, of services at the internal one. Ok is false where a value cannot
// stand in a path.
func commandRequest(n *contract.Need, input *contract.Schema, d *sim.Decided) (r *Request, ok bool) {
	if n.Consumer.Service != nil {
		return &Request{
			Method: http.MethodPost, Path: n.Operation.Internal.Path,
			Headers: onBehalf(d.Subject, d.Roles), Body: input.JSON(d.Input),
		}, true
	}
	values := maps.Clone(d.Input)
	r = &Request{Method: n.Operation.Public.Method, Actor: &Actor{Subject: d.Subject, Roles: d.Roles, Claims: sample.Said(n.Operation.Actors, d.Roles, d.Claims)}}
	if r.Path, ok = fillPath(n.Operation.Public.Path, input, values); !ok {
		return nil, false
	}
	if body := input.JSON(values); string(body) != "{}" {
		r.Body = body
	}
	return r, true
}

// answer is a reply of which the consumer looks at some fields; when at none,
// the body is not looked at.
func answer(n *contract.Need, status int, reply *contract.Schema, values map[string]any) *Response {
	r := &Response{Status: status, Type: jsonType}
	if len(reply.Fields) > 0 {
		r.Body, r.Rules = reply.JSON(values), rulesFor(n.Compares, "$", reply, values)
	}
	return r
}

// refusal is problem details of which the code is looked at.
func refusal(status int, code string) *Response {
	return &Response{Status: status, Type: "application/problem+json", Body: problem(code)}
}

// addVersion adds the version to what actors are answered, unless the reply has
// a field of that name.
func (r *Response) addVersion(reply *contract.Schema, version int64) {
	if reply.Field("version") != nil {
		return
	}
	members := "{"
	if len(r.Body) > len("{}") {
		members = string(r.Body[:len(r.Body)-1]) + ","
	}
	r.Body = fmt.Appendf(nil, `%s"version":%d}`, members, version)
}
