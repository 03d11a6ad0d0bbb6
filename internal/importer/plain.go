package importer

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// areaWords are what contexts are called in lists of notes.
var areaWords = []string{
	"context", "bounded context", "frame", "area", "service", "microservice", "domain", "subdomain", "컨텍스트", "바운디드 컨텍스트", "도메인", "서비스", "kontext", "bereich",
	"contexte", "contexto", "contesto", "コンテキスト", "境界づけられたコンテキスト", "サービス", "上下文", "限界上下文", "界限上下文", "服务",
}

// Text reads plain text, a note a line: "kind: text", "- [kind] text", "kind - text".
// "context: name" begins a context; a line that begins with an arrow follows from the one
// before it. The first heading is the title.
func Text(data []byte) (*Sketch, error) {
	s := newStory()
	area := ""
	var last *Note
	for _, written := range strings.Split(string(data), "\n") {
		line := strings.TrimSpace(written)
		rest, follows := cutArrow(strings.TrimSpace(written[len(bullet.FindString(written)):]))
		word, text, is := told(rest)
		kind, known := kindCalled(word)
		word = strings.ToLower(plain(word))
		switch {
		case line == "":
			last = nil
		case is && word == "title":
			s.sketch.Title = text
		case heading.MatchString(line) && s.sketch.Title == "":
			s.sketch.Title = heading.FindStringSubmatch(line)[2]
		case is && slices.Contains(areaWords, word):
			area, last = s.area(text), nil
		case is && known && text != "":
			n := s.note(kind, text, area)
			if follows {
				s.follow(last, n)
			}
			last = n
		default:
			s.sketch.Left = append(s.sketch.Left, "line: "+short(line))
		}
	}
	return s.sketch, nil
}

// told is what a line says of a note: the word for its kind, and its text.
func told(line string) (word, text string, is bool) {
	if m := inBrackets.FindStringSubmatch(line); m != nil {
		return m[1], m[2], true
	}
	for _, mark := range []string{":", "：", " - ", " – ", " — "} {
		if word, text, is = strings.Cut(line, mark); is {
			return word, strings.TrimSpace(text), true
		}
	}
	return "", "", false
}

// inBrackets is a line whose first word stands in brackets.
var inBrackets = regexp.MustCompile(`^[\[(【（]([^\])】）]+)[\])】）]\s*:?\s*(.+)$`)

// cutArrow is a line without the arrow with which it may begin.
func cutArrow(line string) (rest string, is bool) {
	for _, arrow := range []string{"→", "->", "↓", "=>"} {
		if rest, is = strings.CutPrefix(line, arrow); is {
			return strings.TrimSpace(rest), true
		}
	}
	return line, false
}

// area is the id of the one of a name.
func (s *story) area(name string) string {
	id := plain(name)
	if id != "" && !s.areas[id] {
		s.areas[id] = true
		s.sketch.Areas = append(s.sketch.Areas, &Area{ID: id, Text: bare(name), Title: name})
	}
	return id
}

// columns are the numbers of those of a table; -1: there is none.
type columns struct{ kind, text, area, x, y, width, height int }

// columnWords are what columns are called.
var columnWords = [7][]string{
	{"kind", "type", "colour", "color", "fill", "fillcolor", "종류", "색", "art", "typ", "farbe", "couleur", "tipo", "cor", "種類", "色", "类型", "颜色"},
	{"text", "content", "title", "name", "note", "sticky note", "내용", "inhalt", "titel", "notiz", "texte", "titre", "nom", "texto", "título", "nombre", "nome", "内容", "テキスト", "文本"},
	areaWords,
	{"x", "left", "pos x", "position x"},
	{"y", "top", "pos y", "position y"},
	{"width", "w"},
	{"height", "h"},
}

// CSV reads a table, a note a line: its kind or its colour, its text, and its context,
// in this order if neither a first line nor what is in them says otherwise.
func CSV(data []byte, said Colours) (*Sketch, error) {
	rows, err := table(data)
	if err != nil {
		return nil, fmt.Errorf("csv: %w", err)
	}
	s := newStory()
	colours := palette{said: said}
	var found []string
	at, headed := inOrder(0, 1, 2), false
	if len(rows) > 0 {
		at, headed = header(rows[0])
	}
	if headed {
		rows = rows[1:]
	} else {
		at = guess(rows, colours)
	}
	notes := 0
	for _, row := range rows {
		colour := cell(row, at.kind)
		found = append(found, colour)
		kind := kindIn(colour, colours)
		if kind != "" {
			notes++
		}
		area := ""
		if name := cell(row, at.area); name != "" && kind != board.Actor {
			area = s.area(name)
		}
		if text := cell(row, at.text); text != "" {
			n := s.note(kind, text, area)
			n.Box = cmp.Or(n.Box, at.box(row))
		} else if line := strings.Trim(strings.Join(row, " "), " "); line != "" {
			s.sketch.Left = append(s.sketch.Left, "line: "+short(line))
		}
	}
	if notes == 0 {
		s.sketch.Left = append(s.sketch.Left, "all of it: no column has kinds (event, command …) or colours (orange, #ffb570 …) of notes")
	}
	s.sketch.unsaid(said, found)
	return s.sketch, nil
}

// table are the rows of a file whose cells are set apart by whichever of the marks of
// spreadsheets its first line has most of.
func table(data []byte) ([][]string, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	first, _, _ := bytes.Cut(data, []byte("\n"))
	for _, mark := range ";\t" {
		if bytes.Count(first, []byte(string(mark))) > bytes.Count(first, []byte(string(r.Comma))) {
			r.Comma = mark
		}
	}
	return r.ReadAll()
}

// kindIn is the kind that a cell names, or whose colour it does; "": none.
func kindIn(cell string, colours palette) board.Kind {
	if kind, known := kindCalled(cell); known {
		return kind
	}
	return colours.kindOf(&shape{fill: cell, box: *stickyAt(0, 0)})
}

// guess finds the column that has kinds or colours in it; text and context are the first
// and the second one of the others.
func guess(rows [][]string, colours palette) columns {
	best, most := 0, 0
	for i := range slices.Max(append(lengths(rows), 1)) {
		n := 0
		for _, row := range rows {
			if kindIn(cell(row, i), colours) != "" {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	switch best {
	case 0:
		return inOrder(0, 1, 2)
	case 1:
		return inOrder(1, 0, 2)
	}
	return inOrder(best, 0, 1)
}

// inOrder are columns of a table without places.
func inOrder(kind, text, area int) columns { return columns{kind, text, area, -1, -1, -1, -1} }

// box is where a line says that its note lies; nil: it does not say.
func (c columns) box(row []string) *board.Box {
	x, y := cell(row, c.x), cell(row, c.y)
	if x == "" || y == "" {
		return nil
	}
	b := stickyAt(number(x), number(y))
	if w, h := number(cell(row, c.width)), number(cell(row, c.height)); w > 0 && h > 0 {
		b.W, b.H = w, h
	}
	return b
}

func lengths(rows [][]string) []int {
	out := make([]int, len(rows))
	for i, row := range rows {
		out[i] = min(len(row), 20)
	}
	return out
}

func cell(row []string, at int) string {
	if at < 0 || at >= len(row) {
		return ""
	}
	return plain(row[at])
}

// header finds out what the first line says of columns: one is of kinds or colours, and
// one of texts.
func header(row []string) (columns, bool) {
	found := [7]int{-1, -1, -1, -1, -1, -1, -1}
	for i, name := range row {
		for j, words := range columnWords {
			if found[j] < 0 && slices.Contains(words, strings.ToLower(plain(name))) {
				found[j] = i
				break
			}
		}
	}
	return columns{found[0], found[1], found[2], found[3], found[4], found[5], found[6]}, found[0] >= 0 && found[1] >= 0
}
