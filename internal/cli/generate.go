package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	gopath "path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/docs/upgrading"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/plan/stored"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// generation is what generate is told.
type generation struct {
	terminal
	dir     string // to write to
	check   bool
	diff    bool
	dryRun  bool
	force   bool
	partial bool
	layout  layout
	prune   bool
	context string
	packs   packs
	allow   allowing
}

func newGenerate(t terminal) *cobra.Command {
	g := generation{terminal: t}
	cmd := &cobra.Command{
		Use:   "generate [MODEL]",
		Short: "Write the services of a model",
		Long: "Generate checks a model and writes its services: all files or, when something is wrong, none.\n" +
			"Files that are right already are not touched; generated files whose sticky note is gone are removed.\n" +
			"What changes of a file that is yours is merged into it, and where you have changed the same lines, both stand\n" +
			"there, between marks. A generated file that was edited stops the run: esgen eject makes it yours.\n\n" +
			"MODEL is a file, or a directory that holds esgen.yaml; without it, the directory you are in.",
		Args: atMostOne("model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := findModel(args)
			if err != nil {
				return err
			}
			if _, err := g.allow.parse(); err != nil {
				return err
			}
			if g.dir == "" {
				g.dir = besides(path)
			}
			if err := tree.Usable(g.dir); err != nil {
				return usage(err.Error(), "name another directory with --out")
			}
			defer plenty()()
			last := g.recall(path)
			if done, err := g.again(path, last); done || err != nil {
				return err
			}
			c := compilation{path: path, earlier: g.dir, made: made(last), partial: g.partial, layout: g.layout, packs: g.packs,
				stored: func(*model.System) string { return g.dir }, allow: g.allow}
			planned, err := t.plan(c)
			if err != nil {
				return err
			}
			err = g.run(cmd.Context(), path, planned, last)
			if !errors.Is(err, errMoved) {
				return err
			}
			c.made = map[string]plan.Made{}
			if planned, _, err = c.run(t.progress); err != nil { // what there is to say has been said
				return err
			}
			return g.run(cmd.Context(), path, planned, &tree.Memory{})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&g.dir, "out", "", "directory to write to (default: generated, beside the model)")
	flags.BoolVar(&g.check, "check", false, "write nothing; list what is missing, drifted or extra, and exit with 1 when something is")
	flags.BoolVar(&g.diff, "diff", false, "write nothing; show what would change, as a patch for git apply")
	flags.BoolVar(&g.dryRun, "dry-run", false, "write nothing; list what would change")
	flags.BoolVar(&g.force, "force", false, "rewrite generated files even if they were edited")
	partialFlag(flags, &g.partial)
	g.layout.flags(flags)
	g.packs.flags(flags)
	g.allow.flags(flags)
	flags.BoolVar(&g.prune, "prune", false, "remove files of your own whose sticky notes are gone, too")
	flags.StringVar(&g.context, "context", "", "touch the service of this context only, what runs it, and what is said of it")
	return cmd
}

// run compares the files of the model at a path with the directory, and shows or
// makes the changes.
func (g generation) run(ctx context.Context, path string, planned *Planned, last *tree.Memory) error {
	if g.looks() {
		return g.compare(ctx, path, planned, last)
	}
	g.waitedFor()
	release, err := tree.Lock(g.dir)
	if err != nil {
		return err
	}
	return errors.Join(g.compare(ctx, path, planned, last), release())
}

// looks reports whether nothing is to be written.
func (g generation) looks() bool { return g.check || g.diff || g.dryRun }

// apart refuses a directory whose files would be read as part of the model.
func apart(path, dir string, planned *Planned, files []string) error {
	home, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	out, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	below, err := filepath.Rel(home, out)
	if err != nil {
		return nil //nolint:nilerr // it is on another volume, and so not below
	}
	for _, f := range files {
		if include := planned.Model.Includes(gopath.Join(filepath.ToSlash(below), f)); include != "" {
			return usage(fmt.Sprintf("%s would be part of the model: it includes %s", filepath.Join(dir, filepath.FromSlash(f)), include),
				"name a directory with --out that the model does not look into, or include less")
		}
	}
	return nil
}

// sourcesOf are the paths of the files of a model.
func sourcesOf(planned *Planned) ([]string, error) {
	var paths []string
	for _, f := range planned.Model.Files {
		path, err := filepath.Abs(f.Path)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// compare holds the directory against the files, and shows or makes the changes.
func (g generation) compare(ctx context.Context, path string, planned *Planned, last *tree.Memory) error {
	sources, err := sourcesOf(planned)
	if err != nil {
		return err
	}
	held, err := g.hold(ctx, planned, last)
	if errors.As(err, new(*tree.InterruptedError)) {
		return usage(err.Error(), "wait for it; if it was killed, esgen generate takes back what it was doing")
	}
	if err != nil {
		return err
	}
	defer held.Close()
	before, written := held.Edition(upgrading.Edition())
	g.progress("comparing")
	c, err := held.End(sources...)
	g.progress("")
	if err != nil {
		return err
	}
	files := c.Paths()
	if err := apart(path, g.dir, planned, files); err != nil {
		return err
	}
	if err := c.Foreign(); err != nil {
		return usage(err.Error()+"; nothing was written",
			"name a directory with --out that is empty, or not there yet; one that esgen has written has .esgen/manifest.json: if that is lost, restore it")
	}
	if written {
		g.tellUpgrade(before)
	}
	total := len(files)
	if g.context != "" {
		if total, err = g.narrow(c, planned, held, files); err != nil {
			return err
		}
	}
	if g.prune {
		c.Prune()
	}
	defer g.tellOrphans(c)
	asked := g.askedBefore(c)
	if g.looks() {
		g.tellMigrations(planned.Plan.Migrations())
		err := g.preview(c, total)
		g.tellAsked(asked, asIfWritten(g.dir, c))
		return err
	}
	if err := c.Apply(g.force); err != nil {
		var edited *tree.EditedError
		if errors.As(err, &edited) {
			g.tellEdited(edited.Paths)
			return errNo
		}
		return err
	}
	g.tellMigrations(planned.Plan.Migrations())
	g.remember(path, planned, held, slices.ContainsFunc(c.Changes, toBeToldAgain))
	if _, err := fmt.Fprintln(g.out, g.summary(c, total, "written", "removed", "unchanged")); err != nil {
		return err
	}
	err = g.tellMerged(c)
	g.tellAsked(asked, os.DirFS(g.dir))
	return err
}

// toBeToldAgain says of a change that the next run has something to say about the
// file, too, though nothing else has changed.
func toBeToldAgain(ch tree.Change) bool {
	return ch.Kind == tree.Orphan || ch.Kind == tree.Clash || ch.Kind == tree.Open
}

// narrow leaves only the changes to the service of a context and to what is about
// it, and counts the files.
func (g generation) narrow(c *tree.Comparison, planned *Planned, held *holding, all []string) (files int, err error) {
	dir, err := serviceOf(planned, g.context)
	if err != nil {
		return 0, err
	}
	about := map[string]bool{}
	for _, path := range held.about[dir] {
		about[path] = true
	}
	wanted := func(path string) bool { return about[path] || strings.HasPrefix(path, "services/"+dir+"/") }
	for _, path := range all {
		if wanted(path) {
			files++
		}
	}
	before := len(c.Changes)
	c.Narrow(wanted)
	if left := before - len(c.Changes); left > 0 {
		fmt.Fprintf(g.err, "%s outside of %s left alone; run without --context to make them\n", count(left, "change"), g.context)
	}
	return files, nil
}

// serviceOf is the directory of the service of a context, named as on the wall
// or as its directory.
func serviceOf(planned *Planned, context string) (string, error) {
	var candidates []string
	for _, s := range planned.Plan.System.Services {
		candidates = append(candidates, s.Dir)
		if s.Dir == context {
			return s.Dir, nil
		}
	}
	for _, x := range planned.Model.Contexts {
		candidates = append(candidates, x.Name)
		if x.Name == context {
			return names.Of(&x.Node).Kebab, nil
		}
	}
	return "", usage(fmt.Sprintf("there is no context %q", context), diag.DidYouMean(context, candidates))
}

// preview shows what a run would do. That something would change is a no only
// when --check asks.
func (g generation) preview(c *tree.Comparison, total int) error {
	if g.diff {
		if err := g.showPatch(c); err != nil {
			return err
		}
	} else {
		g.list(c)
	}
	fmt.Fprintln(g.err, g.summary(c, total, "to write", "to remove", "as they should be"))
	if c.Clean() || !g.check {
		return nil
	}
	help := "esgen generate writes it anew"
	if len(c.Of(tree.Open)) > 0 {
		help = "keep what is right of each conflict, and remove its marks"
	}
	g.fail(usage(g.dir+" is not what the model says", help))
	return errNo
}

// list names the files that would change.
func (g generation) list(c *tree.Comparison) {
	for _, ch := range c.Changes {
		is := ch.Kind.String()
		if g.check {
			is = drift(ch)
		}
		if ch.Kind != tree.Orphan && ch.Kind != tree.Behind {
			fmt.Fprintf(g.out, "%-8s %s\n", is, g.path(ch.Path))
		}
	}
}

// drift says how a file is not as it should be.
func drift(ch tree.Change) string {
	switch {
	case ch.Gone:
		return "extra"
	case ch.Kind == tree.Create, ch.Kind == tree.Move:
		return "missing"
	case ch.Kind == tree.Clash, ch.Kind == tree.Open:
		return "conflict"
	}
	return "drifted"
}

// summary counts: "142 files in generated: 3 written, 1 removed, 138 unchanged".
func (g generation) summary(c *tree.Comparison, total int, written, removed, unchanged string) string {
	write, remove := 0, 0
	for _, ch := range c.Changes {
		switch {
		case ch.Kind == tree.Orphan, ch.Kind == tree.Open, ch.Kind == tree.Behind:
		case ch.Gone:
			remove++
		default:
			write++
		}
	}
	var parts []string
	for _, x := range []struct {
		n    int
		what string
	}{{write, written}, {remove, removed}, {total - write, unchanged}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", x.n, x.what))
		}
	}
	return fmt.Sprintf("%s in %s: %s", count(total, "file"), g.dir, strings.Join(parts, ", "))
}

// tellEdited names the edited files and the ways out.
func (g generation) tellEdited(paths []string) {
	fmt.Fprintln(g.err, paint(g.err, red, "error:")+" nothing was written, because somebody edited what is generated:")
	for _, p := range paths {
		fmt.Fprintln(g.err, "  "+g.path(p))
	}
	fmt.Fprintln(g.err, paint(g.err, green, "help:")+" --diff shows the edits undone, --force undoes them;\n"+
		"what is to stay belongs into the model, or into a file of your own beside them; esgen eject makes a file yours")
}

// tellOrphans lists the files that are the user's and belong to nothing any
// more, and those of which nobody knows what to do with them.
func (g generation) tellOrphans(c *tree.Comparison) {
	g.tellList("yours, and their sticky notes are gone; --prune removes them when you need them no more:", c.Of(tree.Orphan))
	for _, r := range c.Renamed() {
		fmt.Fprintf(g.err, "%s if its note is called something else now, its code is still here: mv %s %s\n",
			paint(g.err, green, "help:"), g.path(r.From), g.path(r.To))
	}
	g.tellList("yours, and generated as something else now; from what yours was made is not known, so nothing was merged:", c.Of(tree.Behind))
}

// tellMigrations names what is to be looked at before it is released.
func (g generation) tellMigrations(list []*stored.Migration) {
	var files []string
	for _, m := range list {
		if dir := gopath.Dir(stored.Path(m.Service.Dir)); g.context == "" || m.Service.Dir == g.context || m.Service.Context.Name == g.context {
			files = append(files, gopath.Join(dir, m.File())+"_migration.go")
		}
	}
	g.tellList("migrations, for what is stored already; look at them before they are released:", files)
}

// tellList says something of files.
func (g generation) tellList(what string, paths []string) {
	if len(paths) == 0 {
		return
	}
	fmt.Fprintln(g.err, what)
	for _, p := range paths {
		fmt.Fprintln(g.err, "  "+g.path(p))
	}
}

// tellMerged tells of the files that are the user's, and were moved or changed. Where
// there is something to decide, the answer is no.
func (g generation) tellMerged(c *tree.Comparison) error {
	var moved []string
	for _, ch := range c.Changes {
		if ch.From != "" {
			moved = append(moved, fmt.Sprintf("%s (was %s)", ch.Path, g.path(ch.From)))
		}
	}
	g.tellList("yours, and called otherwise now, with what you have written:", moved)
	g.tellList("yours, and what is generated of them has changed; both are in them now:", c.Of(tree.Merge))
	clashes := 0
	for _, ch := range c.Changes {
		if ch.Kind != tree.Clash && ch.Kind != tree.Open {
			continue
		}
		for _, at := range ch.Conflicts {
			if clashes++; clashes == 1 {
				fmt.Fprintln(g.err, paint(g.err, red, "error:")+" lines of yours are generated as something else now; both stand there, between marks:")
			}
			fmt.Fprintf(g.err, "  %s:%d", g.path(ch.Path), at.Line)
			if ch.Kind == tree.Clash {
				fmt.Fprintf(g.err, " (line %d as it was, line %d as it is generated)", at.Yours, at.Generated)
			}
			fmt.Fprintln(g.err)
		}
	}
	if clashes == 0 {
		return nil
	}
	fmt.Fprintln(g.err, paint(g.err, green, "help:")+" keep what is right, and remove the marks; until then nothing else is merged into these files")
	return errNo
}

// path is where a file is, for a person.
func (g generation) path(p string) string { return filepath.Join(g.dir, filepath.FromSlash(p)) }

// count is a number of things: "1 file", "2 files".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
