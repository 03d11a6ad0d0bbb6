package model

import (
	"io/fs"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// SettingsName is what the settings beside a document are called. They belong
// to the place where the model is worked on, so they win over the document's.
const SettingsName = ".esgen.yaml"

// settingsForm is the file of the settings.
var settingsForm = &form[System]{
	what: "the settings",
	doc:  "How esgen treats a model.",
	keys: []key[System]{rulesKey},
}

// rulesKey says how much rules of check matter.
var rulesKey = at("rules", "How much a rule of check matters: off, note, warning or error.", ruleLevels, func(s *System) *[]*RuleLevel { return &s.Rules })

// ruleLevels reads {untouched: off, unguarded: error}. Which rules there are is
// for check to know.
var ruleLevels = reader[[]*RuleLevel]{
	shape: Shape{Kind: EntriesShape, Says: "a map of rules and how much they matter", Of: &ruleLevel.shape},
	read: func(d decoder, v *[]*RuleLevel, n *source.Node) bool {
		if n.Kind != source.Mapping {
			d.wrongKind(n, "a map of rules and how much they matter")
			return false
		}
		for i := range n.Pairs {
			k := n.Pairs[i].Key
			d := d
			d.key += "." + k.Value
			l := &RuleLevel{Rule: textOf(k)}
			if ruleLevel.read(d, &l.Level, n.Pairs[i].Value) {
				*v = append(*v, l)
			}
		}
		return true
	},
}

var ruleLevel = choice(word[Level]{"off", Off}, word[Level]{"note", Level(diag.Note.String())},
	word[Level]{"warning", Level(diag.Warning.String())}, word[Level]{"error", Level(diag.Error.String())})

// settings reads the file beside the document, if there is one.
func (l *loader) settings() {
	if _, err := fs.Stat(l.fsys, SettingsName); err != nil {
		return
	}
	t := &tree{name: SettingsName}
	l.parse([]*tree{t})
	l.sys.Files = append(l.sys.Files, t.file)
	if t.err != nil {
		l.unreadable(source.Pos{}, t.file, t.err)
		return
	}
	diag.FromSource(l.diags, t.faults)
	if t.root.IsEmpty() {
		return
	}
	d := decoder{loader: l, about: settingsForm.what}
	if t.root.Kind != source.Mapping {
		d.wrongKind(t.root, "a map")
		return
	}
	settingsForm.readInto(d, l.sys, t.root)
}
