package source

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// show writes a tree on one line.
func show(n *Node) string {
	switch {
	case n == nil:
		return "nothing"
	case n.Kind == Mapping:
		var entries []string
		for _, p := range n.Pairs {
			entries = append(entries, show(p.Key)+": "+show(p.Value))
		}
		return "{" + strings.Join(entries, ", ") + "}"
	case n.Kind == Sequence:
		var items []string
		for _, i := range n.Items {
			items = append(items, show(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case n.Style == Plain:
		return "<" + n.Value + ">"
	}
	return fmt.Sprintf("%q", n.Value)
}

// describe writes everything an error says on one line.
func describe(e *Error) string {
	s := fmt.Sprintf("%d:%d %s [%s]", e.Pos.Line, e.Pos.Column, e.Message, e.Rule)
	if e.Related.IsValid() {
		s += fmt.Sprintf(" (%d:%d %s)", e.Related.Line, e.Related.Column, e.RelatedMsg)
	}
	if e.Suggestion != "" {
		s += " help: " + e.Suggestion
	}
	return s
}

// TestFaults shows every way a text can be refused: the tree that remains, and
// all that is said about it.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		text string
		tree string
		says []string
	}{
		// a sign YAML keeps for itself
		{"if: !x\n", "{<if>: <!x>}", []string{
			`1:5 "!x" must be quoted: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: write if: "!x"`,
		}},
		{"if: ! x\n", "{<if>: <! x>}", []string{
			`1:5 "! x" must be quoted: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: write if: "! x"`,
		}},
		{"a: [b, ! ]\nc: !\n", "{<a>: [<b>, <!>], <c>: <!>}", []string{
			`1:8 "!" must be quoted: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: write ["!"]`,
			`2:4 "!" must be quoted: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: write c: "!"`,
		}},
		{"a: 1\nif: !x.a && y  # c\nb: !z\n", "{<a>: <1>, <if>: <!x.a && y>, <b>: <!z>}", []string{
			`2:5 "!x.a && y" must be quoted: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: write if: "!x.a && y"`,
			`3:4 "!z" must be quoted: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: write b: "!z"`,
		}},
		{"- !a && b\n- *c\n", "[<!a && b>, <*c>]", []string{
			`1:3 "!a && b" must be quoted: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: write - "!a && b"`,
			`2:3 "*c" is not part of the language: YAML takes * and the word behind it for an alias [yaml-alias] help: write out what it stands for, or, if it is text, write - "*c"`,
		}},
		{"a: !!str 5\nb: !t {x: 1}\nc: &q\n  d: 1\n", "{<a>: <!!str 5>, <b>: {<x>: <1>}, <c>: {<d>: <1>}}", []string{
			`1:4 "!!str 5" must be quoted: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: write a: "!!str 5"`,
			`2:4 "!t" is not part of the language: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: leave the tag out`,
			`3:4 "&q" is not part of the language: YAML takes & and the word behind it for an anchor [yaml-anchor] help: leave the anchor out`,
		}},
		{"a: &x 1\nb: *x\nc: *y\nd: {e: *z}\n", "{<a>: <1>, <b>: <*x>, <c>: <*y>, <d>: {<e>: <*z>}}", []string{
			`1:4 "&x 1" is not part of the language: YAML takes & and the word behind it for an anchor [yaml-anchor] help: leave the anchor out, or, if it is text, write a: "&x 1"`,
			`2:4 "*x" is not part of the language: YAML takes * and the word behind it for an alias [yaml-alias] help: write out what it stands for, or, if it is text, write b: "*x"`,
			`3:4 "*y" is not part of the language: YAML takes * and the word behind it for an alias [yaml-alias] help: write out what it stands for, or, if it is text, write c: "*y"`,
			`4:8 "*z" is not part of the language: YAML takes * and the word behind it for an alias [yaml-alias] help: write out what it stands for, or, if it is text, write {e: "*z"}`,
		}},
		{"title: @foo\nx: `a`\ny: %a\n", "{<title>: <@foo>, <x>: <`a`>, <y>: <%a>}", []string{
			`1:8 "@foo" must be quoted: YAML keeps this sign for itself at the beginning of a value [yaml-split] help: write title: "@foo"`,
			"2:4 \"`a`\" must be quoted: YAML keeps this sign for itself at the beginning of a value [yaml-split] help: write x: \"`a`\"",
			`3:4 "%a" must be quoted: YAML keeps this sign for itself at the beginning of a value [yaml-split] help: write y: "%a"`,
		}},
		{"a: > 5\n", "{<a>: <> 5>}", []string{
			`1:4 "> 5" must be quoted: YAML starts a block of lines with | and > [yaml-split] help: write a: "> 5"`,
		}},
		{"a: {b: |, c: 1}\n", "{<a>: {<b>: <|>, <c>: <1>}}", []string{
			`1:8 "|" must be quoted: YAML starts a block of lines with | and > [yaml-split] help: write {b: "|"}`,
		}},
		{"<<: {a: 1}\n", "{}", []string{
			"1:1 the merge key << is not part of the language [yaml-merge] help: write the entries out here",
		}},
		{"!t a: 1\n", "{<a>: <1>}", []string{
			`1:1 "!t" is not part of the language: YAML takes ! and the word behind it for a tag and drops it [yaml-tag] help: leave the tag out`,
		}},
		// cut at a comma, bracket or quote
		{"a: {x: max(a, b)}\n", "{<a>: {<x>: <max(a, b)>}}", []string{
			`1:8 "max(a, b)" must be quoted: YAML cuts it at the comma [yaml-split] help: write {x: "max(a, b)"}`,
		}},
		{"a: [max(a, b), c]\n", "{<a>: [<max(a, b)>, <c>]}", []string{
			`1:5 "max(a, b)" must be quoted: YAML cuts it at the comma [yaml-split] help: write ["max(a, b)"]`,
		}},
		{"a: {x: a ? b : c, y: 2}\n", "{<a>: {<x>: <a ? b : c>, <y>: <2>}}", []string{
			`1:8 "a ? b : c" must be quoted: YAML takes what stands before ": " for a name [yaml-split] help: write {x: "a ? b : c"}`,
		}},
		{"a: {x: items[0] > 1}\n", "{<a>: {<x>: <items[0] > 1>}}", []string{
			`1:8 "items[0] > 1" must be quoted: [, { and ? have a meaning of their own between { } or [ ] [yaml-split] help: write {x: "items[0] > 1"}`,
		}},
		{"b: {max(a, b): 1}\n", "{<b>: {}}", []string{
			`1:5 "max(a, b)" must be quoted: YAML cuts it at the comma [yaml-split] help: write {"max(a, b)"}`,
		}},
		{"a: {that: x in [a, b], status: 409}\n", "{<a>: {<that>: <x in [a, b]>, <status>: <409>}}", []string{
			`1:11 "x in [a, b]" must be quoted: [, { and ? have a meaning of their own between { } or [ ] [yaml-split] help: write {that: "x in [a, b]"}`,
		}},
		{"if: 'librarian' in actor.roles\n", "{<if>: <'librarian' in actor.roles>}", []string{
			`1:5 "'librarian' in actor.roles" must be quoted: YAML ends a value that starts with a quote or bracket where that closes [yaml-split] help: write if: "'librarian' in actor.roles"`,
		}},
		{"if: \"a\" + b\nc: [1,2].size() > 0\n", `{<if>: <"a" + b>, <c>: <[1,2].size() > 0>}`, []string{
			"1:5 `\"a\" + b` must be quoted: YAML ends a value that starts with a quote or bracket where that closes [yaml-split] help: write if: '\"a\" + b'",
			`2:4 "[1,2].size() > 0" must be quoted: YAML ends a value that starts with a quote or bracket where that closes [yaml-split] help: write c: "[1,2].size() > 0"`,
		}},
		{"title: a: b\n", "{<title>: <a: b>}", []string{
			`1:8 "a: b" must be quoted: YAML takes what stands before ": " for a name [yaml-split] help: write title: "a: b"`,
		}},
		{"a: {\n  x: b[0],\n  y: f(1, 2),\n  z: c[1]\n}\n", "{<a>: {<x>: <b[0]>, <y>: <f(1, 2)>, <z>: <c[1]>}}", []string{
			`2:6 "b[0]" must be quoted: [, { and ? have a meaning of their own between { } or [ ] [yaml-split] help: write {x: "b[0]"}`,
			`3:6 "f(1, 2)" must be quoted: YAML cuts it at the comma [yaml-split] help: write {y: "f(1, 2)"}`,
			`4:6 "c[1]" must be quoted: [, { and ? have a meaning of their own between { } or [ ] [yaml-split] help: write {z: "c[1]"}`,
		}},
		{"a: {x: 'a' == b, y: 3}\n", "{<a>: {<x>: <'a' == b>, <y>: <3>}}", []string{
			`1:8 "'a' == b" must be quoted: YAML ends a value that starts with a quote or bracket where that closes [yaml-split] help: write {x: "'a' == b"}`,
		}},
		{"a: {x: b == \"c, d\"}\n", `{<a>: {<x>: <b == "c, d">}}`, []string{
			"1:8 `b == \"c, d\"` must be quoted: YAML cuts it at the comma [yaml-split] help: write {x: 'b == \"c, d\"'}",
		}},
		{"a: {x: r'^[a-z]{2,3}$'.size()}\n", "{<a>: {<x>: <r'^[a-z]{2,3}$'.size()>}}", []string{
			`1:8 "r'^[a-z]{2,3}$'.size()" must be quoted: [, { and ? have a meaning of their own between { } or [ ] [yaml-split] help: write {x: "r'^[a-z]{2,3}$'.size()"}`,
		}},
		// what looks alike
		{"title：주문\ncontexts: {}\n", "nothing", []string{
			"1:6 \"title\uff1a\uc8fc\ubb38\" contains U+FF1A, a colon of another kind [yaml-colon] help: write title: \uc8fc\ubb38, or put the text in quotes if the character is meant",
		}},
		{"\uc81c\u00a0\ubaa9: 1\nb: x\u3000y # \u3000\nc: \"x\u3000y\"\nd: a\uff1ab\n", "{<\uc81c\u00a0\ubaa9>: <1>, <b>: <x\u3000y>, <c>: \"x\\u3000y\", <d>: <a\uff1ab>}", []string{
			`1:2 "제<U+00A0>목" contains U+00A0, a no-break space [yaml-blank] help: write 제 목, or put the text in quotes if the character is meant`,
			`2:5 "x<U+3000>y" contains U+3000, a full-width space [yaml-blank] help: write x y, or put the text in quotes if the character is meant`,
			"4:5 \"a\uff1ab\" contains U+FF1A, a colon of another kind [yaml-colon] help: write a: b, or put the text in quotes if the character is meant",
		}},
		{"a: x\u200by\n", "{<a>: <x\u200by>}", []string{
			`1:5 "x<U+200B>y" contains U+200B, an invisible character [yaml-blank] help: write xy, or put the text in quotes if the character is meant`,
		}},
		{"\u1112\u1161\u11ab: 1\n", "{<\u1112\u1161\u11ab>: <1>}", []string{
			"1:1 the name \"\u1112\u1161\u11ab\" is written in parts (not NFC), so it differs from the same name typed elsewhere [yaml-nfc] help: write it composed: \ud55c",
		}},
		{"a: \ufeffb\n", "nothing", []string{
			"1:4 a byte order mark (U+FEFF), which nobody sees, stands here [yaml-blank] help: delete it",
		}},
		{"a:\n\u00a0\u00a0b: c\n\u00a0\u00a0d: e\n", "{<a>: <>, <\u00a0\u00a0b>: <c>, <\u00a0\u00a0d>: <e>}", []string{
			`2:1 "<U+00A0><U+00A0>b" contains U+00A0, a no-break space [yaml-blank] help: indent with ordinary blanks`,
			`3:1 "<U+00A0><U+00A0>d" contains U+00A0, a no-break space [yaml-blank] help: indent with ordinary blanks`,
		}},
		// keys
		{"a: 1\nb: 2\na: 3\n", "{<a>: <1>, <b>: <2>}", []string{
			`3:1 "a" is here twice [yaml-duplicate-key] (1:1 the first one) help: rename one of them, or put together what both say`,
		}},
		{"{a: 1, \"a\": 2}\n", "{<a>: <1>}", []string{
			`1:8 "a" is here twice [yaml-duplicate-key] (1:2 the first one) help: rename one of them, or put together what both say`,
		}},
		{"[a]: 1\n", "{}", []string{
			"1:1 a list stands where a name is expected [yaml-key] help: put it in quotes if it is a name, or an expression",
		}},
		{"? {a: b}\n: c\n", "{}", []string{
			"1:3 a map stands where a name is expected [yaml-key] help: put it in quotes if it is a name, or an expression",
		}},
		{": b\n", "nothing", []string{
			"1:1 an entry has no name in front of its colon [yaml-key]",
		}},
		// syntax
		{"a:\n\tb: 1\n", "nothing", []string{
			"2:1 a tab indents this line; YAML indents with blanks only [yaml-tab] help: replace the tab by blanks",
		}},
		{"a: 1\n  b: 2\n", "nothing", []string{
			"2:3 a name with a colon cannot stand here: the line is indented deeper than its neighbours, or the value above goes on in this line [yaml-syntax] help: indent it like the names it belongs to, or put the whole value in quotes",
		}},
		{"a: 1\nb\nc: 2\n", "nothing", []string{
			"2:1 a name stands here without a colon and a value [yaml-syntax] help: write name: value",
		}},
		{"a: [1, 2\nb: 3\n", "nothing", []string{
			"1:4 what is opened here is not closed by ] [yaml-syntax] (2:2 a comma or the end is missing before this)",
		}},
		{"a: [1 2\n  , {b}}\n", "nothing", []string{
			"1:4 what is opened here is not closed by ] [yaml-syntax] (2:8 a comma or the end is missing before this)",
		}},
		{"a: \"x\nb: 3\n", "nothing", []string{
			"1:4 the quote opened here is never closed [yaml-syntax] help: close it",
		}},
		{"a: \"x\nb: 'y' z\n", "nothing", []string{
			"1:4 the quote opened here is never closed [yaml-syntax] help: close it",
		}},
		{"a: \"\\d\"\n", "nothing", []string{
			"1:5 the backslash starts no escape that YAML knows [yaml-syntax] (1:4 the quote opens here) help: use single quotes, in which a backslash is a backslash",
		}},
		{"a: - b\n", "nothing", []string{
			"1:4 a list with dashes cannot start on the line of its name [yaml-syntax] help: start it on the next line, or write [a, b]",
		}},
		{"a:\n  - b\n  c: d\n", "nothing", []string{
			"3:3 this does not go on the way its list began: an item starts with a dash, in the column of the others [yaml-syntax] (2:3 the list starts here)",
		}},
		{"a:\n  b: 1\n c: 2\n", "nothing", []string{
			"3:2 this does not go on the way its map began: the indentation differs, or something stands behind a finished value [yaml-syntax] (1:1 the map starts here) help: indent it like the other names of its map",
		}},
		{"%FOO\na: 1\n", "nothing", []string{
			"1:1 a line that starts with % speaks to YAML itself, and not in words it knows [yaml-syntax] help: leave the line out",
		}},
		{"a: b\n--- c\n", "{<a>: <b>}", []string{
			"2:1 a second YAML document starts here; a file holds one [yaml-documents] help: move it to a file of its own, joined by include",
		}},
		{"a: 1\n---\nb: 2\n", "{<a>: <1>}", []string{
			"2:1 a second YAML document starts here; a file holds one [yaml-documents] help: move it to a file of its own, joined by include",
		}},
		{"{a: 1}\nb: 2\n", "nothing", []string{
			"2:1 the document has ended above, and something else follows [yaml-syntax] help: indent it like the rest, or put it in quotes",
		}},
		// the file itself
		{"", "nothing", []string{
			"1:1 the file says nothing [yaml-empty] help: start with esgen: v1 and system: NAME",
		}},
		{"# x\n", "nothing", []string{
			"1:1 the file says nothing [yaml-empty] help: start with esgen: v1 and system: NAME",
		}},
		{"---\n", "nothing", []string{
			"2:1 the file says nothing [yaml-empty] help: start with esgen: v1 and system: NAME",
		}},
		{"a: b\xff\n", "nothing", []string{
			"1:5 the byte 0xFF is no UTF-8 text [yaml-encoding] help: save the file as UTF-8",
		}},
		{"\xff\xfea\x00", "nothing", []string{
			"1:1 the file is written in UTF-16 [yaml-encoding] help: save it as UTF-8",
		}},
		{"a: b\rc: d\n", "nothing", []string{
			"1:5 a carriage return without a line feed stands here [yaml-encoding] help: end lines the way your editor calls LF or CRLF",
		}},
		{"a: \x01\n", "nothing", []string{
			"1:4 the control character U+0001 stands here [yaml-encoding] help: delete it",
		}},
		{"a: b\u2028c\n", "nothing", []string{
			"1:5 the invisible line break U+2028 stands here [yaml-encoding] help: delete it, or break the line in the ordinary way",
		}},
	} {
		root, errs := Parse(&File{Path: "m.yaml", Data: []byte(test.text)}, Limits{})
		if got := show(root); got != test.tree {
			t.Errorf("%q reads as %s, want %s", test.text, got, test.tree)
		}
		var says []string
		for _, e := range errs {
			says = append(says, describe(e))
		}
		if diff := cmp.Diff(test.says, says); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestAccepted(t *testing.T) {
	for text, tree := range map[string]string{
		"a: 1 # x\nb:\nc: ''\nd: Null\n":                `{<a>: <1>, <b>: <>, <c>: "", <d>: <Null>}`,
		"a: 2026-12-01\nb: 01234\non: off\n":            `{<a>: <2026-12-01>, <b>: <01234>, <on>: <off>}`,
		"\uFEFFa: b\r\nc:\r\n- d\r\n":                   `{<a>: <b>, <c>: [<d>]}`,
		"a: {title: 1) 주문, b: don't, c: can't}\n":       `{<a>: {<title>: <1) 주문>, <b>: <don't>, <c>: <can't>}}`,
		"- [a, {b: c}]\n- - d\n  - e\n- f: g\n  h: i\n": `[[<a>, {<b>: <c>}], [<d>, <e>], {<f>: <g>, <h>: <i>}]`,
		"a: {x: f(b), y: g(c)}\n":                       `{<a>: {<x>: <f(b)>, <y>: <g(c)>}}`,
		"a: 👨\u200D👩\u200D👧\n":                          "{<a>: <👨\u200D👩\u200D👧>}",
		"a: '\u3000：'\n":                                "{<a>: \"\\u3000：\"}",
		"? a\n: b\n":                                    "{<a>: <b>}",
		"--- \na: b\n...\n":                             "{<a>: <b>}",
	} {
		root, errs := Parse(&File{Path: "m.yaml", Data: []byte(text)}, Limits{})
		if len(errs) > 0 || show(root) != tree {
			t.Errorf("%q reads as %s, want %s; errors %v", text, show(root), tree, errs)
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		name, text, value string
		places            []string // "offset of value: line:column"
	}{
		{"plain", "x: 주문 total\n", "주문 total", []string{"0 1:4", "7 1:7", "12 1:12", "99 1:12"}},
		{"plain over lines", "x: a b\n  c\n\n\n  d\n", "a b c\n\nd", []string{"2 1:6", "3 1:7", "4 2:3", "5 3:1", "6 4:1", "7 5:3", "8 5:4"}},
		{"plain behind its key", "x:\n    a + b\n", "a + b", []string{"0 2:5", "4 2:9"}},
		{"single quotes", "x: 'it''s a'\n", "it's a", []string{"0 1:5", "2 1:7", "3 1:9", "5 1:11", "6 1:12"}},
		{"single quotes over lines", "x: '한\n   글  \n\n   b'\n", "한 글\nb", []string{"0 1:5", "3 1:6", "4 2:4", "7 3:1", "8 4:4", "9 4:5"}},
		{"double quotes", `x: "a == b"` + "\n", "a == b", []string{"0 1:5", "6 1:11"}},
		{"escapes", `x: "a\tb\x41\u00e9\U0001F600\"c"` + "\n", "a\tbAé😀\"c", []string{"1 1:6", "2 1:8", "3 1:9", "4 1:13", "6 1:19", "10 1:29", "11 1:31", "12 1:32"}},
		{"escaped break", "x: \"a \\\n   b\\\n\n   \\ c\"\n", "a b\n c", []string{"1 1:6", "2 2:4", "3 3:1", "4 4:4", "5 4:6", "6 4:7"}},
		{"folded double quotes", "x: \"a\n  b\n\n  c\"\n", "a b\nc", []string{"1 1:6", "2 2:3", "3 3:1", "4 4:3", "5 4:4"}},
		{"literal", "x: |\n  a\n   b\n\n  주c\n", "a\n b\n\n주c\n", []string{"0 2:3", "1 2:4", "2 3:3", "4 3:5", "5 4:1", "6 5:3", "9 5:4", "10 5:5", "11 5:5"}},
		{"literal, CRLF", "x: |\r\n  a\r\n  b\r\n", "a\nb\n", []string{"0 2:3", "1 2:4", "2 3:3"}},
		{"literal, indentation said", "x: |2-\n   a\n  b\n", " a\nb", []string{"0 2:3", "1 2:4", "3 3:3", "4 3:4"}},
		{"literal, kept", "x: |+\n  a\n\n \n", "a\n\n\n", []string{"2 3:1", "3 4:2"}},
		{"literal, empty lines first", "x: |\n\n\n  a\n", "\n\na\n", []string{"0 2:1", "1 3:1", "2 4:3"}},
		{"folded", "x: >\n  a\n  b\n\n\n  c\n   d\n  e\n", "a b\n\nc\n d\ne\n", []string{"0 2:3", "1 2:4", "2 3:3", "3 4:1", "4 5:1", "5 6:3", "6 6:4", "7 7:3", "8 7:4", "10 8:3"}},
		{"folded, stripped", "x: >-\n  a\n  b\n", "a b", []string{"2 3:3", "3 3:4"}},
		{"end of the file", "x: |\n  a", "a", []string{"0 2:3", "1 2:4"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, errs := Parse(&File{Path: "m.yaml", Data: []byte(test.text)}, Limits{})
			if len(errs) > 0 {
				t.Fatal(errs[0])
			}
			n := root.Get("x")
			if n.Value != test.value {
				t.Fatalf("value %q, want %q", n.Value, test.value)
			}
			var got []string
			for _, place := range test.places {
				var offset int
				if _, err := fmt.Sscan(place, &offset); err != nil {
					t.Fatal(err)
				}
				p := n.PosAt(offset)
				got = append(got, fmt.Sprintf("%d %d:%d", offset, p.Line, p.Column))
			}
			if diff := cmp.Diff(test.places, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlacesOfKeys(t *testing.T) {
	root, _ := Parse(&File{Path: "m.yaml", Data: []byte("주문: {하다: 1, b:  [x,  y]}\nc:\n- z\nd:\n")}, Limits{})
	var got []string
	var walk func(n *Node)
	walk = func(n *Node) {
		got = append(got, fmt.Sprintf("%s %s", n.Pos, show(n)))
		for _, p := range n.Pairs {
			walk(p.Key)
			walk(p.Value)
		}
		for _, i := range n.Items {
			walk(i)
		}
	}
	for _, p := range root.Pairs {
		walk(p.Key)
		walk(p.Value)
	}
	want := []string{
		"m.yaml:1:1 <주문>", "m.yaml:1:5 {<하다>: <1>, <b>: [<x>, <y>]}", "m.yaml:1:6 <하다>", "m.yaml:1:10 <1>",
		"m.yaml:1:13 <b>", "m.yaml:1:17 [<x>, <y>]", "m.yaml:1:18 <x>", "m.yaml:1:22 <y>",
		"m.yaml:2:1 <c>", "m.yaml:3:1 [<z>]", "m.yaml:3:3 <z>", "m.yaml:4:1 <d>", "m.yaml:4:3 <>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTrailing(t *testing.T) {
	for text, want := range map[string]string{
		"x: a #b  \n":    "#b",
		"x: a #b\r\n":    "#b",
		"x: a  # b\n":    "",
		"x: a\t# b\n":    "",
		"x: 'a' #b\n":    "",
		"x: #1 주문\n":     "#1 주문",
		"x: a\n  b #c\n": "#c",
		"x: a#b\n":       "",
		"x: a #b":        "#b",
	} {
		root, _ := Parse(&File{Path: "m.yaml", Data: []byte(text)}, Limits{})
		if got := root.Get("x").Trailing(); got != want {
			t.Errorf("%q: trailing %q, want %q", text, got, want)
		}
	}
	if (*Node)(nil).Trailing() != "" {
		t.Error("nothing has something behind it")
	}
}

func TestLimits(t *testing.T) {
	for _, test := range []struct {
		name, text string
		lim        Limits
		want       string
	}{
		{"bytes", "a: b\n", Limits{Bytes: 4}, "1:1 the file has more than the 4 bytes that a file may have [yaml-limit] help: split it into several files joined by include"},
		{"nodes", "a: b\nc: d\n", Limits{Nodes: 4}, "2:1 the file has more than 4 keys and values [yaml-limit] help: split it into several files joined by include"},
		{"depth", "a: {b: [c]}\n", Limits{Depth: 3}, "1:9 maps and lists nest deeper than 3 levels here [yaml-limit]"},
		{"depth of YAML", strings.Repeat("[", 100_000), Limits{}, "1:10001 maps and lists nest too deep here [yaml-limit]"},
		{"depth in time", strings.Repeat("- ", 9_000), Limits{}, "1:129 maps and lists nest deeper than 64 levels here [yaml-limit]"},
	} {
		root, errs := Parse(&File{Path: "m.yaml", Data: []byte(test.text)}, test.lim)
		if root != nil || len(errs) != 1 || describe(errs[0]) != test.want {
			t.Errorf("%s: %v", test.name, errs)
		}
	}
	many := strings.Repeat("a: !b\n", 5_000)
	if _, errs := Parse(&File{Path: "m.yaml", Data: []byte(many)}, Limits{}); len(errs) != maxErrors {
		t.Errorf("%d errors of one file, want %d", len(errs), maxErrors)
	}
}

func TestLine(t *testing.T) {
	f := &File{Data: []byte("\uFEFFa\r\n\n한\n")}
	for n, want := range map[int]string{0: "", 1: "a", 2: "", 3: "한", 4: "", 5: ""} {
		if got := f.Line(n); got != want {
			t.Errorf("line %d is %q, want %q", n, got, want)
		}
	}
}

func TestPosAtWithinCharacter(t *testing.T) {
	root, _ := Parse(&File{Data: []byte("x: 주문\n")}, Limits{})
	n := root.Get("x")
	for i := range len(n.Value) {
		if got, want := n.PosAt(i).Column, 4+i/utf8.RuneLen('주'); got != want {
			t.Errorf("byte %d is in column %d, want %d", i, got, want)
		}
	}
}

// TestExamples reads the models of this repository: nothing in them may be
// refused.
func TestExamples(t *testing.T) {
	found := 0
	root := os.DirFS("../../examples")
	for _, pattern := range []string{"*/*.yaml", "*/*/*.yaml"} {
		names, err := fs.Glob(root, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.Contains(name, "/generated/") {
				continue // for others to read
			}
			data, err := fs.ReadFile(root, name)
			if err != nil {
				t.Fatal(err)
			}
			found++
			if _, errs := Parse(&File{Path: name, Data: data}, Limits{}); len(errs) > 0 {
				t.Error(errs[0])
			}
		}
	}
	if found == 0 {
		t.Skip("no examples")
	}
}
