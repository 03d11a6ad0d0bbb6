package layers

import (
	"slices"
	"testing"
	"testing/fstest"
)

// What is below a layer belongs to it; tests may import anything.
func TestImports(t *testing.T) {
	file := func(imports string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("package x\n\nimport (\n" + imports + ")\n")}
	}
	got, err := imports(fstest.MapFS{
		"types/types.go":               file(`"time"; "example.com/shop/platform/values"`),
		"readmodel/row.go":             file(`"example.com/shop/services/pay/internal/types"; "example.com/shop/services/pay/internal/domain/order"`),
		"domain/order/state.go":        file("`fmt`; `database/sql`; `example.com/shop/platform/store`"),
		"domain/order/state_test.go":   file(`"net/http"`),
		"domain/order/rules/rules.go":  file(`"github.com/google/uuid"`),
		"app/app.go":                   file(`"example.com/shop/services/pay/internal/domain/order"; "example.com/kit/platform/view"; "net/http"`),
		"app/policies.go":              file(`"example.com/shop/services/pay/internal/upstream/bankevents"`),
		"adapters/rest/order_route.go": file(`"net/http"; "example.com/shop/platform/rest"`),
	}, "example.com/shop")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"app/app.go imports net/http",
		"domain/order/rules/rules.go imports github.com/google/uuid",
		"domain/order/state.go imports database/sql",
		"domain/order/state.go imports example.com/shop/platform/store",
		"readmodel/row.go imports example.com/shop/services/pay/internal/domain/order",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A file that is none of Go is told of, and not passed over.
func TestImportsOfNoGo(t *testing.T) {
	if _, err := imports(fstest.MapFS{"app/app.go": {Data: []byte("import")}}, "example.com/shop"); err == nil {
		t.Error("no error")
	}
}
