package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// areaWords are what contexts are called in lists of notes.
var areaWords = []string{"context", "bounded context", "frame", "area", "컨텍스트", "바운디드 컨텍스트"}

// Text reads plain text: "kind: text", a note a line. "context: name" begins a context;
// a line that begins with an arrow follows from the one before it.
func Text(data []byte) (*Sketch, error) {
	s := newStory()
	area := ""
	var last *Note
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		rest, follows := cutArrow(line)
		word, text, is := strings.Cut(rest, ":")
		word, text = strings.ToLower(plain(word)), strings.TrimSpace(text)
		kind, known := kindWords[word]
		switch {
		case line == "":
			last = nil
		case is && word == "title":
			s.sketch.Title = text
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
type columns struct{ kind, text, area int }

// columnWords are what columns are called.
var columnWords = [3][]string{
	{"kind", "type", "colour", "color", "fill", "fillcolor", "종류", "색"},
	{"text", "content", "title", "name", "note", "sticky note", "내용"},
	areaWords,
}

// CSV reads a table, a note a line: its kind or its colour, its text, and its context,
// in this order if a first line does not say otherwise.
func CSV(data []byte, said Colours) (*Sketch, error) {
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	rows.FieldsPerRecord, rows.LazyQuotes, rows.TrimLeadingSpace = -1, true, true
	first, _, _ := bytes.Cut(data, []byte("\n"))
	for _, mark := range ";\t" {
		if bytes.ContainsRune(first, mark) && !bytes.ContainsRune(first, ',') {
			rows.Comma = mark
		}
	}
	s := newStory()
	at := columns{0, 1, 2}
	colours := palette{said: said}
	var found []string
	for number := 0; ; number++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("csv: %w", err)
		}
		if number == 0 {
			if head, is := header(row); is {
				at = head
				continue
			}
		}
		colour := cell(row, at.kind)
		found = append(found, colour)
		kind, known := kindWords[strings.ToLower(plain(colour))]
		if !known {
			kind = colours.kindOf(&shape{fill: colour, box: *stickyAt(0, 0)})
		}
		area := ""
		if name := cell(row, at.area); name != "" && kind != board.Actor {
			area = s.area(name)
		}
		if text := cell(row, at.text); text != "" {
			s.note(kind, text, area)
		} else if line := strings.Trim(strings.Join(row, " "), " "); line != "" {
			s.sketch.Left = append(s.sketch.Left, "line: "+short(line))
		}
	}
	s.sketch.unsaid(said, found)
	return s.sketch, nil
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
	found := [3]int{-1, -1, -1}
	for i, name := range row {
		for j, words := range columnWords {
			if found[j] < 0 && slices.Contains(words, strings.ToLower(plain(name))) {
				found[j] = i
				break
			}
		}
	}
	return columns{found[0], found[1], found[2]}, found[0] >= 0 && found[1] >= 0
}
