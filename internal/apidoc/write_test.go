package apidoc

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// reads makes sure that a document is the same whichever way it is written.
func reads(t *testing.T, doc any) {
	t.Helper()
	inJSON, err := asJSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	inYAML, err := asYAML(doc)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := json.Unmarshal([]byte(inJSON), &want); err != nil {
		t.Fatalf("%v in\n%s", err, inJSON)
	}
	if err := yaml.Unmarshal([]byte(inYAML), &got); err != nil {
		t.Fatalf("%v in\n%s", err, inYAML)
	}
	data, err := json.Marshal(got) // a whole number is another type in YAML
	if err != nil {
		t.Fatal(err)
	}
	got = nil
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-JSON +YAML:\n%s\n%s", diff, inYAML)
	}
}

func TestYAMLReadsAsItself(t *testing.T) {
	for _, s := range []string{
		"", " ", "a", "a b", " a", "a ", "a: b", "a:b", "a:", "a #b", "a#b", "#a", "- a", "-", "?", "true", "No", "y", "null", "~", "1", "1.5", "1e3", "0x1F",
		"2026-12-01", "12:30", "1_000", ".5", ".inf", "=", "<<", "'", "it's", `"`, `a "b"`, `\`, "[a]", "{a}", "a, b", "a]", "@a", "`a", "&a", "*a", "!a", "%a", "|", ">",
		"a\nb", "a\n\nb", "a\nb\n", "a\n", "\na", "a\n b", "a \nb", "a\tb", "a\n\tb", "---", "...", "--- a", "€", "주문", "주문: 하다", "\u00a0", "\u2028", "\ufeff", "\x00",
		"/orders/{id}", "$ref", "^[0-9]+$", "_links", "-0", "+1", "é", "e3", "x: |", "a\r\nb", "日本 #語",
	} {
		reads(t, Map[any]{
			{"text", s}, {"list", []string{s, s}}, {"deep", []any{Map[any]{{"a" + s, s}, {"b", Map[any]{{"c", s}}}}}},
			{s + "name", Map[any]{}}, {"lists", []any{[]any{s, []any{s}}, []any{}, Map[any]{}}}, {"more", true}, {"less", nil}, {"raw", json.RawMessage(`{"b":1.50,"a":[1,{"c":null}]}`)},
		})
	}
}

func FuzzYAML(f *testing.F) {
	f.Add("a: b", "c\nd")
	f.Fuzz(func(t *testing.T, name, value string) {
		if len(name) > 150 {
			t.Skip("YAML takes no name of more than 1,024 characters on one line; the names of documents are short")
		}
		reads(t, Map[any]{{name, value}, {name + "s", []any{value, Map[any]{{value[:min(len(value), 150)], name}}}}})
	})
}
