package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/model"
)

// Formats of a board, called as the names of their files end.
const (
	formatHTML    = "html"
	formatSVG     = "svg"
	formatMermaid = "mmd"

	formatDrawio     = "drawio"
	formatExcalidraw = "excalidraw"
	formatStorm      = "storm"
	formatSquares    = "md"
	formatMSAEz      = "msaez"
	formatModeling   = "eventmodeling"
)

var boardFormats = []string{formatHTML, formatSVG, formatMermaid, formatDrawio, formatExcalidraw, formatStorm, formatSquares, formatModeling, formatMSAEz}

func newBoard(t terminal) *cobra.Command {
	var format, file, of string
	show := showWall
	cmd := &cobra.Command{
		Use:   "board [MODEL]",
		Short: "Draw the model as the wall it comes from",
		Long: "Board draws a model as sticky notes in the colours of event storming: contexts as frames, from the left to the right as one\n" +
			"leads to the other; dashed arrows for what is heard in another context, solid ones for what is asked at once. A model that\n" +
			"has errors is drawn as far as it can be read.",
		Args: atMostOne("model"),
		RunE: func(_ *cobra.Command, args []string) error {
			formats, is := shown[show]
			if !is {
				return usage(fmt.Sprintf("there is no %q to show; choose one of wall, map, hexagon, lifecycles", show), "")
			}
			if format == "" {
				format = strings.TrimPrefix(filepath.Ext(file), ".")
			}
			if format == "" {
				format = formats[0]
			}
			if err := oneOfFormats(format, formats...); err != nil {
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
			if checked == nil {
				return errNo
			}
			drawn, err := draw(checked.System, show, of, format)
			if err != nil {
				return err
			}
			return t.keep(file, drawn)
		},
	}
	cmd.Flags().StringVar(&show, "show", show, "wall; map: the context map; hexagon: a context as a service, with --context; lifecycles: state machines, as Mermaid")
	cmd.Flags().StringVar(&of, "context", of, "the context of the hexagon")
	cmd.Flags().StringVar(&format, "format", format, strings.Join(boardFormats, ", ")+"; as the `file` is called, else html. Map and hexagon are svg")
	cmd.Flags().StringVarP(&file, "out", "o", file, "write to a `file` in place of the standard output")
	return cmd
}

// What a board can show.
const (
	showWall       = "wall"
	showMap        = "map"
	showHexagon    = "hexagon"
	showLifecycles = "lifecycles"
)

// shown are the formats of each, the usual one first.
var shown = map[string][]string{
	showWall: boardFormats, showMap: {formatSVG}, showHexagon: {formatSVG}, showLifecycles: {formatMermaid},
}

func draw(sys *model.System, show, of, format string) ([]byte, error) {
	switch show {
	case showMap:
		return board.Map(sys), nil
	case showLifecycles:
		return board.Lifecycles(sys), nil
	case showHexagon:
		var names []string
		for _, c := range sys.Contexts {
			if c.Name == of || c.Code != "" && c.Code == of {
				return board.Hexagon(sys, c), nil
			}
			names = append(names, c.Name)
		}
		return nil, usage(fmt.Sprintf("there is no context %q", of), "--context is one of "+strings.Join(names, ", "))
	}
	b := board.Of(sys)
	switch format {
	case formatSVG:
		return b.SVG(), nil
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
	return b.HTML()
}

// keep writes data to a file, or prints them when there is none.
func (t terminal) keep(file string, data []byte) error {
	if file == "" {
		_, err := t.out.Write(data)
		return err
	}
	if err := os.WriteFile(file, data, 0o644); err != nil { //nolint:gosec // a picture is for everybody
		return fmt.Errorf("board: %w", err)
	}
	return nil
}
