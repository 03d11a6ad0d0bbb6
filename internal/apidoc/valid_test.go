package apidoc_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/esgen/esgen/internal/conform"
	"github.com/esgen/esgen/templates/chassis/openapi"
)

// A third party reads every document, with what it refers to; references lead
// somewhere, and examples are what their schemas say.
func TestDocumentsAreRight(t *testing.T) {
	for _, dir := range models {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			all := map[string][]byte{}
			for path, text := range files(t, dir) {
				all[path] = []byte(text)
				if strings.HasSuffix(path, "openapi.yaml") && strings.HasPrefix(path, "services/") && !strings.Contains(text, "example") {
					t.Errorf("%s has no example", path)
				}
			}
			whole, err := composed(t, files(t, dir)).YAML()
			if err != nil {
				t.Fatal(err)
			}
			all[conform.Whole] = whole
			for _, fault := range conform.Faults(all) {
				t.Error(fault)
			}
		})
	}
}

// What a client of the gateway gets refers to nothing outside, and has all
// operations of all services.
func TestComposed(t *testing.T) {
	for _, dir := range models {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			all := files(t, dir)
			inJSON, err := composed(t, all).JSON()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(inJSON), "openapi.yaml") {
				t.Error("it refers to what its reader does not have")
			}
			offered(t, all, treeOf(t, string(inJSON)).(map[string]any))
		})
	}
}

// composed is the document of the gateway put together.
func composed(t *testing.T, all map[string]string) *openapi.Document {
	t.Helper()
	services := map[string][]byte{}
	for path, text := range ofKind(all, "/api/openapi.yaml", "services/") {
		services[strings.Split(path, "/")[1]] = []byte(text)
	}
	whole, err := openapi.Compose([]byte(all["gateway/api/openapi.yaml"]), services)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// offered makes sure that the whole has the operations of all services, with what
// the gateway adds to them.
func offered(t *testing.T, all map[string]string, whole map[string]any) {
	t.Helper()
	paths := whole["paths"].(map[string]any)
	for path, text := range ofKind(all, "/api/openapi.yaml", "services/") {
		service := strings.Split(path, "/")[1]
		own := treeOf(t, text).(map[string]any)["paths"].(map[string]any)
		for at, item := range own {
			there, _ := paths["/"+service+at].(map[string]any)
			for method, op := range item.(map[string]any) {
				got, _ := there[method].(map[string]any)
				if id := op.(map[string]any)["operationId"]; got == nil || got["operationId"] != id {
					t.Errorf("%s of %s is not at /%s%s", id, service, service, at)
					continue
				}
				for _, status := range []string{"200", "201", "429", "502", "504"} {
					_, own := op.(map[string]any)["responses"].(map[string]any)[status]
					if _, there := got["responses"].(map[string]any)[status]; !there && (own || status > "400") {
						t.Errorf("%s %s: %s is missing", method, at, status)
					}
				}
			}
		}
	}
}

// Every schema of an event is one of JSON Schema 2020-12, and of draft 07, in
// which AsyncAPI refers to it; both find its example valid, and neither finds it
// valid without what it must have.
func TestJSONSchemasAreValid(t *testing.T) {
	for _, dir := range models {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			schemas := ofKind(files(t, dir), ".json", "/schemas/")
			if len(schemas) == 0 {
				t.Fatal("there are no schemas")
			}
			for path, text := range schemas {
				doc := treeOf(t, text).(map[string]any)
				examples, _ := doc["examples"].([]any)
				if len(examples) == 0 {
					t.Errorf("%s has no example", path)
				}
				for _, dialect := range []string{"https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#"} {
					schema := compiled(t, strings.Replace(text, doc["$schema"].(string), dialect, 1))
					for _, x := range examples {
						if err := schema.Validate(x); err != nil {
							t.Errorf("%s: %v", path, err)
						}
					}
					if required, _ := doc["required"].([]any); len(required) > 0 && schema.Validate(map[string]any{}) == nil {
						t.Errorf("%s in %s lets everything through", path, dialect)
					}
				}
			}
		})
	}
}

// treeOf reads JSON or YAML as the validator reads JSON.
func treeOf(t *testing.T, text string) any {
	t.Helper()
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
	return doc
}

func compiled(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file:///schema.json", treeOf(t, text)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("file:///schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
