package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// Formats of a board, called as the names of their files end.
const (
	formatHTML    = "html"
	formatSVG     = "svg"
	formatPNG     = "png"
	formatMermaid = "mmd"

	formatDrawio     = "drawio"
	formatExcalidraw = "excalidraw"
	formatStorm      = "storm"
	formatSquares    = "md"
	formatMSAEz      = "msaez"
	formatModeling   = "eventmodeling"
)

var boardFormats = []string{formatHTML, formatSVG, formatPNG, formatMermaid, formatDrawio, formatExcalidraw, formatStorm, formatSquares, formatModeling, formatMSAEz}

// drawing is what board is told.
type drawing struct {
	format   string
	show     string
	context  string // of the hexagon
	scenario string // of the sequence
	dark     bool   // of a PNG
	played   bool   // scenarios are: the model has no errors
}

func newBoard(t terminal) *cobra.Command {
	var file string
	d := drawing{show: showWall}
	cmd := &cobra.Command{
		Use:   "board [MODEL]",
		Short: "Draw the model as the wall it comes from",
		Long: "Board draws a model as sticky notes in the colours of event storming: contexts as frames, from the left to the right as one\n" +
			"leads to the other; dashed arrows for what is heard in another context, solid ones for what is asked at once. A model that\n" +
			"has errors is drawn as far as it can be read.",
		Args: atMostOne("model"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := d.settle(file); err != nil {
				return err
			}
			path, err := findModel(args)
			if err != nil {
				return err
			}
			checked, diags := load(path, t.progress)
			t.progress("")
			if diags.HasErrors() {
				if err := t.told(diags); err != nil {
					return err
				}
			}
			if checked == nil || d.show == showSequence && diags.HasErrors() {
				return errNo // what is wrong cannot be played
			}
			d.played = !diags.HasErrors()
			drawn, err := d.draw(checked)
			if err != nil {
				return err
			}
			return t.keep(file, drawn)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&d.show, "show", d.show, "wall; map: the context map; hexagon: a context as a service, with --context; sequence: who asks and tells whom in a scenario, with --scenario; lifecycles: state machines, as Mermaid")
	flags.StringVar(&d.context, "context", d.context, "the context of the hexagon")
	flags.StringVar(&d.scenario, "scenario", d.scenario, "the scenario of the sequence: its name, or a part of it that no other has")
	flags.StringVar(&d.format, "format", d.format, strings.Join(boardFormats, ", ")+"; as the `file` is called, else html. Map, hexagon and sequence are svg, png or mmd")
	flags.BoolVar(&d.dark, "dark", d.dark, "of png: bright on dark ground")
	flags.StringVarP(&file, "out", "o", file, "write to a `file` in place of the standard output")
	return cmd
}

// What a board can show.
const (
	showWall       = "wall"
	showMap        = "map"
	showHexagon    = "hexagon"
	showSequence   = "sequence"
	showLifecycles = "lifecycles"
)

// shown are the formats of each, the usual one first.
var shown = map[string][]string{
	showWall: boardFormats, showMap: diagramFormats, showHexagon: diagramFormats, showSequence: diagramFormats, showLifecycles: {formatMermaid},
}

var diagramFormats = []string{formatSVG, formatPNG, formatMermaid}

// settle finds out in which format to draw, by the name of the file if nobody says.
func (d *drawing) settle(file string) error {
	formats, is := shown[d.show]
	if !is {
		return usage(fmt.Sprintf("there is no %q to show; choose one of wall, map, hexagon, sequence, lifecycles", d.show), "")
	}
	if d.format == "" {
		d.format = strings.TrimPrefix(filepath.Ext(file), ".")
	}
	if d.format == "" {
		d.format = formats[0]
	}
	return oneOfFormats(d.format, formats...)
}

func (d *drawing) draw(m *check.Model) ([]byte, error) {
	switch d.show {
	case showMap:
		return d.diagram(board.Map(m.System))
	case showLifecycles:
		return board.Lifecycles(m.System), nil
	case showHexagon:
		c, err := d.contextOf(m.System)
		if err != nil {
			return nil, err
		}
		return d.diagram(board.Hexagon(m.System, c))
	case showSequence:
		s, err := d.scenarioOf(m.System)
		if err != nil {
			return nil, err
		}
		return d.diagram(stories.Of(m, s).Sequence(m))
	}
	return d.wall(m)
}

// diagram is what is a picture, or Mermaid.
func (d *drawing) diagram(of interface {
	Picture() *board.Picture
	Mermaid() []byte
}) ([]byte, error) {
	switch d.format {
	case formatMermaid:
		return of.Mermaid(), nil
	case formatPNG:
		return of.Picture().PNG(d.dark)
	}
	return of.Picture().SVG(), nil
}

// contextOf is the one that is to be shown.
func (d *drawing) contextOf(sys *model.System) (*model.Context, error) {
	var names []string
	for _, c := range sys.Contexts {
		if c.Name == d.context || c.Code != "" && c.Code == d.context {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return nil, usage(fmt.Sprintf("there is no context %q", d.context), "--context is one of "+strings.Join(names, ", "))
}

// scenarioOf is the one that is to be shown: of this name, or the only one that has
// it in its name.
func (d *drawing) scenarioOf(sys *model.System) (*model.Scenario, error) {
	var found []*model.Scenario
	var names []string
	for _, s := range sys.Scenarios {
		if s.Name == d.scenario {
			return s, nil
		}
		if strings.Contains(strings.ToLower(s.Name), strings.ToLower(d.scenario)) {
			found = append(found, s)
		}
		names = append(names, "\n  "+s.Name)
	}
	if len(found) != 1 {
		return nil, usage(fmt.Sprintf("%d scenarios are called like %q", len(found), d.scenario), "--scenario is one of"+strings.Join(names, ""))
	}
	return found[0], nil
}

func (d *drawing) wall(m *check.Model) ([]byte, error) {
	b := board.Of(m.System)
	switch d.format {
	case formatSVG:
		return b.SVG(), nil
	case formatPNG:
		return b.Picture().PNG(d.dark)
	case formatMermaid:
		return b.Mermaid(), nil
	case formatDrawio:
		return b.Drawio(), nil
	case formatExcalidraw:
		return b.Excalidraw()
	case formatStorm:
		return b.Storm(), nil
	case formatSquares:
		return b.Markdown(), nil
	case formatModeling:
		return b.EventModeling(), nil
	case formatMSAEz:
		return b.MSAEz()
	}
	var sequences []*board.Sequence
	if d.played {
		sequences = stories.Sequences(m)
	}
	return b.HTML(b.Sheets(m.System, sequences))
}

// keep writes data to a file, or prints them when there is none.
func (t terminal) keep(file string, data []byte) error {
	if file == "" {
		_, err := t.out.Write(data)
		return err
	}
	if err := os.WriteFile(file, data, 0o644); err != nil { //nolint:gosec // a picture is for everybody
		return fmt.Errorf("not written: %w", err)
	}
	return nil
}
