package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/model"
)

// Protos adds what changed of what services offer over gRPC: programs that were built
// with a .proto of before know methods, fields and values by their names, and send
// nothing but numbers.
func (r *Report) Protos(was, is []*protobuf.File) {
	for _, old := range was {
		at := slices.IndexFunc(is, func(f *protobuf.File) bool { return f.Service.Dir == old.Service.Dir })
		if at < 0 {
			r.proto(old.Service.Context, old, old.Service.Name.Go+" is not offered over gRPC any more", "who calls it finds nothing there")
			continue
		}
		p := protos{r, old, is[at]}
		p.methods()
		p.messages()
		p.enums()
	}
}

// protos are a .proto as it was and as it is.
type protos struct {
	report  *Report
	was, is *protobuf.File
}

func (p protos) say(why, format string, args ...any) {
	p.report.proto(p.is.Service.Context, p.was, fmt.Sprintf(format, args...)+" over gRPC", why)
}

func (r *Report) proto(now *model.Context, was *protobuf.File, what, why string) {
	users := callers(was)
	f := Finding{Rule: BreakingProto, Verdict: Unused, Step: Major, Service: now.Name, What: what, Why: why, Consumers: users, Pos: now.Pos, Old: was.Service.Context.Pos}
	if len(users) > 0 {
		f.Verdict = Breaking
	}
	r.include(f)
}

// callers are the actors whose programs may call a service.
func callers(f *protobuf.File) []Consumer {
	var out []Consumer
	for _, o := range f.Service.System.Contracts.Service(f.Service.Context).Operations {
		for _, n := range o.Consumers() {
			if n.Kind == contract.ByActor {
				out = joined(out, consumers([]*contract.Need{n}))
			}
		}
	}
	return out
}

func (p protos) methods() {
	if p.was.Package != p.is.Package {
		p.say("who calls it finds nothing there", "package %s is called %s", p.was.Package, p.is.Package)
		return
	}
	for _, s := range p.was.Services {
		at := slices.IndexFunc(p.is.Services, func(n protobuf.Service) bool { return n.Name == s.Name })
		for _, m := range s.Methods {
			if at < 0 || !slices.ContainsFunc(p.is.Services[at].Methods, func(n protobuf.Method) bool { return n.Name == m.Name }) {
				p.say("who calls it is told that there is no such method", "method %s of %s is gone", m.Name, s.Name)
			}
		}
	}
}

func (p protos) messages() {
	for _, m := range p.was.Messages {
		at := slices.IndexFunc(p.is.Messages, func(n *protobuf.Message) bool { return n.Name == m.Name })
		if at < 0 || len(p.is.Messages[at].Fields) == 0 {
			continue // what had it is gone, or is another
		}
		for _, f := range m.Fields {
			p.field(m.Name, f, p.is.Messages[at].Fields)
		}
	}
}

func (p protos) field(of string, was *protobuf.Field, now []*protobuf.Field) {
	at := slices.IndexFunc(now, func(f *protobuf.Field) bool { return f.Name == was.Name })
	if at < 0 {
		p.say("what is sent in it is passed over, and who reads it finds nothing", "field %s of %s is gone", was.Name, of)
		return
	}
	is := now[at]
	old, kind := strings.TrimPrefix(was.Type, "optional "), strings.TrimPrefix(is.Type, "optional ")
	switch {
	case old != kind:
		p.say("it has another number: what is sent in it is passed over, and who reads it finds nothing", "field %s of %s is %s, and was %s", was.Name, of, kind, old)
	case p.numbered() && was.Number != is.Number:
		p.say("what one of them sends the other takes for something else", "field %s of %s has number %d, and had %d", was.Name, of, is.Number, was.Number)
	}
}

func (p protos) enums() {
	for _, e := range p.was.Enums {
		at := slices.IndexFunc(p.is.Enums, func(n *protobuf.Enum) bool { return n.Name == e.Name })
		if at < 0 || len(p.is.Enums[at].Values) == 0 {
			continue
		}
		for _, v := range e.Values {
			i := slices.IndexFunc(p.is.Enums[at].Values, func(n *protobuf.Value) bool { return n.Name == v.Name })
			switch {
			case i < 0:
				p.say("it is refused, as one that nobody knows", "value %s of %s is gone", v.Name, e.Name)
			case p.numbered() && p.is.Enums[at].Values[i].Number != v.Number:
				p.say("what one of them sends the other takes for something else", "value %s of %s has number %d, and had %d", v.Name, e.Name, p.is.Enums[at].Values[i].Number, v.Number)
			}
		}
	}
}

// numbered reports whether both have numbers that somebody may have: without an output
// of before, nobody knows which those were.
func (p protos) numbered() bool { return p.was.Recorded && p.is.Recorded }
