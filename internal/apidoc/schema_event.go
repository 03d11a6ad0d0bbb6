package apidoc

import (
	"strconv"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/quote"
)

// dialect is that of the files: JSON Schema 2020-12. They read the same in draft
// 07, which the documents of AsyncAPI that refer to them are in.
const dialect = "https://json-schema.org/draft/2020-12/schema"

// versioned is a public event in one of its versions: records of older ones stay on
// its topic.
type versioned struct {
	*contract.Message
	version int
}

// versionsOf are those of a message, the newest first.
func versionsOf(m *contract.Message) []versioned {
	out := []versioned{{m, m.Version}}
	for i := range m.Older {
		out = append(out, versioned{m, len(m.Older) - i})
	}
	return out
}

// suffix tells an older version from the newest.
func (s versioned) suffix() string {
	if s.version == s.Version {
		return ""
	}
	return ".v" + strconv.Itoa(s.version)
}

// called is what the business calls the event, in a version.
func (s versioned) called() quote.Text {
	if s.version == s.Version {
		return s.Event.Called()
	}
	return s.Event.Called() + quote.Text(", version "+strconv.Itoa(s.version))
}

// id is by what documents know it.
func (s versioned) id() string { return s.ID + s.suffix() }

// payload is what is in it.
func (s versioned) payload() *contract.Schema {
	if s.version == s.Version {
		return s.Payload
	}
	return s.Older[s.version-1]
}

// schemaFile is where its schema is, from the documents of its service.
func (s versioned) schemaFile() string { return "schemas/" + s.id() + ".event.json" }

// eventSchema is the schema of a public event, with an example: complete in
// itself, because it is what leaves the repository, for a registry, or for others
// who listen.
func eventSchema(of versioned, x *Examples) *Schema {
	w := newShapes(of.Service.System.Model, "#/$defs/")
	w.draft07 = true
	told, enciphered := of.payload().Told()
	s := w.object(told, given)
	if len(enciphered) > 0 {
		s.Properties = append(s.Properties, Member[*Schema]{personalMember, sealed(enciphered)})
	}
	s.Dialect = dialect
	// An identifier, and where the file lies in the module of the service.
	s.ID = "https://" + of.Service.System.Model.Module + "/services/" + of.Service.Name.Kebab + "/api/" + of.schemaFile()
	s.Title, s.Description, s.Defs = of.called(), quote.Block(of.Event.Description), w.defs
	s.Examples = examples(x.version(of))
	return s
}

// personalMember has what is personal of an event: see personal.Member of the chassis.
const personalMember = "_personal"

// sealed is what is personal of an event, as others see it.
func sealed(fields []*contract.Field) *Schema {
	out := &Schema{Type: "string", Description: "Personal, and readable for its own context alone, until the person is erased: AES-256-GCM under a key of the person."}
	for _, f := range fields {
		out.Enciphered = append(out.Enciphered, f.Name)
	}
	return out
}
