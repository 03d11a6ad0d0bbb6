package importer

import (
	"fmt"
	"io"
	"slices"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/source"
)

// Report says what became of a board.
type Report struct {
	Taken    map[board.Kind]int // notes of the board that are in the model, by kind
	Merged   int                // notes that say what another one says: they are one in the model
	Types    int                // declared types of the board that are in the model
	Examples int                // that are scenarios of the model
	Inferred []string           // what the board does not say, and how it was found out
	Asked    []string           // what is unsure: hotspots of the model
	Left     []string           // what is not in the model, and why
}

func (r *Report) infer(format string, args ...any) {
	r.Inferred = append(r.Inferred, fmt.Sprintf(format, args...))
}

func (r *Report) leave(format string, args ...any) {
	r.Left = append(r.Left, fmt.Sprintf(format, args...))
}

// Print tells a person.
func (r *Report) Print(out io.Writer) error {
	kinds := []board.Kind{board.Actor, board.Command, board.Aggregate, board.Event, board.Policy, board.Saga, board.View, board.External, board.Hotspot}
	var err error
	say := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(out, format, args...)
		}
	}
	say("taken:")
	sep := " "
	for _, k := range kinds {
		if n := r.Taken[k]; n > 0 {
			say("%s%d %s", sep, n, plural(k, n))
			sep = ", "
		}
	}
	if r.Types > 0 {
		say("%s%d %s", sep, r.Types, plural(kindType, r.Types))
		sep = ", "
	}
	if r.Examples > 0 {
		say("%s%d %s", sep, r.Examples, plural(kindScenario, r.Examples))
	}
	if sep == " " && r.Examples == 0 {
		say(" nothing")
	}
	if r.Merged > 0 {
		say("; %d say what another one says", r.Merged)
	}
	say("\n")
	if err != nil {
		return err
	}
	return lists(out, part{"inferred", r.Inferred}, part{"to be answered", r.Asked}, part{"left out", r.Left})
}

// MergeReport says what became of a newer board.
type MergeReport struct {
	*Report
	Added   []string // parts that are new
	Differs []string // what the model and the board say otherwise, with both places
	Gone    []string // what is not on the board
}

func (r *MergeReport) differ(pos source.Pos, format string, args ...any) {
	r.Differs = append(r.Differs, pos.String()+": "+fmt.Sprintf(format, args...))
}

// Print tells a person.
func (r *MergeReport) Print(out io.Writer) error {
	if err := r.Report.Print(out); err != nil {
		return err
	}
	return lists(out, part{"added", r.Added}, part{"for you to decide: the model stays as it is", r.Differs}, part{"not on the board: it stays in the model", r.Gone})
}

// part is a list of a report.
type part struct {
	title string
	lines []string
}

func lists(out io.Writer, parts ...part) error {
	for _, p := range parts {
		if len(p.lines) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(out, "%s:\n", p.title); err != nil {
			return err
		}
		for _, line := range slices.Compact(p.lines) {
			if _, err := fmt.Fprintf(out, "  %s\n", line); err != nil {
				return err
			}
		}
	}
	return nil
}

func plural(k board.Kind, n int) string {
	if n == 1 {
		return string(k)
	}
	if k == board.Policy {
		return "policies"
	}
	return string(k) + "s"
}
