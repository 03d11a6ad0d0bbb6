// Package schema writes the language as JSON Schema (2020-12), for the
// completion and validation that editors offer.
//
// A schema knows shapes only: keys, kinds of values, words to choose from. What
// names mean and what expressions are about is for check to say.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/esgen/esgen/model"
)

// Document is the schema of a document, as indented JSON.
func Document() ([]byte, error) { return of(model.Language()) }

// Included is the schema of a file that a document includes, as indented JSON.
func Included() ([]byte, error) { return of(model.IncludedFile()) }

func of(c *model.Construct) ([]byte, error) {
	w := &writer{defs: map[string]*Schema{}}
	root := w.construct(c)
	root.Dialect = "https://json-schema.org/draft/2020-12/schema"
	root.Defs = w.defs
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(root)
	return out.Bytes(), err
}

// Schema holds the keywords that are needed, in the order they are read best.
type Schema struct {
	Dialect     string             `json:"$schema,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        any                `json:"type,omitempty"` // a word, or a list of them
	Enum        []any              `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"` // of strings
	Minimum     *int               `json:"minimum,omitempty"` // of numbers
	AnyOf       []*Schema          `json:"anyOf,omitempty"`
	Items       *Schema            `json:"items,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Properties  properties         `json:"properties,omitempty"`
	Others      any                `json:"additionalProperties,omitempty"` // a *Schema, or false
	Defs        map[string]*Schema `json:"$defs,omitempty"`
}

// properties are the keys of a map in the order of the language, which is the
// order editors offer them in.
type properties []property

type property struct {
	name   string
	schema *Schema
}

// MarshalJSON writes an object in order.
func (ps properties) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, p := range ps {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(p.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p.schema)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// writer turns shapes into schemas; each construct becomes one definition.
type writer struct {
	defs map[string]*Schema
}

// ref defines a construct and refers to it. Two constructs of one name that
// differ get a number.
func (w *writer) ref(c *model.Construct) *Schema {
	s := w.construct(c)
	name := c.Name
	for i := 2; w.defs[name] != nil && !reflect.DeepEqual(w.defs[name], s); i++ {
		name = fmt.Sprintf("%s-%d", c.Name, i)
	}
	w.defs[name] = s
	return &Schema{Ref: "#/$defs/" + name}
}

// construct is the schema of a construct's map.
func (w *writer) construct(c *model.Construct) *Schema {
	s := &Schema{Title: c.Name, Description: c.Doc, Type: "object", Others: false}
	own := map[string]bool{}
	add := func(k model.Key) {
		value := w.shape(&k.Shape)
		value.Title, value.Description = k.Name, k.Doc
		s.Properties = append(s.Properties, property{k.Name, value})
		own[k.Name] = true
		if k.Required {
			s.Required = append(s.Required, k.Name)
		}
	}
	for _, k := range c.Keys {
		add(k)
	}
	for _, k := range model.NoteKeys() {
		if !own[k.Name] {
			add(k)
		}
	}
	return s
}

// text is what YAML may make of a text: the language reads 01 and true as they
// stand, YAML takes them for a number and a truth value.
var text = []string{"string", "number", "boolean"}

// shape is the schema of what may stand in a place. An empty value, which YAML
// takes for null, is a fault but where nothing is as good as an empty list.
func (w *writer) shape(s *model.Shape) *Schema {
	switch s.Kind {
	case model.TypeShape:
		return &Schema{Type: "string"}
	case model.NumberShape:
		return &Schema{Type: []string{"integer", "string"}, Pattern: "^[0-9]+$", Minimum: new(int)}
	case model.DurationShape:
		return &Schema{Type: "string", Pattern: "^([0-9]+(d|h|m|s|ms|us))+$"}
	case model.RouteShape:
		return &Schema{Type: "string", Pattern: "^(GET|POST|PUT|PATCH|DELETE) /"}
	case model.ChoiceShape:
		return &Schema{Enum: words(s.Values)}
	case model.ListShape:
		return &Schema{Type: []string{"array", "null"}, Items: w.shape(s.Of)}
	case model.OneOrMoreShape:
		return &Schema{AnyOf: []*Schema{w.shape(s.Of), {Type: "array", Items: w.shape(s.Of)}}}
	case model.MapShape:
		return w.mapOrShort(s.Construct)
	case model.NamesShape:
		node := &Schema{AnyOf: []*Schema{w.mapOrShort(s.Construct), {Type: "null"}}}
		return &Schema{Type: []string{"object", "array", "null"}, Others: node, Items: &Schema{Type: text}}
	case model.AssignShape:
		return &Schema{Type: "object", Others: assigned()}
	case model.KeysShape:
		return &Schema{Type: append([]string{"object"}, text...), Others: assigned()}
	case model.EntriesShape:
		return &Schema{Type: "object", Others: w.shape(s.Of)}
	case model.EitherShape:
		either := &Schema{}
		for i := range s.Any {
			either.AnyOf = append(either.AnyOf, w.shape(&s.Any[i]))
		}
		return either
	case model.PlainShape:
		return &Schema{Type: append([]string{"object", "array", "null"}, text...)}
	case model.AnythingShape:
		return &Schema{Type: append([]string{"object", "array"}, text...)}
	}
	return &Schema{Type: text}
}

// assigned is an expression that gives a value; null clears.
func assigned() *Schema { return &Schema{Type: append([]string{"null"}, text...)} }

// mapOrShort is a construct's map, or what may be written in place of it.
func (w *writer) mapOrShort(c *model.Construct) *Schema {
	node := w.ref(c)
	if c.Short == nil {
		return node
	}
	return &Schema{AnyOf: []*Schema{w.shape(c.Short), node}}
}

// words are the words of a choice; YAML takes true and false for no words.
func words(texts []string) []any {
	var out []any
	for _, t := range texts {
		if t == "true" || t == "false" {
			out = append(out, t == "true")
		}
		out = append(out, t)
	}
	return out
}
