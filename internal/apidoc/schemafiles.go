package apidoc

import (
	"encoding/json"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// dialect is that of the files: JSON Schema 2020-12.
const dialect = "https://json-schema.org/draft/2020-12/schema"

// schemaFiles are the schemas of a service, one a file, each complete in
// itself: of public events, of what commands and queries take, of what commands
// answer, of states, and of rows of views.
func schemaFiles(s *contract.Service, x *Examples) Map[func() any] {
	var out Map[func() any]
	add := func(name string, node *model.Node, of *contract.Schema, way direction, example func() json.RawMessage) {
		out.Set(name+".json", func() any {
			w := newShapes(s.System.Model, "#/$defs/")
			schema := w.object(of, way)
			schema.Dialect = dialect
			// An identifier, and where the file lies in the module of the service.
			schema.ID = "https://" + s.System.Model.Module + "/services/" + s.Name.Kebab + "/api/schemas/" + name + ".json"
			schema.Title, schema.Description, schema.Defs = node.Called(), quote.Block(node.Description), w.defs
			if example := example(); len(example) > 0 {
				schema.Examples = raw(string(example))
			}
			return schema
		})
	}
	for _, m := range s.Messages {
		add(m.ID+".event", &m.Event.Node, m.Payload, given, func() json.RawMessage { return x.Payload(m) })
	}
	for _, o := range s.Operations {
		switch o.Kind {
		case contract.RunCommand:
			node := &o.Command.Node
			add(o.ID+".input", node, o.Input, taken, func() json.RawMessage { return x.Input(o) })
			add(o.ID+".reply", node, answered(o), given, func() json.RawMessage { return x.Reply(o) })
		case contract.ReadState:
			node := &o.Aggregate.Node
			add(o.ID+".state", node, o.Reply, given, func() json.RawMessage { return x.Reply(o) })
		case contract.ReadRow:
			node := &o.View.Node
			add(names.Of(node).Go+".row", node, o.Reply, given, func() json.RawMessage { return x.Reply(o) })
		case contract.AskQuery:
			if len(o.Input.Fields) > 0 {
				node := &o.Query.Node
				add(o.ID+".input", node, o.Input, taken, func() json.RawMessage { return x.Input(o) })
			}
		}
	}
	return out
}
