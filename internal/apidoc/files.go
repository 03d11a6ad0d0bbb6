// Package apidoc writes down what the services of a system offer, for those who
// have nothing but the documents: OpenAPI 3.1 for requests, AsyncAPI 3.0 for
// events, JSON Schema 2020-12 for what is in both. All is made of package
// contract, so that documents, contract tests and the search for breaking
// changes agree; examples are taken from the scenarios.
package apidoc

import (
	"slices"

	"github.com/esgen/esgen/internal/contract"
)

// File is a document that can be written.
type File struct {
	Path    string            // below the directory of the output
	Service *contract.Service // whose it is; nil: the gateway's
	make    func() any
	write   func(doc any) (string, error)
}

// Text is the document. It is made when it is asked for: that takes longer than
// all else, and documents can be made side by side.
func (f File) Text() (string, error) { return f.write(f.make()) }

// Files are the documents of all services, and that of the gateway.
func Files(sys *contract.System, x *Examples) []File {
	var files []File
	public := false
	for _, s := range sys.Services {
		yaml := func(path string, doc func() any) { files = append(files, File{path, s, doc, asYAML}) }
		api := "services/" + s.Name.Kebab + "/api/"
		if s.Public() {
			public = true
			yaml(api+publicFile, func() any { return Public(s, x) })
		}
		if slices.ContainsFunc(s.Operations, (*contract.Operation).Asked) {
			yaml(api+"internal.openapi.yaml", func() any { return Internal(s, x) })
		}
		if speaks(s) {
			yaml(api+"asyncapi.yaml", func() any { return Events(s) })
		}
		for _, m := range slices.Concat(s.Messages, s.Private) {
			for _, v := range versionsOf(m) {
				files = append(files, File{api + v.schemaFile(), s, func() any { return eventSchema(v, x) }, asJSON})
			}
		}
		files = append(files, sagaFiles(s, x)...)
	}
	if public || len(sys.Model.Compositions) > 0 {
		files = append(files, File{"gateway/api/openapi.yaml", nil, func() any { return Gateway(sys, x) }, asYAML})
	}
	return files
}

// speaks reports whether a service sends messages, or hears of any.
func speaks(s *contract.Service) bool {
	return len(s.Messages)+len(s.Private)+len(s.Orders)+len(s.Sagas) > 0 || slices.ContainsFunc(s.Needs, func(n *contract.Need) bool { return n.Message != nil })
}
