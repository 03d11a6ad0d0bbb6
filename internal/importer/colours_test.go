package importer_test

import (
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/importer"
)

const twoColours = `<mxGraphModel><root>
<mxCell id="a" value="Order placed" style="fillColor=#FFE6CC" vertex="1"><mxGeometry x="0" y="0" width="120" height="60"/></mxCell>
<mxCell id="b" value="Ship it" style="fillColor=#d5e8d4" vertex="1"><mxGeometry x="200" y="0" width="120" height="60"/></mxCell>
</root></mxGraphModel>`

const legend = `<mxGraphModel><root>
<mxCell id="l1" value="Event" style="fillColor=#d5e8d4" vertex="1"><mxGeometry x="0" y="900" width="120" height="60"/></mxCell>
<mxCell id="l2" value="Command" style="fillColor=#FFE6CC" vertex="1"><mxGeometry x="0" y="990" width="120" height="60"/></mxCell>
<mxCell id="l3" value="Policy" style="fillColor=#000000" vertex="1"><mxGeometry x="0" y="1080" width="120" height="60"/></mxCell>
<mxCell id="a" value="Order placed" style="fillColor=#FFE6CC" vertex="1"><mxGeometry x="0" y="0" width="120" height="60"/></mxCell>
<mxCell id="b" value="Ship it" style="fillColor=#d5e8d4" vertex="1"><mxGeometry x="200" y="0" width="120" height="60"/></mxCell>
</root></mxGraphModel>`

// TestColours says what colours mean, before legend and palette.
func TestColours(t *testing.T) {
	for _, test := range []struct {
		name, format, board string
		said                []string
		want                string // the kinds of the notes, in their order
		left                string // part of what is left out
	}{
		{"palette", "drawio", twoColours, nil, "event view", ""},
		{"as the board has it", "drawio", twoColours, []string{"#d5e8d4=command"}, "event command", ""},
		{"by its hue", "drawio", twoColours, []string{"green=policy", "orange=커맨드"}, "command policy", ""},
		{"the exact one goes before the hue", "drawio", twoColours, []string{"orange=event", "#ffe6cc=policy"}, "policy view", ""},
		{"a text", "drawio", twoColours, []string{"green=note"}, "event ", ""},
		{"legend", "drawio", legend, nil, "command event", "legend"},
		{"before a legend", "drawio", legend, []string{"#FFE6CC=policy"}, "policy event", "legend"},
		{"a colour that is not there", "drawio", twoColours, []string{"#123456=policy"}, "event view", "#123456"},
		{"squares", "markdown", "🟫 Ship it → 🟧 Shipped", []string{"🟫=command"}, "command event", ""},
		{"squares by hue", "markdown", "🟦 Ship it → 🟧 Shipped", []string{"🟦=policy"}, "policy event", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			said, err := importer.ParseColours(test.said)
			if err != nil {
				t.Fatal(err)
			}
			s, err := importer.ReadAs(test.format, []byte(test.board), said)
			if err != nil {
				t.Fatal(err)
			}
			if got := kindsOf(s); got != test.want {
				t.Errorf("the kinds are %q, want %q", got, test.want)
			}
			if left := strings.Join(s.Left, "\n"); !strings.Contains(left, test.left) || test.left == "" && left != "" {
				t.Errorf("left out is %q, want %q", left, test.left)
			}
		})
	}
}

func kindsOf(s *importer.Sketch) string {
	kinds := make([]string, len(s.Notes))
	for i, n := range s.Notes {
		kinds[i] = string(n.Kind)
	}
	return strings.Join(kinds, " ")
}

// TestBadColours refuses what says nothing.
func TestBadColours(t *testing.T) {
	for _, said := range []string{"orange", "=event", "orange=", "orange=thing"} {
		if _, err := importer.ParseColours([]string{said}); err == nil {
			t.Errorf("%q is taken", said)
		}
	}
	if _, err := importer.ReadAs("storm", []byte("event A [1, 2]"), importer.Colours{"orange": board.Event}); err == nil {
		t.Error("what a colour means is taken by a format without colours")
	}
}
