package importer

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// CML reads a model of Context Mapper: contexts, aggregates with their root's fields,
// commands, events and flows, and the context map.
func CML(data []byte) (*Sketch, error) {
	r := &cmlReader{story: newStory(), fields: map[string][]Field{}}
	blocks := blocksOf(string(data))
	for _, b := range blocks {
		if b.is("BoundedContext") {
			r.context(b)
		}
	}
	for _, b := range blocks {
		switch {
		case b.is("ContextMap"):
			r.contextMap(b)
		case b.is("BoundedContext"):
		default:
			r.sketch.Left = append(r.sketch.Left, strings.Join(b.words[:min(2, len(b.words))], " "))
		}
	}
	return r.sketch, nil
}

func (b *block) is(word string) bool { return len(b.words) > 1 && b.words[0] == word }

type cmlReader struct {
	*story
	fields map[string][]Field // of what others extend, by name
}

func (r *cmlReader) context(b block) {
	name := b.words[1]
	r.sketch.Areas = append(r.sketch.Areas, &Area{ID: name, Text: name})
	for _, x := range b.blocks {
		r.member(x, name)
	}
}

func (r *cmlReader) member(b block, area string) {
	switch {
	case b.is("Aggregate"):
		r.aggregate(b, area)
	case b.is("Module"):
		for _, x := range b.blocks {
			r.member(x, area)
		}
	case len(b.words) > 0 && b.words[0] == "Application":
		for _, x := range b.blocks {
			switch {
			case x.is("Command"), x.is("CommandEvent"):
				r.note(board.Command, x.words[1], area)
			case x.is("Flow"):
				for _, step := range x.blocks {
					r.step(step, area)
				}
			}
		}
	}
}

func (r *cmlReader) aggregate(b block, area string) {
	a := r.note(board.Aggregate, b.words[1], area)
	for _, x := range b.blocks {
		words := slices.DeleteFunc(slices.Clone(x.words), func(w string) bool { return w == "abstract" })
		abstract := len(words) < len(x.words)
		if len(words) < 2 {
			continue
		}
		fields := r.attributes(x.blocks)
		for _, w := range words[2:] {
			fields = unite(fields, r.fields[w])
		}
		name := words[1]
		switch words[0] {
		case "Entity":
			if slices.ContainsFunc(x.blocks, func(o block) bool { return len(o.words) == 1 && o.words[0] == "aggregateRoot" }) {
				a.Fields = unite(a.Fields, fields)
			} else {
				r.sketch.Left = append(r.sketch.Left, "entity "+name+" of "+b.words[1]+": it is not the root")
			}
		case "DomainEvent", "Event", "CommandEvent", "Command":
			r.fields[name] = fields
			if abstract {
				continue
			}
			kind := board.Event
			if strings.HasPrefix(words[0], "Command") {
				kind = board.Command
			}
			n := r.note(kind, name, area)
			n.Of, n.Fields = a.ID, unite(n.Fields, fields)
			if role, is := strings.CutPrefix(x.doc, "role:"); is && kind == board.Command {
				r.arrow(r.note(board.Actor, role, ""), n)
			}
		case "ValueObject":
			r.fields[name] = fields
			r.sketch.Types = append(r.sketch.Types, &Type{Area: area, Name: name, Fields: fields})
		case "enum":
			t := &Type{Area: area, Name: name}
			for _, line := range x.blocks {
				t.Values = append(t.Values, slices.DeleteFunc(slices.Clone(line.words), func(w string) bool { return w == "," || w == "aggregateLifecycle" })...)
			}
			r.sketch.Types = append(r.sketch.Types, t)
		case "Service", "Repository":
			r.sketch.Left = append(r.sketch.Left, words[0]+" "+name+" of "+b.words[1])
		}
	}
}

// attributes are fields: "String name", "- Other other", "List<Item> items".
func (r *cmlReader) attributes(blocks []block) []Field {
	var out []Field
	for _, b := range blocks {
		w := slices.DeleteFunc(slices.Clone(b.words), func(w string) bool { return w == "-" || w == "@" || w == "^" || w == "key" })
		if len(b.blocks) > 0 || len(w) < 2 || w[0] == "*" || slices.Contains(w, "(") {
			continue
		}
		t, rest := w[0], w[1:]
		if rest[0] == "<" {
			end := slices.Index(rest, ">")
			if end < 2 || end+1 >= len(rest) {
				continue
			}
			t, rest = "List<"+rest[1]+">", rest[end+1:]
		}
		if !strings.Contains(rest[0], ".") {
			out = unite(out, fieldOf(rest[0], t, "", slices.Contains(b.words, "key")))
		}
	}
	return out
}

// step reads "command A delegates to X emits event B", "event B triggers command C X D".
func (r *cmlReader) step(b block, area string) {
	var from []*Note
	kind := board.Kind("")
	var found []*Note
	next := func() {
		for _, f := range from {
			for _, t := range found {
				r.arrow(f, t)
			}
		}
		from, found = found, nil
	}
	for i := 0; i < len(b.words); i++ {
		switch w := b.words[i]; w {
		case "command", "operation":
			kind = board.Command
		case "event":
			kind = board.Event
		case "emits", "triggers", "initiates":
			next()
			kind = ""
		case "delegates":
			if i+2 < len(b.words) && b.words[i+1] == "to" {
				for _, f := range found {
					f.Of = r.note(board.Aggregate, b.words[i+2], area).ID // which may be told of later
				}
				i += 2
			}
			kind = ""
		case "X", "O", "+", ",", "to":
		case "[":
			for i < len(b.words) && b.words[i] != "]" {
				i++
			}
		default:
			if kind != "" {
				found = append(found, r.note(kind, w, area))
			}
		}
	}
	next()
}

// cmlRoles are the roles of the language for Context Mapper's.
var cmlRoles = map[string]string{
	"OHS": "open-host-service", "PL": "published-language", "CF": "conformist", "ACL": "anticorruption-layer", "S": "customer-supplier", "C": "customer-supplier",
}

// contextMap reads "A [D,ACL]<-[U,OHS] B", "A [SK]<->[SK] B".
func (r *cmlReader) contextMap(b block) {
	for _, x := range b.blocks {
		line := strings.Join(x.words, " ")
		var names, roles []string
		depth := 0
		for _, w := range x.words {
			switch {
			case w == "[":
				depth++
			case w == "]":
				depth--
			case depth > 0:
				roles = append(roles, w)
			case w != "<" && w != ">" && w != "-":
				names = append(names, w)
			}
		}
		if len(names) < 2 || names[0] == "contains" || names[0] == "type" || names[0] == "state" {
			continue
		}
		rel := Relation{Upstream: names[0], Downstream: names[1]}
		both := strings.Contains(line, "< - >")
		if strings.Contains(line, "< -") && !both {
			rel.Upstream, rel.Downstream = names[1], names[0]
		}
		for _, role := range roles {
			if known := cmlRoles[role]; known != "" && !slices.Contains(rel.Roles, known) {
				rel.Roles = append(rel.Roles, known)
			}
			if role == "SK" {
				rel.Kind = "shared-kernel"
			} else if role == "P" {
				rel.Kind = "partnership"
			}
		}
		if both && rel.Kind == "" {
			rel.Kind = "partnership"
		}
		if rel.Kind != "" {
			rel.Roles = nil
		}
		r.sketch.Relations = append(r.sketch.Relations, rel)
	}
}
