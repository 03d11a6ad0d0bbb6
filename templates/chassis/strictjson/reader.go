package strictjson

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/esgen/esgen/templates/chassis/values"
)

// reader reads one input.
type reader struct {
	data     []byte
	in       *jsontext.Decoder // the tokens of data
	elements int
	limits   Limits
	path     []segment
	problems []Problem
	stopped  bool // nothing more can be read
	given    *Given
	lenient  bool            // see Lenient
	needs    map[string]bool // see Needing
}

// segment is one step of the path to the current value.
type segment struct {
	name  string
	index int // of a list, when name is empty and isName is not set
	named bool
}

// document reads the only value of the input.
func (r *reader) document(p *plan, v reflect.Value) {
	r.in = tokens(r.data)
	if p.kind == objectKind {
		r.outermost(p, v)
	} else {
		r.value(p, v)
	}
	if r.stopped {
		return
	}
	if _, err := r.in.ReadToken(); !errors.Is(err, io.EOF) {
		r.syntax(cmp.Or(err, errors.New("there is more behind the end of the value")))
	}
}

// value reads the value at the current place into v.
func (r *reader) value(p *plan, v reflect.Value) {
	if r.stopped {
		return
	}
	before := len(r.problems)
	switch p.kind {
	case scalarKind:
		r.scalar(p, v)
	case pointerKind:
		r.pointer(p, v)
	case listKind:
		r.list(p, v)
	case mapKind:
		r.dict(p, v)
	case objectKind:
		r.object(p, v, nil)
	case rawKind:
		from := r.in.InputOffset()
		if r.skip() {
			v.SetBytes(bytes.Clone(bytes.TrimLeft(r.data[from:r.in.InputOffset()], " \t\r\n:,")))
		}
	}
	if p.kind != scalarKind && p.kind != pointerKind {
		r.judge(p, v, before)
	}
}

// judge asks a type with parts for its opinion on a value, unless there was a
// problem with a part since before: then it would judge what nobody sent. An
// opinion on single fields is reported at each.
func (r *reader) judge(p *plan, v reflect.Value, before int) {
	if !p.checks || r.lenient || len(r.problems) != before {
		return
	}
	for _, err := range single(check(v.Addr().Interface())) {
		var bad *values.BadField
		if !errors.As(err, &bad) {
			r.report(Check, err.Error())
			continue
		}
		r.push(segment{name: bad.Field, named: true})
		r.report(Check, bad.Message)
		r.pop()
	}
}

// single are the errors that were joined into one.
func single(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

func (r *reader) scalar(p *plan, v reflect.Value) {
	var text string
	var ok bool
	switch kind := r.peek(); {
	case p.scalar.tokens&tokenOf[kind] == 0:
		r.wrong(p.scalar.want)
	case kind == jsontext.KindString:
		if raw, whole := r.raw(); whole {
			text, ok = r.unquote(raw)
		}
	case kind == jsontext.KindNumber:
		text, ok = r.number()
	default:
		text, ok = kind.String(), r.token()
	}
	if ok {
		r.set(p, v, text)
	}
}

// set reads text into a scalar.
func (r *reader) set(p *plan, v reflect.Value, text string) {
	if r.lenient && text == "" && v.Kind() == reflect.String {
		v.SetString(text) // also of an id: what names nothing is up to who wrote it
		return
	}
	code, message := p.scalar.set(v, text)
	if code == "" && !r.lenient && (p.enum || p.checks) {
		code, message = p.judge(v)
	}
	r.report(code, message)
}

func (r *reader) pointer(p *plan, v reflect.Value) {
	if r.peek() == jsontext.KindNull {
		r.token()
		v.SetZero()
		return
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	r.value(p.elem, v.Elem())
}

func (r *reader) list(p *plan, v reflect.Value) {
	if r.nothing(v) {
		return
	}
	if !r.open(jsontext.KindBeginArray, "a list") {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i := 0; r.more(jsontext.KindEndArray); i++ {
		if !r.element() {
			return
		}
		v.Grow(1)
		v.SetLen(i + 1)
		v.Index(i).SetZero()
		r.push(segment{index: i})
		r.value(p.elem, v.Index(i))
		r.pop()
	}
}

func (r *reader) dict(p *plan, v reflect.Value) {
	if r.nothing(v) {
		return
	}
	if !r.open(jsontext.KindBeginObject, "an object") {
		return
	}
	t := v.Type()
	v.Set(reflect.MakeMap(t))
	for r.more(jsontext.KindEndObject) {
		raw, ok := r.name()
		if !ok || !r.element() {
			return
		}
		name := r.nameText(raw)
		r.push(segment{name: name, named: true})
		key := reflect.ValueOf(name).Convert(t.Key())
		if v.MapIndex(key).IsValid() {
			r.report(Duplicate, "is there twice")
		}
		elem := reflect.New(t.Elem()).Elem()
		r.value(p.elem, elem)
		v.SetMapIndex(key, elem)
		r.pop()
	}
}

// nothing reads null as an empty list or map, where one is lenient.
func (r *reader) nothing(v reflect.Value) bool {
	if !r.lenient || r.peek() != jsontext.KindNull || !r.token() {
		return false
	}
	v.SetZero()
	return true
}

// report notes a problem with the current value; none when the code is empty.
func (r *reader) report(code, message string) {
	if code == "" || r.stopped {
		return
	}
	if len(r.problems) == r.limits.Problems {
		r.stopped = true
		code, message = TooMany, "there are more problems behind this one"
	}
	r.problems = append(r.problems, Problem{Pointer: pointer(r.path), Code: code, Message: message})
}

// stop notes a problem behind which nothing can be read.
func (r *reader) stop(code, message string) {
	r.report(code, message)
	r.stopped = true
}

func (r *reader) push(s segment) { r.path = append(r.path, s) }

func (r *reader) pop() { r.path = r.path[:len(r.path)-1] }

// maxName is as much as is shown of a name nobody knows.
const maxName = 64

// pointer writes a path as a JSON pointer.
func pointer(path []segment) string {
	var b strings.Builder
	for _, s := range path {
		b.WriteByte('/')
		if !s.named {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		name := s.name
		if len(name) > maxName {
			name = strings.ToValidUTF8(name[:maxName], "") + "…"
		}
		for i := range len(name) {
			switch name[i] {
			case '~':
				b.WriteString("~0")
			case '/':
				b.WriteString("~1")
			default:
				b.WriteByte(name[i])
			}
		}
	}
	return b.String()
}
