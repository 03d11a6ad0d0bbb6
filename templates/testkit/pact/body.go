package pact

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// comparison compares JSON by rules, as the specification says: without a rule
// values are equal, and lists are as long.
type comparison struct {
	rules category
	// exact: an object has no members but the expected ones. So it is for what
	// a consumer sends; what it gets may have more.
	exact bool
}

// differences compares two bodies. What has none expects nothing.
func (b Body) differences(gotType string, got []byte, rules category, exact bool) []string {
	if !b.Present {
		return nil
	}
	switch none := len(bytes.TrimSpace(got)) == 0; {
	case len(b.Data) == 0 && none:
		return nil
	case len(b.Data) == 0:
		return []string{"expected none, got " + cut(got)}
	case none:
		return []string{fmt.Sprintf("expected %s, got none", cut(b.Data))}
	}
	if b.Type != "" && gotType != "" && !strings.EqualFold(base(b.Type), base(gotType)) {
		return []string{fmt.Sprintf("expected it to be %s, got %s", base(b.Type), base(gotType))}
	}
	if !isJSON(b.Type) {
		if l, _ := rules.best(nil); l != nil {
			return l.fits(string(b.Data), string(got), false)
		}
		if !bytes.Equal(b.Data, got) {
			return []string{fmt.Sprintf("expected %s, got %s", cut(b.Data), cut(got))}
		}
		return nil
	}
	var want, have any
	if err := unmarshal(b.Data, &want); err != nil {
		return []string{fmt.Sprintf("the expected body is no JSON: %v", err)}
	}
	if err := unmarshal(got, &have); err != nil {
		return []string{fmt.Sprintf("expected JSON, got %s: %v", cut(got), err)}
	}
	return comparison{rules, exact}.values(nil, want, have)
}

// base is a media type without its parameters.
func base(mediaType string) string {
	t, _, _ := strings.Cut(mediaType, ";")
	return strings.TrimSpace(t)
}

func cut(data []byte) string { return show(string(data)) }

func (c comparison) values(at location, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			return c.objects(at, want, got)
		}
	case []any:
		if got, ok := got.([]any); ok {
			return c.lists(at, want, got)
		}
	default:
		if l, cascaded := c.rules.best(at); l != nil {
			return placed(at, l.fits(want, got, cascaded)...)
		}
		return placed(at, equal(want, got))
	}
	return placed(at, fmt.Sprintf("expected %s, got %s", kind(want), show(got)))
}

// placed says where something is wrong.
func placed(at location, wrong ...string) []string {
	var out []string
	for _, w := range wrong {
		if w != "" {
			out = append(out, at.String()+": "+w)
		}
	}
	return out
}

func (c comparison) objects(at location, want, got map[string]any) []string {
	l, cascaded := c.rules.best(at)
	if l == nil {
		return append(c.keys(at, nil, want, got), c.members(at, want, got)...)
	}
	direct := l
	if cascaded {
		direct = nil
	}
	return l.join(func(m matcher) []string {
		if !cascaded && (m.name == "values" || m.name == "eachValue") {
			return c.eachValue(at, m, want, got)
		}
		var wrong []string
		switch m.name {
		case "equality":
			return placed(at, m.fits(want, got, cascaded))
		case "type", "notEmpty", "null":
			wrong = placed(at, m.fits(want, got, cascaded))
		}
		return append(append(wrong, c.keys(at, direct, want, got)...), c.members(at, want, got)...)
	})
}

// keys looks at the names of the members; direct are the matchers of this very
// object, which may say themselves what these are.
func (c comparison) keys(at location, direct *list, want, got map[string]any) []string {
	var wrong []string
	if direct == nil || !slices.ContainsFunc(direct.matchers, matcher.ofKeys) {
		for _, name := range sortedKeys(want) {
			if _, ok := got[name]; !ok {
				wrong = append(wrong, fmt.Sprintf("%s: expected %s like %s, but it is missing", at.member(name), kind(want[name]), show(want[name])))
			}
		}
		for _, name := range sortedKeys(got) {
			if _, ok := want[name]; !ok && c.exact {
				wrong = append(wrong, fmt.Sprintf("%s: nothing is expected here, got %s", at.member(name), show(got[name])))
			}
		}
	}
	if direct == nil {
		return wrong
	}
	for _, m := range direct.matchers {
		if m.name != "eachKey" {
			continue
		}
		for _, name := range sortedKeys(got) {
			for _, sub := range m.each {
				wrong = append(wrong, placed(at.member(name), prefixed("the key: ", sub.fits("", name, false)))...)
			}
		}
	}
	return wrong
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// members compares those that both have.
func (c comparison) members(at location, want, got map[string]any) []string {
	var wrong []string
	for _, name := range sortedKeys(want) {
		if g, ok := got[name]; ok {
			wrong = append(wrong, c.values(at.member(name), want[name], g)...)
		}
	}
	return wrong
}

// eachValue compares every member, whatever its name, with the expected one of
// that name or else with the first.
func (c comparison) eachValue(at location, m matcher, want, got map[string]any) []string {
	if len(want) == 0 {
		return nil
	}
	if m.name == "eachValue" {
		c = c.below(at, m.each)
	}
	first := want[sortedKeys(want)[0]]
	var wrong []string
	for _, name := range sortedKeys(got) {
		w, ok := want[name]
		if !ok {
			w = first
		}
		wrong = append(wrong, c.values(at.member(name), w, got[name])...)
	}
	return wrong
}

// below is a comparison by one list of matchers for all that is right below a
// place.
func (c comparison) below(at location, matchers []matcher) comparison {
	path := make([]step, 0, len(at)+1)
	for _, part := range at {
		path = append(path, step{name: part, index: -1})
	}
	c.rules = category{{path: append(path, step{any: true, index: -1}), list: list{matchers: matchers}}}
	return c
}

func (c comparison) lists(at location, want, got []any) []string {
	l, cascaded := c.rules.best(at)
	switch {
	case l == nil && len(want) != len(got):
		return placed(at, fmt.Sprintf("expected a list of %d, got %d: %s", len(want), len(got), show(got)))
	case l == nil:
		return c.items(at, want, got)
	case len(want) == 0: // nothing is known of items
		return nil
	}
	return l.join(func(m matcher) []string {
		switch {
		case m.name == "arrayContains":
			return c.contains(at, m, want, got)
		case m.name == "eachValue" && cascaded:
			return nil
		case m.name == "eachValue":
			return c.below(at, m.each).items(at, want, got)
		case m.name == "equality":
			return placed(at, m.fits(want, got, cascaded))
		case m.name == "null":
			return placed(at, fmt.Sprintf("expected null, got %s", show(got)))
		case m.name == "notEmpty", m.name == "type":
			return append(placed(at, m.fits(want, got, cascaded)), c.items(at, want, got)...)
		}
		return c.items(at, want, got) // the others are for what the items are
	})
}

// items compares each item with the expected one of its index, or else with
// the first. What is missing at the end is for who knows how long the list
// has to be.
func (c comparison) items(at location, want, got []any) []string {
	var wrong []string
	for i, g := range got {
		w := want[0]
		if i < len(want) {
			w = want[i]
		}
		wrong = append(wrong, c.values(at.item(i), w, g)...)
	}
	for i := len(got); i < len(want); i++ {
		if l, _ := c.rules.best(at.item(i)); l == nil {
			wrong = append(wrong, placed(at.item(i), fmt.Sprintf("expected %s like %s, but it is missing", kind(want[i]), show(want[i])))...)
		}
	}
	return wrong
}

// contains looks for each variant among the items.
func (c comparison) contains(at location, m matcher, want, got []any) []string {
	variants := m.variants
	if len(variants) == 0 {
		for i := range want {
			variants = append(variants, variant{index: i})
		}
	}
	var wrong []string
	for _, v := range variants {
		if v.index < 0 || v.index >= len(want) {
			wrong = append(wrong, placed(at, fmt.Sprintf("the contract has no item %d to look for", v.index))...)
			continue
		}
		one := comparison{v.rules, c.exact}
		if !slices.ContainsFunc(got, func(g any) bool { return len(one.values(nil, want[v.index], g)) == 0 }) {
			wrong = append(wrong, placed(at, fmt.Sprintf("expected an item like %s, got %s", show(want[v.index]), show(got)))...)
		}
	}
	return wrong
}
