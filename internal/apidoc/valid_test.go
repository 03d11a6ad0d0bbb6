package apidoc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// A third party reads every OpenAPI document, and finds examples to be what
// their schemas say.
func TestOpenAPIIsValid(t *testing.T) {
	for _, dir := range models {
		for path, text := range ofKind(files(t, dir), "openapi.yaml") {
			t.Run(filepath.Base(dir)+"/"+path, func(t *testing.T) {
				doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				if err := doc.Validate(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// Every schema is one of JSON Schema 2020-12, and its examples are valid.
func TestJSONSchemasAreValid(t *testing.T) {
	for _, dir := range models {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			schemas := ofKind(files(t, dir), ".json", "/schemas/")
			if len(schemas) == 0 {
				t.Fatal("there are no schemas")
			}
			for path, text := range schemas {
				examples, schema := compiled(t, path, text)
				if len(examples) == 0 {
					t.Errorf("%s has no example", path)
				}
				for _, x := range examples {
					if err := schema.Validate(x); err != nil {
						t.Errorf("%s: %v", path, err)
					}
				}
			}
		})
	}
}

func compiled(t *testing.T, path, text string) (examples []any, schema *jsonschema.Schema) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(path, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file:///"+path, doc); err != nil {
		t.Fatal(path, err)
	}
	if schema, err = c.Compile("file:///" + path); err != nil {
		t.Fatal(path, err)
	}
	examples, _ = doc.(map[string]any)["examples"].([]any)
	return examples, schema
}

// The examples of an OpenAPI document are what their schemas say, as a
// validator of JSON Schema 2020-12 reads them.
func TestExamplesOfOpenAPI(t *testing.T) {
	for _, dir := range models {
		for path, text := range ofKind(files(t, dir), "openapi.yaml") {
			t.Run(filepath.Base(dir)+"/"+path, func(t *testing.T) {
				var tree any
				if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
					t.Fatal(err)
				}
				data, err := json.Marshal(tree)
				if err != nil {
					t.Fatal(err)
				}
				doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				c := jsonschema.NewCompiler()
				c.AssertFormat()
				if err := c.AddResource("file:///openapi.json", doc); err != nil {
					t.Fatal(err)
				}
				if n := examplesBelow(t, c, doc, ""); n == 0 {
					t.Error("there is no example")
				}
			})
		}
	}
}

// examplesBelow validates the examples of every media type, and counts them.
func examplesBelow(t *testing.T, c *jsonschema.Compiler, node any, at string) int {
	n := 0
	switch node := node.(type) {
	case []any:
		for i, x := range node {
			n += examplesBelow(t, c, x, at+"/"+string(rune('0'+i%10)))
		}
	case map[string]any:
		examples, _ := node["examples"].(map[string]any)
		if _, ok := node["schema"]; ok && examples != nil {
			schema, err := c.Compile("file:///openapi.json#" + at + "/schema")
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range examples {
				n++
				if err := schema.Validate(x.(map[string]any)["value"]); err != nil {
					t.Errorf("%s: %v", at, err)
				}
			}
		}
		for name, x := range node {
			n += examplesBelow(t, c, x, at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
		}
	}
	return n
}
