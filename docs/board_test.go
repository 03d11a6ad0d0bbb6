package docs

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/importer"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// TestPictures holds the pictures of the README and of the workshop against what
// they show.
func TestPictures(t *testing.T) {
	food, diags := model.Load("../examples/fooddelivery/esgen.yaml")
	checked, more := check.System(food)
	if diags.Merge(more); diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	for file, want := range map[string]*board.Picture{
		"board.svg":    board.Of(food).Picture(),
		"map.svg":      board.Map(food).Picture(),
		"hexagon.svg":  board.Hexagon(food, food.Contexts[0]).Picture(),
		"sequence.svg": stories.Of(checked, scenario(t, food, "고객이 주문을 취소하면 결제와 주문서와 배달이 취소된다")).Sequence(checked).Picture(),
		"bakery.svg":   board.Of(bakery(t)).Picture(),
	} {
		want := want.SVG()
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, want) {
			t.Errorf("%s is not what it should show (%v); go test ./docs -update", file, err)
		}
	}
}

func scenario(t *testing.T, sys *model.System, name string) *model.Scenario {
	t.Helper()
	for _, s := range sys.Scenarios {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no scenario %q", name)
	return nil
}

// bakery is the model of the wall that workshop.md shows in lines.
func bakery(t *testing.T) *model.System {
	t.Helper()
	page, err := os.ReadFile("workshop.md")
	if err != nil {
		t.Fatal(err)
	}
	_, lines, _ := strings.Cut(string(page), "```markdown\n")
	lines, _, is := strings.Cut(lines, "```\n")
	if !is {
		t.Fatal("workshop.md shows no wall in lines")
	}
	s, err := importer.Read("wall.md", []byte(lines), nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := importer.Build(s, true)
	if err != nil {
		t.Fatal(err)
	}
	sys, _ := model.LoadFS(fstest.MapFS{model.DocumentName: &fstest.MapFile{Data: []byte(m.Text)}}, model.DocumentName)
	return sys
}
