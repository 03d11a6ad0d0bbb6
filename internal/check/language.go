package check

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// language reports what a context has that services in its language cannot do:
// those in Python listen, keep views and call external systems.
func (c *checker) language(x *model.Context) {
	if x.Language != model.InPython {
		return
	}
	cannot := func(at source.Pos, what, fix string, args ...any) {
		c.say(rule.OtherLanguage, at, "the service of %s is written in Python, where %s", x.Name, what).With(diag.Fix(fix, args...))
	}
	if x.GRPC {
		cannot(x.Pos, "there is no gRPC", "leave grpc out: its views are read over HTTP")
	}
	for _, a := range x.Aggregates {
		cannot(a.Pos, "there are no aggregates", "put %s into a context of its own; %s goes on hearing its events", a.Name, x.Name)
	}
	for _, s := range x.Sagas {
		cannot(s.Pos, "there are no sagas", "put %s into a context that is written in Go", s.Name)
	}
	for _, ext := range c.sys.Externals {
		if ext.Receiver == x && len(ext.Events) > 0 {
			cannot(ext.Pos, "events of external systems are not taken in", "name another context as its receiver; %s hears of the events all the same", x.Name)
		}
	}
	for _, t := range x.Translations {
		cannot(t.Pos, "nothing is written by hand in Go", "let a context that is written in Go hear %s", t.Event.Text)
	}
	for _, p := range x.Policies {
		c.policyInPython(p, cannot)
	}
	for _, v := range x.Views {
		c.viewInPython(v, cannot)
	}
}

type cannotDo func(at source.Pos, what, fix string, args ...any)

func (c *checker) policyInPython(p *model.Policy, cannot cannotDo) {
	elsewhere := "put " + p.Name + " into a context that is written in Go"
	switch {
	case p.Timer != nil:
		cannot(p.Timer.Pos, "policies neither wait nor act by the clock", "%s", elsewhere)
	case p.Window != nil:
		cannot(p.Window.Pos, "policies do not look back", "%s", elsewhere)
	case p.Each != nil:
		cannot(p.Each.Pos, "policies do nothing for each row", "%s", elsewhere)
	}
	for _, r := range p.Then {
		if op := r.Do.Operation; op != nil && op.External.Custom {
			cannot(r.Do.Pos, "external systems are asked over HTTP alone", "leave custom of %s out, or %s", op.External.Name, elsewhere)
		}
	}
	if p.Custom {
		cannot(p.Pos, "nothing is decided by hand in Go", "leave custom out, or %s", elsewhere)
	}
	for _, w := range p.Whenever {
		c.heardInPython(w, cannot)
	}
}

func (c *checker) viewInPython(v *model.View, cannot cannotDo) {
	if v.Stream {
		cannot(v.Pos, "changes of views are not streamed", "leave changes out, or put %s into a context that is written in Go", v.Name)
	}
	for _, p := range v.From {
		if p.Custom {
			cannot(p.Pos, "nothing is decided by hand in Go", "leave custom out, or put %s into a context that is written in Go", v.Name)
		}
		ref := p.Event
		c.heardInPython(&ref, cannot)
	}
}

// heardInPython reports events that were said otherwise before.
func (c *checker) heardInPython(ref *model.EventRef, cannot cannotDo) {
	if e := ref.Event; e != nil && len(e.Versions) > 0 {
		cannot(ref.Pos, "events are read in one version only", "let a context that is written in Go hear %s", e.Name)
	}
}
