package plan

import (
	"slices"

	"github.com/esgen/esgen/internal/basis"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/pact"
	"github.com/esgen/esgen/internal/parallel"
)

// keep finds the services that are made of what they were made of the last time.
func (p *Plan) keep(b *basis.Basis, earlier Earlier) {
	made := earlier.Made
	p.basis, p.packs, p.Made, p.Kept = b, earlier.Packs, map[string]Made{}, map[string]bool{}
	services := p.System.Services
	same := make([]bool, len(services))
	parallel.All(len(services), func(i int) {
		last, known := made[services[i].Dir]
		of := p.offered(i)
		same[i] = known && last.Packs == p.packs && b.Digest(of, last.Steps) == last.Basis && !slices.ContainsFunc(last.Uncovered, func(n int) bool { return n >= len(of.Needs) })
	})
	for i, s := range services {
		if same[i] {
			p.Kept[s.Dir], p.Made[s.Dir] = true, made[s.Dir]
		}
	}
}

// offered is what the service of a number offers others.
func (p *Plan) offered(number int) *contract.Service {
	return p.System.Contracts.Service(p.System.Services[number].Context)
}

// made is what a service is made of, and where its examples were found.
func (p *Plan) made(number int, shown *pact.Shown) Made {
	s := p.offered(number)
	out := Made{Packs: p.packs, Steps: max(shown.Steps, 1)} // tests are made up as far away as that
	out.Basis = p.basis.Digest(s, out.Steps)
	for i, n := range s.Needs {
		if slices.Contains(shown.Uncovered, n) {
			out.Uncovered = append(out.Uncovered, i)
		}
	}
	return out
}
