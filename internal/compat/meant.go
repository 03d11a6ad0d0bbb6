package compat

import (
	"bytes"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// Meant is a change that somebody wants to make all the same, and why.
type Meant struct {
	What   string // as a finding says it
	Reason string // "" is none
	Pos    source.Pos
}

// between parts what is meant from why.
const between = "=>"

// ReadMeant reads a list of changes that are meant: of each a line, what
// breaking says of it, => and the reason. Lines that are empty or begin with #
// are for people.
func ReadMeant(f *source.File) []Meant {
	var out []Meant
	n := 0
	for line := range bytes.Lines(f.Data) {
		n++
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		what, reason, _ := strings.Cut(text, between)
		out = append(out, Meant{strings.TrimSpace(what), strings.TrimSpace(reason), source.Pos{File: f, Line: n, Column: 1}})
	}
	return out
}

// Accept takes the findings that are meant, and lists what is meant and not
// found: it was done with, or is said in other words. Of what is meant for no
// reason it takes nothing.
func (r *Report) Accept(list []Meant) (stale []Meant) {
	for _, m := range list {
		found := false
		for i := range r.Findings {
			f := &r.Findings[i]
			if m.Reason != "" && (m.What == f.What || m.What == f.Sentence()) {
				f.Meant, found = m.Reason, true
			}
		}
		if !found {
			stale = append(stale, m)
		}
	}
	return stale
}

// StaleDiagnostics say of what is meant, and counts for nothing, why.
func StaleDiagnostics(stale []Meant) *diag.List {
	const id = BreakingMeant
	out := &diag.List{}
	for _, m := range stale {
		if m.Reason == "" {
			out.Warnf(id, m.Pos, "nobody knows why this is meant").With(diag.Fix("write %s and the reason behind it", between))
		} else {
			out.Notef(id, m.Pos, "nothing changes so any more").With(diag.Fix("remove the line"))
		}
	}
	return out
}
