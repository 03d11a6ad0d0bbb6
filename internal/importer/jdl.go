package importer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// JDL reads JHipster's language: applications are contexts, and each entity is an
// aggregate that is created, changed and deleted, which is what JHipster makes of it.
// Whoever keeps a relationship has the id of the other one.
func JDL(data []byte) (*Sketch, error) {
	r := &jdlReader{newStory(), map[string]string{}, map[string][]Field{}}
	blocks := blocksOf(string(data))
	var names []string
	for _, b := range blocks {
		if b.is("entity") {
			names = append(names, b.words[1])
		}
	}
	for _, wanted := range []bool{false, true} { // what one application has is not that of one which has all
		for _, b := range blocks {
			if len(b.words) == 1 && b.words[0] == "application" {
				r.application(b, names, wanted)
			}
		}
	}
	for _, b := range blocks {
		if b.is("relationship") {
			r.relationship(b)
		}
	}
	for _, b := range blocks {
		switch {
		case b.is("entity"):
			r.entity(b)
		case b.is("enum"), b.is("relationship"):
		case len(b.words) > 0 && b.words[0] != "application":
			r.sketch.Left = append(r.sketch.Left, short(strings.Join(b.words, " ")))
		}
	}
	for _, b := range blocks {
		if b.is("enum") {
			jdlEnum(r.story, b)
		}
	}
	return r.sketch, nil
}

type jdlReader struct {
	*story
	home map[string]string  // the applications of entities
	kept map[string][]Field // what entities keep of others
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

// application makes a context of one. Whether it has all entities that no other one has
// is asked the second time only.
func (r *jdlReader) application(b block, names []string, all bool) {
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
		if !all {
			r.sketch.Left = append(r.sketch.Left, "application "+name+": a gateway is generated anyhow")
		}
		return
	}
	if !all {
		r.sketch.Areas = append(r.sketch.Areas, &Area{ID: name, Text: name})
	}
	for _, x := range b.blocks {
		if len(x.words) < 2 || x.words[0] != "entities" {
			continue
		}
		list := x.words[1:]
		every := list[0] == "*" || list[0] == "all"
		if every != all {
			continue
		}
		if every {
			list = slices.DeleteFunc(slices.Clone(names), func(e string) bool { return slices.Contains(x.words[2:], e) }) // * except A, B
		}
		for _, e := range list {
			if e != "," && r.home[e] == "" {
				r.home[e] = name
			}
		}
	}
}

// relationship reads "A{b} to B{a(name) required}", one of a kind: of many to one, and of one
// to one, the first keeps the other's id; of one to many the other; of many to many the
// first has a list.
func (r *jdlReader) relationship(b block) {
	for _, line := range jdlLines(b.blocks) {
		at := slices.Index(line, "to")
		if at < 1 || at+1 >= len(line) {
			r.sketch.Left = append(r.sketch.Left, short(strings.Join(append(slices.Clone(b.words), line...), " ")))
			continue
		}
		from, to := jdlEnd(line[:at]), jdlEnd(line[at+1:])
		switch b.words[1] {
		case "OneToMany":
			r.keeps(to, from, "")
		case "ManyToMany":
			r.keeps(from, to, "list")
		default:
			r.keeps(from, to, "")
		}
	}
}

// keeps gives an entity the id of another one, of the same application if it is known.
func (r *jdlReader) keeps(who, whom jdlSide, form string) {
	field := Field{Name: lower(identifier(cmp.Or(who.field, whom.entity), "field")), Type: "id"}
	if form == "" && !who.required {
		form = "optional"
	}
	if r.home[who.entity] == r.home[whom.entity] {
		field.Type = "ref(" + identifier(whom.entity, board.Aggregate) + ")"
	}
	if form != "" {
		field.Type = form + "(" + field.Type + ")"
	}
	if field.Name != "" {
		r.kept[who.entity] = unite(r.kept[who.entity], []Field{field})
	}
}

// jdlSide is an end of a relationship.
type jdlSide struct {
	entity, field string
	required      bool
}

// jdlEnd reads "A", "{", "b", "(", "name", ")", "required", "}".
func jdlEnd(words []string) jdlSide {
	s := jdlSide{entity: words[0]}
	if len(words) > 2 && words[1] == "{" {
		s.field = words[2]
	}
	s.required = slices.Contains(words, "required")
	return s
}

// jdlLines are the relationships of a block. The braces of fields, which are blocks as
// well, are words again.
func jdlLines(blocks []block) [][]string {
	var out [][]string
	var line []string
	for _, b := range blocks {
		words := b.words
		if len(b.blocks) > 0 {
			words = append(slices.Clone(words), "{")
			for _, x := range b.blocks {
				words = append(words, x.words...)
			}
			words = append(words, "}")
		}
		for _, w := range words {
			if w == "," {
				continue
			}
			line = append(line, w)
		}
		if at := slices.Index(line, "to"); at < 0 || at == len(line)-1 {
			continue // the other end comes with the next block
		}
		out, line = append(out, line), nil
	}
	return out
}

// jdlFields are the fields of a line, between which there are commas: "stars Integer min(1)
// max(5), text TextBlob".
func jdlFields(words []string) [][]string {
	out := [][]string{nil}
	depth := 0
	for _, w := range words {
		switch w {
		case "(":
			depth++
		case ")":
			depth--
		case ",":
			if depth == 0 {
				out = append(out, nil)
				continue
			}
		}
		out[len(out)-1] = append(out[len(out)-1], w)
	}
	return out
}

func (r *jdlReader) entity(b block) {
	name := b.words[1]
	area := r.home[name]
	a := r.note(board.Aggregate, name, area)
	a.About = b.doc
	for _, x := range b.blocks {
		for _, w := range jdlFields(x.words) {
			if len(w) < 2 || w[0] == "@" {
				continue
			}
			form := ""
			if !slices.Contains(w, "required") {
				form = "optional"
			}
			a.Fields = unite(a.Fields, fieldOf(w[0], w[1], form, false))
		}
	}
	a.Fields = unite(a.Fields, r.kept[name])
	for _, verb := range [][2]string{{"Create", "Created"}, {"Change", "Changed"}, {"Delete", "Deleted"}} {
		m, e := r.note(board.Command, verb[0]+" "+name, area), r.note(board.Event, name+" "+verb[1], area)
		m.Of, e.Of = a.ID, a.ID
		if verb[0] != "Delete" {
			m.Fields, e.Fields = slices.Clone(a.Fields), slices.Clone(a.Fields)
		}
		m.Creates = verb[0] == "Create"
		e.Deletes = verb[0] == "Delete"
		r.arrow(m, e)
	}
}
