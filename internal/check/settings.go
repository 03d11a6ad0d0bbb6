package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// weighed is what is left of the findings when the model has had its word on
// which of them matter, and how much.
func weighed(sys *model.System, found *diag.List) *diag.List {
	said := &diag.List{} // about the settings and the comments themselves
	levels, silences := levelsOf(sys, said), silencesOf(sys, said)
	out := &diag.List{}
	keep := func(d diag.Diagnostic) {
		covered := silences.cover(d)
		level, set := levels[d.Rule]
		if covered || level == model.Off {
			return
		}
		if set {
			d.Severity = severities[level]
		}
		out.Add(d)
	}
	for _, d := range found.Sorted() {
		keep(d)
	}
	silences.unused(said)
	for _, d := range said.Sorted() {
		keep(d)
	}
	return out
}

// severities are the levels that print.
var severities = map[model.Level]diag.Severity{
	model.Level(diag.Error.String()):   diag.Error,
	model.Level(diag.Warning.String()): diag.Warning,
	model.Level(diag.Note.String()):    diag.Note,
}

// levelsOf is how much rules matter to a model, where it says so.
func levelsOf(sys *model.System, said *diag.List) map[rule.ID]model.Level {
	levels := map[rule.ID]model.Level{}
	for _, l := range sys.Rules {
		id := rule.ID(l.Rule.Value)
		if r, _ := rule.Find(id); r.Firm && l.Level == model.Level(diag.Error.String()) {
			continue // that is what it is
		}
		if open(l.Rule, said) {
			levels[id] = l.Level
		}
	}
	return levels
}

// open reports whether a rule is one that a model can have its word on; if not,
// it says so.
func open(name model.Text, said *diag.List) bool {
	r, ok := rule.Find(rule.ID(name.Value))
	switch {
	case ok && !slices.Contains(rule.Checked(), r):
		said.Errorf(rule.FirmRule, name.Pos, "no model has a say in %s: it is about how the model is read", name.Value).
			With(diag.Fix("mend what it finds"))
	case !ok:
		said.Errorf(rule.UnknownRule, name.Pos, "there is no rule %s", name.Value).With(didYouMean(name.Value, openIDs()))
	case r.Firm:
		said.Errorf(rule.FirmRule, name.Pos, "%s is an error whatever one thinks of it: what is generated relies on it", name.Value).
			With(diag.Fix("mend what it finds"))
	default:
		return true
	}
	return false
}

// openIDs are the rules that can be weighed.
func openIDs() []string {
	var ids []string
	for _, r := range rule.Checked() {
		if !r.Firm {
			ids = append(ids, string(r.ID))
		}
	}
	slices.Sort(ids)
	return ids
}
