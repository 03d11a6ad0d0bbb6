package plan

import (
	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/plan/proof"
	"github.com/esgen/esgen/internal/plan/services"
)

// ProveDir is the module that runs all services in one process.
const ProveDir = "prove"

// AddProof adds what runs all services in one process and in virtual time: it is
// no part of a system, and not kept beside one. The layout is the zero one.
func (p *Plan) AddProof() error {
	sys := p.System
	told, err := proof.System(sys, p.Table)
	if err != nil {
		return err
	}
	base := p.base(sys.Module)
	all := services.StandardImports(base)
	for _, s := range sys.Services {
		own := s.Imports(services.StandardImports(base))
		p.Units = append(p.Units, Unit{Kind: "proven", Of: s.Dir, Data: s, Imports: own, Language: s.Context.Language})
		all["prove"+s.Name.Go] = s.Module + "/" + ProveDir
	}
	p.add("proof", sys, all)
	p.addModule(Module{Dir: ProveDir, Path: sys.Module + "/" + ProveDir})
	p.Files = append(p.Files, File{File: artifact.File{Path: ProveDir + "/system.json", Data: told}})
	return nil
}
