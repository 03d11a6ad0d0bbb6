package stored

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// LosesData is no rule of check: it is about what is stored already, and no model
// has a say in it.
const LosesData rule.ID = "loses-data"

// Refused says what of what is stored would be lost.
type Refused struct{ Diags diag.List }

func (r *Refused) Error() string {
	all := r.Diags.Sorted()
	return fmt.Sprintf("%s: %s", all[0].Pos, all[0].Message)
}

// Upon is what a release follows upon.
type Upon struct {
	Output fs.FS   // of the release before; nil: there is none
	Allow  Allowed // to be lost
}

// Plan plans what the services store, by their directories, upon what they stored
// before. The error can be a *Refused.
func Plan(sys *services.System, upon Upon) (map[string]*Data, error) {
	out := map[string]*Data{}
	var refused diag.List
	for _, s := range sys.Services {
		was, err := read(upon.Output, s.Dir)
		if err != nil {
			return nil, err
		}
		is := describe(s)
		out[s.Dir] = is
		if was != nil {
			c := &changing{of: s, was: was, is: is, allow: upon.Allow, refused: &refused}
			c.run()
			c.documents()
		}
		for _, m := range is.Migrations {
			m.Service = s
		}
		for _, v := range s.Views {
			v.Version = is.Views[v.Known].Version
		}
		s.Migrates = len(is.Migrations) > 0
	}
	if err := gone(sys, upon, &refused); err != nil {
		return nil, err
	}
	if refused.HasErrors() {
		return nil, &Refused{refused}
	}
	for _, s := range sys.Services {
		for _, a := range s.Aggregates {
			if was := out[s.Dir].Aggregates[a.Table].Was; len(was) > 0 {
				sys.CalledBefore(a.Model.ID, was)
			}
		}
	}
	return out, nil
}

// documents says what a database of documents would lose: it is not migrated, nor are
// instances moved from one database to another.
func (c *changing) documents() {
	at, name := c.of.Context.Pos, c.of.Context.Name
	if c.was.Documents != c.is.Documents && len(c.was.Aggregates) > 0 && !c.allow.has(name) {
		refuse(c.refused, at, []string{name}, "context "+name+" keeps its data in another database than before, where its instances stay",
			"leave `database` as it was")
	}
	if !c.is.Documents {
		return
	}
	if len(c.is.Migrations) > len(c.was.Migrations) && !c.allow.has(name) {
		refuse(c.refused, at, []string{name}, "context "+name+" keeps its data in MongoDB, where nothing is migrated",
			"add what is new beside what there is")
	}
	c.is.Migrations = nil
}

// gone finds the contexts that are gone with what they store.
func gone(sys *services.System, upon Upon, refused *diag.List) error {
	if upon.Output == nil {
		return nil
	}
	files, err := fs.Glob(upon.Output, Path("*"))
	if err != nil {
		return err
	}
	for _, file := range files {
		dir, _, _ := strings.Cut(strings.TrimPrefix(file, "services/"), "/")
		if slices.ContainsFunc(sys.Services, func(s *services.Service) bool { return s.Dir == dir }) {
			continue
		}
		was, err := read(upon.Output, dir)
		if err != nil {
			return err
		}
		if len(was.Aggregates) > 0 && !upon.Allow.has(was.Context) {
			refuse(refused, sys.Model.Pos, []string{was.Context}, "context "+was.Context+" is gone, and its instances with it",
				"leave it for as long as anybody needs them, and keep its code where it is called otherwise")
		}
	}
	return nil
}

// refuse says what would be lost, how not to, and how to do it all the same.
func refuse(refused *diag.List, pos source.Pos, path []string, what, otherwise string) {
	refused.Errorf(LosesData, pos, "%s: what is stored of it would be lost", what).
		With(diag.Fix("%s; to lose it: --allow %s", otherwise, tokenOf(path)))
}

// lose is what Allowed begin with.
const lose = "lose"

func tokenOf(path []string) string { return lose + ":" + plain(strings.Join(path, ".")) }

// plain is a path without the signs for each item and each value.
func plain(path string) string { return strings.NewReplacer("[]", "", "{}", "").Replace(path) }

// Allowed is what may be lost: paths, each with all below it. "" is everything.
type Allowed []string

// ParseAllowed reads lose:order.Order.note, or lose alone.
func ParseAllowed(list []string) (Allowed, error) {
	var out Allowed
	for _, text := range list {
		kind, of, told := strings.Cut(text, ":")
		if kind != lose || told && of == "" {
			return nil, fmt.Errorf("%q allows nothing that there is", text)
		}
		out = append(out, plain(of))
	}
	return out, nil
}

func (a Allowed) has(at ...string) bool {
	whole := plain(strings.Join(at, ".")) + "."
	return slices.ContainsFunc(a, func(of string) bool { return of == "" || strings.HasPrefix(whole, of+".") })
}

// last is the last part of a path.
func last(of string) string {
	of = plain(of)
	return of[strings.LastIndex(of, ".")+1:]
}
