package check

import (
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Named is a field, or a variable of a command, by where it is told: what checking
// makes of a field, such as the optional one of a reply, is the same field.
type Named struct {
	Pos  source.Pos
	Name string
}

// NamedField is a field as a Named.
func NamedField(f *model.Field) Named { return Named{f.Pos, f.Name} }

// Tie says that two things belong together because they have one name: a value is
// copied from one to the other, or one word means both. To call one otherwise
// changes what the model does, unless the other is called so, too.
type Tie struct{ From, To Named }

// tie notes that two things belong together by their name.
func (c *checker) tie(from, to Named) {
	if from != to && from.Pos.IsValid() && to.Pos.IsValid() && from.Name == to.Name {
		c.out.Ties = append(c.out.Ties, Tie{from, to})
	}
}

// takes notes that a field has its value from the only supply of its name.
func (c *checker) takes(to *model.Field, from []supply) {
	if len(from) == 1 {
		c.tie(Named{from[0].pos, to.Name}, NamedField(to))
	}
}

// use notes that a place names something, which only checking finds out.
func (c *checker) use(pos source.Pos, text string, of any) {
	c.out.Uses = append(c.out.Uses, model.Use{Pos: pos, Text: text, Of: of})
}

// Typing is an expression that is being typed, and what can be named in it.
type Typing struct {
	Expr  *model.Expr
	Scope expr.Scope
	Env   *expr.Env
}

// TypingOf says what can be named in an expression; nil where that is not known, as
// of what lacks something else. Only what is told in its file is checked.
func TypingOf(sys *model.System, x *model.Expr) *Typing {
	var there []*model.Context
	for _, c := range sys.Contexts {
		if c.Pos.File == x.Node.Pos.File {
			there = append(there, c)
		}
	}
	r := begin(sys, there)
	for _, c := range r.checkers {
		c.asked = x
	}
	for i, at := range r.contexts() {
		if at.Pos.File == x.Node.Pos.File {
			r.check(i)
			if t := r.checkers[i].typing; t != nil {
				return t
			}
		}
	}
	r.check(len(sys.Contexts))
	return r.checkers[len(sys.Contexts)].typing
}

// absentRow notes that the code of a rejection has the name of a view in it: of one
// that a command reads a row of.
func (c *checker) absentRow(m *model.Command, code model.Text) {
	for _, r := range m.Reads {
		if v := r.View.View; v != nil && !r.Default && r.Missing.Value == "" && code.Value == notFound(v) {
			c.use(code.Pos, v.Name, v)
		}
	}
}

// notFound is the code with which a command is rejected that finds no row of a view.
func notFound(v *model.View) string { return v.Name + "NotFound" }
