// Package python plans the services that are written in Python: those that
// listen, keep views and call external systems. What a service is, package
// services has found out; here it is spelled in another language.
package python

import (
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Service is a context as a service in Python.
type Service struct {
	*services.Service
	Zone     string  // IANA name; "": nobody asks for the time zone
	Types    []*Type // those that are mentioned, what they are made of first
	Events   []*Class
	Policies []*Policy
	Views    []*View
	Clients  []*Client
	Claims   []string // of tokens that are kept, by name
	Complete []Complete
}

// Complete says which claims go with a role.
type Complete struct {
	Role string
	If   string // Python condition over claims
}

// Of plans the service of a context that is written in Python.
func Of(s *services.Service) *Service {
	b := &builder{
		model: s.System.Model, service: s, classes: map[*model.TypeDef]*Type{}, events: map[*model.Event]*Class{}, clients: map[*services.Dependency]*Client{},
		members: map[*model.Field]string{},
	}
	out := &Service{Service: s}
	for _, u := range s.Upstreams {
		for _, e := range u.Events {
			out.Events = append(out.Events, b.event(e))
		}
	}
	for _, d := range s.Dependencies {
		out.Clients = append(out.Clients, b.client(d))
	}
	for _, p := range s.Policies {
		out.Policies = append(out.Policies, b.policy(p))
	}
	for _, v := range s.Views {
		out.Views = append(out.Views, b.view(v))
	}
	b.claims(out)
	out.Types = b.types()
	if b.zone {
		out.Zone = s.System.Zone
	}
	return out
}

// Actors reports whether somebody looks at its views.
func (s *Service) Actors() bool { return s.Documented }

// builder holds what the parts of a service share.
type builder struct {
	model   *check.Model
	service *services.Service
	classes map[*model.TypeDef]*Type
	order   []*Type
	events  map[*model.Event]*Class
	clients map[*services.Dependency]*Client
	members map[*model.Field]string
	zone    bool
}

// space are the names of one module, or of one class.
func (b *builder) space(of string) *naming.Space {
	return b.service.System.Names.In(naming.Python, b.service.Dir+"/"+of)
}

// module are the names of a module of the app, which imports those of the chassis.
func (b *builder) module(name string) *naming.Space {
	return b.space(name).Add("values", "forms", "where", "identity", "types", "events", "clients", "policies", "views", "table", "client", "consumer",
		"Decimal", "date", "datetime", "timedelta", "Any", "StrEnum", "ZoneInfo", "ZONE", "member", "record", "Actor", "Envelope", "Meta", "Change", "View",
		"Query", "Reading", "Path", "Dependency", "Limits", "Telemetry", "Settings", "Parts", "Handler", "handlers", "readings", "Clients", "list", "dict", "str", "int", "bool", "None")
}

// attribute is what a field is called in Python.
func (b *builder) attribute(f *model.Field) string {
	if name := b.members[f]; name != "" {
		return name
	}
	return expr.PyName(names.Of(&f.Node).Snake)
}

// pyNames spells the names of one expression's scope.
type pyNames struct {
	*builder
	in   string // the module that the expression stands in: what it declares is not qualified
	vars map[string]string
}

func (n pyNames) Field(f *model.Field) string { return n.attribute(f) }

func (n pyNames) EnumValue(t *model.TypeDef, v *model.EnumValue) string {
	return n.qualified(n.class(t).Name) + "." + n.class(t).value(v)
}

func (n pyNames) Class(t *model.TypeDef) string { return n.qualified(n.class(t).Name) }

func (n pyNames) Holds(t *model.TypeDef) string { return n.qualified(n.class(t).Holds) }

func (n pyNames) Zone() string {
	n.zone = true
	return n.qualified("ZONE")
}

func (n pyNames) NewID() string { return "fresh.new" }

// Var spells a variable; one that the scope does not map is a macro's.
func (n pyNames) Var(name string) string {
	if v := n.vars[name]; v != "" {
		return v
	}
	return expr.PyName(names.OfText(name).Snake)
}

func (n pyNames) qualified(name string) string {
	if n.in == "types" {
		return name
	}
	return "types." + name
}

// expr is an expression in Python, in a module.
func (b *builder) expr(in string, t *expr.Tree, vars map[string]string) string {
	return expr.ToPython(t, pyNames{b, in, vars})
}

// Doc is the text of a docstring.
func doc(name, what string, n *model.Node) quote.Text {
	text := services.Called(name, n) + quote.Text(": "+what+".")
	if n.Description != "" {
		text += "\n" + n.Description
	}
	return text
}

// upper is a name as a constant.
func upper(n names.Name) string { return strings.ToUpper(n.Snake) }

func (b *builder) claims(out *Service) {
	claims := b.service.Claims()
	if claims == nil {
		return
	}
	out.Claims = claims.Names
	there := map[string][]string{}
	for _, a := range b.model.System.Actors {
		for _, f := range a.Claims {
			if f.Type.Kind != model.Optional && f.Type.Kind != model.List {
				there[a.Role] = append(there[a.Role], expr.PyClaim("claims", f)+" is not None")
			}
		}
	}
	for _, role := range claims.Roles {
		out.Complete = append(out.Complete, Complete{role.Role, strings.Join(there[role.Role], " and ")})
	}
}
