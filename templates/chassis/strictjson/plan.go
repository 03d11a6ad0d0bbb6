package strictjson

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// plan says how values of one type are read. It is made once for each type.
type plan struct {
	kind     kind
	elem     *plan   // of a pointer, list or map
	object   *object // of a struct
	scalar   *scalar
	checks   bool // the type has a method Check
	enum     bool // the type has a method Valid
	defaults bool // the type has a method SetDefaults
}

type kind int

const (
	scalarKind kind = iota
	pointerKind
	listKind
	mapKind
	objectKind
	rawKind
)

// scalar is a type without parts.
type scalar struct {
	tokens token
	want   string // what the input should be, for people
	// set reads text; a problem's code and message when it cannot be read.
	set func(v reflect.Value, text string) (code, message string)
}

// object is a struct.
type object struct {
	fields   []field
	byName   map[string]int
	byFormer map[string]int // by what fields were called before, for who reads leniently; nil: none was
	absent   []absence
}

// absence is a field of a struct that tells that another one was not there.
type absence struct {
	index int // in the struct
	of    string
}

type field struct {
	name     string
	index    int // in the struct
	goType   reflect.Type
	plan     *plan
	required bool
}

// The methods a type may have.
type (
	checker    interface{ Check() error }
	validator  interface{ Valid() bool }
	defaultser interface{ SetDefaults() }
	// former says of a type that reads text what that is, and whether a number
	// will do.
	former interface {
		Form() (text string, number bool)
	}
)

// planner makes plans; a type that contains itself meets its own plan again.
type planner map[reflect.Type]*plan

func planFor(t reflect.Type) (*plan, error) { return planner{}.plan(t) }

func (m planner) plan(t reflect.Type) (*plan, error) {
	if p := m[t]; p != nil {
		return p, nil
	}
	pointer := reflect.PointerTo(t)
	p := &plan{
		checks:   pointer.Implements(reflect.TypeFor[checker]()),
		enum:     t.Kind() == reflect.String && pointer.Implements(reflect.TypeFor[validator]()),
		defaults: pointer.Implements(reflect.TypeFor[defaultser]()),
	}
	m[t] = p
	if p.scalar = scalarOf(t); p.scalar != nil {
		p.checks = p.checks && t != reflect.TypeFor[values.ID]() // the scalar has done it
		return p, nil
	}
	var err error
	switch t.Kind() {
	case reflect.Pointer:
		p.kind = pointerKind
		p.checks, p.enum, p.defaults = false, false, false // its element's business
		p.elem, err = m.plan(t.Elem())
	case reflect.Slice:
		if t == reflect.TypeFor[json.RawMessage]() {
			p.kind = rawKind
			break
		}
		p.kind = listKind
		p.elem, err = m.plan(t.Elem())
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("%s: the keys of a map must be strings", t)
		}
		p.kind = mapKind
		p.elem, err = m.plan(t.Elem())
	case reflect.Struct:
		p.kind = objectKind
		p.object, err = m.object(t)
	default:
		return nil, fmt.Errorf("%s cannot be read from JSON", t)
	}
	return p, err
}

func (m planner) object(t reflect.Type) (*object, error) {
	o := &object{byName: map[string]int{}}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if of := f.Tag.Get("absent"); of != "" && f.Type.Kind() == reflect.Bool {
			o.absent = append(o.absent, absence{i, of})
		}
		if !f.IsExported() || name == "-" && options == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if _, taken := o.byName[name]; taken {
			return nil, fmt.Errorf("%s has two fields named %q", t, name)
		}
		p, err := m.plan(f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		if was, renamed := f.Tag.Lookup("was"); renamed {
			for before := range strings.SplitSeq(was, ",") {
				o.calledBefore(before, len(o.fields))
			}
		}
		_, hasDefault := f.Tag.Lookup("default")
		o.byName[name] = len(o.fields)
		o.fields = append(o.fields, field{
			name: name, index: i, goType: f.Type, plan: p,
			required: !hasDefault && !hasOption(options, "omitempty") && !hasOption(options, "omitzero") && !optional(f.Type),
		})
	}
	return o, nil
}

// calledBefore notes what a field was called.
func (o *object) calledBefore(name string, field int) {
	if o.byFormer == nil {
		o.byFormer = map[string]int{}
	}
	o.byFormer[name] = field
}

func hasOption(options, name string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == name {
			return true
		}
	}
	return false
}

func optional(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return true
	}
	return false
}

// scalarOf tells how text becomes a value of the type; nil for types with parts.
func scalarOf(t reflect.Type) *scalar {
	switch t {
	case reflect.TypeFor[time.Time]():
		return instant()
	case reflect.TypeFor[values.ID]():
		return identifier()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return textual(t)
	}
	switch t.Kind() {
	case reflect.String:
		return text()
	case reflect.Bool:
		return boolean()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return whole()
	}
	return nil
}
