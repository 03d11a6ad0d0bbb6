// Package apidoc writes down what the services of a system offer, for those who
// have nothing but the documents: OpenAPI 3.1 for requests, AsyncAPI 3.0 for
// events, JSON Schema 2020-12 for what is in both. All is made of package
// contract, so that documents, contract tests and the search for breaking
// changes agree; examples are taken from the scenarios.
package apidoc

import "github.com/esgen/esgen/internal/contract"

// File is a document as it is written.
type File struct {
	Path string // below the directory of the output
	Text string
}

// Files are the documents of all services, and that of the gateway.
func Files(sys *contract.System, x *Examples) ([]File, error) {
	var w files
	for _, s := range sys.Services {
		api := "services/" + s.Name.Kebab + "/api/"
		w.yaml(api+"openapi.yaml", Public(s, x))
		w.yaml(api+"internal.openapi.yaml", Internal(s, x))
		w.yaml(api+"asyncapi.yaml", Events(s, x))
		for _, f := range schemaFiles(s, x) {
			w.json(api+"schemas/"+f.Name, f.Value)
		}
	}
	if all := Gateway(sys, x); !all.empty() {
		w.yaml("gateway/api/openapi.yaml", all)
		w.json("gateway/api/openapi.json", all) // which the gateway answers with, too
	}
	return w.list, w.err
}

// files collects documents until one cannot be written.
type files struct {
	list []File
	err  error
}

// yaml adds a document, if there is one.
func (w *files) yaml(path string, doc interface{ empty() bool }) {
	if !doc.empty() {
		w.add(path, doc, asYAML)
	}
}

func (d *OpenAPI) empty() bool  { return d == nil }
func (d *AsyncAPI) empty() bool { return d == nil }

func (w *files) json(path string, doc any) { w.add(path, doc, asJSON) }

func (w *files) add(path string, doc any, write func(any) (string, error)) {
	if w.err != nil {
		return
	}
	var text string
	text, w.err = write(doc)
	w.list = append(w.list, File{path, text})
}
