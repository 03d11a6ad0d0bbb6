package diag

import (
	"encoding/json"
	"io"

	"github.com/esgen/esgen/internal/source"
)

// Report is the JSON form of a list of diagnostics. Fields are added to it, and
// none is renamed or removed without a new Version.
type Report struct {
	Version     int       `json:"version"` // of this shape: 1
	Errors      int       `json:"errors"`
	Warnings    int       `json:"warnings"`
	Notes       int       `json:"notes"`
	Diagnostics []Finding `json:"diagnostics"` // by path, line and column
}

// Finding is a Diagnostic in a Report.
type Finding struct {
	Severity string `json:"severity"` // error, warning or note
	Rule     string `json:"rule"`
	Message  string `json:"message"`
	Place
	Related    []RelatedPlace `json:"related,omitempty"`
	Suggestion string         `json:"suggestion,omitempty"`
}

// Place is a place in a file; line and column count from 1, a column being a
// character (a Unicode code point). What is not known is left out.
type Place struct {
	Path   string `json:"path,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// RelatedPlace is another place a Finding speaks of.
type RelatedPlace struct {
	Place
	Message string `json:"message"`
}

// NewReport is the JSON form of a list.
func NewReport(l *List) Report {
	report := Report{Version: 1, Diagnostics: []Finding{}}
	for _, d := range l.Sorted() {
		switch d.Severity {
		case Error:
			report.Errors++
		case Warning:
			report.Warnings++
		default:
			report.Notes++
		}
		f := Finding{Severity: d.Severity.String(), Rule: string(d.Rule), Message: d.Message, Place: placeOf(d.Pos), Suggestion: d.Suggestion}
		for _, r := range d.Related {
			f.Related = append(f.Related, RelatedPlace{placeOf(r.Pos), r.Message})
		}
		report.Diagnostics = append(report.Diagnostics, f)
	}
	return report
}

func placeOf(p source.Pos) Place { return Place{p.Path(), p.Line, p.Column} }

// encode writes indented JSON in which <, > and & stay readable.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
