package apidoc

import (
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
)

// changes describes the stream of what changes in a view, beside the list of its
// rows.
func (b *openAPI) changes(o *contract.Operation) {
	if !b.public || o.Kind != contract.ListRows || !o.View.Stream {
		return
	}
	for i, route := range naming.ChangesRoutes(o.View) {
		b.changesAt(o, route, i > 0)
	}
}

// changesAt describes them at a route of now, or of before.
func (b *openAPI) changesAt(o *contract.Operation, route *naming.Path, before bool) {
	op := &PathOperation{
		ID: b.ids.Take(b.prefix+".follow"+naming.Rows(o.View).Go, "Changes"), Summary: "Changes: " + o.View.Called(),
		Description: sentence(&o.View.Node) + streamed, Deprecated: before, Tags: []string{b.tag(o)}, Roles: roles(o.Actors),
	}
	b.filters(op, o)
	op.Parameters = append(op.Parameters, b.parameter("Last-Event-ID"))
	op.Responses.Set("200", &Response{
		Description: "Server-sent events, until somebody ends them.",
		Content:     Map[*MediaType]{{"text/event-stream", &MediaType{Schema: &Schema{Type: "string"}}}},
	})
	b.refuse(op, refusalsOf(o, true))
	b.add(route.Path, "GET", op)
}

// streamed is what is true of all change streams.
const streamed = " Event `changed`: a row is there, or is otherwise than before; its data are the row, as in the list." +
	" Event `gone`: it is no longer there, or not what is asked for; its data are its key." +
	" Event `reset`: not all that changed can be told; the list is to be read anew." +
	" Who opens the stream first and reads the list then misses nothing. A parameter that is called as a field is leaves the rows that have this value."
