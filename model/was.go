package model

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// wasKey says what a note was called before. It is read into the note only where
// what is outside of the code can go by the old name; see keepsNames.
var wasKey = key[Node]{
	name: "was", doc: "What it was called before, the oldest first: what is stored and told goes on by that name.",
	shape: oneOrMore(plainName).shape, read: readWas,
}

func readWas(d decoder, n *Node, v *source.Node) {
	if why, refused := d.refusesWas(); refused {
		d.diags.Errorf(rule.Was, v.Pos, "%s: %s", d.place(), why.reason).With(diag.Fix("%s", why.fix))
		return
	}
	oneOrMore(plainName).read(d, &n.Was, v)
	seen := map[string]bool{n.Name: true}
	for _, was := range n.Was {
		if seen[was.Value] {
			d.diags.Errorf(rule.Was, was.Pos, "%s: %s is told twice, or is what it is called now", d.place(), was.Value).
				With(diag.Fix("list the names of before, the oldest first"))
		}
		seen[was.Value] = true
	}
}

// keepsNames are the constructs that may say was: nothing of what is stored of
// them, or told to others, needs to move when they are called otherwise.
var keepsNames = map[string]bool{
	"aggregate": true, "command": true, "event": true, "field": true, "view": true, "query": true, "policy": true, "rule": true,
}

// refusal says why a construct has no was, and what is written in place of it.
type refusal struct{ reason, fix string }

// needNames are the constructs whose names cannot be kept beside new ones.
var needNames = map[string]refusal{
	"context": {"its service runs under its name: directory, address, database, topics and the place in them that it has read to would be others",
		"keep its identifier, and change what people read: code: <the old name>"},
	"the document": {"topics, images and namespaces begin with the system's name", "keep the name of the system, and change its title"},
	"external":     {"its address is configured by its name, and what it tells lies on a topic of that name", "keep its identifier: code: <the old name>"},
	"operation":    {"another system answers it", "say where: http: POST /<the old name>"},
	"saga":         {"stories that are under way are kept and answered by its name", "keep its identifier: code: <the old name>"},
	"step":         {"stories that are under way are kept by it", "keep its identifier: code: <the old name>"},
	"actor":        {"tokens carry its role", "keep the role: role: <the old one>"},
	"value":        {"what others know a value by stands beside it", "write <the new name>: {wire: <the old name>}"},
}

// refusesWas says why what is being read cannot have been called otherwise.
func (d decoder) refusesWas() (refusal, bool) {
	if keepsNames[d.what] && !(d.what == "event" && d.external != nil) {
		return refusal{}, false
	}
	if why, known := needNames[d.what]; known {
		return why, true
	}
	if d.what == "event" {
		return refusal{"what it is made of is told by another system", "keep its identifier: code: <the old name>"}, true
	}
	return refusal{"nothing outside of the model is called after it", "leave it out"}, true
}
