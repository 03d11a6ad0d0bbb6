// Package basis tells what the output of a service is made of: a digest of all of
// the model that has a say in it. A later run that finds the same need not make
// the output again.
//
// A service is made of its context, of those it sees at work and those that rely
// on it, of the stories in which its context takes part, with all who do, and of
// what the contexts share.
package basis

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// Basis is what the services of a system are made of.
type Basis struct {
	contracts *contract.System
	shared    []byte
	contexts  map[*model.Context][]byte
	played    map[*model.Context][]*stories.Story
	takePart  map[*stories.Story]map[*model.Context]bool
	reliant   map[*contract.Service][]*contract.Service
}

// Of takes digests of a model and its stories.
func Of(contracts *contract.System, played []*stories.Story) *Basis {
	m := contracts.Model
	b := &Basis{
		contracts: contracts, shared: shared(m), contexts: map[*model.Context][]byte{},
		played: map[*model.Context][]*stories.Story{}, takePart: map[*stories.Story]map[*model.Context]bool{}, reliant: map[*contract.Service][]*contract.Service{},
	}
	digests := make([][]byte, len(m.Contexts))
	parallel.All(len(digests), func(i int) { digests[i] = digest(m, m.Contexts[i], m.Contexts[i]) })
	for i, c := range m.Contexts {
		b.contexts[c] = digests[i]
	}
	for _, s := range played {
		b.takePart[s] = s.Contexts()
		for c := range b.takePart[s] {
			b.played[c] = append(b.played[c], s)
		}
	}
	for _, s := range contracts.Services {
		for _, n := range s.Needs {
			if of := b.reliant[n.Provider]; !slices.Contains(of, s) {
				b.reliant[n.Provider] = append(of, s)
			}
		}
	}
	return b
}

// Digest is that of a service, whose examples were found so many steps away.
func (b *Basis) Digest(s *contract.Service, steps int) string {
	involved := map[*model.Context]bool{s.Context: true}
	for _, near := range append(contract.Around(s, steps), b.reliant[s]...) {
		involved[near.Context] = true
	}
	h := sha256.New()
	h.Write(b.shared)
	for _, story := range b.played[s.Context] {
		for c := range b.takePart[story] {
			involved[c] = true
		}
		h.Write(digest(b.contracts.Model, nil, story.Scenario))
	}
	for _, c := range b.contracts.Model.Contexts {
		if involved[c] {
			h.Write(b.contexts[c])
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}

// shared is a digest of what all services are made of: everything but the
// contexts and the scenarios, and of them which there are, and what commands are
// given, because requests of one service are made up to go with those of others.
func shared(m *check.Model) []byte {
	rest := *m.System
	rest.Contexts, rest.Scenarios, rest.Files, rest.Deferred, rest.Rules = nil, nil, nil, nil, nil
	var contexts []string
	inputs := map[string]bool{}
	for _, c := range m.Contexts {
		contexts = append(contexts, c.Name, c.Code)
		for _, a := range c.Aggregates {
			for _, x := range a.Commands {
				for _, f := range x.Input {
					inputs[f.Name] = true
				}
			}
		}
	}
	return digest(m, nil, struct {
		Rest     *model.System
		Contexts []string
		Inputs   []string
	}{&rest, contexts, slices.Sorted(maps.Keys(inputs))})
}
