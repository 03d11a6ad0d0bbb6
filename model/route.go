package model

import (
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

var httpMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

// route reads an HTTP method and a path: POST /orders/{orderId}/cancel.
var route = scalar("a method and a path", RouteShape, func(d decoder, v *Route, n *source.Node) bool {
	method, path, ok := strings.Cut(n.Value, " ")
	if !ok {
		d.badValue(n.Pos, "%s must be a method and a path, not %q", d.place(), n.Value).
			With(diag.Fix("write it like \"POST /orders/{orderId}/cancel\""))
		return false
	}
	if !isMethod(method) {
		d.badValue(n.Pos, "%q is no HTTP method", method).With(near(strings.ToUpper(method), httpMethods))
		return false
	}
	if at, what := faultOfPath(path); what != "" {
		d.badValue(n.PosAt(len(method)+1+at), "the path of %s %s", d.place(), what)
		return false
	}
	*v = Route{Method: method, Path: nfc(path), Pos: n.Pos, node: n}
	return true
})

func isMethod(s string) bool {
	for _, m := range httpMethods {
		if m == s {
			return true
		}
	}
	return false
}

// faultOfPath tells what is wrong with a path pattern, and at which byte.
func faultOfPath(path string) (at int, what string) {
	if path == "/" {
		return 0, ""
	}
	if !strings.HasPrefix(path, "/") {
		return 0, "must begin with a slash"
	}
	seen := map[string]bool{}
	for at = 1; at <= len(path); {
		segment, _, _ := strings.Cut(path[at:], "/")
		if off, what := faultOfSegment(segment, seen); what != "" {
			return at + off, what
		}
		at += len(segment) + 1
	}
	return 0, ""
}

// faultOfSegment judges what stands between two slashes: a word or {name}.
func faultOfSegment(s string, seen map[string]bool) (at int, what string) {
	if strings.HasPrefix(s, "{") {
		name, ok := strings.CutSuffix(s[1:], "}")
		switch {
		case !ok:
			return 0, "has a brace that is never closed, or more than a name between two slashes"
		case !isName(nfc(name)):
			return 1, "has a field between its braces that is no name"
		case seen[nfc(name)]:
			return 1, "names one field twice"
		}
		seen[nfc(name)] = true
		return 0, ""
	}
	if s == "" {
		return 0, "has nothing between two slashes"
	}
	for i := range len(s) {
		if !isPathByte(s[i]) {
			return i, "may hold letters, digits and -._~ only, or {field}"
		}
	}
	if s == "." || s == ".." {
		return 0, "may not step through directories"
	}
	return 0, ""
}

func isPathByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// useParams notes the fields that the parameters of a path name.
func (l *loader) useParams(r *Route, fields []*Field) {
	if r.node == nil {
		return
	}
	at := 0
	for _, name := range r.Params() {
		at += strings.IndexByte(r.node.Value[at:], '{') + 1
		l.useField(r.node.PosAt(at), name, fieldNamed(fields, nfc(name)))
	}
}

// Params are the names between the braces of a path, in order.
func (r *Route) Params() []string {
	var names []string
	for segment := range strings.SplitSeq(r.Path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}
