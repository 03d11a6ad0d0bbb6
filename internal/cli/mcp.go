package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/esgen/esgen/docs/rules"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/edit"
	"github.com/esgen/esgen/internal/importer"
	"github.com/esgen/esgen/internal/rule"
)

func newMCP(t terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "mcp [MODEL]",
		Short: "Let an agent work on a model, by the Model Context Protocol",
		Long: "Mcp speaks the Model Context Protocol over its standard input and output, for agents that work on a model: they read, check\n" +
			"and play it, and propose edits. An edit after which the model has errors is refused, with the place and the likely fix;\n" +
			"nothing is written outside of the model's directory.",
		Args: atMostOne("model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := findModel(args)
			if err != nil {
				return err
			}
			err = newAgentDesk(path).Run(cmd.Context(), &mcp.IOTransport{Reader: io.NopCloser(t.in), Writer: open{t.out}})
			if errors.Is(err, io.EOF) {
				return nil // the agent has gone
			}
			return err
		},
	}
}

// open is a writer that others do not close.
type open struct{ io.Writer }

func (open) Close() error { return nil }

// desk is where an agent works on a model.
type desk struct{ document string }

// newAgentDesk is a server of the protocol with the tools for one model.
func newAgentDesk(document string) *mcp.Server {
	d := desk{document}
	s := mcp.NewServer(&mcp.Implementation{Name: "esgen", Title: "esgen", Version: version()}, &mcp.ServerOptions{Instructions: instructions})
	looks(s, "read", "The files of the event-storming model: all of them, or the one that is named. Read a file before you edit it.", d.read)
	looks(s, "check", "Everything that is wrong with the model: rule, severity, file, line, column, message, other places, likely fix. A model without errors can be generated and run.", d.check)
	looks(s, "rule", "The page of a rule that check names: why it is there, a model that breaks it, and how to mend it.", d.rule)
	looks(s, "test", "Plays the scenarios of the model on the model itself and says which hold; of one that does not, what happened instead.", d.test)
	looks(s, "explain", "What follows from a command or an event, as a tree across contexts: calls, events, policies, views, sagas, timers; what at once and what eventually.", d.explain)
	looks(s, "coverage", "Which requirements, notes and slices no scenario covers.", d.coverage)
	looks(s, "breaking", "What has changed since another state of the model (a git reference, a file or a directory), whom it breaks, and how to do it so that nobody is hurt.", d.breaking)
	looks(s, "board", "The wall: all sticky notes by context as Markdown, or a flow chart as Mermaid.", d.board)
	looks(s, "import", "Makes a model of a board of another tool ("+strings.Join(importer.Formats(), ", ")+") that is given as text. Nothing is written: propose what you take of it with edit.", d.imports)
	mcp.AddTool(s, &mcp.Tool{
		Name:        "edit",
		Annotations: &mcp.ToolAnnotations{DestructiveHint: new(bool)},
		Description: "Proposes an edit of the model: texts that are replaced by others, tried together. Answers what check says then and a patch. " +
			"With apply it is written, unless the model would have errors.",
	}, d.edit)
	return s
}

// looks adds a tool that changes nothing.
func looks[In, Out any](s *mcp.Server, name, says string, do mcp.ToolHandlerFor[In, Out]) {
	mcp.AddTool(s, &mcp.Tool{Name: name, Description: says, Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true}}, do)
}

const instructions = "esgen compiles an event-storming model (YAML) into Go microservices. Work in small steps: read, edit without apply, mend what check says, " +
	"apply, test. Rules of the domain belong into the model, and each into a scenario. Do not edit generated code."

type none struct{}

type ofFile struct {
	File string `json:"file,omitempty" jsonschema:"the path of one file, as check names it; empty: all of the model's"`
}

// read gives the files of the model.
func (d desk) read(_ context.Context, _ *mcp.CallToolRequest, in ofFile) (*mcp.CallToolResult, any, error) {
	t, err := edit.Try(d.document, nil)
	if err != nil {
		return nil, nil, err
	}
	var out mcp.CallToolResult
	var paths []string
	for _, f := range t.System.Files {
		paths = append(paths, f.Path)
		if in.File == "" || in.File == f.Path {
			out.Content = append(out.Content, &mcp.TextContent{Text: "# " + f.Path + "\n" + string(f.Data)})
		}
	}
	if out.Content == nil {
		return nil, nil, fmt.Errorf("%s is no file of the model; it has %s", in.File, strings.Join(paths, ", "))
	}
	return &out, nil, nil
}

func (d desk) check(context.Context, *mcp.CallToolRequest, none) (*mcp.CallToolResult, diag.Report, error) {
	t, err := edit.Try(d.document, nil)
	if err != nil {
		return nil, diag.Report{}, err
	}
	return nil, diag.NewReport(t.Found), nil
}

type ofRule struct {
	Rule string `json:"rule" jsonschema:"the id of a rule, such as unset-field"`
}

func (d desk) rule(_ context.Context, _ *mcp.CallToolRequest, in ofRule) (*mcp.CallToolResult, any, error) {
	page := rules.Page(in.Rule)
	if page == "" {
		var ids []string
		for _, r := range rule.All() {
			ids = append(ids, string(r.ID))
		}
		return nil, nil, fmt.Errorf("there is no rule %s: %s", in.Rule, cmp.Or(diag.DidYouMean(in.Rule, ids), "check names those that are broken"))
	}
	return says(page), nil, nil
}

type ofScenarios struct {
	Run     string `json:"run,omitempty" jsonschema:"a regular expression: only scenarios whose names match"`
	Verbose bool   `json:"verbose,omitempty" jsonschema:"also tell what happened in scenarios that hold"`
}

func (d desk) test(ctx context.Context, _ *mcp.CallToolRequest, in ofScenarios) (*mcp.CallToolResult, any, error) {
	return d.command(ctx, "test", fmt.Sprintf("--verbose=%t", in.Verbose), "--run="+in.Run, "--", d.document)
}

type ofCause struct {
	Name string `json:"name" jsonschema:"a command or an event, by any form of its name: PlaceOrder, front.Order.PlaceOrder"`
}

func (d desk) explain(ctx context.Context, _ *mcp.CallToolRequest, in ofCause) (*mcp.CallToolResult, any, error) {
	return d.command(ctx, "explain", "--", in.Name, d.document)
}

func (d desk) coverage(ctx context.Context, _ *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
	return d.command(ctx, "coverage", "--", d.document)
}

type ofPast struct {
	Against string `json:"against" jsonschema:"the model as it was: a git reference such as origin/main, a file or a directory"`
	Context string `json:"context,omitempty" jsonschema:"tell only of what this context offers"`
}

func (d desk) breaking(ctx context.Context, _ *mcp.CallToolRequest, in ofPast) (*mcp.CallToolResult, any, error) {
	return d.command(ctx, "breaking", "--against="+in.Against, "--context="+in.Context, "--", d.document)
}

type ofWall struct {
	Format string `json:"format,omitempty" jsonschema:"md: lines of coloured squares (default), or mmd: Mermaid"`
}

func (d desk) board(ctx context.Context, _ *mcp.CallToolRequest, in ofWall) (*mcp.CallToolResult, any, error) {
	if in.Format == "" {
		in.Format = formatSquares
	}
	if !slices.Contains([]string{formatSquares, formatMermaid}, in.Format) {
		return nil, nil, fmt.Errorf("the format is %s or %s, not %q", formatSquares, formatMermaid, in.Format)
	}
	return d.command(ctx, "board", "--format="+in.Format, "--", d.document)
}

type ofBoard struct {
	Text     string `json:"text" jsonschema:"what the file of the board says"`
	Format   string `json:"format" jsonschema:"what it is: markdown, storm, drawio, excalidraw, msaez, ..."`
	Runnable bool   `json:"runnable,omitempty" jsonschema:"add default fields and actors, so that the model can be run"`
}

func (d desk) imports(_ context.Context, _ *mcp.CallToolRequest, in ofBoard) (*mcp.CallToolResult, any, error) {
	sketch, err := importer.ReadAs(in.Format, []byte(in.Text), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; formats are %s", err, strings.Join(importer.Formats(), ", "))
	}
	made, err := importer.Build(sketch, in.Runnable)
	if err != nil {
		return nil, nil, err
	}
	var report bytes.Buffer
	if err := made.Report.Print(&report); err != nil {
		return nil, nil, err
	}
	return says(made.Text, report.String()), nil, nil
}

type ofEdit struct {
	Changes []textChange `json:"changes" jsonschema:"made in this order"`
	Apply   bool         `json:"apply,omitempty" jsonschema:"write the edit, if the model has no errors then"`
	Force   bool         `json:"force,omitempty" jsonschema:"write it all the same; only if the person you work for has asked for a model with errors"`
}

type textChange struct {
	File string `json:"file" jsonschema:"as check names it: contexts/front.yaml"`
	Old  string `json:"old,omitempty" jsonschema:"the text to replace, which stands in the file exactly once; empty: the file is new"`
	New  string `json:"new" jsonschema:"what takes its place"`
}

type edited struct {
	Written bool        `json:"written"`
	Patch   string      `json:"patch"`
	Check   diag.Report `json:"check"`
}

func (d desk) edit(_ context.Context, _ *mcp.CallToolRequest, in ofEdit) (*mcp.CallToolResult, edited, error) {
	if len(in.Changes) == 0 {
		return nil, edited{}, errors.New("the edit has no changes: give a file, the text to replace and what takes its place")
	}
	changes := make([]edit.Change, len(in.Changes))
	for i, c := range in.Changes {
		changes[i] = edit.Change(c)
	}
	trial, err := edit.Try(d.document, changes)
	var misfit *edit.Misfit
	switch {
	case errors.As(err, &misfit):
		return nil, edited{}, fmt.Errorf("%w\nhelp: %s", misfit, misfit.Fix)
	case err != nil:
		return nil, edited{}, err
	case trial.Found.HasErrors() && (!in.Apply || !in.Force):
		var told bytes.Buffer
		if err := diag.Print(&told, diag.Text, trial.Found, diag.Options{}); err != nil {
			return nil, edited{}, err
		}
		return nil, edited{}, fmt.Errorf("refused, nothing is written: the model would have errors\n\n%shelp: the tool rule tells why a rule in brackets is there, and how to mend what breaks it", &told)
	}
	out := edited{Patch: trial.Patch(), Check: diag.NewReport(trial.Found)}
	if in.Apply {
		if err := trial.Write(); err != nil {
			return nil, edited{}, err
		}
		out.Written = true
	}
	return nil, out, nil
}

// command runs a command of esgen, and gives what it prints. That the model says
// no is an answer; trouble is an error.
func (d desk) command(ctx context.Context, args ...string) (*mcp.CallToolResult, any, error) {
	var out, trouble bytes.Buffer
	switch (terminal{in: strings.NewReader(""), out: &out, err: &trouble}).execute(ctx, args) {
	case exitFine:
		return says(out.String()), nil, nil
	case exitNo:
		return says(out.String(), trouble.String()), nil, nil
	}
	return nil, nil, errors.New(strings.TrimSpace(trouble.String()))
}

// says is a result of texts, but for empty ones.
func says(texts ...string) *mcp.CallToolResult {
	r := &mcp.CallToolResult{}
	for _, text := range texts {
		if text != "" {
			r.Content = append(r.Content, &mcp.TextContent{Text: text})
		}
	}
	return r
}
