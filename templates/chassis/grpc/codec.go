package grpc

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/esgen/esgen/templates/chassis/strictjson"
)

// payload is a message as it came. The library answers INTERNAL by itself to
// one that cannot be read, as if it were the service that failed.
type payload []byte

// codec hands out payloads unread; everything else is as it always is.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

// Unmarshal reads a message.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if p, ok := v.(*payload); ok {
		*p = data.Materialize()
		return nil
	}
	return c.CodecV2.Unmarshal(data, v)
}

// unknown reports the fields of a message that the .proto does not have, at
// any depth. A client that knows more than this service would otherwise
// believe that it was heard. At is the JSON pointer to the message.
func (s *schema) unknown(m protoreflect.Message, at string) []strictjson.Problem {
	var problems []strictjson.Problem
	if fields := m.GetUnknown(); len(fields) > 0 {
		number, _, _ := protowire.ConsumeTag(fields)
		problems = append(problems, strictjson.Problem{
			Pointer: at, Code: strictjson.Unknown, Message: fmt.Sprintf("has a field %d, which is not known here", number),
		})
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		below := at + "/" + escape(f.JSONName())
		if s.wraps(m.Descriptor()) != nil {
			below = at
		}
		switch {
		case f.IsMap() && f.MapValue().Message() != nil:
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				problems = append(problems, s.unknown(v.Message(), below+"/"+escape(k.String()))...)
				return true
			})
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				problems = append(problems, s.unknown(v.List().Get(i).Message(), below+"/"+strconv.Itoa(i))...)
			}
		case f.Message() != nil && !f.IsMap() && !f.IsList():
			problems = append(problems, s.unknown(v.Message(), below)...)
		}
		return len(problems) < s.most
	})
	return problems[:min(len(problems), s.most)]
}

// escapes and unescapes are those of names in JSON pointers (RFC 6901).
var (
	escapes   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapes = strings.NewReplacer("~1", "/", "~0", "~")
)

// escape is a name in a JSON pointer.
func escape(name string) string { return escapes.Replace(name) }
