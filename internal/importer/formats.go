package importer

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// format reads boards of one kind.
type format struct {
	name     string
	endings  []string
	contains [][]string // all of one of these are in such a file, where the ending does not tell
	read     reader
}

// reader reads a board, of which somebody says what some of its colours mean.
type reader func([]byte, Colours) (*Sketch, error)

// colourless reads boards whose notes say themselves what they are.
func colourless(read func([]byte) (*Sketch, error)) reader {
	return func(data []byte, said Colours) (*Sketch, error) {
		if len(said) > 0 {
			return nil, errors.New("its notes have no colours: they say themselves what they are")
		}
		return read(data)
	}
}

var formats = []format{
	{"storm", []string{".storm"}, nil, colourless(Storm)},
	{"drawio", []string{".drawio", ".dio"}, [][]string{{"<mxGraphModel"}, {"<mxfile"}}, Drawio},
	{"excalidraw", []string{".excalidraw"}, [][]string{{`"type"`, `"excalidraw"`, `"elements"`}}, Excalidraw},
	{"mermaid", []string{".mmd", ".mermaid"}, [][]string{{"eventmodeling"}}, colourless(EventModeling)},
	{"plantuml", []string{".puml", ".plantuml", ".pu"}, [][]string{{"@startuml"}}, colourless(PlantUML)},
	{"cml", []string{".cml"}, [][]string{{"BoundedContext "}}, colourless(CML)},
	{"jdl", []string{".jdl", ".jh"}, [][]string{{"entity ", "{"}}, colourless(JDL)},
	{"markdown", []string{".md", ".markdown"}, nil, Markdown},
	{"nebulit", nil, [][]string{{`"slices"`, `"commands"`}}, colourless(Nebulit)},
	{"miro", nil, [][]string{{`"type"`, `"position"`, `"data"`}}, Miro},
	{"miro-backup", []string{".rtb"}, nil, MiroBackup},
	{"text", []string{".txt", ".text"}, nil, colourless(Text)},
	{"csv", []string{".csv", ".tsv"}, nil, CSV},
	{"msaez", nil, [][]string{{`"elements"`, "org.uengine"}}, colourless(MSAEz)},
}

// Formats are the names of what can be read.
func Formats() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// Read reads a board of whatever format the file is in, by its name and by what is in
// it. Said are meanings of colours that go before a legend and the standard palette.
func Read(file string, data []byte, said Colours) (*Sketch, error) {
	s, err := read(file, decoded(data), said)
	if err == nil {
		err = s.settle()
	}
	if err == nil && plain(s.Title) == "" {
		s.Title = strings.TrimSuffix(path.Base(file), path.Ext(file))
	}
	return s, err
}

func read(file string, data []byte, said Colours) (*Sketch, error) {
	ending := strings.ToLower(path.Ext(file))
	for _, f := range formats {
		if slices.Contains(f.endings, ending) {
			return f.text(data, said)
		}
	}
	for _, f := range formats {
		for _, all := range f.contains {
			if !slices.ContainsFunc(all, func(c string) bool { return !bytes.Contains(data, []byte(c)) }) {
				return f.text(data, said)
			}
		}
	}
	return nil, fmt.Errorf("%s is no board that is known: these are %s", file, strings.Join(Formats(), ", "))
}

// text reads a file that is a text in UTF-8, or an archive. Letters of other encodings would
// be lost: spreadsheets write them where they are not asked for UTF-8.
func (f *format) text(data []byte, said Colours) (*Sketch, error) {
	if !utf8.Valid(data) && !bytes.HasPrefix(data, []byte("PK")) {
		return nil, errors.New("it is not written in UTF-8: save it once more, as UTF-8 (a spreadsheet: as \"CSV UTF-8\")")
	}
	return f.read(data, said)
}

// ReadAs reads a board of a format.
func ReadAs(name string, data []byte, said Colours) (*Sketch, error) {
	for _, f := range formats {
		if f.name != name {
			continue
		}
		s, err := f.text(decoded(data), said)
		if err == nil {
			err = s.settle()
		}
		return s, err
	}
	return nil, fmt.Errorf("there is no format %q", name)
}

// settle leaves out the arrows that do not lead from one thing on the board to another.
// It is an error when there is more than people put on a board.
func (s *Sketch) settle() error {
	if err := notTooMany(len(s.Notes), len(s.Arrows)); err != nil {
		return err
	}
	there := map[string]bool{}
	for _, n := range s.Notes {
		there[n.ID] = true
	}
	for _, a := range s.Areas {
		there[a.ID] = true
	}
	all := len(s.Arrows)
	s.Arrows = slices.DeleteFunc(s.Arrows, func(a Arrow) bool { return !there[a.From] || !there[a.To] })
	if loose := all - len(s.Arrows); loose > 0 {
		s.Left = append(s.Left, fmt.Sprintf("%d of the arrows: they do not lead from one note to another", loose))
	}
	return nil
}
