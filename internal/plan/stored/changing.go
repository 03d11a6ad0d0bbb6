package stored

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// changing finds the way from what a service stored to what it stores.
type changing struct {
	of      *services.Service
	was, is *Data
	allow   Allowed
	refused *diag.List

	steps []Step // of the table that is looked at
}

func (c *changing) run() {
	c.is.Migrations = c.was.Migrations
	for _, table := range slices.Sorted(maps.Keys(c.was.Aggregates)) {
		c.aggregate(table, c.was.Aggregates[table], c.is.Aggregates[table])
		c.migrate(table)
	}
	for _, known := range slices.Sorted(maps.Keys(c.was.Views)) {
		c.view(known, c.was.Views[known], c.is.Views[known])
		c.migrate(c.was.Views[known].Table)
	}
}

// migrate adds a migration of the steps that were found.
func (c *changing) migrate(name string) {
	if len(c.steps) > 0 {
		c.is.Migrations = append(slices.Clone(c.is.Migrations), &Migration{Number: len(c.is.Migrations) + 1, Name: name, Steps: c.steps, New: true})
	}
	c.steps = nil
}

func (c *changing) step(why, do string, version int, on ...string) {
	c.steps = append(c.steps, Step{why, do, on, version})
}

// loses reports whether something may be lost. If not, that is said.
func (c *changing) loses(pos source.Pos, what, otherwise string, at ...string) bool {
	at = append([]string{c.is.Context}, at...)
	if c.allow.has(at...) {
		return true
	}
	refuse(c.refused, pos, at, what, otherwise)
	return false
}

// eventsOf is the table of the events of an aggregate.
func eventsOf(table string) string { return table + "_events" }

func (c *changing) aggregate(table string, was, is *Aggregate) {
	switch {
	case is == nil:
		if c.loses(c.of.Context.Pos, fmt.Sprintf("aggregate %s is gone", was.Name),
			fmt.Sprintf("if it is called otherwise now, say so (was: %s); else leave it for as long as anybody needs its instances", was.Name), was.Name) {
			c.drop(table, was, fmt.Sprintf("Aggregate %s is gone.", was.Name))
		}
		return
	case was.Events != nil && is.Events == nil:
		if c.loses(c.model(table).Pos, fmt.Sprintf("aggregate %s is kept as its state, and there is none of its instances, only events", is.Name),
			"leave it at persistence: events", is.Name) {
			c.drop(table, was, fmt.Sprintf("Of %s there are events only, which nobody folds any more.", is.Name))
		}
		return
	}
	for _, column := range slices.Sorted(maps.Keys(was.Columns)) {
		switch now := is.Columns[column]; {
		case now == "":
			c.step("Nothing is looked up by "+column+" any more.", leaveColumn, 0, table, column)
		case now != was.Columns[column]:
			c.step(fmt.Sprintf("%s is looked up as another type; the column is filled anew from what is stored.", column), dropColumn, 0, table, column)
		}
	}
	c.state(table, was, is)
	c.events(table, was, is)
	c.id(table, was, is)
}

// id has a changed id be known by what it was called before: events that were told
// call it so, and those that are stored say both.
func (c *changing) id(table string, was, is *Aggregate) {
	is.Was = was.Was
	if was.ID == is.ID {
		return
	}
	is.Was = slices.DeleteFunc(append(slices.Clone(was.Was), was.ID), func(name string) bool { return name == is.ID })
	if was.Events != nil && is.Events != nil {
		c.step(fmt.Sprintf("The id is called %s, and not %s any more.", is.ID, was.ID), alsoCalled, 0, eventsOf(table), was.ID, is.ID)
	}
}

func (c *changing) drop(table string, was *Aggregate, why string) {
	c.step(why, dropTable, 0, table)
	if was.Events != nil {
		c.step("Nor are its events needed.", dropTable, 0, eventsOf(table))
	}
}

// state has what is lost of states taken out of them: it would be in the way of a
// field of the same name that comes later.
func (c *changing) state(table string, was, is *Aggregate) {
	if was.Events != nil || is.Events != nil {
		return // it is folded from events
	}
	for _, l := range lossesOf(was.State, c.was.Types, is.State, c.is.Types) {
		pos := c.place(table, l)
		sealed := slices.Contains(was.Sealed, l.path)
		what, otherwise := fmt.Sprintf("%s of %s holds %s, and held %s", plain(l.path), is.Name, l.is, l.was),
			"leave it, unused, and add a field of another name beside it"
		why := fmt.Sprintf("%s holds %s, and not %s any more.", l.path, l.is, l.was)
		if l.is == "" {
			what, otherwise = fmt.Sprintf("%s of %s is gone", plain(l.path), is.Name),
				fmt.Sprintf("if it is called otherwise now, say so (was: %s); else leave it, unused, as an optional field", last(l.path))
			why = l.path + " is gone."
		} else if sealed {
			c.refused.Errorf(LosesData, pos, "%s, enciphered: nothing could read it", what).With(diag.Fix("%s", otherwise))
			continue
		}
		if c.loses(pos, what, otherwise, is.Name, l.path) && !sealed {
			c.step(why, forgetMembers, 0, table, l.path)
		}
	}
}

// events finds stored events that could not be read any more. Of them nothing can be
// taken away: the state is what all of them make.
func (c *changing) events(table string, was, is *Aggregate) {
	if is.Events == nil {
		return
	}
	m := c.model(table)
	for _, name := range slices.Sorted(maps.Keys(was.Events)) {
		old, now := was.Events[name], is.Events[name]
		if now == nil {
			c.refused.Errorf(LosesData, m.Pos, "event %s is gone, and instances of %s are made of it: they could not be read any more", name, is.Name).
				With(diag.Fix("if it is called otherwise now, say so (was: %s); else leave it: no command has to emit it", name))
			continue
		}
		if now.Version > old.Version {
			continue // the version says how it is read
		}
		for _, l := range lossesOf(old.Fields, c.was.Types, now.Fields, c.is.Types) {
			if l.is != "" {
				c.refused.Errorf(LosesData, c.eventPos(m, name), "%s of event %s holds %s, and %s in what is stored: instances of %s could not be read any more", plain(l.path), name, l.is, l.was, is.Name).
					With(diag.Fix("count its version up, and say how an older one is read (versions: {%d: {fields: …, upcast: …}})", old.Version))
			}
		}
	}
}

func (c *changing) view(known string, was, is *View) {
	switch {
	case was.Gone && is == nil:
		c.is.Views[known] = was
	case was.Gone:
		is.Version = was.Version + 1
	case is == nil:
		c.viewGone(known, was)
	default:
		is.Version = was.Version
		c.viewChanged(known, was, is)
	}
}

func (c *changing) viewGone(known string, was *View) {
	what := fmt.Sprintf("View %s is gone.", was.Name)
	if was.Inline && !c.loses(c.of.Context.Pos, fmt.Sprintf("view %s is gone", was.Name),
		fmt.Sprintf("if it is called otherwise now, say so (was: %s)", was.Name), was.Name) {
		return
	}
	c.step(what, leaveView, was.Version, known, was.Table)
	c.is.Views[known] = &View{Name: was.Name, Table: was.Table, Version: was.Version, Gone: true}
}

// viewChanged has the rows of a view made anew where its table could not hold them.
func (c *changing) viewChanged(known string, was, is *View) {
	why, gone := "", []string{}
	if !slices.Equal(was.Key, is.Key) {
		why = fmt.Sprintf("The key of view %s was %s, and is %s", is.Name, strings.Join(was.Key, ", "), strings.Join(is.Key, ", "))
	}
	for _, column := range slices.Sorted(maps.Keys(was.Columns)) {
		switch now := is.Columns[column]; {
		case now == "":
			gone = append(gone, column)
		case now != was.Columns[column] && why == "":
			why = fmt.Sprintf("Column %s of view %s was kept as %s, and is as %s", column, is.Name, was.Columns[column], now)
		}
	}
	switch {
	case why == "":
		for _, column := range gone {
			c.step(fmt.Sprintf("View %s has no %s any more.", is.Name, column), leaveOfView, was.Version, known, was.Table, column)
		}
	case !was.Inline && !is.Inline:
		is.Version++
		c.step(why+": its rows are made anew, from all events that there were.", supersede, is.Version, known, is.Table)
	case c.loses(c.viewModel(known).Pos, fmt.Sprintf("the rows of view %s, which is kept inline, are otherwise", is.Name),
		"leave it, and add another view beside it; or leave mode: inline out, and they are made anew from events", is.Name):
		c.step(why+": its rows begin anew.", dropTable, 0, was.Table)
	}
}

// model is the aggregate with a table.
func (c *changing) model(table string) *model.Aggregate {
	at := slices.IndexFunc(c.of.Aggregates, func(a *services.Aggregate) bool { return a.Table == table })
	return c.of.Aggregates[at].Model
}

func (c *changing) viewModel(known string) *model.View {
	at := slices.IndexFunc(c.of.Views, func(v *services.View) bool { return v.Known == known })
	return c.of.Views[at].Model
}

// place is where the model says what a member is now; of one that is gone, where its
// aggregate is.
func (c *changing) place(table string, l lost) source.Pos {
	m := c.model(table)
	top, _, _ := strings.Cut(plain(l.path), ".")
	for _, f := range m.State {
		if names.JSON(&f.Node) == top && f.Pos.IsValid() {
			return f.Pos
		}
	}
	return m.Pos
}

func (c *changing) eventPos(m *model.Aggregate, name string) source.Pos {
	for _, e := range m.Events {
		if names.Kept(&e.Node).Go == name {
			return e.Pos
		}
	}
	return m.Pos
}
