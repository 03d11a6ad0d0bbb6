package randmodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/util/validation"
	"mvdan.cc/sh/v3/syntax"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/conform"
	"github.com/esgen/esgen/internal/protofile"
	"github.com/esgen/esgen/templates/chassis/openapi"
	"github.com/esgen/esgen/templates/testkit/pact"
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

// offers reads what services say of themselves, and what the gateway makes of it.
func (v *verdict) offers(all map[string][]byte) {
	if list := all["gateway/api/openapi.yaml"]; list != nil {
		services := map[string][]byte{}
		for at, data := range all {
			if dir, ok := strings.CutSuffix(at, "/api/openapi.yaml"); ok && path.Dir(dir) == "services" {
				services[path.Base(dir)] = data
			}
		}
		whole, err := openapi.Compose(list, services)
		if err == nil {
			all[conform.Whole], err = whole.YAML()
		}
		if err != nil {
			v.fail("compose", "%v", err)
		}
	}
	for _, f := range conform.Faults(all) {
		v.fail(f.Kind+": "+lastWords(f.Err), "%s", f)
	}
}

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
	if strings.Contains(f.Path, "/pacts/") {
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
var makeLine = regexp.MustCompile(`^(\.PHONY:.*|[A-Z_]+ [:?]?= .*|[a-z][a-z0-9-]*:[ a-z-]*|#.*|)$`)

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
