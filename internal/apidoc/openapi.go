package apidoc

import (
	"encoding/json"

	"github.com/esgen/esgen/internal/quote"
)

// OpenAPI is the part of OpenAPI 3.1 that the documents need
// (https://spec.openapis.org/oas/v3.1.1).
type OpenAPI struct {
	Version    string                `json:"openapi"`
	Info       Info                  `json:"info"`
	Servers    []Server              `json:"servers,omitempty"`
	Security   []map[string][]string `json:"security,omitempty"` // of all operations
	Tags       []Tag                 `json:"tags,omitempty"`
	Paths      Map[any]              `json:"paths"` // a PathItem, or a Reference to one
	Components Components            `json:"components"`
	// Besides are answers of the gateway itself, whatever is asked of it.
	Besides Map[*Response] `json:"x-besides,omitempty"`
}

// Info says what a document is about, of OpenAPI and AsyncAPI.
type Info struct {
	Title       quote.Text     `json:"title"`
	Version     string         `json:"version"`
	Description quote.Markdown `json:"description,omitempty"`
	Contact     *Contact       `json:"contact,omitempty"`
	Tags        []Tag          `json:"tags,omitempty"` // of AsyncAPI
}

// Contact is whom to ask.
type Contact struct {
	Name quote.Text `json:"name"`
}

// Server is where a service answers.
type Server struct {
	URL         string         `json:"url"`
	Description quote.Markdown `json:"description,omitempty"`
}

// Tag names a group.
type Tag struct {
	Name        string         `json:"name"`
	Description quote.Markdown `json:"description,omitempty"`
}

// PathItem is what a path answers, by method in lower case.
type PathItem = Map[*PathOperation]

// Reference leads to another place of the document, or to one of another document.
type Reference struct {
	Ref string `json:"$ref"`
}

// PathOperation is a request and its answers.
type PathOperation struct {
	Tags        []string       `json:"tags,omitempty"`
	ID          string         `json:"operationId"`
	Summary     quote.Text     `json:"summary,omitempty"`
	Description quote.Markdown `json:"description,omitempty"`
	Deprecated  bool           `json:"deprecated,omitempty"` // it is answered at another path as well, by the name it has now
	Parameters  []*Parameter   `json:"parameters,omitempty"`
	Body        *RequestBody   `json:"requestBody,omitempty"`
	// Security is that of the document; of what needs no token, an empty list.
	Security  *[]map[string][]string `json:"security,omitempty"`
	Responses Map[*Response]         `json:"responses"`
	Roles     []string               `json:"x-roles,omitempty"`     // of those who may: one of them
	Consumers []string               `json:"x-consumers,omitempty"` // who of the system relies on it
}

// Parameter is a part of the path, a parameter of the query or a header.
type Parameter struct {
	Ref         string          `json:"$ref,omitempty"`
	Name        string          `json:"name,omitempty"`
	In          string          `json:"in,omitempty"`
	Description quote.Markdown  `json:"description,omitempty"`
	Required    bool            `json:"required,omitempty"`
	Style       string          `json:"style,omitempty"`
	Explode     *bool           `json:"explode,omitempty"`
	Schema      *Schema         `json:"schema,omitempty"`
	Example     json.RawMessage `json:"example,omitempty"`
}

// RequestBody is what is sent.
type RequestBody struct {
	Description quote.Markdown  `json:"description,omitempty"`
	Required    bool            `json:"required,omitempty"`
	Content     Map[*MediaType] `json:"content"`
}

// MediaType is a body in one notation.
type MediaType struct {
	Schema  *Schema         `json:"schema"`
	Example json.RawMessage `json:"example,omitempty"`
}

// Response is an answer.
type Response struct {
	Ref         string          `json:"$ref,omitempty"`
	Description quote.Markdown  `json:"description,omitempty"`
	Headers     Map[*Header]    `json:"headers,omitempty"`
	Content     Map[*MediaType] `json:"content,omitempty"`
}

// Header is a header of an answer.
type Header struct {
	Ref         string         `json:"$ref,omitempty"`
	Description quote.Markdown `json:"description,omitempty"`
	Required    bool           `json:"required,omitempty"`
	Schema      *Schema        `json:"schema,omitempty"`
}

// Components are what operations refer to.
type Components struct {
	Schemas    Map[*Schema]         `json:"schemas,omitempty"`
	Responses  Map[*Response]       `json:"responses,omitempty"`
	Parameters Map[*Parameter]      `json:"parameters,omitempty"`
	Headers    Map[*Header]         `json:"headers,omitempty"`
	Security   Map[*SecurityScheme] `json:"securitySchemes,omitempty"`
}

// SecurityScheme is how a request says who asks.
type SecurityScheme struct {
	Type        string         `json:"type"`
	Scheme      string         `json:"scheme,omitempty"`
	Format      string         `json:"bearerFormat,omitempty"`
	Description quote.Markdown `json:"description,omitempty"`
}
