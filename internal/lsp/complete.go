package lsp

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

func isWordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// completion is what may stand at a place. The model is asked: it is read with a
// word at the place that nobody knows, and says what would be known there.
func (s *server) completion(_ context.Context, p place) (any, error) {
	none := completionList{Items: []completion{}}
	path := pathOf(p.TextDocument.URI)
	b, d := s.open[path], s.deskOf(path)
	if b == nil || d == nil {
		return none, nil
	}
	rel, err := filepath.Rel(d.dir, path)
	if err != nil {
		return none, refused(err)
	}
	w := wordIn(b.text, offset(b.text, p.Position))
	files := s.files(d)
	for typed := range w.readable(filepath.ToSlash(rel)) {
		sys, asked := d.memory.Ask(files, d.base, typed, w.marker)
		items, replaced := offers(sys, asked, w)
		if len(items) > 0 {
			return completionList{Items: w.edits(b.text, items, replaced)}, nil
		}
	}
	return none, nil
}

// word is a word that is being typed.
type word struct {
	text     string
	at       int // where it is typed
	from, to int // of the word
	dotted   int // where the name begins that it is a part of: front of front.Order
	marker   string
}

func wordIn(text string, at int) word {
	w := word{text: text, at: at, from: at, to: at, marker: "esgenAsks"}
	for w.from > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:w.from])
		if !isWordRune(r) {
			break
		}
		w.from -= size
	}
	for w.to < len(text) {
		r, size := utf8.DecodeRuneInString(text[w.to:])
		if !isWordRune(r) {
			break
		}
		w.to += size
	}
	for w.dotted = w.from; w.dotted > 0; {
		r, size := utf8.DecodeLastRuneInString(text[:w.dotted])
		if !isWordRune(r) && r != '.' {
			break
		}
		w.dotted -= size
	}
	for strings.Contains(text, w.marker) {
		w.marker += "X"
	}
	return w
}

// readable are texts with the marker in the word that can be read: as it stands, as
// the key of a map, and, where the rest of the file cannot be read, without the rest.
func (w word) readable(name string) iter.Seq[*source.File] {
	before, behind := w.text[:w.at]+w.marker, w.text[w.at:]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	close := closing(line)
	return func(yield func(*source.File) bool) {
		for _, text := range []string{before + behind, before + ":" + behind, before + ": " + behind, before + close + "\n", before + ":" + close + "\n"} {
			f := &source.File{Path: name, Data: []byte(text)}
			root, faults := source.Parse(f, source.DefaultLimits())
			if root != nil && len(faults) == 0 && !yield(f) {
				return
			}
		}
	}
}

// closing closes what a line of YAML has opened: quotes, braces, brackets.
func closing(line string) string {
	var open []byte
	for i := range len(line) {
		c, last := line[i], byte(0)
		if len(open) > 0 {
			last = open[len(open)-1]
		}
		quoted := last == '"' || last == '\''
		switch {
		case quoted && c == last:
			open = open[:len(open)-1]
		case quoted:
		case c == '{':
			open = append(open, '}')
		case c == '[':
			open = append(open, ']')
		case (c == '"' || c == '\'') && (i == 0 || strings.IndexByte(" [{,:", line[i-1]) >= 0):
			open = append(open, c)
		case c == last && last != 0:
			open = open[:len(open)-1]
		}
	}
	var out []byte
	for i := len(open) - 1; i >= 0; i-- {
		out = append(out, open[i])
	}
	return string(out)
}

// offers are what may be written in place of a word, and where what it takes the
// place of begins.
func offers(sys *model.System, asked *model.Asked, w word) (items []completion, from int) {
	if asked.Expr == nil {
		for _, o := range asked.Offers {
			items = append(items, offered(o))
		}
		return items, w.dotted
	}
	typing := check.TypingOf(sys, asked.Expr)
	if typing == nil {
		return nil, w.from
	}
	at := strings.Index(asked.Expr.Text, w.marker) - (w.at - w.from)
	if at < 0 {
		return nil, w.from
	}
	for _, o := range typing.Env.Offers(asked.Expr.Text, at, &typing.Scope) {
		items = append(items, inExpression(o))
	}
	return items, w.from
}

// The kinds of completions, as the protocol numbers them.
const (
	functionItem = 3
	fieldItem    = 5
	variableItem = 6
	classItem    = 7
	keyItem      = 10
	wordItem     = 12
	valueItem    = 20
	eventItem    = 23
)

func offered(o model.Offer) completion {
	kind := map[model.OfferKind]int{model.OfferKey: keyItem, model.OfferName: classItem, model.OfferField: fieldItem, model.OfferWord: wordItem, model.OfferType: classItem, model.OfferValue: valueItem}[o.Kind]
	if _, is := o.Ref.(*model.Event); is {
		kind = eventItem
	}
	c := completion{Label: o.Text, Kind: kind, Detail: o.Doc}
	if o.Type != nil {
		c.Detail = o.Type.String()
	}
	if o.Kind == model.OfferKey {
		c.Detail, c.Documentation = "", &markup{"markdown", escaped(o.Doc)}
	}
	return c
}

func inExpression(o expr.Offer) completion {
	c := completion{Label: o.Name, Kind: variableItem, Detail: o.Doc}
	switch {
	case o.Func != nil:
		c.Kind, c.Detail, c.Documentation = functionItem, o.Func.Signature(), &markup{"markdown", "`" + o.Func.Usage + "`: " + escaped(o.Doc)}
	case o.Type != nil:
		c.Detail = o.Type.String()
	}
	switch o.Ref.(type) {
	case *model.Field:
		c.Kind = fieldItem
	case *model.EnumValue:
		c.Kind = valueItem
	case *model.TypeDef:
		c.Kind = classItem
	}
	return c
}

// edits are completions that replace the word.
func (w word) edits(text string, items []completion, from int) []completion {
	f := &source.File{Data: []byte(text)}
	replaced := span{positionIn(f, from), positionIn(f, w.to)}
	for i := range items {
		items[i].SortText = fmt.Sprintf("%04d", i)
		items[i].TextEdit = &textEdit{replaced, items[i].Label}
	}
	return items
}

// positionIn is the position of a byte of a file.
func positionIn(f *source.File, at int) position {
	before := string(f.Data[:at])
	line := strings.Count(before, "\n")
	return position{line, units(before[strings.LastIndexByte(before, '\n')+1:])}
}
