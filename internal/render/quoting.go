package render

import (
	"fmt"

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
	plain      language = "plain" // module files, lists of names: they have no texts
)

// quoter is a function of templates that prints a text.
type quoter struct {
	function  func(string) string
	languages []language // of files in which it may be used
}

func (q quoter) quote(text any) (string, error) {
	switch t := text.(type) {
	case string:
		return q.function(t), nil
	case quote.Text:
		return q.function(string(t)), nil
	}
	return "", fmt.Errorf("a text is wanted, not %T", text)
}

// quoting are the functions that print texts, by their names in templates.
var quoting = map[string]quoter{
	"comment": {quote.Doc[string], []language{goCode, proto}},
	"aside":   {quote.Aside[string], []language{goCode, proto, yamlText, shell, dockerfile, makefile}},
	"quote":   {quote.Go[string], []language{goCode}},
	"raw":     {quote.GoRaw[string], []language{goCode}},
	"yaml":    {quote.YAML[string], []language{yamlText}},
	"json":    {quote.JSON[string], []language{jsonText, yamlText}},
	"md":      {func(s string) string { return string(quote.Cell(quote.Inline(s))) }, []language{markdown}},
	"mdBlock": {func(s string) string { return string(quote.Block(s)) }, []language{markdown}},
	"code":    {func(s string) string { return string(quote.Cell(quote.Code(s))) }, []language{markdown}},
	"attr":    {quote.HTML[string], []language{markdown}},
	"sh":      {quote.Shell[string], []language{shell, yamlText}},
	"make":    {quote.Make[string], []language{makefile}},
	"docker":  {quote.Docker[string], []language{dockerfile}},
}
