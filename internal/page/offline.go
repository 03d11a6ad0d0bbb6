package page

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/inline"
)

// Offline is the page of a model as one file that asks nobody. Runtime is the
// script that runs Go's WebAssembly, program such a program, compressed and in
// base64, model what it is told: JSON in which < is escaped.
func Offline(title, runtime, program, model string) string {
	var parts inline.Parts
	var head, tail strings.Builder
	for _, name := range sheets {
		head.WriteString(parts.Style(asset(name)))
	}
	fmt.Fprintf(&tail, "<script type=\"text/plain\" id=\"program\">%s</script>\n<script type=\"application/json\" id=\"model\">%s</script>\n", program, model)
	tail.WriteString(parts.Script(runtime))
	for _, name := range offlineScripts {
		tail.WriteString(parts.Script(asset(name)))
	}
	p := &Page{title, "body.html", nil}
	return p.around(parts.Policy("'wasm-unsafe-eval'")+head.String(), tail.String())
}
