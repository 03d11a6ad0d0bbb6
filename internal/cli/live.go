package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/testkit/live"
)

// liveRun is what test is told of the system on which it plays.
type liveRun struct {
	terminal
	dir      string // to generate into
	kafka    string
	database string
	partial  bool
	layout   layout
	packs    packs
	log      string
	// of a system that runs already
	url      string
	doors    string
	standins string
	tokens   string
}

func (r *liveRun) flags(flags *pflag.FlagSet) {
	flags.StringVar(&r.dir, "out", "", "with --live: directory to generate into (default: .esgen/test/<system>)")
	flags.StringVar(&r.kafka, "kafka", "", "with --live: host:port of a real Kafka broker (default: the embedded one)")
	flags.StringVar(&r.database, "database", "", "with --live: postgres://… of a real PostgreSQL, a schema <system>_<service>_e2e for each service (default: SQLite files)")
	r.packs.flags(flags)
	flags.StringVar(&r.log, "log", "", "with --live: file to write to what the services print")
	flags.BoolVar(&r.partial, "partial", false, "with --live: leave out what is not generated yet, instead of refusing the model")
	flags.StringVar(&r.url, "url", "", "with --live: play on a system that runs already (\"esgen run --doors\"): the URL of its gateway; its broker is --kafka")
	flags.StringVar(&r.doors, "doors", "", "with --url: where the doors of services are: front=http://…,pay=http://… (default: $E2E_DOORS)")
	flags.StringVar(&r.standins, "standins", "", "with --url: where the stand-ins for external systems are (default: $E2E_STANDINS)")
	flags.StringVar(&r.tokens, "tokens", "", "with --url: URL that answers ?role=…&sub=…&claim.<name>=… with a token (default: $E2E_TOKENS; none: headers are believed)")
}

// allowed refuses flags that say nothing together.
func (r *liveRun) allowed(played bool, changed func(flag string) bool) error {
	for _, flag := range []string{"out", "kafka", "database", "log", "partial", "url", "doors", "standins", "tokens"} {
		if changed(flag) && !played {
			return usage("--"+flag+" says on which system to play", "add --live")
		}
	}
	for _, flag := range []string{"doors", "standins", "tokens"} {
		if changed(flag) && r.url == "" {
			return usage("--"+flag+" is about a system that runs already", "add --url")
		}
	}
	for _, flag := range []string{"out", "database", "log", "pack"} {
		if changed(flag) && r.url != "" {
			return usage("--"+flag+" is about a system that is started for it", "leave out --url")
		}
	}
	if r.url != "" && (r.env(live.Brokers) == "" || r.env(live.Doors) == "") {
		return usage("a system that runs is played on by its gateway, its broker and its doors", "add --kafka and --doors")
	}
	return nil
}

// env is what the flags say of a system that runs, or else the environment.
func (r *liveRun) env(name string) string {
	said := map[string]string{live.Gateway: r.url, live.Doors: r.doors, live.Standins: r.standins, live.Tokens: r.tokens, live.Brokers: r.kafka}
	return cmp.Or(said[name], os.Getenv(name))
}

// run plays scenarios on the services of a model.
func (r *liveRun) run(ctx context.Context, path string, only *regexp.Regexp) (*check.Model, []result, error) {
	planned, err := r.plan(compilation{path: path, partial: r.partial, layout: r.layout, packs: r.packs})
	if err != nil {
		return nil, nil, err
	}
	if documented := planned.Plan.System.Documented(); len(documented) > 0 && r.url == "" {
		return nil, nil, usage(documented[0].Dir+" keeps its data in MongoDB, and has no doors for tests", "play the scenarios on the model: leave out --live")
	}
	var list []choice
	table := planned.Plan.Table.Scenarios
	for _, s := range planned.Model.Scenarios {
		// Not all can be played so: whoever hears late does so on purpose.
		at := slices.IndexFunc(table, func(l live.Scenario) bool { return l.Name == s.Name })
		if at >= 0 && only.MatchString(s.Name) {
			list = append(list, choice{s, &table[at]})
		}
	}
	if len(list) == 0 {
		return planned.Model, nil, nil
	}
	stage := stage{table: planned.Plan.Table, dir: filepath.ToSlash(filepath.Dir(path)), doing: r.progress}
	if r.url != "" {
		stage.System = live.From(r.env)
		results, err := stage.play(ctx, list)
		return planned.Model, results, err
	}
	r.waitedFor() // to end what was started
	system, err := r.start(ctx, path, planned)
	if err != nil {
		return nil, nil, err
	}
	stage.System = system.Live()
	results, err := stage.play(ctx, list)
	return planned.Model, results, errors.Join(err, system.Close())
}

// choice is a scenario, and how it is played.
type choice struct {
	model *model.Scenario
	live  *live.Scenario
}

// start generates, builds and starts the system of a model.
func (r *liveRun) start(ctx context.Context, path string, planned *Planned) (*devrun.System, error) {
	dir := r.dir
	var err error
	if dir == "" {
		if dir, err = ownDirectory(testDirectories, planned.Plan.System.ID); err != nil {
			return nil, err
		}
	}
	if err := tree.Usable(dir); err != nil {
		return nil, usage(err.Error(), "name another directory with --out")
	}
	if err := devrun.Free(dir); err != nil {
		return nil, err
	}
	quiet := r.terminal
	quiet.out = r.err // the results are what is printed
	g := generation{terminal: quiet, dir: dir, packs: r.packs}
	if err := g.run(ctx, path, planned, g.recall(path)); err != nil {
		return nil, err
	}
	said := io.Discard
	if r.log != "" {
		file, err := os.Create(r.log)
		if err != nil {
			return nil, err
		}
		said = file // until the end
	}
	system, err := devrun.Start(ctx, devrun.Options{
		Dir: dir, System: planned.Plan.System, Gateway: planned.Plan.Gateway, Log: said, Kafka: r.kafka, DB: r.database,
		Fresh: r.kafka == "" && r.database == "", Lean: true, Doors: true,
		Built: func(name string, took time.Duration) {
			r.progress(fmt.Sprintf("%s built in %.1fs", name, took.Seconds()))
		},
	})
	r.progress("")
	if err != nil && ctx.Err() == nil {
		err = running{terminal: r.terminal}.tell(err)
	}
	return system, err
}

// stage is a system that runs, and what is played on it.
type stage struct {
	live.System
	table live.Table
	dir   string // of the model
	doing func(string)
}

// play plays scenarios, one after the other: each has the system to itself.
func (s stage) play(ctx context.Context, list []choice) ([]result, error) {
	player, err := live.Open(ctx, s.System, s.table)
	if err != nil {
		return nil, err
	}
	defer player.Close()
	var results []result
	for _, c := range list {
		if lacks := s.Lacks(c.live); lacks != "" {
			results = append(results, result{Played: &sim.Played{Scenario: c.model}, lacks: lacks})
			continue
		}
		s.doing(c.model.Name)
		began := time.Now()
		failures, err := player.Play(ctx, c.live)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		played := &sim.Played{Scenario: c.model}
		for _, f := range failures {
			played.Failures = append(played.Failures, sim.Failure{Pos: s.place(f.At), Message: f.Message, Expected: f.Expected, Actual: f.Actual, Chain: f.Chain})
		}
		if err != nil {
			played.Failures = append(played.Failures, sim.Failure{Pos: c.model.Pos, Message: "it cannot be played: " + err.Error()})
		}
		results = append(results, result{Played: played, took: time.Since(began)})
	}
	s.doing("")
	return results, nil
}

// place is where something stands, by its path as the model was named.
func (s stage) place(p live.Place) source.Pos {
	return source.Pos{File: &source.File{Path: path.Join(s.dir, p.File)}, Line: p.Line, Column: p.Column}
}
