package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

// The formats of what is no list of diagnostics.
const (
	formatText     = "text"
	formatJSON     = "json"
	formatMarkdown = "markdown"
)

// textOrJSON refuses any other format.
func textOrJSON(format string) error { return oneOfFormats(format, formatText, formatJSON) }

func oneOfFormats(format string, known ...string) error {
	if slices.Contains(known, format) {
		return nil
	}
	return usage(fmt.Sprintf("there is no format %q; choose one of %s", format, strings.Join(known, ", ")), diag.DidYouMean(format, known))
}

// printJSON prints what a machine reads.
func (t terminal) printJSON(v any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// model reads the model a command is about; one with errors is not spoken of
// further.
func (t terminal) model(args []string) (*model.System, error) {
	path, err := findModel(args)
	if err != nil {
		return nil, err
	}
	checked, diags := load(path, t.progress)
	t.progress("")
	if !diags.HasErrors() {
		return checked.System, nil
	}
	if err := t.told(diags); err != nil {
		return nil, err
	}
	return nil, errNo
}

// told prints what there is to say about a model, for a person who wants
// something else of it.
func (t terminal) told(diags *diag.List) error { return tell(t.err, diags, colours(t.err)) }

func tell(w io.Writer, diags *diag.List, colour bool) error {
	return diag.Print(w, diag.Text, diags, diag.Options{Color: colour, Fold: "esgen check --all shows each", Rule: describe})
}
