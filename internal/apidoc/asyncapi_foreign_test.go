package apidoc_test

import (
	"path"
	"testing"

	"gopkg.in/yaml.v3"
)

// Topics of others are told of as what is read of their records: where the kind, the id and each field are.
func TestForeignTopics(t *testing.T) {
	type object = map[string]any
	found := object{}
	for name, text := range files(t, "../../testdata/models/depot") {
		var doc object
		if path.Base(name) != "asyncapi.yaml" {
			continue
		}
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if at(doc, "channels", "foreign.topic.warehouse") != nil {
			found = doc
		}
	}
	const moved = "Warehouse.GoodsMoved.foreign"
	for _, tc := range []struct {
		want any
		at   []string
	}{
		{"legacy.warehouse.v1", []string{"channels", "foreign.topic.warehouse", "address"}},
		{"receive", []string{"operations", "receive.foreign.topic.warehouse", "action"}},
		{"MOV", []string{"components", "messages", moved, "name"}},
		{"MOV", []string{"components", "messages", moved, "headers", "properties", "kind", "const"}},
		{"schemas/Warehouse.GoodsMoved.event.json#/properties/shelf", []string{"components", "schemas", moved, "properties", "body", "properties", "shelf", "$ref"}},
		{"object", []string{"components", "schemas", moved, "properties", "header", "type"}},
		{nil, []string{"components", "schemas", moved, "properties", "body", "properties", "sku"}}, // it is the key
		{nil, []string{"components", "messages", moved, "correlationId"}},
	} {
		if got := at(found, tc.at...); got != tc.want {
			t.Errorf("%v is %v, want %v", tc.at, got, tc.want)
		}
	}
}

// at is what an object has at a path.
func at(v any, path ...string) any {
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}
