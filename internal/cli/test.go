package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/width"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// testRun is what test is told.
type testRun struct {
	terminal
	only    string // of scenarios whose names match
	format  string
	verbose bool
	live    bool // on the system that is generated
	liveRun liveRun
}

func newTest(t terminal) *cobra.Command {
	x := testRun{terminal: t, format: "text"}
	x.liveRun.terminal = t
	cmd := &cobra.Command{
		Use:   "test [MODEL]",
		Short: "Play the scenarios of a model",
		Long: "Test plays every scenario on the model itself: nothing is generated, built or started. It prints a table, and of\n" +
			"each scenario that fails where, what was expected, what came instead, and the chain of what led to what.\n\n" +
			"With --live it generates and builds the services, runs them as \"esgen run\" does, and plays every scenario on\n" +
			"them: over HTTP and Kafka, with services that are stopped, and with a clock of its own.\n\n" +
			"It exits with 0 when all hold, with 1 when one fails.",
		Args: atMostOne("model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := findModel(args)
			if err != nil {
				return err
			}
			if err := x.liveRun.allowed(x.live, cmd.Flags().Changed); err != nil {
				return err
			}
			return x.run(cmd.Context(), path)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&x.only, "run", "", "play only scenarios whose names match this regular expression")
	flags.StringVar(&x.format, "format", x.format, "how to print: text or json")
	flags.BoolVarP(&x.verbose, "verbose", "v", false, "print what happened in scenarios that hold, too")
	flags.BoolVar(&x.live, "live", false, "play them on the generated system")
	x.liveRun.flags(flags)
	return cmd
}

func (x testRun) run(ctx context.Context, path string) error {
	only, err := regexp.Compile(x.only)
	if err != nil {
		return usage(fmt.Sprintf("--run %q is no regular expression: %v", x.only, err), "")
	}
	if x.format != "text" && x.format != "json" {
		return usage(fmt.Sprintf("there is no format %q", x.format), "text or json")
	}
	var checked *check.Model
	var results []result
	if x.live {
		checked, results, err = x.liveRun.run(ctx, path, only)
	} else {
		checked, results, err = x.inMemory(path, only)
	}
	if err != nil {
		return err
	}
	if x.format == "json" {
		err = printResults(x.out, checked, results)
	} else {
		x.table(checked, results)
	}
	if err == nil && failed(results) > 0 {
		err = errNo
	}
	return err
}

// inMemory plays the scenarios on the model itself.
func (x testRun) inMemory(path string, only *regexp.Regexp) (*check.Model, []result, error) {
	checked, diags := load(path, x.progress)
	x.progress("")
	if diags.HasErrors() {
		if err := x.told(diags); err != nil {
			return nil, nil, err
		}
		return nil, nil, errNo
	}
	return checked, play(checked, only), nil
}

// result is a scenario that was played.
type result struct {
	*sim.Played
	took  time.Duration
	lacks string // why it was left out; "": it was played
}

func play(m *check.Model, only *regexp.Regexp) []result {
	var results []result
	for _, s := range m.Scenarios {
		if only.MatchString(s.Name) {
			began := time.Now()
			results = append(results, result{Played: sim.Play(m, s), took: time.Since(began)})
		}
	}
	return results
}

func failed(results []result) int {
	n := 0
	for _, r := range results {
		if len(r.Failures) > 0 {
			n++
		}
	}
	return n
}

// table prints the scenarios, each failure under its own.
func (x testRun) table(m *check.Model, results []result) {
	if len(results) == 0 {
		if len(m.Scenarios) == 0 {
			fmt.Fprintf(x.out, "%s has no scenarios: write some under `scenarios`\n", m.Name)
		} else {
			fmt.Fprintf(x.out, "no scenario of %s is called so\n", m.Name)
		}
		return
	}
	wide, covers := 0, 0
	for _, r := range results {
		wide = max(wide, columns(r.Scenario.Name))
		covers = max(covers, columns(covered(r.Scenario)))
	}
	var total time.Duration
	left := 0
	for _, r := range results {
		total += r.took
		word := paint(x.out, green, "ok    ")
		switch {
		case len(r.Failures) > 0:
			word = paint(x.out, red, "FAILED")
		case r.lacks != "":
			word = "-     "
			left++
		}
		fmt.Fprintf(x.out, "%s  %s  %s  %s\n", word, padded(r.Scenario.Name, wide), padded(covered(r.Scenario), covers), milliseconds(r.took))
		if r.lacks != "" {
			fmt.Fprintf(x.out, "        left out: %s\n", r.lacks)
		}
		x.failures(r.Failures)
		if x.verbose && len(r.Failures) == 0 {
			var b strings.Builder
			_ = sim.PrintTrace(&b, r.Trace) // a strings.Builder takes everything
			x.indented("", b.String())
		}
	}
	n := failed(results)
	things := "scenarios"
	if len(results) == 1 {
		things = "scenario"
	}
	others := ""
	if left > 0 {
		others = fmt.Sprintf(", %d left out", left)
	}
	fmt.Fprintf(x.out, "\n%d %s, %d ok, %d failed%s, %s\n", len(results), things, len(results)-n-left, n, others, milliseconds(total))
}

// failures prints what is wrong, where, and how it came about: once for all
// that have the same chain.
func (x testRun) failures(list []sim.Failure) {
	for i, f := range list {
		fmt.Fprintf(x.out, "        %s: %s\n", f.Pos, f.Message)
		x.indented("expected:", f.Expected)
		x.indented("actual:", f.Actual)
		if i == len(list)-1 || list[i+1].Chain != f.Chain {
			x.indented("chain:", f.Chain)
		}
	}
}

func (x testRun) indented(name, text string) {
	if text == "" {
		return
	}
	if name != "" {
		fmt.Fprintf(x.out, "        %s\n", name)
	}
	for line := range strings.Lines(text) {
		fmt.Fprintf(x.out, "          %s\n", strings.TrimSuffix(line, "\n"))
	}
}

// covered are the requirements a scenario covers, as it lists them.
func covered(s *model.Scenario) string {
	ids := make([]string, len(s.Covers))
	for i, c := range s.Covers {
		ids[i] = c.Value
	}
	return strings.Join(ids, " ")
}

// milliseconds is a duration for a table.
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// columns is how much room a text takes on a terminal: Korean letters take two
// columns each.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

func padded(s string, to int) string { return s + strings.Repeat(" ", max(0, to-columns(s))) }

// printResults prints the results for other programs.
func printResults(out io.Writer, m *check.Model, results []result) error {
	type failure struct {
		File     string `json:"file"`
		Line     int    `json:"line"`
		Column   int    `json:"column"`
		Message  string `json:"message"`
		Expected string `json:"expected,omitempty"`
		Actual   string `json:"actual,omitempty"`
		Chain    string `json:"chain,omitempty"`
	}
	type scenario struct {
		Name     string    `json:"name"`
		Covers   []string  `json:"covers"`
		OK       bool      `json:"ok"`
		LeftOut  string    `json:"leftOut,omitempty"` // why
		Seconds  float64   `json:"seconds"`
		Failures []failure `json:"failures"`
	}
	report := struct {
		System    string     `json:"system"`
		OK        bool       `json:"ok"`
		Scenarios []scenario `json:"scenarios"`
	}{m.Name, failed(results) == 0, []scenario{}}
	for _, r := range results {
		s := scenario{Name: r.Scenario.Name, Covers: []string{}, OK: len(r.Failures) == 0 && r.lacks == "", LeftOut: r.lacks, Seconds: r.took.Seconds(), Failures: []failure{}}
		for _, c := range r.Scenario.Covers {
			s.Covers = append(s.Covers, c.Value)
		}
		for _, f := range r.Failures {
			s.Failures = append(s.Failures, failure{f.Pos.Path(), f.Pos.Line, f.Pos.Column, f.Message, f.Expected, f.Actual, f.Chain})
		}
		report.Scenarios = append(report.Scenarios, s)
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}
