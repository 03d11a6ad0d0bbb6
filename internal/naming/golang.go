package naming

import (
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// methods of generated structs, which no field may hide.
var methods = map[string]bool{
	"Evolve": true, "Check": true, "ReadableBy": true, "Event": true, "Command": true, "Keep": true,
	"SetDefaults": true, "MarshalText": true, "UnmarshalText": true, "Stamps": true, "Upcasts": true,
}

// visible begins the names of the methods that say who sees a row.
const visible = "VisibleTo"

// FieldName is the Go name of a field: that of its note, unless a generated
// struct has a method of that name.
func FieldName(f *model.Field) string {
	name := names.Of(&f.Node).Go
	if bare := trimAll(name, "Value"); methods[bare] || strings.HasPrefix(bare, visible) {
		return name + "Value"
	}
	return name
}

func trimAll(s, ending string) string {
	for {
		shorter, had := strings.CutSuffix(s, ending)
		if !had || shorter == "" {
			return s
		}
		s = shorter
	}
}

// CustomDecision is the function that an author writes for a custom command.
func CustomDecision(m *model.Command) string { return "Decide" + names.Of(&m.Node).Go }

// PolicyDecision is the function that an author writes for a custom policy.
func PolicyDecision(p *model.Policy) string { return "Decide" + names.Of(&p.Node).Go }

// ListenerName is what the inbox knows a policy or a view by.
func ListenerName(n *model.Node) string { return names.Kept(n).Go }

// CommandName is what a command is known by: Order.PlaceOrder.
func CommandName(m *model.Command) string {
	return names.Kept(&m.Aggregate.Node).Go + "." + names.Kept(&m.Node).Go
}
