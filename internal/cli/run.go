package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// running is what run is told.
type running struct {
	terminal
	dir      string // to generate into
	kafka    string
	database string
	mongodb  string
	only     []string
	port     int
	fresh    bool
	partial  bool
	layout   layout
	packs    packs
	allow    allowing
	auth     string
	doors    bool
	traces   string
}

func newRun(t terminal) *cobra.Command {
	r := running{terminal: t, port: 8080, auth: devrun.AuthJWT}
	cmd := &cobra.Command{
		Use:   "run [MODEL]",
		Short: "Generate, build and run a system on this machine",
		Long: "Run generates the services of a model, builds them, and runs them here: with an embedded broker that speaks\n" +
			"Kafka's protocol, SQLite files, stand-ins for external systems, and one port for everything. Nothing but Go\n" +
			"is needed. Ctrl-C stops it, a second one at once; the data is kept for the next run.\n\n" +
			"With --out it runs what is generated there, with the code of your own that is there.",
		Args: atMostOne("model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := findModel(args)
			if err != nil {
				return err
			}
			if r.fresh && (r.kafka != "" || r.database != "" || r.mongodb != "") {
				return usage("--fresh empties the embedded broker and the SQLite files; what --kafka, --database and --mongodb name is yours", "")
			}
			if r.auth != devrun.AuthJWT && r.auth != devrun.AuthDev {
				return usage(fmt.Sprintf("--auth cannot be %q", r.auth), "jwt verifies tokens, which \"esgen token\" makes; dev believes headers")
			}
			if r.traces != "" && !isPage(r.traces) {
				return usage(fmt.Sprintf("--traces %q is no address of a page", r.traces), "write http://localhost:16686/trace/{id}, or without {id} where it has no page for a trace")
			}
			return r.run(cmd.Context(), path)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&r.dir, "out", "", "directory to generate into (default: .esgen/run/<system>)")
	flags.StringVar(&r.kafka, "kafka", "", "host:port of a real Kafka broker (default: the embedded one)")
	flags.StringVar(&r.database, "database", "", "postgres://… of a real PostgreSQL, a schema for each service (default: SQLite files)")
	flags.StringVar(&r.mongodb, "mongodb", "", "mongodb://host/?replicaSet=… of a MongoDB, for the services that keep their data there, a database for each (default: $"+mongoEnv+")")
	flags.StringSliceVar(&r.only, "only", nil, "run these services only: front,pay")
	flags.IntVar(&r.port, "port", r.port, "port of the gateway; 0 takes a free one")
	flags.BoolVar(&r.doors, "doors", false, "open the doors that tests have, and say in .esgen/e2e.env of the output where everything is; tests forget all data")
	flags.BoolVar(&r.fresh, "fresh", false, "forget the data of earlier runs")
	flags.StringVar(&r.traces, "traces", "", "page of who collects traces, for the desk to link to: http://localhost:16686/trace/{id} (they are sent where OTEL_EXPORTER_OTLP_ENDPOINT says)")
	partialFlag(flags, &r.partial)
	r.layout.flags(flags)
	r.packs.flags(flags)
	r.allow.flags(flags)
	flags.StringVar(&r.auth, "auth", r.auth, "how actors are recognised: jwt, by the tokens that \"esgen token\" makes; dev, by the headers X-Actor-Id, X-Actor-Roles and X-Actor-Claim-<name>")
	return cmd
}

// isPage reports whether a text is the address of a page.
func isPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func (r running) run(ctx context.Context, path string) error {
	began := time.Now()
	if err := r.possible(); err != nil {
		return err
	}
	earlier := r.dir
	if earlier == "" {
		earlier = besides(path) // what is committed: its clients shall be able to call what runs here
	}
	planned, err := r.plan(compilation{path: path, earlier: earlier, partial: r.partial, layout: r.layout, packs: r.packs, stored: r.stored(earlier), allow: r.allow})
	if err != nil {
		return err
	}
	if err := r.documents(planned); err != nil {
		return err
	}
	requests, err := devrun.LoadRequests(filepath.Join(filepath.Dir(path), "requests.http"))
	if err != nil {
		return err
	}
	if r.dir == "" {
		if r.dir, err = ownDirectory(ownDirectories, planned.Plan.System.ID); err != nil {
			return err
		}
	}
	if err := devrun.Free(r.dir); err != nil {
		return err
	}
	g := generation{terminal: r.terminal, dir: r.dir, packs: r.packs}
	if err := g.run(ctx, path, planned, g.recall(path)); err != nil {
		return err
	}
	opts := devrun.Options{
		Dir: r.dir, System: planned.Plan.System, Gateway: planned.Plan.Gateway, Log: r.err, Color: colours(r.err), Requests: requests,
		Port: r.port, Auth: r.auth, Kafka: r.kafka, DB: r.database, Mongo: r.mongodb, Only: r.only, Fresh: r.fresh, Lean: true, Restart: true, Doors: r.doors,
		Traces: r.traces,
	}
	return r.serve(ctx, opts, began)
}

// mongoEnv is the variable that says where MongoDB is.
const mongoEnv = "MONGODB_URI"

// documents says before anything is built that it is not known where services keep
// their data, or that they have no doors.
func (r *running) documents(planned *Planned) error {
	r.mongodb = cmp.Or(r.mongodb, os.Getenv(mongoEnv))
	for _, s := range planned.Plan.System.Documented() {
		switch {
		case r.fresh:
			return usage(s.Dir+" keeps its data in MongoDB, which --fresh does not empty", "empty its database there, and leave out --fresh")
		case r.doors:
			return usage(s.Dir+" keeps its data in MongoDB, and has no doors for tests", "leave out --doors")
		case r.mongodb == "" && (len(r.only) == 0 || slices.Contains(r.only, s.Dir)):
			return usage(s.Dir+" keeps its data in MongoDB, and it is not said where that is", "add --mongodb mongodb://host/?replicaSet=rs0, or set "+mongoEnv)
		}
	}
	return nil
}

// stored is the output whose services have data here: that of the last run, or what is
// committed; none where data is forgotten.
func (r running) stored(committed string) func(*model.System) string {
	if r.fresh {
		return nil
	}
	return func(sys *model.System) string {
		if own := filepath.Join(ownDirectories, sys.Name); r.dir == "" && there(own) {
			return own
		}
		return committed
	}
}

// possible says before anything is built what would keep the system from being
// started.
func (r running) possible() error {
	if err := devrun.PortFree(r.port); err != nil {
		return usage(err.Error(), "choose another one with --port; 0 takes any")
	}
	if r.dir == "" {
		return nil
	}
	if err := tree.Usable(r.dir); err != nil {
		return usage(err.Error(), "name another directory with --out")
	}
	return nil
}

// ownDirectories is where systems are generated to when nobody says where, and
// testDirectories where those are that scenarios are played on.
var (
	ownDirectories  = filepath.Join(".esgen", "run")
	testDirectories = filepath.Join(".esgen", "test")
)

// ownDirectory is where a system is generated to when nobody says where.
func ownDirectory(among, system string) (string, error) {
	if err := os.MkdirAll(among, 0o755); err != nil {
		return "", err
	}
	// It lies in somebody's repository, and is no part of it.
	return filepath.Join(among, system), os.WriteFile(filepath.Join(among, ".gitignore"), []byte("*\n"), 0o644)
}

// serve builds the system and runs it until it is told to stop. There is
// something to read while it builds: where everything will be.
func (r running) serve(ctx context.Context, opts devrun.Options, began time.Time) error {
	opts.Located = func(page string) {
		fmt.Fprintf(r.out, "\n%s\n", page)
		fmt.Fprintln(r.err, "building; the first time takes a minute or two, and then the requests above work")
	}
	opts.Built = func(name string, took time.Duration) {
		fmt.Fprintf(r.err, "  %s built in %.1fs\n", name, took.Seconds())
	}
	system, err := devrun.Start(ctx, opts)
	if ctx.Err() != nil && err != nil {
		return ctx.Err() // told to stop while it was built, or started
	}
	if err != nil {
		return r.tell(err)
	}
	fmt.Fprintf(r.out, "\n%s is ready at %s in %.1fs; Ctrl-C stops it\n\n", opts.System.Title, system.URL(), time.Since(began).Seconds())
	<-ctx.Done()
	fmt.Fprintln(r.err, "stopping; once more to stop at once")
	again := make(chan os.Signal, 1)
	signal.Notify(again, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(again)
	closed := make(chan error, 1)
	go func() { closed <- system.Close() }()
	select {
	case err = <-closed:
	case <-again:
		system.Kill()
		err = <-closed
	}
	return err
}

// tell prints what the generated code says, and makes it a no: it is neither a
// wrong command line nor a machine that lacks something.
func (r running) tell(err error) error {
	if errors.As(err, new(*devrun.BuildError)) || errors.As(err, new(*devrun.StartError)) {
		r.fail(err)
		return errNo
	}
	return err
}
