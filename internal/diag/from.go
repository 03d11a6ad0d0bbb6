package diag

import "github.com/esgen/esgen/internal/source"

// FromSource reports the faults of a file's text as errors.
func FromSource(l *List, faults []*source.Error) {
	for _, f := range faults {
		d := Diagnostic{Severity: Error, Rule: f.Rule, Pos: f.Pos, Message: f.Message, Suggestion: f.Suggestion}
		if f.Related.IsValid() {
			d.Related = []Related{{f.Related, f.RelatedMsg}}
		}
		l.Add(d)
	}
}
