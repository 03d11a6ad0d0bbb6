package conform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// shelf holds documents that refer to one another, as a validator of JSON Schema
// sees them.
type shelf struct {
	mu        sync.Mutex // compiling is not for several at once
	compiler  *jsonschema.Compiler
	documents map[string]*document // by URL
}

// document is a file on a shelf. Its references are absolute.
type document struct {
	*shelf
	url  string
	tree map[string]any
}

func newShelf(draft *jsonschema.Draft) *shelf {
	s := &shelf{compiler: jsonschema.NewCompiler(), documents: map[string]*document{}}
	s.compiler.DefaultDraft(draft)
	s.compiler.AssertFormat()
	s.compiler.UseLoader(loader{})
	return s
}

// loader reads what documents refer to.
type loader struct{}

// Load reads a file of JSON or YAML.
func (loader) Load(at string) (any, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.FromSlash(u.Path))
	if err != nil {
		return nil, err
	}
	return parse(data)
}

// parse reads JSON or YAML as the validator reads JSON.
func parse(data []byte) (any, error) {
	var content any
	if err := yaml.Unmarshal(data, &content); err != nil {
		return nil, err
	}
	data, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(data))
}

// urlOf is where a file is.
func urlOf(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

// open reads a document that stands at a URL, once; nil: there is no such file.
func (s *shelf) open(at string) (*document, error) {
	if d := s.documents[at]; d != nil {
		return d, nil
	}
	tree, err := loader{}.Load(at)
	switch {
	case os.IsNotExist(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return s.put(at, tree)
}

// put has a document stand at a URL.
func (s *shelf) put(at string, tree any) (*document, error) {
	base, err := url.Parse(at)
	if err != nil {
		return nil, err
	}
	d := &document{shelf: s, url: at}
	if d.tree, _ = tree.(map[string]any); d.tree == nil {
		return nil, fmt.Errorf("%s is no object", at)
	}
	if err := absolute(tree, base); err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	s.documents[at] = d
	return d, s.compiler.AddResource(at, tree)
}

// absolute has references tell the whole URL.
func absolute(node any, base *url.URL) error {
	switch node := node.(type) {
	case []any:
		for _, x := range node {
			if err := absolute(x, base); err != nil {
				return err
			}
		}
	case map[string]any:
		if ref, ok := node["$ref"].(string); ok {
			u, err := base.Parse(ref)
			if err != nil {
				return err
			}
			node["$ref"] = u.String()
		}
		for _, x := range node {
			if err := absolute(x, base); err != nil {
				return err
			}
		}
	}
	return nil
}

// at is what stands at a place of the document, references followed; nil:
// nothing. Where it was found comes back, too.
func (d *document) at(names ...string) (map[string]any, string) {
	return d.from(d.tree, d.url+"#", names...)
}

// from is what stands below a node. A schema is left where it is told: one with a
// reference has more beside it.
func (s *shelf) from(node map[string]any, place string, names ...string) (map[string]any, string) {
	for _, name := range names {
		next, ok := node[name].(map[string]any)
		if !ok {
			return nil, ""
		}
		node, place = next, below(place, name)
		if ref, ok := node["$ref"].(string); ok && name != "schema" && name != "payload" {
			if node, place = s.find(ref); node == nil {
				return nil, ""
			}
		}
	}
	return node, place
}

// find is what an absolute reference leads to.
func (s *shelf) find(ref string) (map[string]any, string) {
	file, fragment, _ := strings.Cut(ref, "#")
	d, err := s.open(file)
	if err != nil || d == nil {
		return nil, ""
	}
	names := strings.Split(strings.TrimPrefix(fragment, "/"), "/")
	for i, name := range names {
		if plain, err := url.PathUnescape(name); err == nil {
			name = plain
		}
		names[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	}
	return d.at(names...)
}

// below is a place in another one.
func below(place string, names ...string) string {
	for _, name := range names {
		// A pointer in a URL is escaped twice.
		place += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return place
}

// schema compiles the schema at a place.
func (s *shelf) schema(place string) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.compiler.Compile(place)
}

// valid validates JSON by the schema at a place.
func (s *shelf) valid(data []byte, place string) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("it is no JSON: %w", err)
	}
	schema, err := s.schema(place)
	if err != nil {
		return err
	}
	return schema.Validate(value)
}
