package cli

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/tree"
)

// runFlags are what run is told.
type runFlags struct {
	out      string
	kafka    string
	database string
	only     []string
	port     int
	fresh    bool
}

func newRun(t terminal) *cobra.Command {
	f := runFlags{port: 8080}
	cmd := &cobra.Command{
		Use:   "run [MODEL]",
		Short: "Generate, build and run a system on this machine",
		Long: "Run generates the services of a model, builds them, and runs them here: with an embedded broker that speaks\n" +
			"Kafka's protocol, SQLite files, stand-ins for external systems, and one port for everything. Nothing but Go\n" +
			"is needed. Ctrl-C stops it; the data is kept for the next run.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, t, modelPath(args)) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "directory to generate into (default: .esgen/run/<system>)")
	flags.StringVar(&f.kafka, "kafka", "", "host:port of a real Kafka broker (default: the embedded one)")
	flags.StringVar(&f.database, "database", "", "postgres://… of a real PostgreSQL (default: SQLite files)")
	flags.StringSliceVar(&f.only, "only", nil, "run these services only")
	flags.IntVar(&f.port, "port", f.port, "port of the gateway")
	flags.BoolVar(&f.fresh, "fresh", false, "forget the data of earlier runs")
	return cmd
}

func (f runFlags) run(cmd *cobra.Command, t terminal, path string) error {
	ctx, began := cmd.Context(), time.Now()
	p, files, err := compile(ctx, t, path)
	if err != nil {
		return err
	}
	if f.out == "" {
		f.out = filepath.Join(".esgen", "run", p.System.ID)
	}
	c, err := tree.Compare(f.out, files)
	if err != nil {
		return err
	}
	if err := (generateFlags{out: f.out}).write(t, c, len(files)); err != nil {
		return err
	}
	requests, err := devrun.LoadRequests(filepath.Join(directoryOf(path), "requests.http"))
	if err != nil {
		return err
	}
	fmt.Fprintf(t.err, "building %d services; the first time takes a minute or two\n", len(p.System.Services))
	if err := devrun.Build(ctx, f.out, p.System, func(name string, took time.Duration) {
		fmt.Fprintf(t.err, "  built %s in %.1fs\n", name, took.Seconds())
	}); err != nil {
		return err
	}
	return f.serve(cmd, t, p, requests, began)
}

// serve runs the built system until it is told to stop.
func (f runFlags) serve(cmd *cobra.Command, t terminal, p *plan.Plan, requests []devrun.Request, began time.Time) error {
	ctx := cmd.Context()
	system, err := devrun.Start(ctx, devrun.Options{
		Dir: f.out, System: p.System, Log: devrun.Shared(t.err), Color: colour(t.err),
		Port: f.port, Kafka: f.kafka, DB: f.database, Only: f.only, Fresh: f.fresh,
		Requests: requests, Restart: true,
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil // told to stop while starting
		}
		return err
	}
	fmt.Fprintf(t.out, "\n%s\nready in %.1fs; Ctrl-C stops it\n\n", devrun.Page(p.System, system.URL(), requests), time.Since(began).Seconds())
	<-ctx.Done()
	fmt.Fprintln(t.err, "stopping")
	return system.Close()
}
