// Command yardstick measures a generated service against its hand-written twin:
// it builds both, runs both on the same PostgreSQL and Kafka, loads them in
// turns, and prints how they compare.
//
//	eval "$(../../.ci/servers start)"
//	go run . -rounds 5
//
// -measure and -against say what is compared with what: "service" or "twin",
// and what its environment has besides: -measure "twin TRACES=off" -against twin
// tells what traces cost.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

type options struct {
	rounds            int
	clients           int
	duration, warm    time.Duration
	rest              time.Duration
	cases             string
	measure, against  string
	esgen, profiles   string
	postgres, brokers string
}

func main() {
	o := options{postgres: os.Getenv("ESGEN_TEST_POSTGRES"), brokers: os.Getenv("ESGEN_TEST_KAFKA")}
	flag.IntVar(&o.rounds, "rounds", 5, "how often both are measured, in turns")
	flag.IntVar(&o.clients, "clients", 16, "how many ask at a time")
	flag.DurationVar(&o.duration, "duration", 5*time.Second, "how long each is asked in a round")
	flag.DurationVar(&o.warm, "warm", 3*time.Second, "how long each is asked before the first round")
	flag.DurationVar(&o.rest, "rest", 10*time.Second, "how long both are left alone before their memory at rest is read")
	flag.StringVar(&o.cases, "cases", "", "names of cases, with commas between; empty: all")
	flag.StringVar(&o.measure, "measure", "service", `what is measured: "service" or "twin", and variables: "twin TRACES=off"`)
	flag.StringVar(&o.against, "against", "twin", "what it is measured against")
	flag.StringVar(&o.esgen, "esgen", "", "the esgen that generates the service; empty: it is built from this repository")
	flag.StringVar(&o.profiles, "profiles", "", "directory for processor profiles of each case, of services; empty: none are taken")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "yardstick:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.postgres == "" || o.brokers == "" {
		return errors.New(`there must be servers: eval "$(../../.ci/servers start)"`)
	}
	dir, err := os.MkdirTemp("", "yardstick")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	programs, err := build(ctx, dir, o)
	if err != nil {
		return err
	}
	tokens, err := startIssuer()
	if err != nil {
		return err
	}
	defer tokens.close()
	for _, context := range contexts {
		chosen := casesOf(context, o.cases)
		if len(chosen) == 0 {
			continue
		}
		if err := compare(ctx, o, programs, tokens, context, chosen); err != nil {
			return fmt.Errorf("%s: %w", context, err)
		}
	}
	return nil
}

// compare measures both in turns, round by round.
func compare(ctx context.Context, o options, programs programs, tokens *issuer, context string, cases []loadCase) (err error) {
	var pair [2]*subject
	for i, what := range []string{o.measure, o.against} {
		if pair[i], err = start(ctx, o, programs, tokens, context, what, i); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, pair[i].stop()) }()
	}
	time.Sleep(o.rest)
	table := newTable(context, pair)
	for i, s := range pair {
		table.rest[i] = s.resident()
		for _, c := range cases {
			if _, err := s.measure(ctx, o, tokens.token, c, o.warm, ""); err != nil {
				return err
			}
		}
	}
	for round := range o.rounds {
		for _, c := range cases {
			var results [2]result
			for turn := range pair {
				i := (turn + round) % len(pair) // neither always has the other's leftovers
				profile := ""
				if o.profiles != "" && round == 0 && pair[i].generated {
					profile = o.profiles + "/" + c.name + "." + strings.Fields(pair[i].name)[0] + ".pprof"
				}
				if results[i], err = pair[i].measure(ctx, o, tokens.token, c, o.duration, profile); err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
			}
			table.add(c.name, results)
		}
	}
	for i, s := range pair {
		table.peak[i] = s.peak()
	}
	table.print(os.Stdout)
	return nil
}
