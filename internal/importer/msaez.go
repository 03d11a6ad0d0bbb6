package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// msaez is a board of MSAEz (github.com/msa-ez/platform): maps by id whose values may
// be null.
type msaez struct {
	Elements  map[string]*msaezElement  `json:"elements"`
	Relations map[string]*msaezRelation `json:"relations"`
	Name      string                    `json:"name"`
}

type msaezElement struct {
	Type        string       `json:"_type"`
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	DisplayName string       `json:"displayName"`
	Description string       `json:"description"`
	Fields      []msaezField `json:"fieldDescriptors"`
	View        struct {
		X, Y, Width, Height float64 // x and y are those of its middle
	} `json:"elementView"`
	Context struct{ ID string } `json:"boundedContext"`
	Of      struct{ ID string } `json:"aggregate"`
	Saga    bool                `json:"isSaga"`
	Query   []msaezField        `json:"queryParameters"`
	// REST says that a command is what the method says of the aggregate.
	REST     bool                    `json:"isRestRepository"`
	RESTInfo struct{ Method string } `json:"restRepositoryInfo"`
	Examples json.RawMessage         `json:"examples"`
	Creates  json.RawMessage         `json:"createRules"`
	Updates  json.RawMessage         `json:"updateRules"`
	Deletes  json.RawMessage         `json:"deleteRules"`
	Root     struct {
		Fields   []msaezField    `json:"fieldDescriptors"`
		Entities json.RawMessage `json:"entities"`
	} `json:"aggregateRoot"`
}

type msaezField struct {
	Name, NameCamelCase, ClassName string
	IsKey, IsList                  bool
}

// msaezRelation leads from one element to another. What it holds of them besides is
// of an earlier day.
type msaezRelation struct{ From, To string }

// msaezKinds are the last words of the types of elements.
var msaezKinds = map[string]board.Kind{
	"Aggregate": board.Aggregate, "Command": board.Command, "Event": board.Event, "Policy": board.Policy, "View": board.View,
	"Actor": board.Actor, "External": board.External, "Issue": board.Hotspot, "Text": "",
}

// MSAEz reads a board of MSAEz.
func MSAEz(data []byte) (*Sketch, error) {
	var whole struct {
		msaez
		Value *msaez `json:"value"`
	}
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, fmt.Errorf("msaez: %w", err)
	}
	b := &whole.msaez
	if b.Elements == nil && whole.Value != nil {
		b = whole.Value
	}
	s := &Sketch{Title: b.Name}
	ids := make([]string, 0, len(b.Elements))
	for id, e := range b.Elements {
		if e != nil {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(x, y string) int { return byPlace(b.Elements[x].box(), b.Elements[y].box(), x, y) })
	for _, id := range ids {
		b.Elements[id].sketch(s, id)
	}
	for _, id := range ids {
		b.examples(s, b.Elements[id], ids)
		b.rules(s, id, ids)
	}
	arrows := make([]string, 0, len(b.Relations))
	for id, r := range b.Relations {
		if r != nil {
			arrows = append(arrows, id)
		}
	}
	slices.Sort(arrows)
	for _, id := range arrows {
		s.Arrows = append(s.Arrows, Arrow{b.Relations[id].From, b.Relations[id].To})
	}
	return s, nil
}

// byPlace orders what lies on a board as one reads it.
func byPlace(a, b *board.Box, x, y string) int {
	switch {
	case a.Y != b.Y:
		return a.Y - b.Y
	case a.X != b.X:
		return a.X - b.X
	}
	return strings.Compare(x, y)
}

func (e *msaezElement) box() *board.Box {
	v := e.View
	return &board.Box{X: pixels(v.X - v.Width/2), Y: pixels(v.Y - v.Height/2), W: pixels(v.Width), H: pixels(v.Height)}
}

// pixels is a whole number of them, of what may be anything.
func pixels(f float64) int {
	if f > 1e8 || f < -1e8 || f != f { //nolint:gocritic // NaN is not itself
		return 0
	}
	return int(f)
}

func (e *msaezElement) sketch(s *Sketch, id string) {
	kind := e.Type[strings.LastIndexByte(e.Type, '.')+1:]
	if kind == "BoundedContext" {
		s.Areas = append(s.Areas, &Area{ID: id, Text: e.Name, Title: e.DisplayName, Box: e.box()})
		return
	}
	k, known := msaezKinds[kind]
	if !known {
		s.Left = append(s.Left, fmt.Sprintf("%s %q", kind, short(e.Name)))
		return
	}
	if k == board.Policy && e.Saga {
		k = board.Saga
	}
	n := &Note{ID: id, Kind: k, Text: e.Name, Title: e.DisplayName, About: e.Description, Box: e.box(), Area: e.Context.ID, Of: e.Of.ID}
	fields := e.Fields
	switch k {
	case board.Aggregate:
		fields = e.Root.Fields
		e.types(s, id)
	case board.View:
		if len(e.Query) > 0 {
			fields = e.Query
		}
	}
	for _, f := range fields {
		n.Fields = unite(n.Fields, f.field())
	}
	n.Creates = k == board.Command && e.REST && strings.EqualFold(e.RESTInfo.Method, "POST")
	s.Notes = append(s.Notes, n)
}

// msaezRule says what an event does to a view; one without an event is a form that
// nobody has filled in.
type msaezRule struct {
	When *struct{ ID, Name string }
	Set  []msaezMapping `json:"fieldMapping"`
	Only []msaezMapping `json:"where"`
}

type msaezMapping struct {
	View     *struct{ Name string } `json:"viewField"`
	Event    *struct{ Name string } `json:"eventField"`
	Operator string
}

// rules are what a view says about its events.
func (b *msaez) rules(s *Sketch, id string, ids []string) {
	e := b.Elements[id]
	at := slices.IndexFunc(s.Notes, func(n *Note) bool { return n.ID == id && n.Kind == board.View })
	for i, data := range []json.RawMessage{e.Creates, e.Updates, e.Deletes} {
		var list []msaezRule
		if len(data) > 0 && json.Unmarshal(data, &list) != nil {
			s.Left = append(s.Left, "rules of "+short(e.Name)+": they cannot be read")
		}
		for _, r := range list {
			if r.When == nil || at < 0 {
				continue
			}
			event := r.When.ID
			if b.Elements[event] == nil {
				event = b.called("Event", r.When.Name, ids)
			}
			s.Notes[at].Rules = append(s.Notes[at].Rules, Rule{Event: event, Set: assignments(r.Set), Where: assignments(r.Only), Creates: i == 0, Deletes: i == 2})
		}
	}
}

func assignments(list []msaezMapping) (out []Assignment) {
	for _, m := range list {
		if m.View == nil || m.Event == nil {
			continue
		}
		a := Assignment{To: lower(identifier(m.View.Name, "field")), From: lower(identifier(m.Event.Name, "field"))}
		if a.To == "" || a.From == "" {
			continue
		}
		if m.Operator == "+" || m.Operator == "-" {
			a.Operator = m.Operator
		}
		out = append(out, a)
	}
	return out
}

// msaezExample is one that a command has: given, when, then.
type msaezExample struct {
	Given, When, Then []struct {
		Type, Name string
		Value      map[string]any
	}
}

// examples are those of a command. They call notes by their names.
func (b *msaez) examples(s *Sketch, e *msaezElement, ids []string) {
	var list []msaezExample
	if len(e.Examples) > 0 && json.Unmarshal(e.Examples, &list) != nil {
		s.Left = append(s.Left, "examples of "+short(e.Name)+": they cannot be read")
	}
	for i, x := range list {
		out := &Example{Name: e.Name}
		if e.DisplayName != "" {
			out.Name = e.DisplayName
		}
		if len(list) > 1 {
			out.Name = fmt.Sprintf("%s %d", out.Name, i+1)
		}
		for j, from := range [][]struct {
			Type, Name string
			Value      map[string]any
		}{x.Given, x.When, x.Then} {
			to := []*[]Saying{&out.Given, &out.When, &out.Then}[j]
			for _, say := range from {
				*to = append(*to, Saying{Note: b.called(say.Type, say.Name, ids), Text: say.Name, Values: say.Value})
			}
		}
		s.Examples = append(s.Examples, out)
	}
}

// called is the first note of a type and a name; "": there is none.
func (b *msaez) called(kind, name string, ids []string) string {
	for _, id := range ids {
		e := b.Elements[id]
		if e.Name == name && e.Type[strings.LastIndexByte(e.Type, '.')+1:] == kind {
			return id
		}
	}
	return ""
}

// msaezClass is a class of the diagram that an aggregate has of its own.
type msaezClass struct {
	Type   string `json:"_type"`
	Name   string
	Title  string       `json:"displayName"`
	Fields []msaezField `json:"fieldDescriptors"`
	Items  []struct{ Value string }
	IsRoot bool `json:"isAggregateRoot"`
	IsVO   bool `json:"isVO"`
}

// types are the enums and value objects of an aggregate.
func (e *msaezElement) types(s *Sketch, id string) {
	var diagram struct{ Elements map[string]*msaezClass }
	if len(e.Root.Entities) == 0 || json.Unmarshal(e.Root.Entities, &diagram) != nil {
		if text := string(e.Root.Entities); text != "" && text != "[]" {
			s.Left = append(s.Left, "classes of "+short(e.Name)+": they cannot be read")
		}
		return
	}
	for _, key := range slices.Sorted(maps.Keys(diagram.Elements)) {
		c := diagram.Elements[key]
		switch {
		case c == nil || c.IsRoot || c.Type == "ClassGroup": // the aggregate itself, and what is drawn around it
		case strings.HasSuffix(c.Type, ".enum"), c.IsVO:
			t := &Type{Of: id, Name: c.Name, Title: c.Title}
			for _, f := range c.Fields {
				t.Fields = unite(t.Fields, f.field())
			}
			for _, v := range c.Items {
				t.Values = append(t.Values, v.Value)
			}
			s.Types = append(s.Types, t)
		default:
			s.Left = append(s.Left, fmt.Sprintf("entity %q of %s: it is not the root", short(c.Name), short(e.Name)))
		}
	}
}

func (f msaezField) field() []Field {
	form := ""
	if f.IsList {
		form = "list"
	}
	return fieldOf(f.Name, f.ClassName, form, f.IsKey)
}

// javaTypes are the types of the language for those of Java and its like.
var javaTypes = map[string]string{
	"string": "string", "text": "string", "char": "string", "textblob": "string",
	"integer": "int", "int": "int", "long": "int", "short": "int",
	"double": "decimal", "float": "decimal", "bigdecimal": "decimal", "decimal": "decimal", "money": "decimal", "number": "decimal",
	"boolean": "bool", "bool": "bool",
	"date": "date", "localdate": "date",
	"instant": "time", "datetime": "time", "localdatetime": "time", "zoneddatetime": "time", "timestamp": "time",
	"duration": "duration", "uuid": "id",
}

// javaType is the type of the language for one of Java; "": there is none of its own.
func javaType(name string) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	return javaTypes[strings.ToLower(name)]
}
