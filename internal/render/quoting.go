package render

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/esgen/esgen/internal/quote"
)

// language is what a file is written in.
type language string

// The languages that the output has files of.
const (
	goCode     language = "Go"
	proto      language = "Protocol Buffers"
	yamlText   language = "YAML"
	jsonText   language = "JSON"
	markdown   language = "Markdown"
	shell      language = "shell"
	makefile   language = "make"
	dockerfile language = "Dockerfile"
	script     language = "JavaScript" // and TypeScript
	python     language = "Python"
	markup     language = "HTML" // and XML
	sql        language = "SQL"
	plain      language = "a language that esgen does not know" // who writes a template for it knows which function will do
)

// quoter is a function of templates that prints a text.
type quoter struct {
	function  func(string) string
	languages []language // of files in which it may be used
	as        string     // what it makes of the text
}

func (q quoter) quote(text any) (string, error) {
	if v := reflect.ValueOf(text); v.Kind() == reflect.String {
		return q.function(v.String()), nil
	}
	return "", fmt.Errorf("a text is wanted, not %T", text)
}

// quoting are the functions that print texts, by their names in templates.
var quoting = map[string]quoter{
	"comment": {quote.Doc[string], []language{goCode, proto, script}, "lines of a comment, each behind two slashes"},
	"hash":    {quote.Hash[string], []language{yamlText, shell, dockerfile, makefile, python}, "lines of a comment, each behind a #"},
	"aside":   {quote.Aside[string], []language{goCode, proto, yamlText, shell, dockerfile, makefile, script, python}, "a part of a line of a comment"},
	"line":    {quote.Line[string], nil, "one line, with nothing that controls what stands around it"},
	"quote":   {quote.Go[string], []language{goCode}, "a string in quotes"},
	"raw":     {quote.GoRaw[string], []language{goCode}, "a string, in backquotes where quotes would need escapes"},
	"yaml":    {quote.YAML[string], []language{yamlText}, "a scalar that is a string"},
	"json":    {quote.JSON[string], []language{jsonText, yamlText, script, python}, "a string in quotes, which is one of JavaScript and of Python, too"},
	"md":      {func(s string) string { return string(quote.Cell(quote.Inline(s))) }, []language{markdown}, "words within a line or a cell of a table"},
	"mdBlock": {func(s string) string { return string(quote.Block(s)) }, []language{markdown}, "paragraphs"},
	"code":    {func(s string) string { return string(quote.Cell(quote.Code(s))) }, []language{markdown}, "a piece of code within a line"},
	"attr":    {quote.HTML[string], []language{markdown, markup}, "the content of an element, or of an attribute in quotes"},
	"sh":      {quote.Shell[string], []language{shell, yamlText}, "one word"},
	"make":    {quote.Make[string], []language{makefile}, "one word of a command"},
	"docker":  {quote.Docker[string], []language{dockerfile}, "a value in quotes"},
	"sql":     {quote.SQL[string], []language{sql}, "a string in quotes"},
}

// Function is a function of templates that prints a text.
type Function struct {
	Name      string
	Languages []string // of files in which it can stand, beside those that esgen does not know
	As        string   // what it makes of the text
}

// Functions lists them by their names.
func Functions() []Function {
	var out []Function
	for _, name := range slices.Sorted(maps.Keys(quoting)) {
		f := Function{Name: name, As: quoting[name].as}
		for _, l := range quoting[name].languages {
			f.Languages = append(f.Languages, string(l))
		}
		out = append(out, f)
	}
	return out
}
