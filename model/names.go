package model

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// nfc is a name as it is kept and compared: in Unicode's composed form.
func nfc(s string) string { return norm.NFC.String(s) }

// isName reports whether a text is an identifier of any script: letters,
// digits, marks and underscores, no digit or mark first.
func isName(s string) bool {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (unicode.IsDigit(r) || unicode.IsMark(r)) {
			continue
		}
		return false
	}
	return s != ""
}

// isIdentifier reports whether a text is an ASCII identifier.
func isIdentifier(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return isName(s)
}

// isSystemName reports whether a text is fit to prefix topics and images.
func isSystemName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || i > 0 && (c == '-' || c >= '0' && c <= '9') {
			continue
		}
		return false
	}
	return s != "" && !strings.HasSuffix(s, "-") // as Kubernetes has it
}

// checkName reports a name that expressions and references could not use.
func (d decoder) checkName(n *source.Node) bool {
	if n.Kind != source.Scalar || n.IsEmpty() {
		d.wrongKind(n, "a name")
		return false
	}
	return d.checkText(n.Value, n.Pos)
}

func (d decoder) checkText(s string, pos source.Pos) bool {
	if isName(nfc(s)) {
		return true
	}
	d.diags.Errorf(rule.BadName, pos, "%q is no name", s).With(nameFix(s))
	return false
}

// nameFix says how a name could be written.
func nameFix(s string) diag.Option {
	if fixed := fittingName(s); fixed != "" {
		return diag.Fix("letters, digits and underscores of any script will do, a letter first: %s", fixed)
	}
	return diag.Fix("letters, digits and underscores of any script will do, a letter first")
}

// fittingName is the name a text could be; "" when it is too far from one.
func fittingName(s string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(s) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '_':
			b.WriteRune(r)
		case unicode.IsSpace(r), r == '-':
			b.WriteByte('_')
		}
	}
	if fixed := b.String(); isName(fixed) {
		return fixed
	}
	return ""
}

// checkLabel reports a name of something no expression names (a flow, a
// requirement) that is blank or not on one line.
func checkLabel(d decoder, n *source.Node) {
	if !isOneLine(n.Value) {
		d.diags.Errorf(rule.BadName, n.Pos, "%q is no name", n.Value).With(diag.Fix("write some words on one line"))
	}
}

// celKeywords cannot be written after a dot in an expression.
var celKeywords = map[string]bool{"true": true, "false": true, "null": true, "in": true}

// scopeNames are what expressions call the things in scope, and CEL's own
// reserved words: a variable of the model must not take them.
var scopeNames = func() map[string]bool {
	names := map[string]bool{}
	for n := range strings.FieldsSeq("state input id now actor event meta row reply saga isNew value window old " +
		"as break const continue else for function if import let loop package namespace return var void while") {
		names[n] = true
	}
	for n := range celKeywords {
		names[n] = true
	}
	return names
}()

// checkFieldName judges the name of a field.
func checkFieldName(d decoder, n *source.Node) {
	if d.checkName(n) && celKeywords[n.Value] {
		d.diags.Errorf(rule.ReservedName, n.Pos, "%s means something in expressions and cannot name a field", n.Value)
	}
}

// checkVariable judges a name that expressions use as it stands.
func checkVariable(d decoder, n *source.Node) {
	if d.checkName(n) {
		d.checkReserved(n.Value, n.Pos)
	}
}

func (d decoder) checkReserved(s string, pos source.Pos) {
	if scopeNames[s] {
		d.diags.Errorf(rule.ReservedName, pos, "%s means something in expressions and cannot name a variable", s)
	}
}

// lowerCamel begins a name with a small letter: Order is order, SKUNumber is
// skuNumber.
func lowerCamel(s string) string {
	rs := []rune(s)
	for i := range rs {
		if !unicode.IsUpper(rs[i]) || i > 0 && i+1 < len(rs) && unicode.IsLower(rs[i+1]) {
			break
		}
		rs[i] = unicode.ToLower(rs[i])
	}
	return string(rs)
}

// kebab writes a name in small letters with hyphens: PlaceOrder is place-order.
func kebab(s string) string {
	rs := []rune(s)
	var b strings.Builder
	for i, r := range rs {
		starts := unicode.IsUpper(r) && i > 0 && rs[i-1] != '_' &&
			(!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1]))
		if starts {
			b.WriteByte('-')
		}
		if r == '_' {
			r = '-'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// identifierOf is what stands for a node in names derived from it.
func (n *Node) identifierOf() string {
	if n.Code != "" {
		return n.Code
	}
	return n.Name
}

// firstIdentifier is identifierOf of when the node was given its first name.
func (n *Node) firstIdentifier() string {
	if len(n.Was) > 0 {
		return n.Was[0].Value
	}
	return n.identifierOf()
}
