package randmodel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/util/validation"
	"mvdan.cc/sh/v3/syntax"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/protofile"
	"github.com/esgen/esgen/templates/chassis/pact"
)

// documents decodes all documents of a YAML file.
func documents(data []byte) ([]any, error) {
	var out []any
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc any
		switch err := d.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, err
		}
		out = append(out, doc)
	}
}

func (v *verdict) readYAML(f artifact.File) {
	docs, err := documents(f.Data)
	if err != nil {
		v.fail("yaml", "%s: %v", f.Path, err)
		return
	}
	if strings.HasSuffix(f.Path, "openapi.yaml") {
		doc, err := openapi3.NewLoader().LoadFromData(f.Data)
		if err == nil {
			err = doc.Validate(context.Background())
		}
		if err != nil {
			v.fail("openapi: "+wordsOf(firstLine(err.Error())), "%s: %v", f.Path, err)
		}
		v.examples(f.Path, docs[0])
	}
	for _, doc := range docs {
		v.scripts(f.Path, doc)
	}
}

// expression is one of GitHub's, inside of a script.
var expression = regexp.MustCompile(`\$\{\{.*?\}\}`)

// scripts reads the steps of pipelines.
func (v *verdict) scripts(at string, node any) {
	switch node := node.(type) {
	case map[string]any:
		for k, x := range node {
			if script, ok := x.(string); ok && k == "run" {
				v.readShell(at, expression.ReplaceAllString(script, "x"))
			}
			v.scripts(at, x)
		}
	case []any:
		for _, x := range node {
			v.scripts(at, x)
		}
	}
}

// examples holds the examples of an OpenAPI document against their schemas.
func (v *verdict) examples(at string, tree any) {
	data, err := json.Marshal(tree)
	if err != nil {
		v.fail("openapi is no JSON", "%s: %v", at, err)
		return
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		v.fail("openapi is no JSON", "%s: %v", at, err)
		return
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file:///openapi.json", doc); err != nil {
		v.fail("openapi", "%s: %v", at, err)
		return
	}
	v.examplesBelow(at, c, doc, "")
}

func (v *verdict) examplesBelow(file string, c *jsonschema.Compiler, node any, at string) {
	switch node := node.(type) {
	case []any:
		for i, x := range node {
			v.examplesBelow(file, c, x, fmt.Sprintf("%s/%d", at, i))
		}
	case map[string]any:
		examples, _ := node["examples"].(map[string]any)
		if _, ok := node["schema"]; ok && examples != nil {
			schema, err := c.Compile("file:///openapi.json#" + at + "/schema")
			if err != nil {
				v.fail("schema in openapi: "+wordsOf(firstLine(err.Error())), "%s: %v", file, err)
				return
			}
			for _, x := range examples {
				if err := schema.Validate(x.(map[string]any)["value"]); err != nil {
					v.fail("example in openapi: "+lastWords(err), "%s%s: %v", file, at, err)
				}
			}
		}
		for name, x := range node {
			v.examplesBelow(file, c, x, at+"/"+pointer.Replace(name))
		}
	}
}

// pointer escapes a name for a JSON pointer in a URL.
var pointer = strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "{", "%7B", "}", "%7D", " ", "%20", "^", "%5E", `"`, "%22")

func lastWords(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	last := lines[len(lines)-1]
	if i := strings.LastIndex(last, "': "); i >= 0 {
		last = last[i+3:]
	}
	return wordsOf(last)
}

func (v *verdict) readJSON(f artifact.File) {
	if err := keysOnce(json.NewDecoder(bytes.NewReader(f.Data))); err != nil {
		v.fail("json", "%s: %v", f.Path, err)
		return
	}
	switch {
	case strings.Contains(f.Path, "/schemas/"):
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(f.Data))
		if err != nil {
			v.fail("json", "%s: %v", f.Path, err)
			return
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		at := "file:///schema.json"
		if err := c.AddResource(at, doc); err != nil {
			v.fail("json schema", "%s: %v", f.Path, err)
			return
		}
		schema, err := c.Compile(at)
		if err != nil {
			v.fail("json schema: "+wordsOf(firstLine(err.Error())), "%s: %v", f.Path, err)
			return
		}
		examples, _ := doc.(map[string]any)["examples"].([]any)
		for _, x := range examples {
			if err := schema.Validate(x); err != nil {
				v.fail("example of a json schema: "+lastWords(err), "%s: %v", f.Path, err)
			}
		}
	case strings.Contains(f.Path, "/pacts/"):
		if _, err := pact.Read(f.Data); err != nil {
			v.fail("pact: "+wordsOf(err.Error()), "%s: %v", f.Path, err)
		}
	}
}

// keysOnce reads a JSON text in which no object has a key twice.
func keysOnce(d *json.Decoder) error {
	type level struct {
		object bool
		key    bool // the next text is one
		keys   map[string]bool
	}
	var stack []level
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		top := func() *level { return &stack[len(stack)-1] }
		if text, ok := t.(string); ok && len(stack) > 0 && top().object && top().key {
			if top().keys[text] {
				return fmt.Errorf("key %q twice", text)
			}
			top().keys[text], top().key = true, false
			continue
		}
		switch t {
		case json.Delim('{'):
			stack = append(stack, level{true, true, map[string]bool{}})
			continue
		case json.Delim('['):
			stack = append(stack, level{})
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
		}
		if len(stack) > 0 {
			top().key = true
		}
	}
}

func (v *verdict) readProto(f artifact.File) {
	if _, err := protofile.Parse(f.Path, f.Data); err != nil {
		v.fail("proto", "%v", err)
	}
}

func (v *verdict) readMarkdown(f artifact.File) {
	if err := goldmark.Convert(f.Data, io.Discard); err != nil {
		v.fail("markdown", "%s: %v", f.Path, err)
	}
}

func (v *verdict) readShell(at, script string) {
	if _, err := syntax.NewParser().Parse(strings.NewReader(script), at); err != nil {
		v.fail("shell", "%s: %v", at, err)
	}
}

// Lines of a Makefile: a variable, or a target with what it needs.
var makeLine = regexp.MustCompile(`^(\.PHONY:.*|[A-Z_]+ [:?]?= .*|[a-z][a-z-]*:[ a-z-]*|#.*|)$`)

func (v *verdict) readMakefile(f artifact.File) {
	for i, line := range strings.Split(string(f.Data), "\n") {
		if recipe, ok := strings.CutPrefix(line, "\t"); ok {
			v.readShell(f.Path, strings.NewReplacer("$$", "$", "$(", "x ", "${", "x ").Replace(strings.ReplaceAll(recipe, ")", " ")))
		} else if !makeLine.MatchString(line) {
			v.fail("make", "%s:%d: %s", f.Path, i+1, line)
		}
	}
}

var instruction = regexp.MustCompile(`^(FROM|ARG|ENV|WORKDIR|COPY|RUN|LABEL|USER|EXPOSE|ENTRYPOINT) \S`)

func (v *verdict) readDockerfile(f artifact.File) {
	text := strings.ReplaceAll(string(f.Data), "\\\n", " ")
	for i, line := range strings.Split(text, "\n") {
		if line != "" && line[0] != '#' && !instruction.MatchString(line) {
			v.fail("dockerfile", "%s:%d: %s", f.Path, i+1, line)
		}
	}
}

// objects reads what clusters are given: names that are valid and there once,
// labels, and resources that are files.
func (v *verdict) objects(files map[string][]byte) {
	seen, listed := map[string]string{}, map[string]bool{}
	for _, at := range sortedKeys(files) {
		if path.Base(at) == "kustomization.yaml" {
			docs, err := documents(files[at])
			if err != nil || len(docs) == 0 {
				continue // it was said
			}
			v.kustomization(at, docs[0].(map[string]any), files, listed)
		}
	}
	for _, at := range sortedKeys(listed) {
		docs, err := documents(files[at])
		if err != nil || !listed[at] {
			continue
		}
		for _, doc := range docs {
			o, _ := doc.(map[string]any)
			v.object(at, o, seen)
		}
	}
}

func (v *verdict) kustomization(at string, o map[string]any, files map[string][]byte, listed map[string]bool) {
	for _, key := range []string{"resources", "components"} {
		all, _ := o[key].([]any)
		for _, x := range all {
			target := path.Join(path.Dir(at), fmt.Sprint(x))
			if files[target] == nil && files[target+"/kustomization.yaml"] == nil {
				v.fail("kustomization", "%s: there is no %v", at, x)
			}
			listed[target] = files[target] != nil
		}
	}
	generators, _ := o["configMapGenerator"].([]any)
	for _, g := range generators {
		all, _ := g.(map[string]any)["files"].([]any)
		for _, x := range all {
			_, file, named := strings.Cut(fmt.Sprint(x), "=")
			if !named {
				file = fmt.Sprint(x)
			}
			if files[path.Join(path.Dir(at), file)] == nil {
				v.fail("kustomization", "%s: there is no %s", at, file)
			}
		}
	}
}

func (v *verdict) object(at string, o map[string]any, seen map[string]string) {
	kind, _ := o["kind"].(string)
	meta, _ := o["metadata"].(map[string]any)
	name, _ := meta["name"].(string)
	if kind == "" || name == "" {
		v.fail("kubernetes: no name", "%s: %v", at, o)
		return
	}
	valid := validation.IsDNS1123Subdomain
	if kind == "Service" || kind == "Namespace" {
		valid = validation.IsDNS1035Label
	}
	for _, fault := range valid(name) {
		v.fail("kubernetes: name of "+kind, "%s: %s: %s", at, name, fault)
	}
	id := fmt.Sprint(kind, " ", meta["namespace"], " ", name)
	if strings.Contains(at, "/overlays/") {
		id += " of " + path.Dir(at)
	}
	if seen[id] != "" {
		v.fail("kubernetes: twice", "%s is in %s and %s", id, seen[id], at)
	}
	seen[id] = at
	v.labels(at, o)
}

// labels looks for all maps of labels, in templates and selectors as well.
func (v *verdict) labels(at string, node any) {
	switch node := node.(type) {
	case []any:
		for _, x := range node {
			v.labels(at, x)
		}
	case map[string]any:
		for k, x := range node {
			if all, ok := x.(map[string]any); ok && (k == "labels" || k == "matchLabels") {
				for name, value := range all {
					for _, fault := range append(validation.IsQualifiedName(name), validation.IsValidLabelValue(fmt.Sprint(value))...) {
						v.fail("kubernetes: label", "%s: %s: %v: %s", at, name, value, fault)
					}
				}
			}
			v.labels(at, x)
		}
	}
}
