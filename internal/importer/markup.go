package importer

import (
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// untagged is the text of a piece of HTML, as drawing tools keep it. Tags that begin a
// line end a word, those inside of one do not. What only looks like a tag is text.
func untagged(markup string) string {
	var out strings.Builder
	tokens := html.NewTokenizerFragment(strings.NewReader(markup), "div")
	for {
		switch tokens.Next() {
		case html.TextToken:
			out.Write(tokens.Text())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			if name, _ := tokens.TagName(); !inline[atom.Lookup(name)] {
				out.WriteByte(' ')
			}
		case html.ErrorToken:
			if !errors.Is(tokens.Err(), io.EOF) {
				return markup
			}
			out.Write(tokens.Raw()) // a tag that nobody ends: "stock<limit"
			return out.String()
		}
	}
}

// inline are the tags that stand inside of words.
var inline = map[atom.Atom]bool{
	atom.A: true, atom.B: true, atom.Code: true, atom.Em: true, atom.Font: true, atom.I: true, atom.Mark: true, atom.S: true, atom.Small: true, atom.Span: true,
	atom.Strong: true, atom.Sub: true, atom.Sup: true, atom.U: true,
}
