package page

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// Offline is the page of a model as one file that asks nobody. Runtime is the
// script that runs Go's WebAssembly, program such a program, compressed and in
// base64, model what it is told: JSON in which < is escaped.
//
// Its policy names its scripts and style sheets by what they are: no other one
// runs, and nobody is talked to.
func Offline(title, runtime, program, model string) string {
	p := &Page{title, "body.html", nil}
	var head, tail strings.Builder
	var scripts, styles []string
	for _, name := range sheets {
		text := "\n" + asset(name)
		styles = append(styles, hash(text))
		fmt.Fprintf(&head, "<style>%s</style>\n", text)
	}
	fmt.Fprintf(&tail, "<script type=\"text/plain\" id=\"program\">%s</script>\n<script type=\"application/json\" id=\"model\">%s</script>\n", program, model)
	run := func(text string) {
		text = "\n" + text
		scripts = append(scripts, hash(text))
		fmt.Fprintf(&tail, "<script>%s</script>\n", text)
	}
	run(runtime)
	for _, name := range []string{"wall.js", "make.js", "form.js", "ask_wasm.js", "play.js", "begin_wasm.js"} {
		run(asset(name))
	}
	says := fmt.Sprintf("default-src 'none'; script-src %s 'wasm-unsafe-eval'; style-src %s; img-src data:; base-uri 'none'; form-action 'none'",
		strings.Join(scripts, " "), strings.Join(styles, " "))
	return p.around(fmt.Sprintf("<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n", says)+head.String(), tail.String())
}

// hash is how a policy names a script or a style sheet.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
