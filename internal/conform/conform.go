// Package conform holds what a running system says against the documents that
// were generated with it: answers against OpenAPI, records of topics against
// AsyncAPI and the JSON Schemas of events. It is for tests.
package conform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// Documents are those of a generated system.
type Documents struct {
	Services map[string]*Service // by directory
	Gateway  *API                // nil: there is none
}

// Service is what a service has said of itself.
type Service struct {
	Public   *API // nil: it has no such routes
	Internal *API
	Events   *Events // nil: it sends and hears none
}

// Load reads the documents of a system that was generated into a directory.
func Load(dir string) (*Documents, error) {
	d := &Documents{Services: map[string]*Service{}}
	apis, err := filepath.Glob(filepath.Join(dir, "services", "*", "api"))
	if err != nil {
		return nil, err
	}
	for _, api := range apis {
		s := &Service{}
		if s.Public, err = loadAPI(filepath.Join(api, "openapi.yaml")); err != nil {
			return nil, err
		}
		if s.Internal, err = loadAPI(filepath.Join(api, "internal.openapi.yaml")); err != nil {
			return nil, err
		}
		if s.Events, err = loadEvents(api); err != nil {
			return nil, err
		}
		d.Services[filepath.Base(filepath.Dir(api))] = s
	}
	if len(d.Services) == 0 {
		return nil, fmt.Errorf("%s has no documents", dir)
	}
	d.Gateway, err = loadAPI(filepath.Join(dir, "gateway", "api", "openapi.yaml"))
	return d, err
}

// document is a YAML file as a validator of JSON Schema sees it.
type document struct {
	url  string
	tree map[string]any

	mu       sync.Mutex // compiling is not for several at once
	compiler *jsonschema.Compiler
}

// read reads a document; nil: there is no such file.
func read(path string, draft *jsonschema.Draft) (*document, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var content map[string]any
	if err := yaml.Unmarshal(data, &content); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if data, err = json.Marshal(content); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d := &document{url: (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String(), compiler: jsonschema.NewCompiler()}
	d.tree, _ = tree.(map[string]any)
	d.compiler.DefaultDraft(draft)
	d.compiler.AssertFormat()
	return d, d.compiler.AddResource(d.url, tree)
}

// schema compiles the schema at a place of the document.
func (d *document) schema(at ...string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var pointer strings.Builder
	for _, name := range at {
		pointer.WriteByte('/')
		// A pointer in a URL is escaped twice.
		pointer.WriteString(url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name)))
	}
	return d.compiler.Compile(d.url + "#" + pointer.String())
}

// at is what stands at a place, $refs to places of the same document followed;
// nil: nothing. The place it was found at comes back, too.
func (d *document) at(names ...string) (map[string]any, []string) {
	node, place := d.tree, []string{}
	for _, name := range names {
		next, ok := node[name].(map[string]any)
		if !ok {
			return nil, nil
		}
		node, place = next, append(place, name)
		for {
			ref, ok := node["$ref"].(string)
			target, local := strings.CutPrefix(ref, "#/")
			if !ok || !local {
				break
			}
			// A schema with a $ref has more beside it, and is compiled where it stands.
			if name == "schema" {
				break
			}
			place = strings.Split(target, "/")
			for i := range place {
				place[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(place[i])
			}
			if node, place = d.at(place...); node == nil {
				return nil, nil
			}
		}
	}
	return node, place
}

// valid validates JSON by a schema of the document.
func (d *document) valid(data []byte, at ...string) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("it is no JSON: %w", err)
	}
	schema, err := d.schema(at...)
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// mux finds the path of a document that a request is for.
type mux struct{ *http.ServeMux }

func newMux() mux { return mux{http.NewServeMux()} }

func (m mux) add(pattern string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", pattern, p)
		}
	}()
	if strings.HasSuffix(pattern, "/") {
		pattern += end
	}
	m.Handle(pattern, http.NotFoundHandler())
	return nil
}

// end has a path with a slash at its end mean that path only.
const end = "{$}"

// find is the pattern of a request; "": none fits.
func (m mux) find(r *http.Request) string {
	_, pattern := m.Handler(r)
	path, ends := strings.CutSuffix(pattern, end)
	if ends && !strings.HasSuffix(r.URL.Path, "/") {
		return "" // ServeMux would redirect
	}
	return path
}
