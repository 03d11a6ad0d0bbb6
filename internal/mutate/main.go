// Command mutate measures how much the scenarios of a model say. It changes one
// rule of the model at a time and plays the scenarios: a mutant that no scenario
// notices, and check does not complain about, shows a rule nobody has told a
// story of.
//
//	go run ./internal/mutate examples/library
//
// prints every mutant with what killed it, those that survive last. What bounds
// real time and load (timeouts, bulkheads) is left alone: it shows in no
// scenario.
package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: mutate DIRECTORY")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	s, err := read(os.DirFS(dir))
	if err != nil {
		return err
	}
	mutants := s.mutants()
	verdicts := s.judgeAll(mutants)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	survivors := 0
	for i, m := range mutants {
		if verdicts[i] != "" {
			fmt.Fprintf(out, "%s\t%s\t%s\n", m.Pos, m, strings.ReplaceAll(verdicts[i], "\n", " / "))
		}
	}
	for i, m := range mutants {
		if verdicts[i] == "" {
			survivors++
			fmt.Fprintf(out, "%s\t%s\tSURVIVES\n", m.Pos, m)
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Printf("%d mutants, %d survive, %.1f %% killed\n", len(mutants), survivors, 100*killed(len(mutants), survivors))
	return nil
}

// killed is the share of mutants that do not survive, from 0 to 1.
func killed(mutants, survivors int) float64 {
	if mutants == 0 {
		return 0
	}
	return float64(mutants-survivors) / float64(mutants)
}
