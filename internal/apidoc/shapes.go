package apidoc

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// direction tells what is sent to a service, which is strict with it, from what
// it says itself, to which later versions may add.
type direction string

const (
	taken direction = "Input"
	given direction = ""
)

// shapes writes schemas. Types of the model become definitions, each once for
// each direction that it is used in.
type shapes struct {
	model *check.Model
	at    string // of the definitions: "#/components/schemas/"
	defs  Map[*Schema]
	// draft07: members beside $ref are not read, so they stand around it.
	draft07 bool
	// beside are those of a finished document at besideAt, which are referred to; nil: none.
	beside   *shapes
	besideAt string

	free  names.Unique
	known map[shapeKey]string // where a definition is: "#/components/schemas/Id"
}

// shapeKey is what a definition stands for: a type of the model, one of the
// language's own, or what an operation takes or answers.
type shapeKey struct {
	def       *model.TypeDef
	builtin   contract.SchemaKind
	operation *contract.Operation
	fields    int // of its input that are in the body
	way       direction
	view      *model.View // its rows
	linked    bool        // with links
	page      bool        // of them
}

func newShapes(m *check.Model, at string) *shapes {
	return &shapes{model: m, at: at, free: names.Unique{}, known: map[shapeKey]string{}}
}

// define adds a definition under a name that is near the wanted one.
func (w *shapes) define(name, suffix string, s *Schema) *Schema {
	name = w.free.Take(name, suffix)
	w.defs.Set(name, s)
	return &Schema{Ref: w.at + name}
}

// once refers to a definition, which is added where it is asked for first, under
// a name that is near the wanted one.
func (w *shapes) once(key shapeKey, name, suffix string, build func() *Schema) *Schema {
	if ref, ok := w.ref(key); ok {
		return &Schema{Ref: ref}
	}
	name = w.free.Take(name, suffix)
	w.known[key] = w.at + name
	w.defs.Set(name, nil) // it may contain itself
	w.defs.Set(name, build())
	return &Schema{Ref: w.at + name}
}

// ref is where a definition is: here, or in the document beside.
func (w *shapes) ref(key shapeKey) (string, bool) {
	if ref, ok := w.known[key]; ok || w.beside == nil {
		return ref, ok
	}
	ref, ok := w.beside.known[key]
	return w.besideAt + ref, ok
}

// of is the schema of a value.
func (w *shapes) of(s *contract.Schema, way direction) *Schema {
	if s.Def != nil {
		return w.named(s, way)
	}
	return w.plain(s, way)
}

func (w *shapes) named(s *contract.Schema, way direction) *Schema {
	if s.Kind != contract.Object && s.Kind != contract.List && s.Kind != contract.Map {
		way = given // it is the same both ways
	}
	return w.once(shapeKey{def: s.Def, way: way}, names.Of(&s.Def.Node).Go+string(way), "Type", func() *Schema {
		out := w.plain(s, way)
		if out.Ref != "" {
			out = w.around(out)
		}
		out.Title, out.Description = s.Title, quote.Block(s.Description)
		if s.Kind == contract.Enum {
			out.Description = quote.Join(pieces(out.Description, enumTitles(s.Def)), "\n\n")
		}
		for def := s.Def; def != nil; def = basis(def) {
			if def.Check != nil {
				w.constrain(out, s, w.model.Trees[def.Check], def.Check.Text)
			}
		}
		return out
	})
}

// basis is the constrained scalar that another one narrows; nil: none.
func basis(def *model.TypeDef) *model.TypeDef {
	if def.Is == nil {
		return nil
	}
	return def.Is.Def
}

// enumTitles says what the business calls the values of an enum, where it calls
// them something else.
func enumTitles(def *model.TypeDef) quote.Markdown {
	var out []quote.Markdown
	for _, v := range def.Enum {
		means := v.Called()
		if v.Description != "" {
			means += " — " + v.Description
		}
		if name := names.EnumValue(v); means != quote.Text(name) {
			out = append(out, "- "+quote.Code(name)+": "+quote.Inline(means))
		}
	}
	return quote.Join(out, "\n")
}

// pieces are those that say something.
func pieces(all ...quote.Markdown) []quote.Markdown {
	return slices.DeleteFunc(all, func(m quote.Markdown) bool { return m == "" })
}

// plain is the schema of a value, whatever its type is called.
func (w *shapes) plain(s *contract.Schema, way direction) *Schema {
	switch s.Kind {
	case contract.Bool:
		return &Schema{Type: "boolean"}
	case contract.Int:
		return &Schema{Type: "integer", Format: "int64"}
	case contract.Date:
		return &Schema{Type: "string", Format: "date"}
	case contract.Time:
		return &Schema{Type: "string", Format: "date-time"}
	case contract.Enum:
		return &Schema{Type: "string", Enum: s.Values}
	case contract.List:
		return &Schema{Type: "array", Items: w.of(s.Items, way)}
	case contract.Map:
		return &Schema{Type: "object", Additional: w.of(s.Items, way)}
	case contract.Object:
		return w.object(s, way)
	case contract.ID, contract.Decimal, contract.Duration:
		return w.builtin(s.Kind, way)
	}
	return &Schema{Type: "string"}
}

// object is the schema of an object, without a name. Requests may not have
// members that it does not know.
func (w *shapes) object(s *contract.Schema, way direction) *Schema {
	out := &Schema{Type: "object"}
	for _, f := range s.Fields {
		out.Properties = append(out.Properties, Member[*Schema]{f.Name, w.field(f, way)})
		if !f.MayMiss(way == taken) {
			out.Required = append(out.Required, f.Name)
		}
	}
	if way == taken {
		out.Additional = false
	}
	return out
}

func (w *shapes) field(f *contract.Field, way direction) *Schema {
	out := w.of(f.Schema, way)
	if f.Optional && way == taken {
		out = nullable(out)
	}
	own := &Schema{Title: f.Title, Description: quote.Block(f.Description), PII: f.PII, RefersTo: refers(f.Schema)}
	if way == taken && f.Model != nil && f.Model.Check != nil { // what a service makes itself is held to types only
		w.constrain(own, f.Schema, w.model.Trees[f.Model.Check], f.Check)
	}
	if way == taken {
		own.Default = defaultOf(f)
	}
	return w.with(out, own)
}

// nullable lets null through.
func nullable(s *Schema) *Schema {
	if name, ok := s.Type.(string); ok {
		s.Type = []string{name, "null"}
		return s
	}
	return &Schema{AnyOf: []*Schema{s, {Type: "null"}}}
}

// with puts what a field says of itself beside the schema of its type.
func (w *shapes) with(s, own *Schema) *Schema {
	if isEmpty(own) {
		return s
	}
	if s.Ref != "" && w.draft07 {
		s = w.around(s)
	}
	s.Title, s.Description, s.PII, s.RefersTo = own.Title, own.Description, own.PII, own.RefersTo
	s.Default, s.Check = own.Default, own.Check
	s.MinLength, s.MaxLength, s.Minimum, s.Maximum = own.MinLength, own.MaxLength, own.Minimum, own.Maximum
	s.MinItems, s.MaxItems, s.Pattern = own.MinItems, own.MaxItems, own.Pattern
	return s
}

func isEmpty(s *Schema) bool {
	data, err := encode(s)
	return err == nil && string(data) == "{}"
}

// around is a schema that refers to another, and has room for more.
func (w *shapes) around(s *Schema) *Schema {
	if !w.draft07 {
		return s
	}
	return &Schema{AllOf: []*Schema{s}}
}

// refers names the aggregate whose id a value is: front.Order.
func refers(s *contract.Schema) string {
	if s.Refers == nil {
		return ""
	}
	return names.Of(&s.Refers.Context.Node).Kebab + "." + names.Of(&s.Refers.Node).Go
}

// ids are what a service takes for an id, and what it says: where the model has
// an id that nobody set, as of an actor who is the system itself, it is empty.
var ids = map[direction]func() *Schema{
	taken: func() *Schema {
		return &Schema{
			Description: "Names an instance. Opaque: text of up to 200 bytes without control characters.",
			Type:        "string", Pattern: `^[^\x00-\x1f\x7f-\x9f]+$`, MaxLength: number(200),
		}
	},
	given: func() *Schema {
		return &Schema{Description: "Names an instance. Opaque; empty: none.", Type: "string", MaxLength: number(200)}
	},
}

// builtins are the language's other types of its own, as docs/services.md says
// they are written.
var builtins = map[contract.SchemaKind]struct {
	name  string
	build func() *Schema
}{
	contract.Decimal: {"Decimal", func() *Schema {
		return &Schema{
			Description: "An exact number of up to 38 digits, as text, so that nobody takes it for a float. A request may have a JSON number in its place.",
			Type:        "string", Pattern: `^-?[0-9]+(\.[0-9]+)?$`, Examples: raw(`"12.5"`),
		}
	}},
	contract.Duration: {"Duration", func() *Schema {
		return &Schema{
			Description: "A length of time: whole numbers of ever smaller units, of d, h, m, s, ms and us. A day has 24 hours.",
			Type:        "string", Pattern: `^-?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?([0-9]+us)?$`, MinLength: number(2), Examples: raw(`"1h30m"`),
		}
	}},
}

func (w *shapes) builtin(kind contract.SchemaKind, way direction) *Schema {
	name, build := builtins[kind].name, builtins[kind].build
	if kind == contract.ID {
		name, build = "Id"+string(way), ids[way]
	} else {
		way = given // it is the same both ways
	}
	return w.once(shapeKey{builtin: kind, way: way}, name, "Text", build)
}

// defaultOf is a field's plain default as JSON; nil: it has none, or one that is
// computed.
func defaultOf(f *contract.Field) []byte {
	if f.Model == nil || f.Model.Default == nil || f.Model.Default.Value == nil {
		return nil
	}
	text := f.Model.Default.Value.Value
	switch f.Schema.Kind {
	case contract.Object, contract.List, contract.Map:
		return nil
	case contract.Enum:
		if i := strings.LastIndexByte(text, '.'); i >= 0 {
			text = text[i+1:]
		}
		return f.Schema.JSON(text)
	}
	v, err := expr.Parse(f.Model.Type.Scalar().Kind, text)
	if err != nil {
		return nil
	}
	return f.Schema.JSON(v)
}
