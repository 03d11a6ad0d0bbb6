package docs

import (
	"bytes"
	"os"
	"testing"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/model"
)

// TestBoard holds the picture of the README against the model it shows.
func TestBoard(t *testing.T) {
	sys, _ := model.Load("../examples/fooddelivery/esgen.yaml")
	want := board.Of(sys).SVG()
	if *update {
		if err := os.WriteFile("board.svg", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile("board.svg"); err != nil || !bytes.Equal(have, want) {
		t.Errorf("board.svg is not the wall of food delivery (%v); go test ./docs -update", err)
	}
}
