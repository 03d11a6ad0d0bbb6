package oracle

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// contact is a request that reached an external system.
type contact struct {
	operation *model.Operation
	input     map[string]any
	key       string // idempotency key
}

// compareContacts compares what external systems were asked since the last time:
// of what follows from one event in one saga or policy, in which order.
func (d *duel) compareContacts(t *testing.T) {
	t.Helper()
	var ours []contact
	all := d.world.Contacts()
	for _, c := range all[d.contacts:] {
		if !c.Repeat {
			ours = append(ours, contact{c.Operation, encodeFields(c.Input, c.Operation.Input), strings.TrimPrefix(c.Key, c.Operation.External.Name+"."+c.Operation.Name+"/")})
		}
	}
	d.contacts = len(all)
	theirs := d.system.contacts(t, d.model.Externals)
	want, have := inCourses(ours, d.happenings.ofWorld, d.writer(d.same)), inCourses(theirs, d.happenings.ofSystem, d.writer(d.known))
	for _, course := range without(want, have) {
		d.judge("requests to external systems", course, "")
	}
	for _, course := range without(have, want) {
		d.judge("requests to external systems", "", course)
	}
	d.counts["requests outside"] += len(theirs)
}

// inCourses are requests in their order, together those that one saga or policy
// made because of one event: their keys say so, up to the event.
func inCourses(all []contact, events map[string]point, w writer) []string {
	courses := map[string]string{}
	for n, c := range all {
		line := fmt.Sprintf("%s.%s %s\n", c.operation.External.Name, c.operation.Name, w.object(c.input, c.operation.Input))
		if r := c.operation.HTTP; r != nil && r.Method == http.MethodGet {
			courses[line] = line // it changes nothing, has no key, and is asked again where an answer is late
			continue
		}
		parts, course := strings.Split(c.key, "/"), fmt.Sprint(n)
		if i := slices.IndexFunc(parts, func(id string) bool { _, known := events[id]; return known }); i >= 0 {
			course = strings.Join(parts[:i+1], "/")
			if courses[course] == "" {
				because := events[parts[i]]
				courses[course] = fmt.Sprintf("because of %s %s %s\n", because.aggregate.Name, w.id(because.id), because.version)
			}
		}
		courses[course] += line
	}
	var out []string
	for _, course := range courses {
		out = append(out, course)
	}
	slices.Sort(out)
	return out
}

// without are the lines of a list that another does not have, as often.
func without(list, other []string) (out []string) {
	left := map[string]int{}
	for _, line := range other {
		left[line]++
	}
	for _, line := range list {
		if left[line]--; left[line] < 0 {
			out = append(out, line)
		}
	}
	return out
}

// contacts are the requests to external systems since the last time, each once
// however often it was tried.
func (s *system) contacts(t *testing.T, externals []*model.External) []contact {
	t.Helper()
	if s.Standins() == "" {
		return nil
	}
	operations := map[string]*model.Operation{}
	for _, x := range externals {
		for _, op := range x.Operations {
			operations[names.Of(&x.Node).Go+"."+names.Of(&op.Node).JSON] = op
		}
	}
	a, err := s.ask(t.Context(), http.MethodGet, s.Standins()+"/_calls", http.Header{}, nil)
	calls, ok := a.body["calls"].([]any)
	if err != nil || !ok {
		t.Fatalf("calls of external systems: %v %d %v", err, a.status, a.body)
	}
	var out []contact
	for _, call := range calls {
		told, _ := call.(map[string]any)
		escaped, _ := told["key"].(string)
		key, err := url.PathUnescape(escaped)
		if err != nil {
			t.Fatal(err)
		}
		once := fmt.Sprint(told["external"], told["operation"], key)
		if key == "" {
			once = fmt.Sprint(told["external"], told["operation"], told["at"], told["input"])
		}
		if s.asked[once] {
			continue
		}
		s.asked[once] = true
		input, _ := told["input"].(map[string]any)
		out = append(out, contact{operations[fmt.Sprint(told["external"], ".", told["operation"])], input, key})
	}
	return out
}
