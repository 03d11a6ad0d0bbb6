package plan

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Proto is what a service offers over gRPC: api/<dir>.proto.
//
// Every public command, state, view and query is a method. The names are those
// of the wall and of nothing else, so that they stay as long as the notes do.
type Proto struct {
	Service   *Service
	Name      string // front.proto
	Package   string // shop.front.v1
	GoPackage string
	Imports   []string
	Services  []ProtoService
	Messages  []*ProtoMessage
	Enums     []*ProtoEnum
	Wrappers  []string // messages that stand for their only field

	b     *builder
	taken map[string]*model.Node // names of the file, and the notes they come from
	told  map[[2]*model.Node]bool
	made  map[string]bool // messages and enums of types
}

// ProtoService is the methods of an aggregate or a view.
type ProtoService struct {
	Name, Doc string
	Methods   []ProtoMethod
}

// ProtoMethod is one method; its messages are called <Messages>Request and
// <Messages>Response.
type ProtoMethod struct{ Name, Messages, Doc string }

// ProtoMessage is a message. One that is gone from the model has no fields: its
// numbers stay reserved.
type ProtoMessage struct {
	Name, Doc string
	Fields    []*ProtoField
	Reserved  []string // what its reserved statements say
}

// ProtoField is a field of a message.
type ProtoField struct {
	Name   string
	Doc    string
	Type   string // with its label
	Number int
	JSON   string // json_name, where a compiler would find another; else ""
}

// ProtoEnum is an enum; its value 0, which says nothing, is Zero.
type ProtoEnum struct {
	Name, Doc, Zero string
	Values          []*ProtoValue
	Reserved        []string
}

// ProtoValue is a value of an enum.
type ProtoValue struct {
	Name, Doc string
	Number    int
	Text      string // in the model's JSON
}

// protos plans the contracts of the services that are offered over gRPC.
func (b *builder) protos(sys *System, earlier fs.FS) error {
	for _, s := range sys.Services {
		if !s.context.GRPC {
			continue
		}
		s.Proto = b.proto(s)
		if err := s.Proto.number(earlier); err != nil {
			return err
		}
	}
	if b.refused.HasErrors() {
		return &Refused{b.refused}
	}
	return nil
}

// units adds what is rendered for a service over gRPC; nil: nothing.
func (p *Proto) units(to *Plan, imports map[string]string) {
	if p == nil {
		return
	}
	to.add("grpc", p, imports)
	for _, a := range p.Service.Aggregates {
		if a.offered() {
			to.add("grpc-aggregate", a, imports)
		}
	}
	for _, v := range p.Service.Views {
		if v.ListRPC != "" {
			to.add("grpc-view", v, imports)
		}
	}
}

// offered reports whether an aggregate has methods.
func (a *Aggregate) offered() bool {
	return a.RPC != "" || slices.ContainsFunc(a.Commands, func(c *Command) bool { return c.RPC != "" })
}

// Serving lists the functions that add the methods of aggregates and views.
func (p *Proto) Serving() []string {
	var out []string
	for _, a := range p.Service.Aggregates {
		if a.offered() {
			out = append(out, a.ServeFunc())
		}
	}
	for _, v := range p.Service.Views {
		if v.ListRPC != "" {
			out = append(out, v.ServeFunc())
		}
	}
	return out
}

// ServeFunc adds the aggregate's methods.
func (a *Aggregate) ServeFunc() string { return "serve" + a.Repo }

// ServeFunc adds the view's methods.
func (v *View) ServeFunc() string { return "serve" + v.Repo }

// proto plans the contract of a service over gRPC. Numbers are given by number.
func (b *builder) proto(s *Service) *Proto {
	version := "v1"
	p := &Proto{
		Service: s, Name: s.Dir + ".proto",
		Package:   strings.ReplaceAll(s.System.ID, "-", "_") + "." + s.Name.Snake + "." + version,
		GoPackage: s.Module + "/api;" + strings.ReplaceAll(s.Name.Snake, "_", "") + version,
		b:         b, taken: map[string]*model.Node{}, told: map[[2]*model.Node]bool{}, made: map[string]bool{},
	}
	for _, a := range s.Aggregates {
		p.aggregate(a)
	}
	for _, v := range s.Views {
		if len(v.Roles) > 0 {
			p.view(v)
		}
	}
	slices.Sort(p.Imports)
	p.Imports = slices.Compact(p.Imports)
	return p
}

func (p *Proto) aggregate(a *Aggregate) {
	service := ProtoService{Name: a.Name.Go + "Service", Doc: a.Called() + "."}
	p.claim(service.Name, &a.model.Node)
	for _, c := range a.Commands {
		if c.Path == "" {
			continue
		}
		name := messagesName(c.Name, a.Name)
		c.RPC = p.method(&service, c.Name.Go, name, c.rpcDoc(), &c.model.Node)
		input := p.fields(withID(a.model, c.model.Input), true)
		if c.model.Creates == model.New {
			input[0].Doc = strings.Replace(input[0].Doc, required, "One is made up where it is left out.", 1)
		}
		p.message(name+"Request", "", &c.model.Node, input...)
		response := []*ProtoField{
			plain("string", "id", "The instance."),
			plain("int64", "version", "The instance's version: what if-match and min_version take."),
			plain("bool", "created", "Whether the instance was made by this command."),
		}
		if reply := replyOf(c.model); len(reply) > 0 {
			p.message(name+"Reply", "", &c.model.Node, p.fields(reply, false)...)
			response = append(response, plain(name+"Reply", "reply", "What the events say."))
		}
		p.message(name+"Response", "", &c.model.Node, response...)
	}
	if len(a.Roles) > 0 {
		a.RPC = p.method(&service, "Get"+a.Name.Go, "Get"+a.Name.Go, "Reads the state, by "+strings.Join(a.Roles, ", ")+".", &a.model.Node)
		p.message("Get"+a.Name.Go+"Request", "", &a.model.Node, plain("string", "id", "The instance."), minVersion())
		p.message("Get"+a.Name.Go+"Response", "", &a.model.Node,
			plain(a.Name.Go, "state", ""), plain("int64", "version", "Counts the events so far."))
		p.message(a.Name.Go, a.Called()+".", &a.model.Node, p.fields(withID(a.model, a.model.State), false)...)
	}
	if len(service.Methods) > 0 {
		p.Services = append(p.Services, service)
	}
}

func (p *Proto) view(v *View) {
	m := &v.model.Node
	service := ProtoService{Name: v.Name.Go + "ViewService", Doc: v.Called() + "."}
	p.claim(service.Name, m)
	by := ", by " + strings.Join(v.Roles, ", ") + "."
	row, list := v.Name.Go+"Row", "List"+v.Name.Many()
	p.message(row, "A row of "+v.Called()+".", m, p.fields(v.model.Fields, false)...)

	v.GetRPC = p.method(&service, "Get"+row, "Get"+row, "Reads a row"+by, m)
	key := []*ProtoField{minVersion()}
	for _, k := range v.model.Key {
		key = append(key, p.field(k.Field, true))
	}
	p.message("Get"+row+"Request", "", m, key...)
	p.message("Get"+row+"Response", "", m, plain(row, "row", ""))

	v.ListRPC = p.method(&service, list, list, "Reads a page of rows"+by, m)
	var filter []*model.Field
	for _, f := range v.model.Fields {
		if f.Type != nil && columnKind(f.Type) != "JSON" {
			filter = append(filter, f)
		}
	}
	p.message(v.Name.Go+"Filter", "Rows in which every field that is set equals it.", m, p.fields(filter, false)...)
	p.message(list+"Request", "", m, append(page(), plain(v.Name.Go+"Filter", "filter", ""))...)
	p.message(list+"Response", "", m, rows(row)...)

	for _, q := range v.Queries {
		if len(q.Roles) == 0 {
			continue
		}
		name := list + q.Name.Go
		doc := called(q.Name.Go, &q.model.Node) + ": reads a page of rows, by " + strings.Join(q.Roles, ", ") + "."
		q.RPC = p.method(&service, name, name, doc, &q.model.Node)
		request := page()
		if len(q.model.Input) > 0 {
			p.message(name+"Input", "", &q.model.Node, p.fields(q.model.Input, true)...)
			request = append(request, plain(name+"Input", "input", ""))
		}
		p.message(name+"Request", "", &q.model.Node, request...)
		p.message(name+"Response", "", &q.model.Node, rows(row)...)
	}
	p.Services = append(p.Services, service)
}

// messagesName is what the messages of a command are called after: the command
// with its aggregate, unless its name says it. Those of all aggregates stand
// side by side, and two aggregates may both have a Cancel.
func messagesName(command, aggregate names.Name) string {
	if strings.Contains("-"+command.Kebab+"-", "-"+aggregate.Kebab+"-") {
		return command.Go
	}
	return aggregate.Go + command.Go
}

// method adds a method and returns how the adapter calls it.
func (p *Proto) method(s *ProtoService, name, messages, doc string, of *model.Node) string {
	p.claim(s.Name+"."+name, of)
	s.Methods = append(s.Methods, ProtoMethod{name, messages, doc})
	return s.Name + "/" + name
}

// message adds a message.
func (p *Proto) message(name, doc string, of *model.Node, fields ...*ProtoField) {
	p.claim(name, of)
	p.Messages = append(p.Messages, &ProtoMessage{Name: name, Doc: doc, Fields: fields})
	inside := map[string]bool{}
	for _, f := range fields {
		if inside[f.Name] {
			p.claim(name+"."+f.Name, of)
			p.claim(name+"."+f.Name, of)
		}
		inside[f.Name] = true
	}
}

// withID lists fields after the aggregate's id.
func withID(a *model.Aggregate, fields []*model.Field) []*model.Field {
	return append([]*model.Field{a.ID}, fields...)
}

// replyOf are the fields of a command's reply beside the id. A field that two
// of its events have with different types has no type here, and is left out.
func replyOf(m *model.Command) []*model.Field {
	emits := slices.Clone(m.Emits)
	for _, call := range m.Calls {
		if call.Fallback != nil {
			emits = append(emits, call.Fallback.Emits...)
		}
	}
	return slices.DeleteFunc(check.Reply(m)[1:], func(f *model.Field) bool {
		return slices.ContainsFunc(emits, func(e *model.Emit) bool {
			return e.Event.Event != nil && slices.ContainsFunc(e.Event.Event.Fields, func(o *model.Field) bool {
				return o.Type != nil && names.Of(&o.Node).JSON == names.Of(&f.Node).JSON && !o.Type.Value().Same(f.Type.Value())
			})
		})
	})
}

// plain is a field that methods have whatever the model says.
func plain(kind, name, doc string) *ProtoField { return &ProtoField{Name: name, Type: kind, Doc: doc} }

func minVersion() *ProtoField {
	return plain("int64", "min_version", "Waits a short time for this version.")
}

// page says which page of a list is meant.
func page() []*ProtoField {
	return []*ProtoField{
		plain("repeated string", "sort", "Names of fields of a row, with a - to sort downwards."),
		plain("string", "search", "Text that the searchable fields contain."),
		plain("optional int64", "limit", "How many rows: 50, at most 200."),
		plain("string", "cursor", "next_cursor of the page before."),
	}
}

// rows is a page.
func rows(row string) []*ProtoField {
	return []*ProtoField{plain("repeated "+row, "rows", ""), plain("string", "next_cursor", "Empty: this is the last page.")}
}

// rpcDoc says who may give the command, and what it is rejected for.
func (c *Command) rpcDoc() string {
	text := c.Called() + ", by " + strings.Join(c.Roles, ", ") + "."
	if c.model.Description != "" {
		text += "\n" + c.model.Description
	}
	for _, r := range c.Require {
		text += "\nRejected as " + r.Code
		if r.Message != r.Code {
			text += ": " + r.Message
		}
		text += "."
	}
	return text
}
