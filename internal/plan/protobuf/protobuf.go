// Package protobuf plans what services offer over gRPC: a .proto for each, whose
// numbers stay, and the methods behind it.
package protobuf

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// File is what a service offers over gRPC: api/<dir>.proto.
//
// Every public command, state, view and query is a method. The names are those
// of the wall and of nothing else, so that they stay as long as the notes do.
type File struct {
	Service   *services.Service
	Name      string // front.proto
	Package   string // shop.front.v1
	GoPackage string
	Imports   []string
	Services  []Service
	Messages  []*Message
	Enums     []*Enum
	Wrappers  []string // messages that stand for their only field
	Recorded  bool     // the numbers of before are known

	Aggregates []*services.Aggregate // those that have methods
	Views      []*services.View

	refused *diag.List
	taken   map[string]*model.Node // names of the file, and the notes they come from
	told    map[[2]*model.Node]bool
	made    map[string]bool // messages and enums of types
}

// Service is the methods of an aggregate or a view.
type Service struct {
	Name    string
	Doc     quote.Text
	Methods []Method
}

// Method is one method; its messages are called <Messages>Request and
// <Messages>Response.
type Method struct {
	Name, Messages string
	Doc            quote.Text
}

// Message is a message. One that is gone from the model has no fields: its
// numbers stay reserved.
type Message struct {
	Name     string
	Doc      quote.Text
	Fields   []*Field
	Reserved []string // what its reserved statements say
}

// Field is a field of a message.
type Field struct {
	Name   string
	Doc    quote.Text
	Type   string // with its label
	Number int
	JSON   string // json_name, where a compiler would find another; else ""
}

// Enum is an enum; its value 0, which says nothing, is Zero.
type Enum struct {
	Name, Zero string
	Doc        quote.Text
	Values     []*Value
	Reserved   []string
}

// Value is a value of an enum.
type Value struct {
	Name   string
	Doc    quote.Text
	Number int
	Text   string // in the model's JSON
}

// Plan plans the contracts of the services that are offered over gRPC, upon an
// earlier output, from which the numbers are kept; nil: there is none. The error
// can be a *Refused.
func Plan(sys *services.System, earlier fs.FS) ([]*File, error) {
	var files []*File
	var refused diag.List
	for _, s := range sys.Services {
		if !s.GRPC {
			continue
		}
		f := file(s, &refused)
		if err := f.number(earlier); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if refused.HasErrors() {
		return nil, &Refused{refused}
	}
	return files, nil
}

// Refused says why a model cannot be planned although nothing is wrong with it
// by itself: names of the output are in each other's way.
type Refused struct{ Diags diag.List }

func (r *Refused) Error() string {
	all := r.Diags.Sorted()
	return fmt.Sprintf("%s: %s", all[0].Pos, all[0].Message)
}

// file plans the contract of a service. Numbers are given by number.
func file(s *services.Service, refused *diag.List) *File {
	version := "v1"
	p := &File{
		Service: s, Name: s.Dir + ".proto",
		Package:   strings.ReplaceAll(s.System.ID, "-", "_") + "." + s.Name.Snake + "." + version,
		GoPackage: s.Module + "/api;" + strings.ReplaceAll(s.Name.Snake, "_", "") + version,
		refused:   refused, taken: map[string]*model.Node{}, told: map[[2]*model.Node]bool{}, made: map[string]bool{},
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

func (p *File) aggregate(a *services.Aggregate) {
	service := Service{Name: a.RPCService(), Doc: a.Called() + "."}
	p.claim(service.Name, &a.Model.Node)
	for _, c := range a.Commands {
		if c.Path == "" {
			continue
		}
		name := naming.RPCMessages(c.Model)
		p.method(&service, c.RPC(), name, rpcDoc(c), &c.Model.Node)
		input := p.fields(withID(a.Model, c.Model.Input), true)
		if c.Model.Creates == model.New {
			input[0] = p.fieldSaying(a.Model.ID, "One is made up where it is left out.")
		}
		p.message(name+"Request", "", &c.Model.Node, input...)
		response := []*Field{
			plain("string", "id", "The instance."),
			plain("int64", "version", "The instance's version: what if-match and min_version take."),
			plain("bool", "created", "Whether the instance was made by this command."),
		}
		if reply := replyOf(c.Model); len(reply) > 0 {
			p.message(name+"Reply", "", &c.Model.Node, p.fields(reply, false)...)
			response = append(response, plain(name+"Reply", "reply", "What the events say."))
		}
		p.message(name+"Response", "", &c.Model.Node, response...)
	}
	if len(a.Roles) > 0 {
		p.method(&service, a.RPC(), naming.RPCState(a.Model), quote.Text("Reads the state, by "+strings.Join(a.Roles, ", ")+"."), &a.Model.Node)
		p.message("Get"+a.Known+"Request", "", &a.Model.Node, plain("string", "id", "The instance."), minVersion())
		p.message("Get"+a.Known+"Response", "", &a.Model.Node,
			plain(a.Known, "state", ""), plain("int64", "version", "Counts the events so far."))
		p.message(a.Known, a.Called()+".", &a.Model.Node, p.fields(withID(a.Model, a.Model.State), false)...)
	}
	if len(service.Methods) > 0 {
		p.Services, p.Aggregates = append(p.Services, service), append(p.Aggregates, a)
	}
}

func (p *File) view(v *services.View) {
	p.Views = append(p.Views, v)
	m := &v.Model.Node
	service := Service{Name: v.RPCService(), Doc: v.Called() + "."}
	p.claim(service.Name, m)
	by := quote.Text(", by " + strings.Join(v.Roles, ", ") + ".")
	row, list := naming.RPCRow(v.Model), naming.RPCList(v.Model)
	p.message(row, "A row of "+v.Called()+".", m, p.fields(v.Model.Fields, false)...)

	p.method(&service, v.GetRPC(), "Get"+row, "Reads a row"+by, m)
	key := []*Field{minVersion()}
	for _, k := range v.Model.Key {
		key = append(key, p.field(k.Field, true))
	}
	p.message("Get"+row+"Request", "", m, key...)
	p.message("Get"+row+"Response", "", m, plain(row, "row", ""))

	p.method(&service, v.ListRPC(), list, "Reads a page of rows"+by, m)
	var filter []*model.Field
	for _, f := range v.Model.Fields {
		if f.Type != nil && services.ColumnKind(f.Type) != "JSON" {
			filter = append(filter, f)
		}
	}
	p.message(v.Known+"Filter", "Rows in which every field that is set equals it.", m, p.fields(filter, false)...)
	p.message(list+"Request", "", m, append(page(), plain(v.Known+"Filter", "filter", ""))...)
	p.message(list+"Response", "", m, rows(row)...)

	for _, q := range v.Queries {
		if len(q.Roles) == 0 {
			continue
		}
		name := naming.RPCQuery(q.Model)
		doc := services.Called(q.Name.Go, &q.Model.Node) + quote.Text(": reads a page of rows, by "+strings.Join(q.Roles, ", ")+".")
		p.method(&service, q.RPC(), name, doc, &q.Model.Node)
		request := page()
		if len(q.Model.Input) > 0 {
			p.message(name+"Input", "", &q.Model.Node, p.fields(q.Model.Input, true)...)
			request = append(request, plain(name+"Input", "input", ""))
		}
		p.message(name+"Request", "", &q.Model.Node, request...)
		p.message(name+"Response", "", &q.Model.Node, rows(row)...)
	}
	p.Services = append(p.Services, service)
}

// method adds a method, called "OrderService/PlaceOrder".
func (p *File) method(s *Service, rpc, messages string, doc quote.Text, of *model.Node) {
	p.claim(strings.Replace(rpc, "/", ".", 1), of)
	s.Methods = append(s.Methods, Method{Name: strings.TrimPrefix(rpc, s.Name+"/"), Messages: messages, Doc: doc})
}

// message adds a message.
func (p *File) message(name string, doc quote.Text, of *model.Node, fields ...*Field) {
	p.claim(name, of)
	p.Messages = append(p.Messages, &Message{Name: name, Doc: doc, Fields: fields})
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
func plain(kind, name string, doc quote.Text) *Field { return &Field{Name: name, Type: kind, Doc: doc} }

func minVersion() *Field {
	return plain("int64", "min_version", "Waits a short time for this version.")
}

// page says which page of a list is meant.
func page() []*Field {
	return []*Field{
		plain("repeated string", "sort", "Names of fields of a row, with a - to sort downwards."),
		plain("string", "search", "Text that the searchable fields contain."),
		plain("optional int64", "limit", "How many rows: 50, at most 200."),
		plain("string", "cursor", "next_cursor of the page before."),
	}
}

// rows is a page.
func rows(row string) []*Field {
	return []*Field{plain("repeated "+row, "rows", ""), plain("string", "next_cursor", "Empty: this is the last page.")}
}

// rpcDoc says who may give the command, and what it is rejected for.
func rpcDoc(c *services.Command) quote.Text {
	text := c.Called() + quote.Text(", by "+strings.Join(c.Roles, ", ")+".")
	if c.Model.Description != "" {
		text += "\n" + c.Model.Description
	}
	for _, r := range c.Require {
		text += quote.Text("\nRejected as " + r.Code)
		if r.Message != "" {
			text += ": " + r.Message
		}
		text += "."
	}
	return text
}
