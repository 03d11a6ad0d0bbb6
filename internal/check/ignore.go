package check

import (
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// marker begins a comment that silences a rule:
// # esgen:ignore RULE reason
const marker = "# esgen:ignore"

// silence is a rule that is silent about one node: the lines from which the
// node goes, and to which.
type silence struct {
	rule     model.Text
	from, to int
	used     bool
}

type silences []*silence

// silencesOf finds the comments that silence rules.
func silencesOf(sys *model.System, said *diag.List) silences {
	var out silences
	for _, f := range sys.Files {
		for _, c := range f.Comments() {
			text, ours := strings.CutPrefix(c.Text, marker)
			if !ours || text != "" && text[0] != ' ' {
				continue
			}
			word, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
			name := model.Text{Value: word, Pos: c.Pos}
			switch {
			case word == "":
				said.Errorf(rule.UnknownRule, c.Pos, "this does not say which rule to ignore").
					With(diag.Fix("write %s RULE reason", marker))
				continue
			case !open(name, said):
				continue
			case strings.TrimSpace(reason) == "":
				said.Warnf(rule.IgnoreReason, c.Pos, "%s is ignored, and nobody knows why", word).
					With(diag.Fix("write %s %s and the reason", marker, word))
			}
			s := &silence{rule: name, from: c.Pos.Line}
			if c.Alone {
				s.from = nextLine(f, c.Pos.Line)
			}
			s.to = lastLine(f, s.from)
			out = append(out, s)
		}
	}
	return out
}

// cover reports whether a finding is about a node that asked for silence.
func (all silences) cover(d diag.Diagnostic) bool {
	covered := false
	for _, s := range all {
		if rule.ID(s.rule.Value) == d.Rule && s.rule.Pos.File == d.Pos.File && s.from <= d.Pos.Line && d.Pos.Line <= s.to {
			s.used, covered = true, true
		}
	}
	return covered
}

// unused notes the comments that silenced nothing.
func (all silences) unused(said *diag.List) {
	for _, s := range all {
		if !s.used {
			said.Notef(rule.UnusedIgnore, s.rule.Pos, "%s has nothing to say here", s.rule.Value).With(diag.Fix("remove the comment"))
		}
	}
}

// nextLine is the line that comments stand above.
func nextLine(f *source.File, n int) int {
	for n++; n < f.Lines(); n++ {
		if text := strings.TrimSpace(f.Line(n)); text != "" && text[0] != '#' {
			break
		}
	}
	return n
}

// lastLine is where the node ends that begins on a line: before the next line
// that is not further in. The items of a list may stand under its key.
func lastLine(f *source.File, from int) int {
	first := f.Line(from)
	in, last := indent(first), from
	for n := from + 1; n <= f.Lines(); n++ {
		text := f.Line(n)
		bare := strings.TrimSpace(text)
		switch {
		case bare == "" || bare[0] == '#':
			continue
		case indent(text) > in, indent(text) == in && isItem(bare) && !isItem(strings.TrimSpace(first)):
			last = n
		default:
			return last
		}
	}
	return last
}

func indent(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

func isItem(bare string) bool { return bare == "-" || strings.HasPrefix(bare, "- ") }
