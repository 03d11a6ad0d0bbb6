package docs

import (
	"testing"

	"github.com/esgen/esgen/internal/schema"
	"github.com/esgen/esgen/internal/schematest"
)

// TestSchema makes sure that an editor has nothing to say about the fragments
// that are right.
func TestSchema(t *testing.T) {
	data, err := schema.Document()
	if err != nil {
		t.Fatal(err)
	}
	language := schematest.Compile(t, data)
	for _, page := range pages(t) {
		all, base := blocks(t, page)
		for _, b := range all {
			if b.kind != "yaml" || b.expect != "" {
				continue
			}
			text := b.text
			if b.in != "" {
				text = embedded(t, b, base)
			}
			if err := schematest.Validate(language, []byte(text)); err != nil {
				t.Errorf("%s: %v", b.place, err)
			}
		}
	}
}
