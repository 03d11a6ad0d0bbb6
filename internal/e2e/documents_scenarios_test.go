package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// scenarios sends every request of every scenario. They do not meet: each has
// ids of its own. What a scenario takes for granted has not happened here, so
// that many a request is refused; that is documented, too.
func scenarios(t *testing.T, running *system, file string) {
	sys, diags := model.Load(file)
	checked, more := check.System(sys)
	if diags.HasErrors() || more.HasErrors() {
		t.Fatal(diags.Sorted(), more.Sorted())
	}
	p := &replay{system: running, operations: map[any]*contract.Operation{}}
	for _, s := range contract.Build(checked).Services {
		for _, o := range s.Operations {
			p.operations[keyOf(o)] = o
		}
	}
	for i, scenario := range checked.Scenarios {
		p.suffix, p.patient = fmt.Sprintf("-%d", i), len(scenario.Given) == 0
		_, transcript := sim.PlayRecorded(checked, scenario)
		for _, m := range transcript.Moments {
			p.moment(t, m)
		}
	}
	t.Logf("%d requests of %d scenarios, %d of them did something", p.sent, len(checked.Scenarios), p.done)
	if p.done == 0 && len(checked.Scenarios) > 0 {
		t.Error("nothing was done")
	}
}

// keyOf is what an operation is found by.
func keyOf(o *contract.Operation) any {
	switch o.Kind {
	case contract.RunCommand:
		return o.Command
	case contract.AskQuery:
		return o.Query
	case contract.ReadState:
		return o.Aggregate
	case contract.ListRows:
		return o.View
	}
	return o // one row: scenarios do not ask for it
}

// replay sends what was played.
type replay struct {
	system     *system
	operations map[any]*contract.Operation
	suffix     string // of all ids of a scenario
	patient    bool   // nothing is missing: what is refused may be asked again
	sent, done int
}

func (p *replay) moment(t *testing.T, m *sim.Moment) {
	t.Helper()
	switch d, l := m.Decided, m.Looked; {
	case d != nil && d.From == nil:
		p.send(t, p.operations[d.Command], d.Input, actor{d.Subject, strings.Join(d.Roles, ",")}, d.Outcome != nil && d.Outcome.Rejected == "")
	case l != nil && l.Call == nil:
		var key any = l.View
		if l.Query != nil {
			key = l.Query
		} else if l.State != nil {
			key = l.State
		}
		p.send(t, p.operations[key], l.Input, actor{l.Actor, strings.Join(l.Roles, ",")}, l.Answer.Rejected == "")
	}
}

// send asks as the scenario does; what has to follow from something first is
// waited for a little.
func (p *replay) send(t *testing.T, o *contract.Operation, input map[string]any, who actor, succeeds bool) {
	t.Helper()
	if o == nil {
		return
	}
	route := o.Public
	if who.roles == "" || route == nil {
		who, route = inside, o.Internal
	}
	if route == nil {
		return
	}
	if who != inside {
		who.id += p.suffix
	}
	r := p.request(o, route, input)
	r.who = who
	service := p.system.services[o.Service.Name.Kebab]
	p.sent++
	deadline := time.Now().Add(3 * time.Second)
	pause := time.NewTicker(50 * time.Millisecond)
	defer pause.Stop()
	for {
		a := service.do(t, r)
		if a.status < http.StatusMultipleChoices {
			p.done++
			return
		}
		if !p.patient || !succeeds || time.Now().After(deadline) {
			return
		}
		<-pause.C
	}
}

// request has the input where the route wants it: in the path, in the query, or
// in the body.
func (p *replay) request(o *contract.Operation, route *naming.Path, input map[string]any) request {
	values := map[string]any{}
	if o.Input != nil {
		_ = json.Unmarshal(o.Input.JSON(p.own(o.Input, input)), &values)
	} else if o.Aggregate != nil {
		values["id"] = fmt.Sprint(input[o.Aggregate.ID.Name]) + p.suffix
	}
	path := route.Path
	for _, w := range naming.Wildcards(path) {
		path = strings.ReplaceAll(path, "{"+w+"}", url.PathEscape(fmt.Sprint(values[w])))
		delete(values, w)
	}
	if route.Method == http.MethodGet && len(values) > 0 {
		query := url.Values{}
		for name, v := range values {
			query.Set(name, fmt.Sprint(v))
		}
		return request{route: route.Method + " " + path + "?" + query.Encode()}
	}
	body, _ := json.Marshal(values)
	if route.Method == http.MethodGet {
		body = nil
	}
	return request{route: route.Method + " " + path, body: string(body)}
}

// own is a value with ids of the scenario.
func (p *replay) own(s *contract.Schema, v any) any {
	switch v := v.(type) {
	case string:
		if s.Kind == contract.ID {
			return v + p.suffix
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = p.own(s.Items, v[i])
		}
		return out
	case map[string]any:
		out := maps.Clone(v)
		for _, f := range s.Fields {
			if x, ok := out[f.Model.Name]; ok && x != nil {
				out[f.Model.Name] = p.own(f.Schema, x)
			}
		}
		return out
	}
	return v
}
