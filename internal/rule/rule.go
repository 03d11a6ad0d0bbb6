// Package rule lists everything that can be wrong with a model: how grave it is,
// and what it is about. Each rule has a page in docs/rules.
package rule

import "slices"

// Severity says how much a finding matters.
type Severity uint8

// Severities, the gravest first.
const (
	Error   Severity = iota // the model says nothing that could be generated
	Warning                 // generated, but probably not what was meant
	Note                    // worth knowing
)

func (s Severity) String() string {
	return [...]string{"error", "warning", "note"}[s]
}

// Rule is one thing that is looked at.
type Rule struct {
	ID ID
	level
	Says string // what it is about, in one line
}

// level is how much a rule matters.
type level struct {
	Severity Severity // unless the model says otherwise
	Firm     bool     // what is generated relies on it: the model has no say in it
}

var (
	firm    = level{Error, true}
	failure = level{Severity: Error}
	warning = level{Severity: Warning}
	note    = level{Severity: Note}
)

// Family is the rules about one thing.
type Family struct {
	Name string
	// Reading: they are about how a model is read, before the rules of check look
	// at it: its text, its keys, values and names, its expressions, and a file
	// that is formatted. No model weighs or ignores these.
	Reading bool
	Rules   []Rule
}

// Families lists all rules, in the order in which a model is read and checked.
func Families() []Family { return slices.Clone(families) }

// All lists all rules.
func All() []Rule {
	return collect(func(Family) bool { return true })
}

// Checked lists the rules that package check looks at.
func Checked() []Rule {
	return collect(func(f Family) bool { return !f.Reading })
}

func collect(which func(Family) bool) []Rule {
	var out []Rule
	for _, f := range families {
		if which(f) {
			out = append(out, f.Rules...)
		}
	}
	return out
}

// byID finds rules fast: check asks for each finding.
var byID = func() map[ID]Rule {
	out := map[ID]Rule{}
	for _, r := range All() {
		out[r.ID] = r
	}
	return out
}()

// Find finds a rule.
func Find(id ID) (Rule, bool) {
	r, ok := byID[id]
	return r, ok
}
