package apidoc

import (
	"encoding/json"

	"github.com/esgen/esgen/internal/quote"
)

// Schema is the part of JSON Schema 2020-12 that the documents need
// (https://json-schema.org/draft/2020-12). Only the order of the members is
// ours; that, and the names that begin with "x-":
//
//	x-pii       personal data
//	x-enciphered the fields that only the own context of an event can read
//	x-check     conditions of the model, in CEL over value, that JSON Schema cannot say
//	x-refers-to the aggregate whose id it is
type Schema struct {
	Dialect     string            `json:"$schema,omitempty"`
	ID          string            `json:"$id,omitempty"`
	Ref         string            `json:"$ref,omitempty"`
	AllOf       []*Schema         `json:"allOf,omitempty"`
	AnyOf       []*Schema         `json:"anyOf,omitempty"`
	Title       quote.Text        `json:"title,omitempty"`
	Description quote.Markdown    `json:"description,omitempty"`
	Type        any               `json:"type,omitempty"` // a name, or a list of names
	Format      string            `json:"format,omitempty"`
	Const       any               `json:"const,omitempty"`
	Enum        []string          `json:"enum,omitempty"`
	Pattern     string            `json:"pattern,omitempty"`
	MinLength   *int64            `json:"minLength,omitempty"`
	MaxLength   *int64            `json:"maxLength,omitempty"`
	Minimum     *int64            `json:"minimum,omitempty"`
	Maximum     *int64            `json:"maximum,omitempty"`
	MinItems    *int64            `json:"minItems,omitempty"`
	MaxItems    *int64            `json:"maxItems,omitempty"`
	Items       *Schema           `json:"items,omitempty"`
	Properties  Map[*Schema]      `json:"properties,omitempty"`
	Required    []string          `json:"required,omitempty"`
	Additional  any               `json:"additionalProperties,omitempty"` // false, or the schema of the values of a map
	Default     json.RawMessage   `json:"default,omitempty"`
	Examples    []json.RawMessage `json:"examples,omitempty"`
	PII         bool              `json:"x-pii,omitempty"`
	Enciphered  []string          `json:"x-enciphered,omitempty"`
	Check       []string          `json:"x-check,omitempty"`
	RefersTo    string            `json:"x-refers-to,omitempty"`
	Defs        Map[*Schema]      `json:"$defs,omitempty"`
}

func number(n int64) *int64 { return &n }
