package grpc

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	// The well-known types that a .proto may import.
	_ "google.golang.org/protobuf/types/known/durationpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
)

// Schema is the contract of a service, and how its messages stand in JSON, in
// which commands and queries are read and rows are written.
//
// A field has its json_name there. A google.protobuf.Timestamp is a time of RFC
// 3339, a google.protobuf.Duration the text of a values.Duration.
type Schema struct {
	// Files has the .proto of this name. What clients compile is what the
	// service reads: the two cannot differ.
	Files fs.FS
	Name  string
	// Enums are the texts of enum values, by the names that the values have in
	// the .proto. The value 0, which says nothing, has none.
	Enums map[string]string
	// Wrappers name the messages that stand for their only field: a list or a
	// map in a place where protobuf can have none.
	Wrappers []string
}

// schema is a compiled Schema.
type schema struct {
	file     protoreflect.FileDescriptor
	enums    map[protoreflect.Name]string
	wrappers map[protoreflect.Name]bool
	most     int // problems that are told of one message
}

// compile reads the .proto.
func (s Schema) compile(most int) (*schema, error) {
	resolve := protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
		if path == s.Name {
			source, err := s.Files.Open(path)
			return protocompile.SearchResult{Source: source}, err
		}
		known, err := protoregistry.GlobalFiles.FindFileByPath(path)
		return protocompile.SearchResult{Desc: known}, err
	})
	files, err := (&protocompile.Compiler{Resolver: resolve}).Compile(context.Background(), s.Name)
	if err != nil {
		return nil, err
	}
	out := &schema{file: files[0], enums: map[protoreflect.Name]string{}, wrappers: map[protoreflect.Name]bool{}, most: most}
	for name, text := range s.Enums {
		out.enums[protoreflect.Name(name)] = text
	}
	for _, name := range s.Wrappers {
		m := out.file.Messages().ByName(protoreflect.Name(name))
		if m == nil || m.Fields().Len() != 1 {
			return nil, fmt.Errorf("%s: %s is no message with one field", s.Name, name)
		}
		out.wrappers[m.Name()] = true
	}
	return out, nil
}

// method finds "OrderService/PlaceOrder".
func (s *schema) method(name string) (protoreflect.MethodDescriptor, error) {
	service, method, _ := strings.Cut(name, "/")
	if d := s.file.Services().ByName(protoreflect.Name(service)); d != nil {
		if m := d.Methods().ByName(protoreflect.Name(method)); m != nil {
			return m, nil
		}
	}
	return nil, errors.New("the .proto has no such method")
}

// wraps is the field that a message stands for; nil: it stands for itself.
func (s *schema) wraps(m protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	if m != nil && m.ParentFile() == s.file && s.wrappers[m.Name()] {
		return m.Fields().Get(0)
	}
	return nil
}

// The full names of the well-known types.
const (
	timestamp protoreflect.FullName = "google.protobuf.Timestamp"
	duration  protoreflect.FullName = "google.protobuf.Duration"
)

// isWellKnown reports whether a message is a text in JSON.
func isWellKnown(m protoreflect.MessageDescriptor) bool {
	return m.FullName() == timestamp || m.FullName() == duration
}
