package expr

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/parser"

	"github.com/esgen/esgen/internal/rule"
)

// maxDepth bounds how deep an expression may be nested: more than any person
// writes, less than would hurt.
const maxDepth = 100

// parsed is an expression's syntax tree with the way back to its text.
type parsed struct {
	*scanned
	root ast.Expr
	info *ast.SourceInfo
}

// newParser makes CEL's parser. No macro is expanded: the checker sees calls
// as they were written.
func newParser() *parser.Parser {
	p, err := parser.NewParser(
		parser.EnablePrattParser(true),
		parser.EnableVariadicOperatorASTs(true),
		parser.EnableIdentEscapeSyntax(false),
		parser.MaxRecursionDepth(maxDepth),
		parser.ErrorRecoveryLimit(1),
		parser.ExpressionSizeCodePointLimit(maxText),
	)
	if err != nil {
		panic(err) // the options are constants
	}
	return p
}

// parse reads the text of an expression.
func parse(p *parser.Parser, text string) (*parsed, *problem) {
	s, bad := scan(text)
	if bad != nil {
		return nil, bad
	}
	if len(s.tokens) == 0 {
		return nil, &problem{rule: rule.ExprSyntax, message: "the expression is empty"}
	}
	src := common.NewTextSource(s.ascii)
	tree, errs := p.Parse(src)
	if list := errs.GetErrors(); len(list) > 0 {
		return nil, s.explain(src, list[0])
	}
	return &parsed{s, tree.Expr(), tree.SourceInfo()}, nil
}

// mark is the byte offset of what stands for a node: its operator, its field or
// function name, its first character.
func (p *parsed) mark(x ast.Expr) int {
	at := p.own(x.ID())
	switch x.Kind() {
	case ast.SelectKind:
		return p.after(at)
	case ast.StructKind:
		return p.before(at)
	case ast.CallKind:
		if isName(x.AsCall().FunctionName()) {
			return p.before(at)
		}
	}
	return at
}

// start is the byte offset of the leftmost character of a node.
func (p *parsed) start(x ast.Expr) int {
	switch x.Kind() {
	case ast.SelectKind:
		return p.start(x.AsSelect().Operand())
	case ast.CallKind:
		c := x.AsCall()
		switch {
		case c.IsMemberFunction():
			return p.start(c.Target())
		case !isName(c.FunctionName()) && len(c.Args()) > 1:
			return p.start(c.Args()[0])
		}
	}
	return p.mark(x)
}

// own is the byte offset CEL keeps for an id.
func (p *parsed) own(id int64) int {
	r, ok := p.info.GetOffsetRange(id)
	if !ok {
		return 0
	}
	return p.offset(int(r.Start))
}

// isName tells functions from operators, whose names no text can spell.
func isName(function string) bool {
	return !strings.ContainsAny(function, "!&|=<>+-*/%[?@")
}

// explain turns CEL's complaint about the syntax into words for the wall.
func (s *scanned) explain(src common.Source, e *common.Error) *problem {
	if strings.Contains(e.Message, "recursion limit") {
		return &problem{rule: rule.ExprSyntax, message: "the expression is nested too deeply; split it with let"}
	}
	at := len(s.text)
	if o, ok := src.LocationOffset(e.Location); ok {
		at = s.offset(int(o))
	}
	i, _ := slices.BinarySearchFunc(s.tokens, at, func(t token, at int) int { return t.start - at })
	var word, before string
	if i < len(s.tokens) {
		word = s.word(i)
	}
	if i > 0 && i <= len(s.tokens) {
		before = s.word(i - 1)
	}
	out := &problem{rule: rule.ExprSyntax, at: at}
	msg := strings.TrimPrefix(e.Message, "Syntax error: ")
	switch {
	case strings.HasPrefix(msg, "reserved identifier: "):
		out.message = fmt.Sprintf("%s is a reserved word and cannot be a name", word)
		out.fix = reservedFix[word]
	case strings.HasPrefix(msg, "unsupported syntax"):
		out.message, out.fix = "there is no ? behind a . or a [", "guard what may be absent: has(…) ? … : …"
	case msg == "invalid double literal":
		out.message = word + " is no decimal"
		if _, err := toDecimal(word); err != nil {
			out.message = err.Error()
		}
	case msg == "invalid int literal":
		out.message = word + " is too large for an int"
	case strings.Contains(msg, "unescape") || strings.Contains(msg, "code point"):
		out.message = "the text has a \\ that escapes nothing"
		out.fix = "double the \\, or write a pattern as r'…'"
	case word == "" && before != "":
		out.message = fmt.Sprintf("the expression ends too early, after %s", before)
		if msg := missing(msg); msg != "" {
			out.message = "the expression ends too early: " + msg
		}
	case msg == "expected identifier after '.'":
		out.message = "a name is missing after the ."
	case missing(msg) != "":
		out.message = fmt.Sprintf("%s before %s", missing(msg), word)
		out.fix = wordFix[word]
	default:
		out.message = "unexpected " + word
		if before != "" {
			out.message += " after " + before
		}
		out.fix = wordFix[word]
	}
	return out
}

// missing says which bracket or colon the parser waited for.
func missing(msg string) string {
	for _, m := range []struct{ sign, words string }{
		{"expected ':' in conditional", "a ? needs a : and what holds otherwise"},
		{"expecting ')'", "a ) is missing"},
		{"expected ')'", "a ) is missing"},
		{"expected ']'", "a ] is missing"},
		{"expected '}'", "a } is missing"},
		{"expected ':'", "a : is missing"},
	} {
		if strings.Contains(msg, m.sign) {
			return m.words
		}
	}
	return ""
}

// reservedFix helps with words other languages use and CEL keeps for itself.
var reservedFix = map[string]string{
	"if":   "write condition ? value : other",
	"else": "write condition ? value : other",
	"for":  "write list.map(x, …), list.exists(x, …) or list.all(x, …)",
	"null": "there is no null: test with has(…)",
}

// wordFix helps with words other languages use for operators.
var wordFix = map[string]string{
	"and": "write &&", "AND": "write &&", "or": "write ||", "OR": "write ||", "not": "write !", "NOT": "write !",
	"is": "write ==", "then": "write condition ? value : other", "else": "write condition ? value : other",
}
