package grpc

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// fieldPath is a JSON pointer as google.rpc.BadRequest names a field:
// items[0].unit_price. What the message does not have keeps the name it has in
// the pointer.
func (s *schema) fieldPath(m protoreflect.MessageDescriptor, pointer string) string {
	var b strings.Builder
	add := func(name string) {
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	var f protoreflect.FieldDescriptor // the list or map one is in
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = unescapes.Replace(part)
		for f == nil {
			inner := s.wraps(m)
			if inner == nil {
				break
			}
			add(string(inner.Name()))
			f, m = inner, inner.Message()
		}
		switch {
		case f != nil && f.IsMap():
			b.WriteString("[" + strconv.Quote(part) + "]")
			f, m = nil, f.MapValue().Message()
			continue
		case f != nil:
			b.WriteString("[" + part + "]")
			f, m = nil, f.Message()
			continue
		}
		var known protoreflect.FieldDescriptor
		if m != nil {
			known = m.Fields().ByJSONName(part)
		}
		if known == nil {
			add(part)
			m = nil
			continue
		}
		add(string(known.Name()))
		m = known.Message()
		if known.IsList() || known.IsMap() {
			f = known
		}
	}
	return b.String()
}
