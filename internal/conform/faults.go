package conform

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Fault is something wrong with a document.
type Fault struct {
	Kind string // what is not as it should be
	Path string
	Err  error
}

func (f Fault) String() string { return fmt.Sprintf("%s: %s: %v", f.Path, f.Kind, f.Err) }

// Whole is where a file is what a client of the gateway gets, which refers to no
// other.
const Whole = "whole/api/openapi.yaml"

// Faults are what is wrong with the documents among the files of a generated
// system, by path: they are read by a third party, their references lead
// somewhere, their examples are what their schemas say.
func Faults(files map[string][]byte) []Fault {
	f := &faultFinder{files: map[string][]byte{}, trees: map[string]any{}, compiler: jsonschema.NewCompiler()}
	f.compiler.AssertFormat()
	for at, data := range files {
		if isDocument(at) {
			f.files[at] = data
		}
	}
	all := slices.Sorted(maps.Keys(f.files))
	for _, at := range all {
		tree, err := parse(f.files[at])
		if err == nil {
			err = f.compiler.AddResource(onDisk+at, tree)
		}
		if err != nil {
			f.found("not to be read", at, err)
			continue
		}
		f.trees[at] = tree
	}
	for _, at := range all {
		if strings.HasSuffix(at, "openapi.yaml") {
			f.openAPI(at)
		}
		if tree := f.trees[at]; tree != nil {
			f.visit(at, onDisk+at+"#", tree)
		}
	}
	return f.list
}

// isDocument reports whether a file is a document that others read.
func isDocument(at string) bool {
	dir := path.Base(path.Dir(at))
	return dir == "api" && path.Ext(at) == ".yaml" || dir == "schemas" && path.Ext(at) == ".json"
}

// onDisk is where the files are taken to lie.
const onDisk = "file:///"

type faultFinder struct {
	files    map[string][]byte
	trees    map[string]any
	compiler *jsonschema.Compiler
	list     []Fault
}

func (f *faultFinder) found(kind, at string, err error) {
	f.list = append(f.list, Fault{kind, at, err})
}

// openAPI has a third party read a document, with what it refers to; the whole
// refers to nothing.
func (f *faultFinder) openAPI(at string) {
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = at != Whole
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
		data, ok := f.files[strings.TrimPrefix(u.Path, "/")]
		if !ok {
			return nil, fmt.Errorf("there is no %s", u.Path)
		}
		return data, nil
	}
	doc, err := loader.LoadFromDataWithPath(f.files[at], &url.URL{Path: "/" + at})
	if err == nil {
		err = doc.Validate(context.Background())
	}
	if err != nil {
		f.found("no OpenAPI", at, err)
	}
}

// visit looks at references and examples: those of bodies and parameters, and
// those of schemas.
func (f *faultFinder) visit(at, place string, node any) {
	switch node := node.(type) {
	case []any:
		for i, x := range node {
			f.visit(at, fmt.Sprint(place, "/", i), x)
		}
	case map[string]any:
		if ref, ok := node["$ref"].(string); ok {
			if err := f.leads(at, ref); err != nil {
				f.found("a reference", at, err)
			}
		}
		if example, ok := node["example"]; ok && node["schema"] != nil {
			f.example(at, below(place, "schema"), example)
		}
		if examples, ok := node["examples"].([]any); ok {
			f.example(at, place, examples...)
		}
		for name, x := range node {
			if name != "example" && name != "examples" {
				f.visit(at, below(place, name), x)
			}
		}
	}
}

// leads reports where a reference does not lead to anything.
func (f *faultFinder) leads(at, ref string) error {
	file, fragment, _ := strings.Cut(ref, "#")
	to := at
	if file != "" {
		to = path.Join(path.Dir(at), file)
	}
	node := f.trees[to]
	if node == nil {
		return fmt.Errorf("%s: there is no %s", ref, to)
	}
	for _, name := range strings.Split(fragment, "/")[1:] {
		plain, err := url.PathUnescape(name)
		if err != nil {
			return err
		}
		object, _ := node.(map[string]any)
		if node = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(plain)]; node == nil {
			return fmt.Errorf("%s: there is no %s", ref, name)
		}
	}
	return nil
}

// example holds examples against their schema.
func (f *faultFinder) example(at, place string, examples ...any) {
	schema, err := f.compiler.Compile(place)
	if err != nil {
		f.found("a schema", at, err)
		return
	}
	for _, x := range examples {
		if err := schema.Validate(x); err != nil {
			f.found("an example", at, errors.Join(errors.New(place), err))
		}
	}
}
