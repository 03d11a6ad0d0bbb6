package importer

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// JDL reads JHipster's language: applications are contexts, and each entity is an
// aggregate that is created, changed and deleted, which is what JHipster makes of it.
func JDL(data []byte) (*Sketch, error) {
	s := newStory()
	home := map[string]string{} // of entities
	var enums []block
	blocks := blocksOf(string(data))
	for _, b := range blocks {
		if len(b.words) == 1 && b.words[0] == "application" {
			jdlApplication(s, b, home)
		}
	}
	for _, b := range blocks {
		switch {
		case b.is("entity"):
			jdlEntity(s, b, home[b.words[1]])
		case b.is("enum"):
			enums = append(enums, b)
		case len(b.words) > 0 && b.words[0] != "application":
			s.sketch.Left = append(s.sketch.Left, short(strings.Join(b.words, " ")))
		}
	}
	for _, b := range enums {
		jdlEnum(s, b)
	}
	return s.sketch, nil
}

// jdlEnum makes a type of an enum in each context whose entities are of it.
func jdlEnum(s *story, b block) {
	t := Type{Name: b.words[1]}
	depth := 0
	for _, x := range b.blocks {
		for _, w := range x.words {
			switch {
			case w == "(": // what it is called in the database
				depth++
			case w == ")":
				depth--
			case w != "," && depth == 0:
				t.Values = append(t.Values, w)
			}
		}
	}
	var areas []string
	for _, n := range s.sketch.Notes {
		of := slices.ContainsFunc(n.Fields, func(f Field) bool { return f.Class == t.Name })
		if of && !slices.Contains(areas, n.Area) {
			areas = append(areas, n.Area)
		}
	}
	for _, a := range areas {
		one := t
		one.Area = a
		s.sketch.Types = append(s.sketch.Types, &one)
	}
	if len(areas) == 0 {
		s.sketch.Left = append(s.sketch.Left, "enum "+t.Name+": no entity has it")
	}
}

func jdlApplication(s *story, b block, home map[string]string) {
	name, gateway := "", false
	for _, x := range b.blocks {
		if len(x.words) > 0 && x.words[0] == "config" {
			for _, c := range x.blocks {
				if c.is("baseName") {
					name = c.words[1]
				}
				gateway = gateway || c.is("applicationType") && c.words[1] == "gateway"
			}
		}
	}
	if name == "" || gateway {
		s.sketch.Left = append(s.sketch.Left, "application "+name+": a gateway is generated anyhow")
		return
	}
	s.sketch.Areas = append(s.sketch.Areas, &Area{ID: name, Text: name})
	for _, x := range b.blocks {
		if len(x.words) > 0 && x.words[0] == "entities" {
			for _, e := range x.words[1:] {
				if e != "," && home[e] == "" {
					home[e] = name
				}
			}
		}
	}
}

func jdlEntity(s *story, b block, area string) {
	name := b.words[1]
	a := s.note(board.Aggregate, name, area)
	for _, x := range b.blocks {
		w := slices.DeleteFunc(slices.Clone(x.words), func(w string) bool { return w == "," })
		if len(w) < 2 {
			continue
		}
		form := ""
		if !slices.Contains(w, "required") {
			form = "optional"
		}
		a.Fields = unite(a.Fields, fieldOf(w[0], w[1], form, false))
	}
	for _, verb := range [][2]string{{"Create", "Created"}, {"Change", "Changed"}, {"Delete", "Deleted"}} {
		m, e := s.note(board.Command, verb[0]+" "+name, area), s.note(board.Event, name+" "+verb[1], area)
		m.Of, e.Of = a.ID, a.ID
		if verb[0] != "Delete" {
			m.Fields, e.Fields = slices.Clone(a.Fields), slices.Clone(a.Fields)
		}
		m.Creates = verb[0] == "Create"
		e.Deletes = verb[0] == "Delete"
		s.arrow(m, e)
	}
}
