package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// JSON is the table as a file has it: a line for each scenario. What requests have
// in common is told once, and what an expectation says of itself is not told again.
func (t Table) JSON() ([]byte, error) {
	var requests requests
	scenarios := make([]Scenario, len(t.Scenarios))
	for i, s := range t.Scenarios {
		s.Steps = slices.Clone(s.Steps)
		for j := range s.Steps {
			s.Steps[j].shorten(&requests)
		}
		scenarios[i] = s
	}
	services, err := json.Marshal(t.Services)
	asked, wrong := lines(requests.list)
	history, bad := lines(t.History)
	told, worse := lines(scenarios)
	return fmt.Appendf(nil, "{\"services\":%s,\"requests\":%s,\"history\":%s,\"scenarios\":%s}\n", services, asked, history, told),
		errors.Join(requests.err, err, wrong, bad, worse)
}

// lines is a list with a line for each item.
func lines[T any](list []T) (string, error) {
	out := make([]string, len(list))
	var errs []error
	for i, x := range list {
		line, err := json.Marshal(x)
		out[i] = string(line)
		errs = append(errs, err)
	}
	return "[\n" + strings.Join(out, ",\n") + "\n]", errors.Join(errs...)
}

// Read reads what JSON wrote.
func Read(data []byte) (Table, error) {
	var file struct {
		Table
		Requests []When `json:"requests"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return Table{}, err
	}
	for _, s := range file.Scenarios {
		for i := range s.Steps {
			if err := s.Steps[i].complete(file.Requests); err != nil {
				return Table{}, fmt.Errorf("%s: %w", s.Name, err)
			}
		}
	}
	return file.Table, nil
}

// requests are those of a table, each once.
type requests struct {
	list  []When
	known map[string]int // by their JSON
	err   error
}

// number is which of the requests one is.
func (r *requests) number(w When) int {
	text, err := json.Marshal(w)
	r.err = errors.Join(r.err, err)
	n, there := r.known[string(text)]
	if !there {
		if r.known == nil {
			r.known = map[string]int{}
		}
		n = len(r.list)
		r.known[string(text)], r.list = n, append(r.list, w)
	}
	return n
}

// request is what a request has in common with others.
func (w When) request() When {
	return When{Does: w.Does, Service: w.Service, Inside: w.Inside, Method: w.Method, Roles: w.Roles, Events: w.Events, Instance: w.Instance, Single: w.Single}
}

// shorten leaves out of a step what a file has elsewhere.
func (s *Step) shorten(requests *requests) {
	if s.When != nil {
		n := requests.number(s.When.request())
		s.When = &When{At: s.When.At, Asks: &n, Path: s.When.Path, Body: s.When.Body, Subject: s.When.Subject, Claims: s.When.Claims, Makes: s.When.Makes, Tells: s.When.Tells}
	}
	if s.Then != nil {
		then := *s.Then
		then.Happened = shortened(then.Happened)
		s.Then = &then
	}
	s.Eventually = shortened(s.Eventually)
}

// shortened leaves out the texts that are as expectations have them anyway.
func shortened(list []Expectation) []Expectation {
	out := slices.Clone(list)
	for i, x := range out {
		if sameWords(x.Text, x.says()) {
			out[i].Text = ""
		}
	}
	return out
}

// complete is the inverse of shorten.
func (s *Step) complete(requests []When) error {
	if s.When != nil && s.When.Asks != nil {
		n := *s.When.Asks
		if n < 0 || n >= len(requests) {
			return fmt.Errorf("there is no request %d", n)
		}
		r, w := requests[n], *s.When
		r.At, r.Path, r.Body, r.Subject, r.Claims, r.Makes, r.Tells = w.At, w.Path, w.Body, w.Subject, w.Claims, w.Makes, w.Tells
		s.When = &r
	}
	lists := [][]Expectation{s.Eventually}
	if s.Then != nil {
		lists = append(lists, s.Then.Happened)
	}
	for _, list := range lists {
		for i, x := range list {
			if x.Text == "" {
				list[i].Text = x.says()
			}
		}
	}
	return nil
}

// says is an expectation as the model has it, where that calls things as the system
// does.
func (x *Expectation) says() string {
	var text string
	switch {
	case x.Event != "":
		text = x.Event[strings.LastIndexByte(x.Event, '.')+1:]
	case x.State != nil:
		text = x.State.Name
	case x.Called != nil:
		text = x.name()
	case x.View != nil:
		return "" // which is called otherwise in paths
	}
	if len(x.With) > 0 {
		text += " " + x.With.String()
	}
	switch {
	case x.Times == nil:
	case *x.Times == 0:
		text += " never"
	case *x.Times == 1:
		text += " once"
	default:
		text += fmt.Sprintf(" %d times", *x.Times)
	}
	return text
}

// sameWords tells of texts that differ in the order of what they say.
func sameWords(a, b string) bool {
	words := func(text string) []string {
		list := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,{}", r) })
		slices.Sort(list)
		return list
	}
	return slices.Equal(words(a), words(b))
}
