// Package apidoc writes down what the services of a system offer, for those who
// have nothing but the documents: OpenAPI 3.1 for requests, AsyncAPI 3.0 for
// events, JSON Schema 2020-12 for what is in both. All is made of package
// contract, so that documents, contract tests and the search for breaking
// changes agree; examples are taken from the scenarios.
package apidoc

import (
	"slices"
	"sync"

	"github.com/esgen/esgen/internal/contract"
)

// File is a document that can be written.
type File struct {
	Path  string // below the directory of the output
	make  func() any
	write func(doc any) (string, error)
}

// Text is the document. It is made when it is asked for: that takes longer than
// all else, and documents can be made side by side.
func (f File) Text() (string, error) { return f.write(f.make()) }

// Files are the documents of all services, and that of the gateway.
func Files(sys *contract.System, x *Examples) []File {
	var files []File
	yaml := func(path string, doc func() any) { files = append(files, File{path, doc, asYAML}) }
	json := func(path string, doc func() any) { files = append(files, File{path, doc, asJSON}) }
	public := false
	for _, s := range sys.Services {
		api := "services/" + s.Name.Kebab + "/api/"
		if isPublic(s) {
			public = true
			yaml(api+"openapi.yaml", func() any { return Public(s, x) })
		}
		if isInternal(s) {
			yaml(api+"internal.openapi.yaml", func() any { return Internal(s, x) })
		}
		if speaks(s) {
			yaml(api+"asyncapi.yaml", func() any { return Events(s, x) })
		}
		for _, f := range schemaFiles(s, x) {
			json(api+"schemas/"+f.Name, f.Value)
		}
	}
	if public || len(sys.Model.Compositions) > 0 {
		all := sync.OnceValue(func() any { return Gateway(sys, x) })
		yaml("gateway/api/openapi.yaml", all)
		json("gateway/api/openapi.json", all) // which the gateway answers with, too
	}
	return files
}

func isPublic(s *contract.Service) bool {
	return slices.ContainsFunc(s.Operations, func(o *contract.Operation) bool { return o.Public != nil })
}

func isInternal(s *contract.Service) bool {
	return slices.ContainsFunc(s.Operations, func(o *contract.Operation) bool { return o.Internal != nil })
}

// speaks reports whether a service sends events, or hears of any.
func speaks(s *contract.Service) bool {
	return len(s.Messages) > 0 || slices.ContainsFunc(s.Needs, func(n *contract.Need) bool { return n.Message != nil })
}
