package expr

import (
	"cmp"
	"slices"

	"github.com/esgen/esgen/internal/source"
)

// Use is a name in an expression, and what it means.
type Use struct {
	Offset int    // in bytes of the expression's text
	Text   string // NFC
	Of     any    // *model.Field, *model.EnumValue, *model.TypeDef, or a Variable
}

// Variable is a name that an expression does not look up in the model: of its
// scope, or of a macro.
type Variable struct {
	Name  string
	Macro string     // which macro's; "": of the scope
	Pos   source.Pos // where the model gives the name; nowhere: the language or the macro does
}

// use notes what a name means.
func (c *checker) use(at int, text string, of any) {
	c.uses = append(c.uses, Use{at, text, of})
}

// used are the names of an expression in the order of its text, each once: some
// parts are looked at more than once.
func used(all []Use) []Use {
	slices.SortStableFunc(all, func(a, b Use) int { return cmp.Compare(a.Offset, b.Offset) })
	return slices.CompactFunc(all, func(a, b Use) bool { return a == b })
}
