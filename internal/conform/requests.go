package conform

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
)

// Operation is a request that a document knows, with the roles of who may ask.
type Operation struct {
	Method, Path string
	Roles        []string
}

func (o Operation) String() string { return o.Method + " " + o.Path }

// Operations are all requests of the document, sorted.
func (a *API) Operations() []Operation {
	var out []Operation
	paths, _ := a.tree["paths"].(map[string]any)
	for path := range paths {
		item, _ := a.at("paths", path)
		for method := range item {
			o := Operation{Method: strings.ToUpper(method), Path: path}
			op, _ := a.at("paths", path, method)
			roles, _ := op["x-roles"].([]any)
			for _, r := range roles {
				o.Roles = append(o.Roles, fmt.Sprint(r))
			}
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b Operation) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// Request is one that somebody could send.
type Request struct {
	Method, Target string // the path with its query
	Header         map[string]string
	Body           []byte // nil: none
}

// Generator makes up requests of a document: examples of it, values that its
// schemas allow, and, now and then, what they do not.
type Generator struct {
	*API
	Rand *rand.Rand
	// IDs are taken for most ids, so that requests are about the same things.
	IDs []string
	// Odd is how likely a value is none that its schema allows.
	Odd float64
}

// Request makes up a request of an operation.
func (g *Generator) Request(o Operation) Request {
	out := Request{Method: o.Method, Header: map[string]string{}}
	op, at := g.at("paths", o.Path, strings.ToLower(o.Method))
	path, query := o.Path, url.Values{}
	parameters, _ := op["parameters"].([]any)
	for _, p := range parameters {
		p := g.follow(p)
		name, schema := fmt.Sprint(p["name"]), g.follow(p["schema"])
		switch p["in"] {
		case "path":
			path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(nonEmpty(g.text(schema))))
		case "query":
			if p["required"] == true || g.Rand.IntN(4) == 0 {
				query.Set(name, g.text(schema))
			}
		case "header":
			if text := g.text(schema); g.Rand.IntN(4) == 0 && printable(text) {
				out.Header[name] = text
			}
		}
	}
	if g.odd() {
		query.Set("unknown", "1")
	}
	out.Target = path
	if len(query) > 0 {
		out.Target += "?" + query.Encode()
	}
	if body, _ := g.from(op, at, "requestBody", "content", "application/json"); body != nil {
		out.Header["Content-Type"] = "application/json"
		out.Body = g.body(body)
	}
	return out
}

// body is an example with some members made up, or made up as a whole.
func (g *Generator) body(media map[string]any) []byte {
	schema := g.follow(media["schema"])
	value := g.value(schema, 0)
	if object, _ := media["example"].(map[string]any); object != nil && g.Rand.IntN(3) > 0 {
		made, _ := value.(map[string]any)
		mixed := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(object)) { // the same seed shall give the same requests
			mixed[name] = object[name]
			if other, ok := made[name]; ok && g.Rand.IntN(4) == 0 {
				mixed[name] = other
			}
		}
		value = mixed
	}
	data, err := json.Marshal(value)
	if err != nil {
		return []byte("{}")
	}
	if g.odd() {
		data = data[:g.Rand.IntN(len(data))]
	}
	return data
}

// follow is a node with its $ref followed.
func (g *Generator) follow(node any) map[string]any {
	n, _ := node.(map[string]any)
	for {
		ref, ok := n["$ref"].(string)
		if !ok {
			return n
		}
		if n, _ = g.find(ref); n == nil {
			return nil
		}
	}
}

func (g *Generator) odd() bool { return g.Rand.Float64() < g.Odd }

// oddities are values that something is likely to stumble over.
var oddities = []any{
	nil, true, "", " ", 0, -1, 1e300, "null", "한글 🙂", "\u0000", "a\nb", "../..", "'; --", "%", strings.Repeat("x", 5000),
	[]any{}, map[string]any{}, []any{nil}, "2026-13-45", "9999999999999999999999999", json.Number("9223372036854775808"), json.Number("-0.0"),
}

// maxDepth ends values that contain themselves.
const maxDepth = 4

// value is one that a schema allows, most of the time.
func (g *Generator) value(schema map[string]any, depth int) any {
	if g.odd() {
		return oddities[g.Rand.IntN(len(oddities))]
	}
	if enum, _ := schema["enum"].([]any); len(enum) > 0 {
		return enum[g.Rand.IntN(len(enum))]
	}
	if any, _ := schema["anyOf"].([]any); len(any) > 0 {
		return g.value(g.follow(any[g.Rand.IntN(len(any))]), depth)
	}
	kind := schema["type"]
	if kinds, _ := kind.([]any); len(kinds) > 0 {
		kind = kinds[g.Rand.IntN(len(kinds))]
	}
	switch kind {
	case "null":
		return nil
	case "boolean":
		return g.Rand.IntN(2) == 0
	case "integer":
		return g.integer(schema)
	case "array":
		return g.list(schema, depth)
	case "object":
		return g.object(schema, depth)
	}
	return g.string(schema)
}

func (g *Generator) integer(schema map[string]any) int64 {
	least := int64(0)
	if n, ok := schema["minimum"].(json.Number); ok {
		least, _ = n.Int64()
	}
	return least + []int64{0, 1, 2, 7, 100, 1 << 31}[g.Rand.IntN(6)]
}

func (g *Generator) list(schema map[string]any, depth int) any {
	out := []any{}
	if depth >= maxDepth {
		return out
	}
	for range g.Rand.IntN(4) {
		out = append(out, g.value(g.follow(schema["items"]), depth+1))
	}
	return out
}

func (g *Generator) object(schema map[string]any, depth int) any {
	out := map[string]any{}
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names) // the same seed shall give the same requests
	for _, name := range names {
		must := slices.Contains(required, any(name))
		if must && g.odd() || !must && (depth >= maxDepth || g.Rand.IntN(2) == 0) {
			continue
		}
		out[name] = g.value(g.follow(properties[name]), depth+1)
	}
	if values, ok := schema["additionalProperties"].(map[string]any); ok && depth < maxDepth {
		for range g.Rand.IntN(3) {
			out[g.id()] = g.value(g.follow(values), depth+1)
		}
	}
	if g.odd() {
		out["unknown"] = 1
	}
	return out
}

func (g *Generator) string(schema map[string]any) string {
	switch schema["format"] {
	case "date":
		return fmt.Sprintf("20%02d-%02d-%02d", g.Rand.IntN(40), 1+g.Rand.IntN(12), 1+g.Rand.IntN(28))
	case "date-time":
		return fmt.Sprintf("20%02d-%02d-%02dT%02d:00:00Z", g.Rand.IntN(40), 1+g.Rand.IntN(12), 1+g.Rand.IntN(28), g.Rand.IntN(24))
	}
	if examples, _ := schema["examples"].([]any); len(examples) > 0 && g.Rand.IntN(2) == 0 {
		return fmt.Sprint(examples[g.Rand.IntN(len(examples))])
	}
	if pattern, ok := schema["pattern"].(string); ok {
		if strings.HasPrefix(pattern, "^-?[0-9]+(") {
			return []string{"0", "1", "-1", "12.50", "99999999999999999999", "0.00000001"}[g.Rand.IntN(6)]
		}
		if strings.HasPrefix(pattern, "^-?([0-9]+d)") {
			return []string{"1h", "8d", "-15m", "250ms", "99999999d"}[g.Rand.IntN(5)]
		}
	}
	return g.id()
}

func (g *Generator) id() string { return g.IDs[g.Rand.IntN(len(g.IDs))] }

// text is a value as it stands in a URL or a header.
func (g *Generator) text(schema map[string]any) string {
	switch v := g.value(schema, maxDepth).(type) {
	case nil:
		return ""
	case []any, map[string]any:
		data, _ := json.Marshal(v)
		return string(data)
	default:
		return fmt.Sprint(v)
	}
}

// nonEmpty keeps a path a path.
func nonEmpty(s string) string {
	if s == "" || s == "." || s == ".." {
		return "-"
	}
	return s
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
