package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"sync"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/explore"
	"github.com/esgen/esgen/model"
)

// exploration is what explore is told.
type exploration struct {
	terminal
	depth    int
	states   int
	scenario string // of scenarios whose names match
	context  string
	saga     string
	format   string
}

func newExplore(t terminal) *cobra.Command {
	x := exploration{terminal: t, depth: explore.DefaultDepth, states: explore.DefaultStates, format: "text"}
	cmd := &cobra.Command{
		Use:   "explore [MODEL]",
		Short: "Search for orders of events in which something goes wrong",
		Long: "Explore searches the orders in which commands, timers, outages and messages can come, in memory: at every place\n" +
			"that the scenarios come to, all that can be done there at once, and all that the messages of it can overtake. It\n" +
			"tells an order in which other systems or money are told of something more often than when each waits for what came\n" +
			"of the one before, in which a rule refuses what a policy asks and all ends as in no such order, and in which work or\n" +
			"sagas never end. Each is told as a scenario that fails until the model is mended.\n\n" +
			"It exits with 0 when it finds nothing, with 1 when it finds something.",
		Args: atMostOne("model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := findModel(args)
			if err != nil {
				return err
			}
			return x.run(cmd.Context(), path)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&x.depth, "depth", x.depth, "how many commands, timers and outages come at once, at most")
	flags.IntVar(&x.states, "states", x.states, "how many states are looked at from one place, at most")
	flags.StringVar(&x.scenario, "scenario", "", "search around scenarios whose names match this regular expression")
	flags.StringVar(&x.context, "context", "", "have only what is asked of this context come")
	flags.StringVar(&x.saga, "saga", "", "tell only of what leads to this saga")
	flags.StringVar(&x.format, "format", x.format, "how to print: text or json")
	return cmd
}

func (x exploration) run(ctx context.Context, path string) error {
	switch {
	case x.depth < 1:
		return usage("--depth must be at least 1", "")
	case x.states < 1:
		return usage("--states must be at least 1", "")
	case x.format != "text" && x.format != "json":
		return usage(fmt.Sprintf("there is no format %q", x.format), "text or json")
	}
	only, err := regexp.Compile(x.scenario)
	if err != nil {
		return usage(fmt.Sprintf("--scenario %q is no regular expression: %v", x.scenario, err), "")
	}
	checked, diags := load(path, x.progress)
	x.progress("")
	if diags.HasErrors() {
		if err := x.told(diags); err != nil {
			return err
		}
		return errNo
	}
	o := explore.Options{Depth: x.depth, States: x.states, Scenario: func(s *model.Scenario) bool { return only.MatchString(s.Name) }}
	if o.Context, err = named[*model.Context](checked, x.context, "context"); err != nil {
		return err
	}
	if o.Saga, err = named[*model.Saga](checked, x.saga, "saga"); err != nil {
		return err
	}
	x.waitedFor()
	defer plenty()()
	o.Progress = x.searched()
	r, err := explore.Run(ctx, checked, o)
	x.progress("")
	if err != nil {
		return err
	}
	if x.format == "json" {
		err = printExplored(x.out, checked, r)
	} else {
		x.explored(checked, r)
	}
	if err == nil && len(r.Findings) > 0 {
		err = errNo
	}
	return err
}

// searched shows how far a search is.
func (x exploration) searched() func(done, of int, states int64) {
	var one sync.Mutex
	return func(done, of int, states int64) {
		one.Lock()
		defer one.Unlock()
		x.progress(fmt.Sprintf("%d of %d places, %d states", done, of, states))
	}
}

// named is the only node of a name and kind; "": none is asked for.
func named[N any](m *check.Model, name, kind string) (N, error) {
	var none N
	if name == "" {
		return none, nil
	}
	for _, node := range m.Find(nil, name) {
		if n, is := node.(N); is {
			return n, nil
		}
	}
	return none, usage(fmt.Sprintf("--%s: there is no %s %s", kind, kind, name), "")
}

// explored prints what was found, and how much was looked at.
func (x exploration) explored(m *check.Model, r *explore.Report) {
	for _, f := range r.Findings {
		fmt.Fprintf(x.out, "%s %s\n", paint(x.out, red, string(f.Kind)+":"), f.Message)
		for _, also := range f.Also {
			fmt.Fprintf(x.out, "  also: %s\n", also)
		}
		fmt.Fprintf(x.out, "  around: %s: %s\n\n%s\n%s\n", f.Around.Pos, f.Around.Name, f.Text, f.Chain)
	}
	if r.Places == 0 {
		fmt.Fprintf(x.out, "there is nothing to search: explore begins where the scenarios of %s lead, and none leads to where something can be done\n", m.Name)
		return
	}
	fmt.Fprintf(x.out, "%d found; %d places, %d states\n", len(r.Findings), r.Places, r.States)
	if r.Cut > 0 {
		fmt.Fprintf(x.out, "%d places have more than %d states: not all of them was searched (--states, --depth)\n", r.Cut, x.states)
	}
}

// printExplored prints the same for other programs.
func printExplored(out io.Writer, m *check.Model, r *explore.Report) error {
	type finding struct {
		Kind     explore.Kind `json:"kind"`
		Message  string       `json:"message"`
		Also     []string     `json:"also"`
		Moves    []string     `json:"moves"`
		Around   string       `json:"around"`
		File     string       `json:"file"`
		Line     int          `json:"line"`
		Name     string       `json:"name"`
		Scenario string       `json:"scenario"`
		Chain    string       `json:"chain"`
	}
	list := make([]finding, len(r.Findings))
	for i, f := range r.Findings {
		list[i] = finding{
			f.Kind, f.Message, append([]string{}, f.Also...), f.Moves, f.Around.Name, f.Around.Pos.Path(), f.Around.Pos.Line,
			f.Scenario.Name, f.Text, f.Chain,
		}
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		System   string    `json:"system"`
		Findings []finding `json:"findings"`
		Places   int       `json:"places"`
		States   int64     `json:"states"`
		Cut      int       `json:"cut"`
	}{m.Name, list, r.Places, r.States, r.Cut})
}
