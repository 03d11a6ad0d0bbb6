package render

import (
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/quote"
)

// language is what the file of a line is written in: by its path, or else by the
// name of the template.
func (l *line) language() language {
	for _, name := range []string{l.at.Value, l.name} {
		base := strings.TrimSuffix(path.Base(name), ".tmpl")
		if of, known := languages[base]; known {
			return of
		}
		if of, known := languages[path.Ext(base)]; known {
			return of
		}
	}
	return plain
}

// languages are what files are written in, by their names or the ends of these.
var languages = map[string]language{
	"Dockerfile": dockerfile, "Makefile": makefile,
	".go": goCode, ".proto": proto, ".yaml": yamlText, ".yml": yamlText, ".json": jsonText, ".md": markdown, ".sh": shell,
	".ts": script, ".tsx": script, ".js": script, ".jsx": script, ".mjs": script, ".cjs": script,
	".py": python, ".html": markup, ".xml": markup, ".svg": markup, ".sql": sql,
}

// strict are the languages whose templates print every string through a
// function, names too. What is printed in Go is Go, spelled by the plan, unless
// it is of type quote.Text; in YAML and Dockerfiles a name may be a part of a
// word, and names are made of letters, digits and hyphens there.
var strict = map[language]bool{jsonText: true, markdown: true, shell: true, makefile: true}

// judge finds what is wrong with the lines of packs that are not built in,
// before anything is printed: what the data does not have, also where no note of
// this model leads to it, and texts that are printed as they are. A pack that does
// that lets a note of the wall write code.
func (r *reader) judge() {
	for _, l := range r.pack.lines {
		if l.layer > 0 {
			r.judgeLine(l)
		}
	}
}

func (r *reader) judgeLine(l *line) {
	at := slices.IndexFunc(r.kinds, func(k plan.Kind) bool { return k.Name == l.each.Value })
	for _, part := range []*template.Template{l.path, l.condition, l.body} {
		if part == nil {
			continue
		}
		language := plain
		if part == l.body {
			language = l.language()
		}
		for _, f := range lint(part, language, r.kinds[at].Data) {
			d := r.diags.Errorf(templateRule, r.pack.placeOf(l, part, f.tree.ParseName, int(f.node.Position())), "%s: %s", f.node, f.message)
			if f.meant != "" {
				d.With(diag.Fix("did you mean .%s?", f.meant))
			}
		}
	}
}

// lint walks a template that is given data of a type.
func lint(body *template.Template, of language, data reflect.Type) []finding {
	l := linter{body: body, language: of, seen: map[visit]bool{}}
	l.template(body.Tree, data)
	return l.found
}

// finding is what is wrong with a node of a template.
type finding struct {
	tree    *parse.Tree
	node    parse.Node
	message string
	meant   string // name that was likely meant
}

// linter walks the tree of a template, and knows the type of all it meets.
type linter struct {
	body     *template.Template
	language language
	tree     *parse.Tree
	seen     map[visit]bool // definitions, with what they were given
	found    []finding
}

type visit struct {
	name string
	data reflect.Type
}

// scope is what a place of a template sees: the dot and the variables.
type scope struct {
	dot       reflect.Type
	variables map[string]reflect.Type
}

func (s scope) with(name string, t reflect.Type) scope {
	variables := map[string]reflect.Type{name: t}
	for k, v := range s.variables {
		if k != name {
			variables[k] = v
		}
	}
	return scope{s.dot, variables}
}

var (
	textType     = reflect.TypeFor[quote.Text]()
	markdownType = reflect.TypeFor[quote.Markdown]()
	stringType   = reflect.TypeFor[string]()
	boolType     = reflect.TypeFor[bool]()
	intType      = reflect.TypeFor[int]()
	// quotedType stands for what a function of package quote made.
	quotedType = reflect.TypeFor[quotedText]()
)

type quotedText string

func (l *linter) template(tree *parse.Tree, data reflect.Type) {
	if l.seen[visit{tree.Name, data}] {
		return
	}
	l.seen[visit{tree.Name, data}] = true
	outer := l.tree
	l.tree = tree
	l.list(tree.Root, scope{data, map[string]reflect.Type{"$": data}})
	l.tree = outer
}

func (l *linter) report(n parse.Node, format string, args ...any) {
	l.found = append(l.found, finding{tree: l.tree, node: n, message: fmt.Sprintf(format, args...)})
}

// list walks nodes in their order; a variable is seen by those behind it.
func (l *linter) list(list *parse.ListNode, s scope) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			before := len(l.found)
			t := l.pipe(n.Pipe, s)
			switch {
			case len(n.Pipe.Decl) > 0:
				s = s.with(n.Pipe.Decl[0].Ident[0], t)
			case len(l.found) == before: // else it is not known what is printed
				l.printed(n, t)
			}
		case *parse.IfNode:
			l.list(n.List, l.branch(n.Pipe, s))
			l.list(n.ElseList, s)
		case *parse.WithNode:
			inner := l.branch(n.Pipe, s)
			inner.dot = l.pipe(n.Pipe, s)
			l.list(n.List, inner)
			l.list(n.ElseList, s)
		case *parse.RangeNode:
			l.list(n.List, l.ranged(n.Pipe, s))
			l.list(n.ElseList, s)
		case *parse.TemplateNode:
			l.called(n, s)
		}
	}
}

func (l *linter) branch(p *parse.PipeNode, s scope) scope {
	t := l.pipe(p, s)
	for _, d := range p.Decl {
		s = s.with(d.Ident[0], t)
	}
	return s
}

func (l *linter) ranged(p *parse.PipeNode, s scope) scope {
	of := l.pipe(p, s)
	key, elem := intType, intType
	switch {
	case of == nil:
		elem = nil
	case of.Kind() == reflect.Slice || of.Kind() == reflect.Array:
		elem = of.Elem()
	case of.Kind() == reflect.Map:
		key, elem = of.Key(), of.Elem()
	case of.Kind() == reflect.Func && of.NumIn() == 1 && of.In(0).Kind() == reflect.Func && of.In(0).NumIn() > 0:
		elem = of.In(0).In(of.In(0).NumIn() - 1)
	}
	switch len(p.Decl) {
	case 1:
		s = s.with(p.Decl[0].Ident[0], elem)
	case 2:
		s = s.with(p.Decl[0].Ident[0], key).with(p.Decl[1].Ident[0], elem)
	}
	s.dot = elem
	return s
}

func (l *linter) called(n *parse.TemplateNode, s scope) {
	of := l.body.Lookup(n.Name)
	if of == nil {
		l.report(n, "there is no template %q", n.Name)
		return
	}
	var data reflect.Type
	if n.Pipe != nil {
		data = l.pipe(n.Pipe, s)
	}
	l.template(of.Tree, data)
}

// printed judges what an action prints.
func (l *linter) printed(n parse.Node, t reflect.Type) {
	switch {
	case t == nil:
		l.report(n, "nobody knows the type of what is printed here")
	case t == quotedType, t == markdownType && l.language == markdown:
	case t == textType, t == markdownType:
		l.report(n, "a text is printed past the functions that quote it in %s", l.language)
	case t.Kind() == reflect.String && strict[l.language]:
		l.report(n, "a %s is printed past the functions that quote it in %s", t, l.language)
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Map, t.Kind() == reflect.Struct, t.Kind() == reflect.Pointer, t.Kind() == reflect.Interface:
		l.report(n, "a %s is printed as Go prints it", t)
	}
}

// pipe is the type of a pipeline.
func (l *linter) pipe(p *parse.PipeNode, s scope) reflect.Type {
	var t reflect.Type
	for i, c := range p.Cmds {
		var piped []reflect.Type
		if i > 0 {
			piped = []reflect.Type{t}
		}
		t = l.command(c, s, piped)
	}
	return t
}

func (l *linter) command(c *parse.CommandNode, s scope, piped []reflect.Type) reflect.Type {
	first := c.Args[0]
	if id, ok := first.(*parse.IdentifierNode); ok {
		var args []reflect.Type
		for _, a := range c.Args[1:] {
			args = append(args, l.value(a, s))
		}
		return l.function(c, id.Ident, append(args, piped...))
	}
	for _, a := range c.Args[1:] {
		l.value(a, s)
	}
	return l.value(first, s)
}

// function is the type of what a function gives.
func (l *linter) function(at parse.Node, name string, args []reflect.Type) reflect.Type {
	if q, ok := quoting[name]; ok {
		l.quotes(at, name, q, args)
		return quotedType
	}
	switch name {
	case "cell":
		return markdownType
	case "indent":
		return args[len(args)-1]
	case "not", "eq", "ne", "lt", "le", "gt", "ge":
		return boolType
	case "and", "or":
		return args[len(args)-1]
	case "len":
		return intType
	case "slice":
		return args[0]
	case "index":
		if args[0] != nil && (args[0].Kind() == reflect.Slice || args[0].Kind() == reflect.Map) {
			return args[0].Elem()
		}
		return nil
	case "join", "print", "printf":
		for _, a := range args {
			if a == nil || a == textType || a == markdownType {
				return a // put together with a text, it is one
			}
		}
		return stringType
	}
	l.report(at, "%s is no function that is known here", name)
	return nil
}

// quotes judges what is given to a function that quotes.
func (l *linter) quotes(at parse.Node, name string, q quoter, args []reflect.Type) {
	switch {
	case l.language != plain && !slices.Contains(q.languages, l.language):
		l.report(at, "%s does not quote for %s", name, l.language)
	case len(args) != 1:
		l.report(at, "%s takes one text", name)
	case args[0] != nil && args[0].Kind() != reflect.String:
		l.report(at, "%s takes a text, not a %s", name, args[0])
	}
}

// value is the type of an operand.
func (l *linter) value(n parse.Node, s scope) reflect.Type {
	switch n := n.(type) {
	case *parse.DotNode:
		return s.dot
	case *parse.FieldNode:
		return l.fields(n, s.dot, n.Ident)
	case *parse.VariableNode:
		return l.fields(n, s.variables[n.Ident[0]], n.Ident[1:])
	case *parse.ChainNode:
		return l.fields(n, l.value(n.Node, s), n.Field)
	case *parse.PipeNode:
		return l.pipe(n, s)
	case *parse.StringNode:
		return quotedType // the template's own words
	case *parse.NumberNode:
		return intType
	case *parse.BoolNode:
		return boolType
	case *parse.IdentifierNode:
		return l.function(n, n.Ident, nil)
	}
	return nil
}

// fields follows names from a type.
func (l *linter) fields(at parse.Node, t reflect.Type, names []string) reflect.Type {
	for _, name := range names {
		if t == nil {
			return nil
		}
		of := t
		if t = member(of, name); t == nil {
			l.report(at, "%s has no %s", of, name)
			l.found[len(l.found)-1].meant = diag.Nearest(name, members(of))
		}
	}
	return t
}

// members are the names that a template can ask a value of a type for.
func members(t reflect.Type) []string {
	var out []string
	for _, of := range []reflect.Type{t, reflect.PointerTo(t)} {
		for i := range of.NumMethod() {
			out = append(out, of.Method(i).Name)
		}
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(t) {
			if f.IsExported() {
				out = append(out, f.Name)
			}
		}
	}
	return out
}

// member is the type of a field, or of what a method gives.
func member(t reflect.Type, name string) reflect.Type {
	for _, of := range []reflect.Type{t, reflect.PointerTo(t)} {
		if m, ok := of.MethodByName(name); ok && m.Type.NumOut() > 0 {
			return m.Type.Out(0)
		}
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		if f, ok := t.FieldByName(name); ok {
			return f.Type
		}
	case reflect.Map:
		return t.Elem()
	}
	return nil
}
