package compat

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/source"
)

// Pact is a Pact file: what a consumer has written down that it relies on.
type Pact struct {
	Path         string
	Consumer     string // names are those of files: contexts and actors in kebab-case
	Provider     string
	Expectations []Expectation
}

// Expectation is an interaction of a Pact file, as far as a model can be held
// against it.
type Expectation struct {
	Description   string
	By            string // what relies on it
	Request       *ExpectedRequest
	Order         map[string]any // of a message that is answered by one: what is asked, with OrderMetadata
	OrderMetadata map[string]any
	Status        int            // of the response
	Response      map[string]any // its body; nil: not looked at
	Metadata      map[string]any // of a message
	Contents      map[string]any // of a message; nil: it is none
	text          string         // the whole of it, to be compared
}

// ExpectedRequest is what a consumer asks.
type ExpectedRequest struct {
	Method, Path string
	Body         map[string]any // nil: none
}

// ReadPacts reads the Pact files below a directory: those in directories called
// pacts, as generated trees have them, and those at its top.
func ReadPacts(files fs.FS) ([]Pact, error) {
	var out []Pact
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		dir := path.Dir(name)
		if err != nil || d.IsDir() || path.Ext(name) != ".json" || dir != "." && path.Base(dir) != "pacts" {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		p, err := readPact(name, data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if p != nil {
			out = append(out, *p)
		}
		return nil
	})
	return out, err
}

// file is a Pact file as versions 3 and 4 of the specification have it
// (https://github.com/pact-foundation/pact-specification).
type file struct {
	Consumer     struct{ Name string }
	Provider     struct{ Name string }
	Interactions []json.RawMessage
	Messages     []json.RawMessage // of version 3
}

type interaction struct {
	Description string
	Comments    struct{ Text []string }
	Request     *struct {
		Method, Path string
		Body         json.RawMessage
		message      // of one that is answered by a message
	}
	Response json.RawMessage // a response, or the messages that answer
	message
}

type message struct {
	Contents json.RawMessage
	Metadata map[string]any
}

type response struct {
	Status int
	Body   json.RawMessage
}

// readPact reads a file; nil: it is JSON, and no Pact.
func readPact(name string, data []byte) (*Pact, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if f.Consumer.Name == "" || f.Provider.Name == "" {
		return nil, nil
	}
	p := &Pact{Path: name, Consumer: f.Consumer.Name, Provider: f.Provider.Name}
	for _, raw := range slices.Concat(f.Interactions, f.Messages) {
		var i interaction
		if err := json.Unmarshal(raw, &i); err != nil {
			return nil, err
		}
		e, err := i.expectation(string(raw))
		if err != nil {
			return nil, err
		}
		p.Expectations = append(p.Expectations, e)
	}
	return p, nil
}

func (i interaction) expectation(raw string) (Expectation, error) {
	e := Expectation{Description: i.Description, By: strings.Join(i.Comments.Text, ", "), Metadata: i.Metadata, text: raw}
	switch {
	case i.Request == nil:
		e.Contents = object(i.Contents)
	case i.Request.Contents != nil:
		var answers []message
		if err := json.Unmarshal(i.Response, &answers); err != nil || len(answers) == 0 {
			return e, fmt.Errorf("%q: a message that asks has messages that answer in its response", i.Description)
		}
		e.Order, e.OrderMetadata = object(i.Request.Contents), i.Request.Metadata
		e.Contents, e.Metadata = object(answers[0].Contents), answers[0].Metadata
	default:
		e.Request = &ExpectedRequest{i.Request.Method, i.Request.Path, object(i.Request.Body)}
		if i.Response == nil {
			break
		}
		var r response
		if err := json.Unmarshal(i.Response, &r); err != nil {
			return e, err
		}
		e.Status, e.Response = r.Status, object(r.Body)
	}
	return e, nil
}

// object is the JSON object of a body: bare, as in version 3, or in its content
// as in version 4; nil: it is none.
func object(body json.RawMessage) map[string]any {
	var out map[string]any
	if json.Unmarshal(body, &out) != nil {
		return nil
	}
	if _, ok := out["contentType"]; ok {
		content, _ := out["content"].(map[string]any)
		return content
	}
	return out
}

// Hold holds a system against what consumers have written down, without running
// it: whether there is such a request or event, with such fields. Whether it
// answers so is for the provider's contract test.
func (r *Report) Hold(pacts []Pact, is *contract.System) {
	for _, p := range pacts {
		i := slices.IndexFunc(is.Services, func(s *contract.Service) bool { return s.Name.Kebab == p.Provider })
		for _, e := range p.Expectations {
			f := Finding{Rule: BreakingPact, Verdict: Breaking, Step: Major, Consumers: []Consumer{{p.Consumer, by(p, e)}}, Pos: is.Model.Pos,
				Old: source.Pos{File: &source.File{Path: p.Path}}}
			var misses []string
			if i < 0 {
				misses = []string{"there is no context " + p.Provider}
			} else {
				f.Service, f.Pos = is.Services[i].Context.Name, is.Services[i].Context.Pos
				misses = f.expect(is.Services[i], e)
			}
			f.Why = fmt.Sprintf("%q in %s expects otherwise", e.Description, p.Path)
			for _, m := range misses {
				f.What = m
				r.include(f)
			}
		}
	}
}

// by is what relies on an expectation; nothing where that is the consumer.
func by(p Pact, e Expectation) string {
	if strings.EqualFold(e.By, p.Consumer) {
		return ""
	}
	return e.By
}

// include adds a finding, and its step.
func (r *Report) include(f Finding) {
	for i := range r.Findings {
		g := &r.Findings[i]
		if g.Rule == f.Rule && g.What == f.What && g.Service == f.Service {
			g.Consumers = joined(g.Consumers, f.Consumers)
			return
		}
	}
	r.Findings = append(r.Findings, f)
	r.System = farther(r.System, f.Step)
	for i := range r.Services {
		if r.Services[i].Service == f.Service {
			r.Services[i].Step = farther(r.Services[i].Step, f.Step)
		}
	}
}

// expect lists what a service does not keep of an expectation.
func (f *Finding) expect(s *contract.Service, e Expectation) []string {
	switch {
	case e.OrderMetadata != nil:
		return f.expectOrder(s, e)
	case e.Request == nil:
		return f.expectMessage(s, e)
	}
	o := answering(s, e.Request)
	if o == nil {
		return []string{fmt.Sprintf("nothing answers %s %s", e.Request.Method, pattern(e.Request.Path))}
	}
	f.Pos = position(o)
	var misses []string
	if e.Request.Body != nil && o.Input != nil && e.Status < 300 {
		given := naming.Wildcards(routeOf(o, e.Request).Path)
		for _, m := range misfits(o.Input, e.Request.Body) {
			misses = append(misses, fmt.Sprintf("%s does not take %s", label(o), m))
		}
		for _, field := range o.Input.Fields {
			if _, sent := e.Request.Body[field.Name]; !sent && !field.MayMiss(true) && !slices.Contains(given, field.Name) {
				misses = append(misses, fmt.Sprintf("%s wants %s", label(o), field.Name))
			}
		}
	}
	if e.Status >= 300 {
		return append(misses, refused(o, e)...)
	}
	rows, paged := e.Response["items"].([]any)
	if !paged {
		rows = []any{e.Response}
	}
	for _, row := range rows {
		row, _ := row.(map[string]any)
		for _, m := range misfits(o.Reply, added(row)) {
			misses = append(misses, fmt.Sprintf("%s does not answer %s", label(o), m))
		}
	}
	return misses
}

// added is a reply without what every reply has besides its own.
func added(row map[string]any) map[string]any {
	out := maps.Clone(row)
	for _, name := range []string{"id", "version", "_links"} {
		delete(out, name)
	}
	return out
}

// refused lists a code that a consumer looks out for and that does not come. The
// model's own begin with a capital letter; those that every service has do not
// change.
func refused(o *contract.Operation, e Expectation) []string {
	code, _ := e.Response["code"].(string)
	if code == "" || !unicode.IsUpper(rune(code[0])) || general[code] {
		return nil
	}
	for _, p := range o.Problems {
		if p.Code == code && p.Status == e.Status {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s does not refuse with %d %s", label(o), e.Status, code)}
}

// general are the codes of refusals that are no rule's.
var general = map[string]bool{
	"NotFound": true, "AlreadyExists": true, "Conflict": true, "CallChanged": true, "VersionMismatch": true,
	"KeyReused": true, "InFlight": true, "Compensated": true,
}

// expectOrder lists what a service does not keep of what a saga asks it.
func (f *Finding) expectOrder(s *contract.Service, e Expectation) []string {
	typ, _ := e.OrderMetadata["ce_type"].(string)
	topic, _ := e.OrderMetadata["kafka_topic"].(string)
	i := slices.IndexFunc(s.Operations, func(o *contract.Operation) bool {
		return o.Command != nil && naming.CommandType(o.Command) == typ && (topic == "" || naming.CommandsTopic(s.System.Model.System, s.Context) == topic)
	})
	if i < 0 {
		return []string{fmt.Sprintf("no command comes as %s on %s", typ, topic)}
	}
	o := s.Operations[i]
	f.Pos = position(o)
	asks, _ := e.Order["input"].(map[string]any)
	answers, _ := e.Contents["reply"].(map[string]any)
	var misses []string
	for _, field := range o.Input.Fields[1:] { // the first is the instance
		if _, sent := asks[field.Name]; !sent && !field.MayMiss(true) {
			misses = append(misses, fmt.Sprintf("%s wants %s", label(o), field.Name))
		}
	}
	for name, value := range asks {
		if field := o.Input.Field(name); field != nil { // else it is passed over
			for _, m := range unfit(field.Schema, name, value) {
				misses = append(misses, fmt.Sprintf("%s does not take %s", label(o), m))
			}
		}
	}
	for _, m := range misfits(o.Reply, answers) {
		misses = append(misses, fmt.Sprintf("%s does not answer %s", label(o), m))
	}
	slices.Sort(misses)
	return misses
}

func (f *Finding) expectMessage(s *contract.Service, e Expectation) []string {
	typ, _ := e.Metadata["ce_type"].(string)
	topic, _ := e.Metadata["kafka_topic"].(string)
	i := slices.IndexFunc(s.Messages, func(m *contract.Message) bool { return m.Type == typ && (topic == "" || m.Topic == topic) })
	if i < 0 {
		return []string{fmt.Sprintf("no event comes as %s on %s", typ, topic)}
	}
	m := s.Messages[i]
	f.Pos = m.Event.Pos
	var misses []string
	if version := fmt.Sprint(e.Metadata["ce_dataversion"]); e.Metadata["ce_dataversion"] != nil && version != fmt.Sprint(m.Version) {
		misses = append(misses, fmt.Sprintf("event %s is of version %d, not %s", m.Event.Name, m.Version, version))
	}
	for _, x := range misfits(m.Payload, e.Contents) {
		misses = append(misses, fmt.Sprintf("event %s does not bring %s", m.Event.Name, x))
	}
	return misses
}

// answering finds the request that a path belongs to.
func answering(s *contract.Service, r *ExpectedRequest) *contract.Operation {
	for _, o := range s.Operations {
		if routeOf(o, r) != nil {
			return o
		}
	}
	return nil
}

// routeOf is the route of an operation that a request comes by; nil: none.
func routeOf(o *contract.Operation, r *ExpectedRequest) *naming.Path {
	for _, route := range append([]*naming.Path{o.Public, o.Internal}, o.Before...) {
		if route == nil || !strings.EqualFold(route.Method, r.Method) {
			continue
		}
		want, got := strings.Split(route.Path, "/"), strings.Split(r.Path, "/")
		if slices.EqualFunc(want, got, func(w, g string) bool { return strings.HasPrefix(w, "{") || w == g }) {
			return route
		}
	}
	return nil
}

// pattern is a path as it is shown.
func pattern(p string) string { return path.Clean("/" + p) }

// misfits lists the values that a schema has no place for: "price as text".
func misfits(s *contract.Schema, values map[string]any) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		out = append(out, misfit(s.Field(name), name, values[name])...)
	}
	return out
}

func misfit(f *contract.Field, at string, value any) []string {
	if f == nil {
		return []string{at}
	}
	return unfit(f.Schema, at, value)
}

func unfit(s *contract.Schema, at string, value any) []string {
	fits := true
	switch v := value.(type) {
	case nil:
	case string:
		fits = s.Kind.IsText() || s.Kind == contract.Decimal
		if s.Kind == contract.Enum && !slices.Contains(s.Values, v) {
			return []string{fmt.Sprintf("%s as %s", at, v)}
		}
	case bool:
		fits = s.Kind == contract.Bool
	case float64:
		fits = s.Kind == contract.Int || s.Kind == contract.Decimal
	case []any:
		if fits = s.Kind == contract.List; fits && len(v) > 0 {
			return unfit(s.Items, at+"[]", v[0])
		}
	case map[string]any:
		fits = s.Kind == contract.Object || s.Kind == contract.Map
		if s.Kind == contract.Object {
			var out []string
			for _, name := range slices.Sorted(maps.Keys(v)) {
				out = append(out, misfit(s.Field(name), at+"."+name, v[name])...)
			}
			return out
		}
	}
	if !fits {
		return []string{fmt.Sprintf("%s as %s, but as %s", at, jsonWord(value), word(s))}
	}
	return nil
}

// jsonWord names the type of a JSON value.
func jsonWord(value any) string {
	switch value.(type) {
	case string:
		return "text"
	case bool:
		return "bool"
	case float64:
		return "number"
	case []any:
		return "list"
	}
	return "object"
}

// Expectations tells how two sets of Pact files differ: what consumers expect
// now that they did not, and what they expect no more.
func (r *Report) Expectations(was, is []Pact) {
	before, now := byName(was), byName(is)
	for _, key := range slices.Sorted(maps.Keys(now)) {
		n := now[key]
		switch old, known := before[key]; {
		case !known:
			r.include(n.note("expects of "+n.provider+" what it did not", "release "+n.provider+" first, if it does not do so yet"))
		case old.text != n.text:
			r.include(n.note("expects of "+n.provider+" something else", "release "+n.provider+" first, if it does not do so yet"))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, still := now[key]; !still {
			r.include(before[key].note("does not expect any more of "+before[key].provider, "it may go once nobody else expects it"))
		}
	}
}

// named is an expectation with where it stands.
type named struct {
	Expectation
	consumer, provider, path string
}

func byName(pacts []Pact) map[string]named {
	out := map[string]named{}
	for _, p := range pacts {
		for _, e := range p.Expectations {
			out[p.Consumer+"\x00"+p.Provider+"\x00"+e.Description] = named{e, p.Consumer, p.Provider, p.Path}
		}
	}
	return out
}

func (n named) note(what, why string) Finding {
	return Finding{Rule: BreakingPact, Verdict: Compatible, Step: None, What: fmt.Sprintf("%s %s: %q", n.consumer, what, n.Description), Why: why,
		Pos: source.Pos{File: &source.File{Path: n.path}}}
}
