package pact

import (
	"cmp"
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/model"
)

// features are what an example shows: which fields may be there and are, or are
// not, and which values of enums that are told apart. Examples that show
// nothing new are left out.
type features map[string]bool

// see adds what a value shows below a path.
func (f features) see(at string, s *contract.Schema, v any, compares map[*model.TypeDef][]string) {
	switch v := v.(type) {
	case nil:
	case []any:
		for _, x := range v {
			if s.Items != nil {
				f.see(at+"[*]", s.Items, x, compares)
			}
		}
	case map[string]any:
		if s.Kind == contract.Map {
			for _, x := range v {
				f.see(at+".*", s.Items, x, compares)
			}
			return
		}
		for _, field := range s.Fields {
			f.seeField(at+"."+field.Name, field, v[field.Model.Name], compares)
		}
	default:
		if s.Kind == contract.Enum && slices.Contains(compares[s.Def], enumText(s, v)) {
			f[at+"="+enumText(s, v)] = true
		}
	}
}

func (f features) seeField(at string, field *contract.Field, v any, compares map[*model.TypeDef][]string) {
	if isNone(field.Schema, v) {
		f[at+" left out"] = true
		return
	}
	f[at] = true
	f.see(at, field.Schema, v, compares)
}

// isNone tells of values that are left out in JSON.
func isNone(s *contract.Schema, v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return s.Kind == contract.Map && len(v) == 0
	}
	return false
}

// reliance is what is relied on in one operation, or in one message, with what it
// may be shown by. Needs that are shown together are in one of them.
type reliance struct {
	needs      []*contract.Need
	candidates []candidate
}

// candidate is an example that needs may be met by.
type candidate struct {
	outcome string // a code; "": they were met
	shows   features
	make    func() *Interaction
}

// meets notes that an example is one of a need, whatever it shows.
func (f features) meets(n *contract.Need) { f[n.By] = true }

// shown reports whether there is an example of a need.
func (r *reliance) shown(n *contract.Need) bool {
	return slices.ContainsFunc(r.candidates, func(c candidate) bool { return c.shows[n.By] })
}

// choose picks, of each outcome, the candidates that show something the ones
// before do not, beginning with the one that shows most.
func choose(list []candidate) []candidate {
	var out []candidate
	for _, outcome := range outcomes(list) {
		var of []candidate
		for _, c := range list {
			if c.outcome == outcome {
				of = append(of, c)
			}
		}
		slices.SortStableFunc(of, func(a, b candidate) int { return cmp.Compare(len(b.shows), len(a.shows)) })
		seen := features{}
		for i, c := range of {
			before := len(seen)
			maps.Copy(seen, c.shows)
			if i == 0 || outcome == "" && len(seen) > before {
				out = append(out, c)
			}
		}
	}
	return out
}

// outcomes are those of candidates, in their order; being met comes first.
func outcomes(list []candidate) []string {
	out := []string{""}
	for _, c := range list {
		if !slices.Contains(out, c.outcome) {
			out = append(out, c.outcome)
		}
	}
	return out
}
