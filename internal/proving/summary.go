package proving

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// summary tells of histories, as testkit/proof does.
type summary struct {
	Histories uint64         `json:"histories"`
	Took      time.Duration  `json:"took"`
	Died      map[string]int `json:"died"`     // how often a machine did, by the points
	Answered  map[string]int `json:"answered"` // commands and status
	Stories   map[string]int `json:"stories"`  // sagas, and how their stories ended
}

func readSummary(path string) (s summary, err error) {
	text, err := os.ReadFile(path) //nolint:gosec // in a directory of our own
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	return s, err
}

// together are several summaries of histories that happened at the same time.
func together(all []summary, took time.Duration) summary {
	out := summary{Took: took, Died: map[string]int{}, Answered: map[string]int{}, Stories: map[string]int{}}
	for _, s := range all {
		out.Histories += s.Histories
		for what, n := range s.Died {
			out.Died[what] += n
		}
		for what, n := range s.Answered {
			out.Answered[what] += n
		}
		for what, n := range s.Stories {
			out.Stories[what] += n
		}
	}
	return out
}

// String is the summary as people read it.
func (s summary) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d histories in %.1fs, %.0f per minute\n", s.Histories, s.Took.Seconds(), float64(s.Histories)/s.Took.Minutes())
	for _, counts := range []map[string]int{s.Died, s.Stories, s.Answered} {
		for _, what := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&b, "  %6d %s\n", counts[what], what)
		}
	}
	return b.String()
}
