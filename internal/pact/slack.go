package pact

import (
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/model"
)

// slack is what a consumer must put up with in what it reads; its own test
// tries it. Paths are those of rules.
type slack struct {
	Optional []string `json:"optional,omitempty"` // may be left out
	Open     []string `json:"open,omitempty"`     // enums: may have values that nobody knows yet
	Maps     []string `json:"maps,omitempty"`     // have members of any name, all of one type
}

// slackOf finds it in what is read.
func slackOf(at string, s *contract.Schema) slack {
	var out slack
	out.find(at, s, nil)
	return out
}

func (l *slack) find(at string, s *contract.Schema, within []*model.TypeDef) {
	if s == nil || s.Def != nil && slices.Contains(within, s.Def) {
		return // a type that contains itself
	}
	if s.Def != nil {
		within = append(within[:len(within):len(within)], s.Def)
	}
	switch s.Kind {
	case contract.Enum:
		l.Open = append(l.Open, at)
	case contract.List:
		l.find(at+"[*]", s.Items, within)
	case contract.Map:
		l.Maps = append(l.Maps, at)
		l.find(at+".*", s.Items, within)
	case contract.Object:
		for _, f := range s.Fields {
			if f.MayMiss(false) {
				l.Optional = append(l.Optional, at+"."+f.Name)
			}
			l.find(at+"."+f.Name, f.Schema, within)
		}
	}
}
