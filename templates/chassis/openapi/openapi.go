// Package openapi makes one document of several: a list of paths that refers to
// what services say of themselves becomes a document that refers to nothing
// outside, which any tool reads.
package openapi

import (
	"fmt"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"
)

// besides is where a list has the answers that every operation gives besides its
// own.
const besides = "x-besides"

// Document is a document of OpenAPI.
type Document struct{ root *yaml.Node }

// Services are those whose documents a list refers to, in its order.
func Services(list []byte) ([]string, error) {
	d, err := read(list)
	if err != nil {
		return nil, err
	}
	var out []string
	seen := map[string]bool{}
	eachRef(d.root, func(ref *yaml.Node) {
		if service, _, ok := outside(ref.Value); ok && !seen[service] {
			seen[service] = true
			out = append(out, service)
		}
	})
	return out, nil
}

// Compose puts into a list what it refers to. What a service does not say, because
// another version of it runs, is left out.
func Compose(list []byte, services map[string][]byte) (*Document, error) {
	d, err := read(list)
	if err != nil {
		return nil, err
	}
	c := &composer{root: d.root, services: map[string]*yaml.Node{}, there: map[string]bool{}}
	for name, data := range services {
		s, err := read(data)
		if err != nil {
			return nil, fmt.Errorf("the document of %s: %w", name, err)
		}
		c.services[name] = s.root
	}
	c.paths()
	eachRef(d.root, c.bringIn)
	return d, nil
}

// read reads a document.
func read(data []byte) (*Document, error) {
	var file yaml.Node
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	if len(file.Content) != 1 || file.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("it is no object")
	}
	root := file.Content[0]
	if len(root.Content) > 0 {
		root.Content[0].HeadComment = "" // of the file
	}
	return &Document{root}, nil
}

// outside takes a reference to a document of a service apart:
// ../../services/front/api/openapi.yaml#/paths/~1orders.
func outside(ref string) (service string, pointer []string, ok bool) {
	file, fragment, _ := strings.Cut(ref, "#/")
	file, ok = strings.CutSuffix(file, "/api/openapi.yaml")
	if !ok {
		return "", nil, false
	}
	return file[strings.LastIndexByte(file, '/')+1:], pointerOf(fragment), true
}

// pointerOf are the names in a JSON pointer (RFC 6901) of a URL.
func pointerOf(fragment string) []string {
	parts := strings.Split(fragment, "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			p = plain
		}
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts
}

// composer puts a document together.
type composer struct {
	root     *yaml.Node
	services map[string]*yaml.Node
	there    map[string]bool // components that were brought in
}

// paths replaces the references of paths by what they refer to.
func (c *composer) paths() {
	also, paths := take(c.root, besides), member(c.root, "paths")
	if paths == nil {
		return
	}
	var known []*yaml.Node
	for i := 0; i+1 < len(paths.Content); i += 2 {
		name, item := paths.Content[i], paths.Content[i+1]
		if ref := member(item, "$ref"); ref != nil {
			service, pointer, _ := outside(ref.Value)
			if item = find(c.services[service], pointer); item == nil {
				continue
			}
			item = c.adopted(item, service)
		}
		for j := 1; j < len(item.Content); j += 2 {
			addMissing(member(item.Content[j], "responses"), also)
		}
		known = append(known, name, item)
	}
	paths.Content = known
}

// bringIn has a reference to a component of a service refer to this document,
// into which that is copied. What is not there is anything.
func (c *composer) bringIn(ref *yaml.Node) {
	service, pointer, ok := outside(ref.Value)
	if ok {
		ref.Value = c.component(service, pointer)
	}
}

// adopted is a copy of a part of a service's document that refers to this one.
func (c *composer) adopted(part *yaml.Node, service string) *yaml.Node {
	own := copied(part)
	eachRef(own, func(ref *yaml.Node) {
		if fragment, ok := strings.CutPrefix(ref.Value, "#/"); ok {
			ref.Value = c.component(service, pointerOf(fragment))
		}
	})
	return own
}

// component copies a component of a service, once, and is the reference to it.
func (c *composer) component(service string, pointer []string) string {
	kind, name := pointer[len(pointer)-2], service+"."+pointer[len(pointer)-1]
	ref := "#/components/" + kind + "/" + name
	if c.there[ref] {
		return ref
	}
	c.there[ref] = true // before what it refers to: it may contain itself
	part := find(c.services[service], pointer)
	if part == nil {
		part = object()
	}
	all := inside(inside(c.root, "components"), kind)
	at := len(all.Content)
	all.Content = append(all.Content, text(name), nil)
	all.Content[at+1] = c.adopted(part, service)
	return ref
}
