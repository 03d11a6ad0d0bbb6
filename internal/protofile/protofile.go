// Package protofile reads .proto files as a compiler does. What esgen writes is
// read back by it before it is written, and the numbers of fields are kept by
// reading the file of the time before.
package protofile

import (
	"bytes"
	"context"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Parse compiles a file, which may import what comes with every compiler:
// google/protobuf/*.proto. Errors begin with the place: "front.proto:3:7: …".
func Parse(name string, text []byte) (protoreflect.FileDescriptor, error) {
	own := protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
		if path != name {
			return protocompile.SearchResult{}, &unknownImport{path}
		}
		return protocompile.SearchResult{Source: bytes.NewReader(text)}, nil
	})
	files, err := (&protocompile.Compiler{Resolver: protocompile.WithStandardImports(own)}).Compile(context.Background(), name)
	if err != nil {
		return nil, err
	}
	return files[0], nil
}

type unknownImport struct{ path string }

func (e *unknownImport) Error() string { return e.path + " is no file that comes with a compiler" }
