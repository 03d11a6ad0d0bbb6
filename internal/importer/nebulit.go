package importer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// nebulit is an event model of Nebulit: slices with their elements.
type nebulit struct {
	Slices []struct {
		Title      string
		Commands   []nebulitElement
		Events     []nebulitElement
		ReadModels []nebulitElement `json:"readmodels"`
		Processors []nebulitElement
		Screens    []nebulitElement
		Tables     []nebulitElement
		Specs      []nebulitSpec `json:"specifications"`
	}
	Actors []struct{ Name string }
}

type nebulitElement struct {
	ID, Title, Description  string
	Type, Context           string
	Aggregate, ModelContext string
	CreatesAggregate        bool
	Fields                  []struct {
		Name, Type, Cardinality string
		IDAttribute             bool `json:"idAttribute"`
	}
	Dependencies []struct{ ID, Type, ElementType string }
}

// nebulitSpec is an example of what happens.
type nebulitSpec struct {
	Title             string
	Given, When, Then []nebulitStep
	Comments          []struct{ Description string }
}

type nebulitStep struct {
	Title, LinkedID string
	Index           int
	Fields          []struct{ Name, Example string }
}

// Nebulit reads an event model of Nebulit (config.json of its modelling kit).
func Nebulit(data []byte) (*Sketch, error) {
	var file nebulit
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("nebulit: %w", err)
	}
	r := nebulitReader{sketch: &Sketch{}, areas: map[string]bool{}, aggregates: map[string]bool{}}
	for _, a := range file.Actors {
		r.sketch.Notes = append(r.sketch.Notes, &Note{ID: "actor:" + a.Name, Kind: board.Actor, Text: a.Name})
	}
	for _, s := range file.Slices {
		for _, e := range s.Commands {
			r.element(board.Command, &e, s.Title)
		}
		for _, e := range s.Events {
			r.element(board.Event, &e, s.Title)
		}
		for _, e := range s.ReadModels {
			r.element(board.View, &e, s.Title)
		}
		for _, e := range s.Processors {
			r.element(board.Policy, &e, s.Title)
		}
		for _, e := range s.Screens {
			r.sketch.Left = append(r.sketch.Left, fmt.Sprintf("screen %q of %s", short(e.Title), short(s.Title)))
		}
		for _, e := range s.Tables {
			r.sketch.Left = append(r.sketch.Left, fmt.Sprintf("table %q of %s", short(e.Title), short(s.Title)))
		}
	}
	for _, s := range file.Slices {
		for _, x := range s.Specs {
			r.sketch.Examples = append(r.sketch.Examples, x.example(s.Title))
		}
	}
	return r.sketch, nil
}

func (x *nebulitSpec) example(slice string) *Example {
	out := &Example{Name: cmp.Or(plain(x.Title), slice)}
	for _, c := range x.Comments {
		out.Name = plain(out.Name + ": " + c.Description)
	}
	for _, part := range []struct {
		from *[]nebulitStep
		to   *[]Saying
	}{{&x.Given, &out.Given}, {&x.When, &out.When}, {&x.Then, &out.Then}} {
		slices.SortStableFunc(*part.from, func(a, b nebulitStep) int { return cmp.Compare(a.Index, b.Index) })
		for _, s := range *part.from {
			say := Saying{Note: s.LinkedID, Text: s.Title, Values: map[string]any{}}
			for _, f := range s.Fields {
				if f.Example != "" {
					say.Values[f.Name] = exampleValue(f.Example)
				}
			}
			*part.to = append(*part.to, say)
		}
	}
	return out
}

// exampleValue is what a text is: a number, true or false, or a text.
func exampleValue(text string) any {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	return v
}

type nebulitReader struct {
	sketch            *Sketch
	areas, aggregates map[string]bool
}

func (r *nebulitReader) element(kind board.Kind, e *nebulitElement, slice string) {
	area := cmp.Or(e.ModelContext, e.Aggregate)
	abroad := kind == board.Event && strings.EqualFold(e.Context, "EXTERNAL") // it happens elsewhere
	if abroad {
		area, e.Aggregate = "", ""
	}
	if area != "" && !r.areas[area] {
		r.areas[area] = true
		r.sketch.Areas = append(r.sketch.Areas, &Area{ID: area, Text: area})
	}
	n := &Note{ID: e.ID, Kind: kind, Text: e.Title, About: e.Description, Area: area, Apart: abroad, Creates: kind == board.Command && e.CreatesAggregate}
	if kind == board.Policy && strings.EqualFold(e.Title, "automation") {
		n.Text = strings.TrimPrefix(slice, "slice: ") // all of them are called so
	}
	if a := e.Aggregate; a != "" && kind != board.View && kind != board.Policy {
		n.Of = "aggregate:" + area + "/" + a
		if !r.aggregates[n.Of] {
			r.aggregates[n.Of] = true
			r.sketch.Notes = append(r.sketch.Notes, &Note{ID: n.Of, Kind: board.Aggregate, Text: a, Area: area})
		}
	}
	for _, f := range e.Fields {
		if f.Name == "aggregateId" { // which every command and event has
			continue
		}
		form := ""
		if strings.EqualFold(f.Cardinality, "List") {
			form = "list"
		}
		n.Fields = unite(n.Fields, fieldOf(f.Name, f.Type, form, f.IDAttribute))
	}
	r.sketch.Notes = append(r.sketch.Notes, n)
	for _, d := range e.Dependencies {
		a := Arrow{e.ID, d.ID}
		if d.Type == "INBOUND" {
			a = Arrow{d.ID, e.ID}
		}
		if d.ElementType != "SCREEN" && !slices.Contains(r.sketch.Arrows, a) { // most are told by both ends
			r.sketch.Arrows = append(r.sketch.Arrows, a)
		}
	}
}
