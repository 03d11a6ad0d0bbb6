package pact

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// Load reads a Pact file. The error names the file, the interaction and the
// member in question.
func Load(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.Path = path
	return f, nil
}

// document is a Pact file. Members that nothing here looks at may be there:
// other tools write some of their own.
type document struct {
	Consumer     party         `json:"consumer"`
	Provider     party         `json:"provider"`
	Interactions []interaction `json:"interactions"`
	Messages     []interaction `json:"messages"` // version 3
}

type party struct {
	Name string `json:"name"`
}

// interaction is one of any kind and version.
type interaction struct {
	Type           Kind                       `json:"type"`
	Description    string                     `json:"description"`
	ProviderStates states                     `json:"providerStates"`
	ProviderState  string                     `json:"providerState"` // version 2
	Pending        bool                       `json:"pending"`
	Comments       map[string]json.RawMessage `json:"comments"`

	Request  *part `json:"request"`
	Response parts `json:"response"`

	// Of a message, which is no part of its own.
	part
}

// part is a request, a response or a message.
type part struct {
	Method   string          `json:"method"`
	Path     string          `json:"path"`
	Query    query           `json:"query"`
	Headers  headers         `json:"headers"`
	Status   *int            `json:"status"`
	Body     json.RawMessage `json:"body"`
	Contents json.RawMessage `json:"contents"`
	Metadata map[string]any  `json:"metadata"`
	MetaData map[string]any  `json:"metaData"` // version 3
	Rules    json.RawMessage `json:"matchingRules"`
}

// Read reads the text of a Pact file.
func Read(data []byte) (*File, error) {
	version, err := readVersion(data)
	if err != nil {
		return nil, err
	}
	var d document
	if err := unmarshal(data, &d); err != nil {
		return nil, err
	}
	f := &File{Consumer: d.Consumer.Name, Provider: d.Provider.Name}
	switch {
	case f.Consumer == "":
		return nil, errors.New("consumer.name is missing")
	case f.Provider == "":
		return nil, errors.New("provider.name is missing")
	}
	for i := range d.Messages {
		d.Messages[i].Type = Message
	}
	for n, x := range append(d.Interactions, d.Messages...) {
		i, err := x.read(version)
		if err != nil {
			return nil, fmt.Errorf("interaction %d, %q: %w", n+1, x.Description, err)
		}
		f.Interactions = append(f.Interactions, i)
	}
	return f, nil
}

// unmarshal reads one JSON value, and refuses anything behind it.
func unmarshal(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind the JSON")
	}
	return nil
}

// readVersion finds out how the file is to be read: 3 or 4. Tools have put
// the version of the specification into members of several names.
func readVersion(data []byte) (int, error) {
	type specification struct {
		Version string `json:"version"`
	}
	var d struct {
		Metadata struct {
			Specification specification `json:"pactSpecification"`
			Dashed        specification `json:"pact-specification"`
			Version       string        `json:"pactSpecificationVersion"`
		} `json:"metadata"`
	}
	if err := unmarshal(data, &d); err != nil {
		return 0, err
	}
	m := d.Metadata
	for _, version := range []string{m.Specification.Version, m.Dashed.Version, m.Version} {
		switch major, _, _ := strings.Cut(version, "."); major {
		case "":
		case "3":
			return 3, nil
		case "4":
			return 4, nil
		default:
			return 0, fmt.Errorf("metadata.pactSpecification.version is %q; versions 3 and 4 are known", version)
		}
	}
	return 0, errors.New("metadata.pactSpecification.version is missing")
}

func (x *interaction) read(version int) (*Interaction, error) {
	i := &Interaction{
		Kind: x.Type, Description: x.Description, States: x.ProviderStates,
		Pending: x.Pending, Comments: x.Comments,
	}
	if text := x.Comments["text"]; text != nil {
		lines, err := readTexts(text)
		if err != nil {
			return nil, err
		}
		i.Reason = strings.Join(lines, "; ")
	}
	if i.Kind == "" && version == 3 {
		i.Kind = HTTP
	}
	if x.ProviderState != "" && len(i.States) == 0 {
		i.States = []State{{Name: x.ProviderState}}
	}
	if i.Description == "" {
		return nil, errors.New("description is missing")
	}
	var err error
	switch i.Kind {
	case HTTP:
		if x.Request == nil || len(x.Response) != 1 {
			return nil, errors.New("request or response is missing")
		}
		if i.Request, err = x.Request.request(version); err != nil {
			return nil, fmt.Errorf("request: %w", err)
		}
		if i.Request.Method == "" || !strings.HasPrefix(i.Request.Path, "/") {
			return nil, fmt.Errorf("request: it asks %q %q; a method, and a path that begins with /, must be there", i.Request.Method, i.Request.Path)
		}
		if i.Response, err = x.Response[0].response(version); err != nil {
			return nil, fmt.Errorf("response: %w", err)
		}
	case Message:
		if i.Contents, err = x.part.message(version); err != nil {
			return nil, err
		}
	case Answer:
		if x.Request == nil || len(x.Response) != 1 {
			return nil, errors.New("request or response is missing, or there are several responses")
		}
		if i.Order, err = x.Request.message(version); err != nil {
			return nil, fmt.Errorf("request: %w", err)
		}
		if i.Contents, err = x.Response[0].message(version); err != nil {
			return nil, fmt.Errorf("response: %w", err)
		}
	default:
		return nil, fmt.Errorf("type is %q; known are %s, %s and %s", i.Kind, HTTP, Message, Answer)
	}
	return i, nil
}

func (p *part) request(version int) (*Request, error) {
	r := &Request{Method: strings.ToUpper(p.Method), Path: p.Path, Query: url.Values(p.Query), Header: http.Header(p.Headers)}
	var err error
	if r.Body, err = readBody(p.Body, version, r.Header); err != nil {
		return nil, err
	}
	r.rules, err = readRules(p.Rules)
	return r, err
}

func (p *part) response(version int) (*Response, error) {
	r := &Response{Status: http.StatusOK, Header: http.Header(p.Headers)}
	if p.Status != nil {
		r.Status = *p.Status
	}
	if r.Status < 100 || r.Status > 599 {
		return nil, fmt.Errorf("status is %d", r.Status)
	}
	var err error
	if r.Body, err = readBody(p.Body, version, r.Header); err != nil {
		return nil, err
	}
	r.rules, err = readRules(p.Rules)
	return r, err
}

func (p *part) message(version int) (*Contents, error) {
	c := &Contents{Metadata: p.Metadata}
	if c.Metadata == nil {
		c.Metadata = p.MetaData
	}
	var err error
	if c.Body, err = readBody(p.Contents, version, nil); err != nil {
		return nil, err
	}
	c.rules, err = readRules(p.Rules)
	return c, err
}

// readBody reads a body. In version 3 it is the JSON itself, or text as a
// string; in version 4 it says what it is. Null is an empty one, none at all is
// any.
func readBody(data json.RawMessage, version int, header http.Header) (Body, error) {
	switch {
	case len(data) == 0:
		return Body{}, nil
	case string(data) == "null":
		return Body{Present: true, Type: header.Get("Content-Type")}, nil
	case version == 3:
		b := Body{Present: true, Type: header.Get("Content-Type"), Data: data}
		if text, ok := readText(data); ok && (text == "" || !isJSON(b.Type)) {
			b.Data = []byte(text)
		}
		return b, nil
	}
	var v struct {
		Content     json.RawMessage `json:"content"`
		ContentType string          `json:"contentType"`
		Encoded     any             `json:"encoded"`
	}
	if err := unmarshal(data, &v); err != nil {
		return Body{}, fmt.Errorf("body: %w", err)
	}
	if len(v.Content) == 0 {
		return Body{}, nil
	}
	b := Body{Present: true, Type: firstOf(v.ContentType, header.Get("Content-Type")), Data: v.Content}
	text, isText := readText(v.Content)
	encoded, _ := v.Encoded.(string)
	switch {
	case string(v.Content) == "null", isText && text == "":
		b.Data = nil
	case strings.EqualFold(encoded, "base64"), v.Encoded == true:
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil || !isText {
			return Body{}, errors.New("body.content must be base64, as body.encoded says")
		}
		b.Data = data
	case isText && (!isJSON(b.Type) || strings.EqualFold(encoded, "json")):
		b.Data = []byte(text)
	}
	return b, nil
}

func readText(data json.RawMessage) (text string, ok bool) {
	return text, data[0] == '"' && json.Unmarshal(data, &text) == nil
}

// isJSON reports whether a media type is JSON; without any, bodies are.
func isJSON(mediaType string) bool {
	t, _, _ := strings.Cut(mediaType, ";")
	t = strings.ToLower(strings.TrimSpace(t))
	return t == "" || t == "application/json" || strings.HasSuffix(t, "+json")
}

// parts are a list of parts, or one.
type parts []*part

// UnmarshalJSON reads them.
func (p *parts) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]*part)(p))
	}
	one := new(part)
	if err := unmarshal(data, one); err != nil {
		return err
	}
	*p = parts{one}
	return nil
}

// states is a list of states, or the name of one.
type states []State

// UnmarshalJSON reads them.
func (s *states) UnmarshalJSON(data []byte) error {
	var name *string
	if json.Unmarshal(data, &name) == nil {
		if name != nil {
			*s = states{{Name: *name}}
		}
		return nil
	}
	var list []struct {
		Name   string          `json:"name"`
		Params json.RawMessage `json:"params"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("providerStates: %w", err)
	}
	for _, x := range list {
		if x.Name == "" {
			return errors.New("providerStates: a state has no name")
		}
		*s = append(*s, State{Name: x.Name, Params: x.Params})
	}
	return nil
}

// readTexts reads a list of texts, or one.
func readTexts(data json.RawMessage) ([]string, error) {
	var one string
	if json.Unmarshal(data, &one) == nil {
		return []string{one}, nil
	}
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("comments.text: %w", err)
	}
	return list, nil
}

// headers are by canonical names; a value may be a text or a list of them.
type headers http.Header

// UnmarshalJSON reads them.
func (h *headers) UnmarshalJSON(data []byte) error {
	lists, err := readLists(data)
	if err != nil {
		return fmt.Errorf("headers: %w", err)
	}
	*h = headers{}
	for name, list := range lists {
		name = http.CanonicalHeaderKey(name)
		(*h)[name] = append((*h)[name], list...)
	}
	return nil
}

// query has the values of each parameter; as one text it is what stands in a URL.
type query url.Values

// UnmarshalJSON reads it.
func (q *query) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		parsed, err := url.ParseQuery(text)
		if err != nil {
			return fmt.Errorf("query: %w", err)
		}
		*q = query(parsed)
		return nil
	}
	lists, err := readLists(data)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	*q = lists
	return nil
}

func readLists(data []byte) (map[string][]string, error) {
	var members map[string]any
	if err := unmarshal(data, &members); err != nil {
		return nil, err
	}
	lists := make(map[string][]string, len(members))
	for name, value := range members {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, v := range list {
			text, err := plain(v)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			lists[name] = append(lists[name], text)
		}
	}
	return lists, nil
}

// plain is a scalar as a URL or a header has it.
func plain(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case nil:
		return "", nil
	case json.Number, bool:
		return fmt.Sprint(v), nil
	}
	return "", errors.New("must be a text")
}
