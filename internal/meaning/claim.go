package meaning

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/regular"
	"github.com/esgen/esgen/model"
)

// claim says something about one thing, or denies it.
type claim struct {
	kind   kind
	denied bool
	about  string         // key of the thing; of ofNothing, of the whole condition
	tree   *expr.Tree     // the thing; nil: several, or none that has a name
	asks   string         // an operator, or a function of texts
	text   string         // of ofText the literal, of ofEnum the value
	limit  *big.Rat       // of ofNumber and ofLength
	whole  bool           // of ofNumber: the thing is a whole number
	counts bool           // of ofNumber: the thing is a size, never below 0
	enum   *model.TypeDef // of ofEnum
}

// kind is what a claim can be compared by.
type kind uint8

const (
	ofNothing kind = iota // it holds or does not, and no more is known
	ofNumber
	ofLength // of a text
	ofText
	ofEnum
)

func (c claim) not() claim {
	c.denied = !c.denied
	return c
}

func (c claim) key() string {
	text := c.about
	switch c.kind {
	case ofNumber, ofLength:
		text = fmt.Sprintf("%d %s %s %s", c.kind, c.about, c.asks, c.limit.RatString())
	case ofText, ofEnum:
		text = fmt.Sprintf("%s %s %s", c.about, c.asks, strconv.Quote(c.text))
	}
	if c.denied {
		return "!" + text
	}
	return text
}

// maxCases bounds the cases of a condition.
const maxCases = 600

// cases are the ways in which a condition can hold: in each, all claims hold.
// ok is false when there are too many.
func (c condition) cases() (out [][]claim, ok bool) {
	switch c.op {
	case always:
		return [][]claim{nil}, true
	case never:
		return nil, true
	case single:
		return [][]claim{{c.claim}}, true
	case or:
		for _, p := range c.parts {
			more, ok := p.cases()
			if out = append(out, more...); !ok || len(out) > maxCases {
				return nil, false
			}
		}
		return out, true
	}
	out = [][]claim{nil}
	for _, p := range c.parts {
		more, ok := p.cases()
		if !ok || len(out)*len(more) > maxCases {
			return nil, false
		}
		var both [][]claim
		for _, a := range out {
			for _, b := range more {
				both = append(both, slices.Concat(a, b))
			}
		}
		out = both
	}
	return out, true
}

// example is a value for which what is claimed of a thing holds.
type example struct {
	tree  *expr.Tree // the thing
	value any        // as package expr has values; a number is a *big.Rat
}

// possible reports whether claims can hold together as far as each thing is
// concerned, and gives examples. That they cannot is certain; that they can is
// not: things may depend on one another.
func possible(claims []claim) (examples []example, ok bool) {
	things := map[string][]claim{}
	var order []string
	for _, c := range claims {
		key := fmt.Sprintf("%d %s", max(c.kind, ofLength), c.about)
		switch c.kind {
		case ofLength:
			key = fmt.Sprintf("%d %s", ofText, c.about)
		case ofNothing, ofNumber:
			key = fmt.Sprintf("%d %s", c.kind, c.about)
		}
		if things[key] == nil {
			order = append(order, key)
		}
		things[key] = append(things[key], c)
	}
	for _, key := range order {
		of := things[key]
		var value any
		switch of[0].kind {
		case ofNothing:
			value, ok = truth(of)
		case ofNumber:
			value, ok = someNumber(of)
		case ofEnum:
			value, ok = someValue(of)
		default:
			value, ok = someText(of)
		}
		if !ok {
			return nil, false
		}
		if of[0].tree != nil && value != nil {
			examples = append(examples, example{of[0].tree, value})
		}
	}
	return examples, true
}

func truth(claims []claim) (any, bool) {
	for _, c := range claims {
		if c.denied != claims[0].denied {
			return nil, false
		}
	}
	return !claims[0].denied, true
}

func someValue(claims []claim) (any, bool) {
	for _, def := range []*model.TypeDef{claims[0].enum, claims[len(claims)-1].enum} {
		for _, v := range def.Enum {
			if !slices.ContainsFunc(claims, func(c claim) bool { return (spelledValue(v) == c.text) == c.denied }) {
				return v.Name, true
			}
		}
	}
	// An absent one is equal to no value.
	absent := claims[0].tree.Type.Kind == model.Optional && !slices.ContainsFunc(claims, func(c claim) bool { return !c.denied })
	return nil, absent
}

// someText looks for a text; when that is not decided, there may be one.
func someText(claims []claim) (any, bool) {
	for _, c := range claims {
		if c.asks == "==" && !c.denied && c.kind == ofText { // no other text will do
			return c.text, !slices.ContainsFunc(claims, func(o claim) bool { return o.holdsOf(c.text) == o.denied })
		}
	}
	machines := make([]regular.Machine, len(claims))
	for i, c := range claims {
		if machines[i] = c.machine(); machines[i] == nil {
			return nil, true
		}
	}
	text, found, decided := regular.Find(machines, func(accepts []bool) bool {
		for i, c := range claims {
			if accepts[i] == c.denied {
				return false
			}
		}
		return true
	})
	if !decided {
		return nil, true
	}
	return text, found
}

// holdsOf reports whether what a claim says, or denies, holds of a text.
func (c claim) holdsOf(text string) bool {
	if c.kind == ofLength {
		return holds(c.asks, big.NewRat(int64(utf8.RuneCountInString(text)), 1).Cmp(c.limit))
	}
	found, err := regexp.MatchString(c.pattern(), text)
	return found && err == nil
}

// maxLength bounds the texts that are counted through.
const maxLength = 4_000

// machine reads texts for a claim about one; nil: none can.
func (c claim) machine() regular.Machine {
	if c.kind == ofLength {
		if c.limit.Cmp(big.NewRat(maxLength, 1)) > 0 {
			return nil
		}
		limit, _ := c.limit.Float64()
		return regular.Length(max(int(limit), 0)+1, func(n int) bool {
			return holds(c.asks, big.NewRat(int64(n), 1).Cmp(c.limit))
		})
	}
	m, err := regular.Pattern(c.pattern())
	if err != nil {
		return nil
	}
	return m
}

// pattern is the pattern that is found where the claim holds.
func (c claim) pattern() string {
	text := regexp.QuoteMeta(c.text)
	switch c.asks {
	case "matches":
		return c.text
	case "startsWith":
		return `\A` + text
	case "endsWith":
		return text + `\z`
	case "==":
		return `\A` + text + `\z`
	}
	return text
}

// someNumber looks for a number within all limits.
func someNumber(claims []claim) (any, bool) {
	var low, high limit
	var not []*big.Rat
	if claims[0].counts {
		low = limit{at: new(big.Rat), in: true}
	}
	for _, c := range claims {
		op := c.asks
		if c.denied {
			op = negated[op]
		}
		switch op {
		case "<":
			high = high.nearer(limit{c.limit, false}, -1)
		case "<=":
			high = high.nearer(limit{c.limit, true}, -1)
		case ">":
			low = low.nearer(limit{c.limit, false}, 1)
		case ">=":
			low = low.nearer(limit{c.limit, true}, 1)
		case "==":
			low, high = low.nearer(limit{c.limit, true}, 1), high.nearer(limit{c.limit, true}, -1)
		default:
			not = append(not, c.limit)
		}
	}
	return between(low, high, not, claims[0].whole)
}

// limit is an end of a range; at nil there is none.
type limit struct {
	at *big.Rat
	in bool // the end belongs to the range
}

// nearer is the narrower of two lower (1) or upper (-1) ends.
func (l limit) nearer(o limit, side int) limit {
	if l.at == nil {
		return o
	}
	if n := o.at.Cmp(l.at) * side; n > 0 || n == 0 && !o.in {
		return o
	}
	return l
}

// between finds a number in a range that is none of some.
func between(low, high limit, not []*big.Rat, whole bool) (any, bool) {
	step := big.NewRat(1, 1)
	at := new(big.Rat)
	switch {
	case low.at != nil:
		at.Set(low.at)
	case high.at != nil:
		at.Sub(high.at, big.NewRat(int64(len(not)+1), 1))
	}
	if whole {
		if !at.IsInt() {
			at.SetInt(new(big.Int).Add(new(big.Int).Div(at.Num(), at.Denom()), big.NewInt(1)))
		}
	} else if low.at != nil && high.at != nil {
		// Small enough that there is room for all that are not wanted.
		step.Sub(high.at, low.at)
		step.Quo(step, big.NewRat(int64(len(not)+2), 1))
		if step.Cmp(big.NewRat(1, 1)) > 0 {
			step.SetInt64(1)
		}
	}
	for range len(not) + 3 {
		if within(at, low, high) && !slices.ContainsFunc(not, func(n *big.Rat) bool { return n.Cmp(at) == 0 }) {
			return at, true
		}
		at = new(big.Rat).Add(at, step)
	}
	return nil, false
}

func within(n *big.Rat, low, high limit) bool {
	if low.at != nil && (n.Cmp(low.at) < 0 || n.Cmp(low.at) == 0 && !low.in) {
		return false
	}
	return high.at == nil || n.Cmp(high.at) < 0 || n.Cmp(high.at) == 0 && high.in
}
