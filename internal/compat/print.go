package compat

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// Diagnostics are the findings as the rest of esgen speaks of a model: what
// breaks somebody is an error, what might a warning, all else a note.
func (r *Report) Diagnostics() *diag.List {
	list := &diag.List{}
	for _, f := range r.Findings {
		report, text := list.Notef, f.Sentence()
		switch {
		case f.Meant != "":
			text += "; it is meant: " + f.Meant
		case f.Verdict == Breaking:
			report = list.Errorf
		case f.Verdict == Unclear, f.Verdict == Unused:
			report = list.Warnf
		}
		report(f.Rule, f.Pos, "%s", text).With(diag.At(f.Old, "it was here"), diag.Fix("%s", f.How()))
	}
	return list
}

// Sentence is what changed, why it matters, and to whom.
func (f Finding) Sentence() string {
	text := f.What + ": " + f.Why
	switch {
	case len(f.Consumers) > 0 && f.Verdict == Unclear:
		text += "; it is used by " + everybody(f.Consumers)
	case len(f.Consumers) == 1:
		text += "; " + everybody(f.Consumers) + " relies on it"
	case len(f.Consumers) > 0:
		text += "; " + everybody(f.Consumers) + " rely on it"
	case f.Verdict == Unused:
		text += "; nobody is known to rely on it"
	}
	return text
}

// everybody joins consumers for a sentence: "store (policy Prepare), Customer and pay".
func everybody(consumers []Consumer) string {
	var out strings.Builder
	for i, c := range consumers {
		switch {
		case i > 0 && i == len(consumers)-1:
			out.WriteString(" and ")
		case i > 0:
			out.WriteString(", ")
		}
		out.WriteString(c.String())
	}
	return out.String()
}

// Summary says in a line how far the versions move: "major: front major, pay
// none".
func (r *Report) Summary() string {
	var parts []string
	for _, s := range r.Services {
		parts = append(parts, fmt.Sprintf("%s %s", s.Service, s.Step))
	}
	return fmt.Sprintf("version step: %s (%s)", r.System, strings.Join(parts, ", "))
}

// Document is the JSON form of a report. Fields are added to it, and none is
// renamed or removed without a new Version.
type Document struct {
	Version  int             `json:"version"` // of this shape: 1
	Step     Step            `json:"step"`    // of the system: none, patch, minor or major
	Breaking int             `json:"breaking"`
	Unclear  int             `json:"unclear"`
	Unused   int             `json:"unused"`
	Services []ServiceStep   `json:"services"`
	Changes  []DocumentEntry `json:"changes"` // by place in the new model
}

// ServiceStep is how far the version of a service moves.
type ServiceStep struct {
	Service string `json:"service"`
	Step    Step   `json:"step"`
}

// DocumentEntry is a Finding in a Document.
type DocumentEntry struct {
	Rule      rule.ID         `json:"rule"`
	Verdict   Verdict         `json:"verdict"`
	Step      Step            `json:"step"`
	Service   string          `json:"service,omitempty"`
	What      string          `json:"what"`
	Why       string          `json:"why"`
	How       string          `json:"how,omitempty"`
	Meant     string          `json:"meant,omitempty"` // why it is made all the same: it is not counted above
	Consumers []ConsumerEntry `json:"consumers"`
	diag.Place
	Old *diag.Place `json:"old,omitempty"`
}

// ConsumerEntry is a Consumer in a Document.
type ConsumerEntry struct {
	Name string `json:"name"`
	By   string `json:"by,omitempty"`
}

// Document is the report for machines.
func (r *Report) Document() Document {
	d := Document{Version: 1, Step: r.System, Breaking: r.Count(Breaking), Unclear: r.Count(Unclear), Unused: r.Count(Unused),
		Services: []ServiceStep{}, Changes: []DocumentEntry{}}
	for _, s := range r.Services {
		d.Services = append(d.Services, ServiceStep(s))
	}
	for _, f := range r.Findings {
		e := DocumentEntry{Rule: f.Rule, Verdict: f.Verdict, Step: f.Step, Service: f.Service, What: f.What, Why: f.Why, How: f.How(), Meant: f.Meant,
			Consumers: []ConsumerEntry{}, Place: placeOf(f.Pos)}
		for _, c := range f.Consumers {
			e.Consumers = append(e.Consumers, ConsumerEntry(c))
		}
		if f.Old.IsValid() {
			old := placeOf(f.Old)
			e.Old = &old
		}
		d.Changes = append(d.Changes, e)
	}
	return d
}

func placeOf(p source.Pos) diag.Place {
	return diag.Place{Path: p.Path(), Line: p.Line, Column: p.Column}
}

// sections are the parts of a report for a pull request, in order.
var sections = []struct {
	verdict Verdict
	title   string
}{
	{Breaking, "Breaks somebody"}, {Unclear, "A person must judge"}, {Unused, "Breaks nobody known"}, {Compatible, "Compatible"},
}

// Markdown writes the report as a comment of a pull request.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	if n := r.Count(Breaking); n > 0 {
		fmt.Fprintf(&b, "## %d breaking %s\n\n", n, plural(n, "change", "changes"))
	} else {
		b.WriteString("## No breaking change\n\n")
	}
	b.WriteString("| service | version step |\n|---|---|\n")
	for _, s := range r.Services {
		fmt.Fprintf(&b, "| %s | %s |\n", cell(s.Service), s.Step)
	}
	fmt.Fprintf(&b, "| **the system** | **%s** |\n", r.System)
	for _, s := range sections {
		r.section(&b, s.title, func(f Finding) bool { return f.Verdict == s.verdict && f.Meant == "" })
	}
	r.section(&b, "Meant", func(f Finding) bool { return f.Meant != "" })
	_, err := io.WriteString(w, b.String())
	return err
}

// section writes the findings of a kind, if there are any.
func (r *Report) section(b *strings.Builder, title string, of func(Finding) bool) {
	if !slices.ContainsFunc(r.Findings, of) {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n| what | who | why | where |\n|---|---|---|---|\n", title)
	var how []string
	for _, f := range r.Findings {
		if !of(f) {
			continue
		}
		where, why := f.Pos.String(), f.Why
		if f.Old.IsValid() {
			where += ", was " + f.Old.String()
		}
		if f.Meant != "" {
			why += "; it is meant: " + f.Meant
		} else if h := f.How(); h != "" {
			how = joinedText(how, "`"+string(f.Rule)+"`: "+h)
		}
		fmt.Fprintf(b, "| %s `%s` | %s | %s | %s |\n", cell(f.What), f.Rule, cell(everybody(f.Consumers)), cell(why), cell(where))
	}
	if len(how) > 0 {
		fmt.Fprintf(b, "\nHow to do it without hurting anybody:\n\n- %s\n", strings.Join(how, "\n- "))
	}
}

func joinedText(list []string, more string) []string {
	for _, s := range list {
		if s == more {
			return list
		}
	}
	return append(list, more)
}

// cell is a text in a cell of a table.
func cell(text string) string { return string(quote.Inline(text)) }

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
