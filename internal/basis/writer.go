package basis

import (
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// digest is that of a node and what belongs to it. What belongs to a context is
// part of that one's, and elsewhere it counts which it is.
func digest(m *check.Model, home *model.Context, node any) []byte {
	w := &writer{model: m, home: home, seen: map[any]int{}}
	w.value(reflect.ValueOf(node))
	sum := sha256.Sum256(w.text)
	return sum[:]
}

// writer writes down what a model says, but for where it says it.
type writer struct {
	model *check.Model
	home  *model.Context // nil: of none
	text  []byte
	seen  map[any]int // pointers, by the order they were met in: the model goes round in circles
}

func (w *writer) number(n uint64) { w.text = binary.LittleEndian.AppendUint64(w.text, n) }

func (w *writer) word(s string) {
	w.number(uint64(len(s)))
	w.text = append(w.text, s...)
}

func (w *writer) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		w.pointer(v)
	case reflect.Struct:
		w.members(v)
	case reflect.Interface: // one of several
		if v.IsNil() {
			w.number(0)
			break
		}
		w.word(v.Elem().Type().String())
		w.value(v.Elem())
	case reflect.Slice, reflect.Array:
		w.number(uint64(v.Len()))
		for i := range v.Len() {
			w.value(v.Index(i))
		}
	case reflect.String:
		w.word(v.String())
	case reflect.Bool:
		if v.Bool() {
			w.number(1)
		} else {
			w.number(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.number(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		w.number(v.Uint())
	case reflect.Func: // what it does follows from the text beside it
	default:
		panic("nobody has said how a " + v.Type().String() + " of the model is written down")
	}
}

// members writes a struct. Fields that are not exported serve to read the model.
func (w *writer) members(v reflect.Value) {
	switch x := v.Interface().(type) {
	case source.Pos:
		return
	case time.Time:
		w.word(x.Format(time.RFC3339Nano))
		return
	}
	w.incomplete(v)
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			w.value(v.Field(i))
		}
	}
}

// incomplete says of a note that nothing is made of it, because of what it leads
// to, perhaps far away.
func (w *writer) incomplete(v reflect.Value) {
	if !v.CanAddr() {
		return
	}
	if n, is := v.Addr().Interface().(*model.Node); is && w.model.Incomplete[n] {
		w.word("incomplete")
	}
}

func (w *writer) pointer(v reflect.Value) {
	if v.IsNil() {
		w.number(0)
		return
	}
	at := v.Interface()
	if n, again := w.seen[at]; again {
		w.number(uint64(n))
		return
	}
	w.seen[at] = len(w.seen) + 1
	w.word(v.Type().Elem().Name())
	switch x := at.(type) {
	case *time.Location:
		w.word(x.String())
		return
	case *source.Node:
		w.node(x)
		return
	}
	if name, elsewhere := w.elsewhere(at); elsewhere {
		for _, part := range name {
			w.word(part)
		}
		w.incomplete(v.Elem().Field(0)) // its Node
		return
	}
	w.value(v.Elem())
}

func (w *writer) node(n *source.Node) {
	w.number(uint64(n.Kind))
	w.word(n.Value)
	w.number(uint64(len(n.Pairs)))
	for _, p := range n.Pairs {
		w.node(p.Key)
		w.node(p.Value)
	}
	w.number(uint64(len(n.Items)))
	for _, x := range n.Items {
		w.node(x)
	}
}

// elsewhere is the name of what has its home in another context, or in none.
func (w *writer) elsewhere(at any) (name []string, elsewhere bool) {
	var home *model.Context
	switch x := at.(type) {
	case *model.Context:
		home, name = x, []string{x.Name, x.Code}
	case *model.Aggregate:
		home, name = x.Context, []string{x.Name, x.Code}
	case *model.Command:
		home, name = x.Aggregate.Context, []string{x.Aggregate.Name, x.Aggregate.Code, x.Name, x.Code}
	case *model.Event:
		if home, name = x.Context, []string{x.Name, x.Code}; x.Aggregate != nil {
			name = append(name, x.Aggregate.Name, x.Aggregate.Code)
		}
		if x.External != nil {
			return append(name, x.External.Name), w.home != nil
		}
	case *model.View:
		home, name = x.Context, []string{x.Name, x.Code}
	case *model.Query:
		home, name = x.View.Context, []string{x.View.Name, x.View.Code, x.Name, x.Code}
	case *model.Policy:
		home, name = x.Context, []string{x.Name, x.Code}
	case *model.Saga:
		home, name = x.Context, []string{x.Name, x.Code}
	case *model.Actor:
		return []string{x.Name, x.Code, x.Role}, w.home != nil
	case *model.External:
		return []string{x.Name, x.Code}, w.home != nil
	case *model.Operation:
		return []string{x.External.Name, x.External.Code, x.Name, x.Code}, w.home != nil
	default:
		return nil, false
	}
	if home != nil {
		name = append(name, home.Name, home.Code)
	}
	return name, home != w.home
}
