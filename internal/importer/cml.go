package importer

import (
	"cmp"
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
		case len(b.words) > 0 && b.words[0] == "ContextMap": // whose name may be missing
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
			case len(x.words) < 2:
			case strings.EqualFold(x.words[0], "Command"), strings.EqualFold(x.words[0], "CommandEvent"):
				r.note(board.Command, x.words[1], area)
			case strings.EqualFold(x.words[0], "Flow"):
				for _, step := range x.blocks {
					r.step(step, area)
				}
			case strings.EqualFold(x.words[0], "Service"):
				r.operations(x, area, "")
			default:
				r.sketch.Left = append(r.sketch.Left, x.words[0]+" "+x.words[1]+" of "+area)
			}
		}
	}
}

// operations reads those of a service, "void pay(@Claim claim) : write [OPEN -> PAID];": what
// writes, or answers nothing, is a command.
func (r *cmlReader) operations(b block, area, of string) {
	for _, x := range b.blocks {
		open := slices.Index(x.words, "(")
		if open < 1 {
			continue
		}
		name := x.words[open-1]
		why := ""
		if slices.Contains(x.words, "read") {
			why = "it only reads"
		} else if !slices.Contains(x.words, "void") && !slices.Contains(x.words, "write") {
			why = "it answers something, and nobody says that it writes"
		}
		if why != "" {
			r.sketch.Left = append(r.sketch.Left, "operation "+name+" of "+b.words[1]+": "+why)
			continue
		}
		n := r.note(board.Command, name, area)
		n.Of = cmp.Or(n.Of, of)
		end := open + 1
		for end < len(x.words) && x.words[end] != ")" {
			end++
		}
		n.Fields = unite(n.Fields, attributes(x.words[open+1:end]))
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
		fields := attributesOf(x.blocks)
		for _, w := range words[2:] {
			fields = unite(fields, r.fields[w])
		}
		name := words[1]
		switch words[0] {
		case "Entity":
			if slices.ContainsFunc(x.blocks, func(o block) bool { return len(o.words) > 0 && o.words[0] == "aggregateRoot" }) {
				a.Fields = unite(a.Fields, fields)
				r.operations(x, area, a.ID)
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
		case "Service":
			r.operations(x, area, a.ID)
		case "Repository":
			r.sketch.Left = append(r.sketch.Left, words[0]+" "+name+" of "+b.words[1])
		}
	}
}

// attributesOf are the fields of a block.
func attributesOf(blocks []block) []Field {
	var out []Field
	for _, b := range blocks {
		if len(b.blocks) == 0 && !slices.Contains(b.words, "(") && !slices.Contains(b.words, "*") {
			out = unite(out, attributes(b.words))
		}
	}
	return out
}

// attributeWords say more of a field than its type and name.
var attributeWords = []string{"aggregateRoot", "abstract", "persistent", "def", "key", "required", "nullable", "unique", "changeable", "not", "index", "cache"}

// attributes are fields, one after the other: "String name", "- Other other key",
// "List<Item> items", "- @Seat seat", "String mail required hint=\"at home\"".
func attributes(words []string) []Field {
	var out []Field
	w := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		return w == "-" || w == "@" || w == "^" || w == "!" || w == "," || slices.Contains(attributeWords, w) && w != "key"
	})
	for len(w) > 1 {
		class, rest := w[0], w[1:]
		if rest[0] == "<" {
			end := slices.Index(rest, ">")
			if end < 2 || end+1 >= len(rest) {
				return out
			}
			class, rest = "List<"+rest[1]+">", rest[end+1:]
		}
		if len(rest) > 1 && rest[1] == "=" || rest[0] == "=" { // no field, but what is said of the one before
			w = rest[min(2, len(rest)):]
			continue
		}
		name, key := rest[0], len(rest) > 1 && rest[1] == "key"
		if w = rest[1:]; key {
			w = w[1:]
		}
		if !strings.Contains(name, ".") {
			out = unite(out, fieldOf(name, class, "", key))
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
		if rel, is := spelledOut(names); is {
			r.sketch.Relations = append(r.sketch.Relations, rel)
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

// spelledOut reads "A Customer-Supplier B" and the like: the first word is about A.
func spelledOut(names []string) (Relation, bool) {
	if len(names) >= 3 && names[1] == "Partnership" {
		return Relation{Upstream: names[0], Downstream: names[2], Kind: "partnership"}, true
	}
	if len(names) < 4 {
		return Relation{}, false
	}
	switch names[1] + "-" + names[2] {
	case "Shared-Kernel":
		return Relation{Upstream: names[0], Downstream: names[3], Kind: "shared-kernel"}, true
	case "Upstream-Downstream":
		return Relation{Upstream: names[0], Downstream: names[3]}, true
	case "Downstream-Upstream":
		return Relation{Upstream: names[3], Downstream: names[0]}, true
	case "Supplier-Customer":
		return Relation{Upstream: names[0], Downstream: names[3], Roles: []string{"customer-supplier"}}, true
	case "Customer-Supplier":
		return Relation{Upstream: names[3], Downstream: names[0], Roles: []string{"customer-supplier"}}, true
	}
	return Relation{}, false
}
