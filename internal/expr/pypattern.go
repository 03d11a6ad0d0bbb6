package expr

import (
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode"
)

// pyPattern is a pattern of RE2 as Python's re reads it. It is printed from its
// tree, with every class spelled out: the two mean different things by \d, \s, $ and
// letters in any case.
func pyPattern(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(err) // it was parsed when the model was read
	}
	var b strings.Builder
	writePattern(&b, re)
	return b.String()
}

func writePattern(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpNoMatch:
		b.WriteString("(?!)")
	case syntax.OpEmptyMatch:
		b.WriteString("(?:)")
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			writeLetter(b, r, re.Flags&syntax.FoldCase != 0)
		}
	case syntax.OpCharClass:
		writeClass(b, re.Rune)
	case syntax.OpAnyCharNotNL:
		b.WriteString(`[^\n]`)
	case syntax.OpAnyChar:
		b.WriteString(`[\s\S]`)
	case syntax.OpBeginLine:
		b.WriteString(`(?m:^)`)
	case syntax.OpEndLine:
		b.WriteString(`(?m:$)`)
	case syntax.OpBeginText:
		b.WriteString(`\A`)
	case syntax.OpEndText:
		b.WriteString(`\Z`)
	case syntax.OpWordBoundary:
		b.WriteString(`(?a:\b)`)
	case syntax.OpNoWordBoundary:
		b.WriteString(`(?a:\B)`)
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			writePattern(b, sub)
		}
	case syntax.OpAlternate:
		b.WriteString("(?:")
		for i, sub := range re.Sub {
			if i > 0 {
				b.WriteByte('|')
			}
			writePattern(b, sub)
		}
		b.WriteByte(')')
	default:
		writeRepeat(b, re)
	}
}

func writeRepeat(b *strings.Builder, re *syntax.Regexp) {
	b.WriteString("(?:")
	writePattern(b, re.Sub[0])
	b.WriteByte(')')
	switch re.Op {
	case syntax.OpStar:
		b.WriteByte('*')
	case syntax.OpPlus:
		b.WriteByte('+')
	case syntax.OpQuest:
		b.WriteByte('?')
	case syntax.OpRepeat:
		fmt.Fprintf(b, "{%d,", re.Min)
		if re.Max >= 0 {
			fmt.Fprintf(b, "%d", re.Max)
		}
		b.WriteByte('}')
	}
	if re.Flags&syntax.NonGreedy != 0 {
		b.WriteByte('?')
	}
}

// writeLetter writes a letter, in any case where the pattern says so.
func writeLetter(b *strings.Builder, r rune, anyCase bool) {
	if !anyCase || unicode.SimpleFold(r) == r {
		writeRune(b, r)
		return
	}
	class := []rune{r, r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		class = append(class, f, f)
	}
	writeClass(b, class)
}

// writeClass writes a class of the pairs of its ranges.
func writeClass(b *strings.Builder, ranges []rune) {
	if len(ranges) == 0 {
		b.WriteString("(?!)")
		return
	}
	b.WriteByte('[')
	for i := 0; i < len(ranges); i += 2 {
		writeRune(b, ranges[i])
		if ranges[i] != ranges[i+1] {
			b.WriteByte('-')
			writeRune(b, ranges[i+1])
		}
	}
	b.WriteByte(']')
}

func writeRune(b *strings.Builder, r rune) {
	switch {
	case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
		b.WriteRune(r)
	case r <= 0xffff:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}
