package sample

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Draft is an object of plausible values that can be changed, one by one, until
// whoever judges the whole lets it through.
type Draft struct {
	parts   []*part
	scalars []*part
}

// part is a value of a draft: a scalar, which has options, or what holds others.
type part struct {
	json, name string // as it is called in JSON, and on the wall
	options    []candidate
	chosen     int
	holds      holder
	parts      []*part // members, or the one element
}

type holder uint8

const (
	itself holder = iota // a scalar; without options there is none
	anObject
	aList
	aMap
)

// Draft begins a draft of fields. What stands in hints, besides the checks of the
// fields, tells which values might be worth a try; at is when it is judged.
func (s Sampler) Draft(x Plausible, fields []*model.Field, hints []*expr.Tree, at time.Time) *Draft {
	d := &drafting{Sampler: s, plausible: x, hints: hints, at: at, draft: &Draft{}}
	d.draft.parts = d.fields(fields, 0)
	return d.draft
}

// drafting is what there is to know while a draft is begun.
type drafting struct {
	Sampler
	plausible Plausible
	hints     []*expr.Tree
	at        time.Time
	draft     *Draft
}

func (d *drafting) fields(fields []*model.Field, depth int) []*part {
	var out []*part
	for _, f := range fields {
		if f.Type == nil {
			continue
		}
		p := &part{json: names.JSON(&f.Node), name: f.Name}
		var checks []*expr.Tree
		if f.Check != nil {
			checks = append(checks, d.model.Trees[f.Check])
		}
		d.fill(p, f.Type, p.json, checks, depth)
		out = append(out, p)
	}
	return out
}

// fill gives a part its options, or its parts.
func (d *drafting) fill(p *part, t *model.Type, name string, checks []*expr.Tree, depth int) {
	element := func(holds holder) {
		e := &part{json: "key", name: "key"}
		d.fill(e, t.Elem, name, nil, depth+1)
		p.holds, p.parts = holds, []*part{e}
	}
	switch {
	case depth > maxExampleDepth:
		return // a recursive type ends
	case t.Kind == model.Optional:
		d.fill(p, t.Elem, name, checks, depth)
	case t.Kind == model.List:
		element(aList)
	case t.Kind == model.Map:
		element(aMap)
	case t.IsObject():
		p.holds, p.parts = anObject, d.fields(t.Def.Fields, depth+1)
	case t.Kind == model.Named && t.Def.Is != nil:
		if t.Def.Check != nil {
			checks = append(checks, d.model.Trees[t.Def.Check])
		}
		d.fill(p, t.Def.Is, name, checks, depth)
	default:
		p.options = d.options(t, name, checks)
		d.draft.scalars = append(d.draft.scalars, p)
	}
}

// options are values of a scalar that its checks let through, a plausible one
// first; without any, all that there are.
func (d *drafting) options(t *model.Type, name string, checks []*expr.Tree) []candidate {
	all := append(d.likely(t, name), candidates(t, name, slices.Concat(checks, d.hints))...)
	if t.Kind == model.String {
		all = append(all, blended(slices.Concat(checks, d.hints))...)
	}
	var out []candidate
	for _, c := range all {
		if _, _, passes := choose([]candidate{c}, checks); passes {
			out = append(out, c)
		}
	}
	if out == nil {
		return all
	}
	return out
}

// blended are texts of a pattern that begin or end with a word: what is to match
// may have to say something, too.
func blended(checks []*expr.Tree) []candidate {
	consts, patterns := constants(checks)
	var out []candidate
	for _, p := range patterns {
		whole := matching(p)
		for _, c := range consts {
			word, ok := c.(string)
			if !ok || len(word) >= len(whole) {
				continue
			}
			for _, text := range []string{word + whole[len(word):], whole[:len(whole)-len(word)] + word} {
				out = append(out, candidate{TextJSON(text), text})
			}
		}
	}
	return out
}

// likely are values that a person takes for real ones.
func (d *drafting) likely(t *model.Type, name string) []candidate {
	one := func(value any) candidate { return candidate{Encode(d.plausible.value(t, name, 0)), value} }
	tomorrow := d.at.UTC().Truncate(time.Hour).Add(24 * time.Hour)
	switch t.Kind {
	case model.Bool:
		return []candidate{one(true)}
	case model.Int:
		return []candidate{one(int64(1))}
	case model.Decimal:
		return []candidate{one(decimal.NewFromInt(1000))}
	case model.Date, model.Time:
		var out []candidate
		for _, days := range []int{0, 7, -7} {
			when := tomorrow.AddDate(0, 0, days)
			if day := when.Format(time.DateOnly); t.Kind == model.Date {
				out = append(out, candidate{TextJSON(day), expr.Date(day)})
			} else {
				out = append(out, candidate{TextJSON(when.Format(time.RFC3339)), when})
			}
		}
		return out
	case model.Duration:
		return []candidate{one(expr.Hour)}
	case model.ID, model.Ref, model.String:
		text, _ := d.plausible.value(t, name, 0).(string)
		return []candidate{one(text)}
	}
	return nil // of an enum, all values are
}

// Values is the draft as expressions see it.
func (d *Draft) Values() map[string]any { return values(d.parts) }

func values(parts []*part) map[string]any {
	out := map[string]any{}
	for _, p := range parts {
		if v := p.value(); v != nil {
			out[p.name] = v
		}
	}
	return out
}

func (p *part) value() any {
	switch p.holds {
	case anObject, aMap:
		return values(p.parts)
	case aList:
		if v := p.parts[0].value(); v != nil {
			return []any{v}
		}
		return []any{}
	}
	if len(p.options) == 0 {
		return nil
	}
	return p.options[p.chosen].value
}

// Object is the draft as JSON.
func (d *Draft) Object() Object { return object(d.parts) }

func object(parts []*part) Object {
	out := Object{}
	for _, p := range parts {
		if v := p.wire(); v != nil {
			out = append(out, member{p.json, v})
		}
	}
	return out
}

func (p *part) wire() any {
	switch p.holds {
	case anObject, aMap:
		return object(p.parts)
	case aList:
		if v := p.parts[0].wire(); v != nil {
			return []any{v}
		}
		return []any{}
	}
	if len(p.options) == 0 {
		return nil
	}
	in := json.NewDecoder(strings.NewReader(p.options[p.chosen].json))
	in.UseNumber()
	var v any
	if in.Decode(&v) != nil {
		return nil
	}
	return v
}

// mostTries bounds how often a draft is changed.
const mostTries = 600

// Refusal is why a draft is not let through, and how far it came: one that came
// farther is nearer to being let through. The zero Refusal lets it through.
type Refusal struct {
	Code string
	Far  int
}

// Settle changes one value after the other until judge refuses the whole no
// more, and reports whether that was reached.
func (d *Draft) Settle(judge func(values map[string]any) Refusal) bool {
	return d.SettleWithin(mostTries, judge)
}

// SettleWithin is Settle with a bound of its own.
func (d *Draft) SettleWithin(most int, judge func(values map[string]any) Refusal) bool {
	now := judge(d.Values())
	met := map[string]bool{}
	for tries := 0; now.Code != ""; {
		met[now.Code] = true
		next, found := d.step(func() (Refusal, bool) {
			tries++
			r := judge(d.Values())
			return r, r.Code == "" || r.Far > now.Far || r.Far == now.Far && !met[r.Code]
		}, func() bool { return tries < most })
		if !found {
			return false
		}
		now = next
	}
	return true
}

// step changes one value to what helps.
func (d *Draft) step(helps func() (Refusal, bool), more func() bool) (r Refusal, found bool) {
	for _, p := range d.scalars {
		before := p.chosen
		for i := range p.options {
			if !more() {
				break
			}
			if i == before {
				continue
			}
			p.chosen = i
			if r, ok := helps(); ok {
				return r, true
			}
		}
		p.chosen = before
	}
	return Refusal{}, false
}

// Vary changes one value after the other to each that it could be, the others
// being as they are, as long as try wants more.
func (d *Draft) Vary(try func(values map[string]any) (more bool)) {
	for _, p := range d.scalars {
		before := p.chosen
		for i := range p.options {
			if p.chosen = i; i != before && !try(d.Values()) {
				p.chosen = before
				return
			}
		}
		p.chosen = before
	}
}
