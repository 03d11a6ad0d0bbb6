package lsp

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/testsample"
)

// everything asks everything at a position.
func everything(e *editor, name string, p position) {
	e.t.Helper()
	for _, method := range []string{"textDocument/hover", "textDocument/definition", "textDocument/references", "textDocument/documentHighlight",
		"textDocument/prepareRename", "textDocument/rename", "textDocument/completion", "textDocument/documentSymbol", "textDocument/formatting", "workspace/symbol"} {
		params := e.place(name, p)
		params["newName"], params["query"], params["context"] = "Otherwise", "o", map[string]bool{"includeDeclaration": true}
		began := time.Now()
		// What cannot be done is refused in words; a fault of the server's is none.
		if _, err := try[any](e, method, params); err != nil && strings.Contains(err.Error(), "runtime error") {
			e.t.Errorf("%s at %v: %v", method, p, err)
		} else if err != nil && time.Since(began) > 50*time.Second {
			e.t.Errorf("%s at %v has no answer: %v", method, p, err)
		}
	}
}

// TestHalfTyped cuts and changes models at random, as they are while they are typed,
// and asks everything at random positions.
func TestHalfTyped(t *testing.T) {
	seed := testsample.Seed(t)
	r := rand.New(rand.NewPCG(seed, 2))
	rounds := 40
	if testsample.Long() {
		rounds = 3000
	}
	e := shop(t)
	var texts []string
	for _, pattern := range []string{"../../examples/*/esgen.yaml", "../../testdata/models/*/esgen.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(data))
		}
	}
	texts = append(texts, document, store)
	for i := range rounds {
		text := mutated(r, texts[r.IntN(len(texts))])
		e.change("esgen.yaml", text, i+2)
		lines := strings.Count(text, "\n") + 1
		everything(e, "esgen.yaml", position{r.IntN(lines + 1), r.IntN(60)})
	}
}

// mutated is a text with a few changes of the kind that typing makes.
func mutated(r *rand.Rand, text string) string {
	scraps := []string{"", ":", ": ", "{", "}", "[", "]", "\"", "'", "- ", "\n", "\n    ", ".", "🍜", "주", "&a ", "*a", "|", ">", "#", "state.", "x ? ", "\x00", "\t"}
	for range 1 + r.IntN(3) {
		at := func() int { return r.IntN(len(text) + 1) }
		switch from := at(); r.IntN(4) {
		case 0: // cut off
			text = text[:from]
		case 1: // a few characters less
			to := min(from+r.IntN(30), len(text))
			text = text[:from] + text[to:]
		case 2: // something typed
			text = text[:from] + scraps[r.IntN(len(scraps))] + text[from:]
		default: // a piece of the text elsewhere
			to := min(from+r.IntN(80), len(text))
			where := at()
			text = text[:where] + text[from:to] + text[where:]
		}
	}
	return strings.ToValidUTF8(text, "?")
}

// FuzzSession gives any text to a session and asks everything at any position.
func FuzzSession(f *testing.F) {
	f.Add(document, 3, 10)
	f.Add("esgen: v1\nsystem: x\ncontexts: {a: {aggregates: {A: {commands: {C: {require: {R: \"state.", 2, 90)
	f.Add("- \"", 0, 3)
	f.Fuzz(func(t *testing.T, text string, line, character int) {
		e := newEditor(t, map[string]string{"esgen.yaml": document})
		e.open("esgen.yaml", strings.ToValidUTF8(text, "?")) // messages are JSON, and hold nothing else
		everything(e, "esgen.yaml", position{abs(line), abs(character)})
	})
}

func abs(n int) int { return max(n, -n, 0) }
