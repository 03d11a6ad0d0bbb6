// Package diag holds what esgen has to say about a model: diagnostics with
// their places, collected, sorted, and printed for people and for machines.
package diag

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// Severity says how much a diagnostic matters.
type Severity = rule.Severity

// Severities, the gravest first.
const (
	Error   = rule.Error
	Warning = rule.Warning
	Note    = rule.Note
)

// Related is the other place a diagnostic speaks of.
type Related struct {
	Pos     source.Pos
	Message string
}

// Diagnostic is one finding: what, where, the other places, the likely fix.
type Diagnostic struct {
	Severity   Severity
	Rule       rule.ID
	Pos        source.Pos
	Message    string // one sentence, no full stop, names as written on the wall
	Related    []Related
	Instead    string // where the likely fix is to write one name in place of the one at Pos: that name
	Suggestion string // the likely fix: "did you mean \"front.OrderPlaced\"?"; "" when there is none
}

// Option adds to a diagnostic as it is reported.
type Option func(*Diagnostic)

// At names another place involved.
func At(pos source.Pos, format string, args ...any) Option {
	return func(d *Diagnostic) {
		if pos.IsValid() {
			d.Related = append(d.Related, Related{pos, fmt.Sprintf(format, args...)})
		}
	}
}

// Meant says which name was likely meant by the one that stands there.
func Meant(name string) Option {
	return func(d *Diagnostic) { d.Suggestion, d.Instead = fmt.Sprintf("did you mean %q?", name), name }
}

// Fix says what to do about it.
func Fix(format string, args ...any) Option {
	return func(d *Diagnostic) { d.Suggestion = fmt.Sprintf(format, args...) }
}

// List collects diagnostics. The zero List is ready for use. It is not safe
// for concurrent use: parallel work collects into lists of its own and merges
// them with Merge.
type List struct {
	items []Diagnostic
}

// Add appends a diagnostic.
func (l *List) Add(d Diagnostic) { l.items = append(l.items, d) }

// Merge appends everything another list holds.
func (l *List) Merge(o *List) { l.items = append(l.items, o.items...) }

// Errorf reports an error.
func (l *List) Errorf(id rule.ID, pos source.Pos, format string, args ...any) *Diagnostic {
	return l.report(Error, id, pos, format, args)
}

// Warnf reports a warning.
func (l *List) Warnf(id rule.ID, pos source.Pos, format string, args ...any) *Diagnostic {
	return l.report(Warning, id, pos, format, args)
}

// Notef reports a note.
func (l *List) Notef(id rule.ID, pos source.Pos, format string, args ...any) *Diagnostic {
	return l.report(Note, id, pos, format, args)
}

func (l *List) report(s Severity, id rule.ID, pos source.Pos, format string, args []any) *Diagnostic {
	l.items = append(l.items, Diagnostic{Severity: s, Rule: id, Pos: pos, Message: fmt.Sprintf(format, args...)})
	return &l.items[len(l.items)-1]
}

// With applies options to a reported diagnostic; it must be called before the
// next report to the same list.
func (d *Diagnostic) With(opts ...Option) {
	for _, o := range opts {
		o(d)
	}
}

// HasErrors reports whether any diagnostic is an error.
func (l *List) HasErrors() bool {
	return slices.ContainsFunc(l.items, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sorted returns the diagnostics by place, then severity, rule and message,
// each once.
func (l *List) Sorted() []Diagnostic {
	out := slices.Clone(l.items)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(out, func(a, b Diagnostic) bool {
		return a.Pos.Compare(b.Pos) == 0 && a.Rule == b.Rule && a.Message == b.Message && a.Severity == b.Severity
	})
}
