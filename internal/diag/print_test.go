package diag

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/esgen/esgen/internal/schematest"
	"github.com/esgen/esgen/internal/source"
)

// wall is a list with everything a diagnostic can have.
func wall() *List {
	f := &source.File{Path: "contexts/주문 1.yaml", Data: []byte("title: 주문\nif: a\tb + 총액\r\nif: c\n")}
	l := &List{}
	l.Warnf("expr-type", source.Pos{File: f, Line: 2, Column: 11}, "총액 is text,\nnot 100%% a number")
	l.Errorf("duplicate-key", source.Pos{File: f, Line: 3, Column: 1}, "%q is here twice", "if").With(
		At(source.Pos{File: f, Line: 2, Column: 1}, "the first one"), Fix("rename one of them"))
	l.Notef("romanised", source.Pos{File: f, Line: 1, Column: 10}, "주문 becomes Jumun")
	l.Errorf("", source.Pos{File: &source.File{Path: "esgen.yaml"}}, "there is no such file")
	l.Errorf("usage", source.Pos{}, "nothing to check")
	return l
}

func TestPrint(t *testing.T) {
	for _, test := range []struct {
		format Format
		want   string
	}{
		{Text, `error: nothing to check [usage]

contexts/주문 1.yaml:3:1: error: "if" is here twice [duplicate-key]
  3 | if: c
    | ^
contexts/주문 1.yaml:2:1: the first one
  2 | if: a    b + 총액
    | ^
help: rename one of them

esgen.yaml: error: there is no such file

contexts/주문 1.yaml:2:11: warning: 총액 is text,
not 100% a number [expr-type]
  2 | if: a    b + 총액
    |              ^

contexts/주문 1.yaml:1:10: note: 주문 becomes Jumun [romanised]
  1 | title: 주문
    |            ^

3 errors, 1 warning, 1 note
`},
		{GitHub, `::error title=usage::nothing to check
::notice file=contexts/주문 1.yaml,line=1,col=10,title=romanised::주문 becomes Jumun
::warning file=contexts/주문 1.yaml,line=2,col=11,title=expr-type::총액 is text,%0Anot 100%25 a number
::error file=contexts/주문 1.yaml,line=3,col=1,title=duplicate-key::"if" is here twice%0Acontexts/주문 1.yaml:2:1: the first one%0Ahelp: rename one of them
::error file=esgen.yaml::there is no such file
`},
		{JSON, `{
  "version": 1,
  "errors": 3,
  "warnings": 1,
  "notes": 1,
  "diagnostics": [
    {
      "severity": "error",
      "rule": "usage",
      "message": "nothing to check"
    },
    {
      "severity": "note",
      "rule": "romanised",
      "message": "주문 becomes Jumun",
      "path": "contexts/주문 1.yaml",
      "line": 1,
      "column": 10
    },
    {
      "severity": "warning",
      "rule": "expr-type",
      "message": "총액 is text,\nnot 100% a number",
      "path": "contexts/주문 1.yaml",
      "line": 2,
      "column": 11
    },
    {
      "severity": "error",
      "rule": "duplicate-key",
      "message": "\"if\" is here twice",
      "path": "contexts/주문 1.yaml",
      "line": 3,
      "column": 1,
      "related": [
        {
          "path": "contexts/주문 1.yaml",
          "line": 2,
          "column": 1,
          "message": "the first one"
        }
      ],
      "suggestion": "rename one of them"
    },
    {
      "severity": "error",
      "rule": "",
      "message": "there is no such file",
      "path": "esgen.yaml"
    }
  ]
}
`},
		{SARIF, golden(t)},
	} {
		t.Run(string(test.format), func(t *testing.T) {
			var b strings.Builder
			opt := Options{Version: "1.0", Rule: func(id string) (string, string) {
				if id == "usage" {
					return "How esgen is called", "https://example.com/usage"
				}
				return "", ""
			}, Page: func(id string) string {
				if id == "usage" {
					return "# usage\n\nSay what to check.\n"
				}
				return ""
			}}
			if err := Print(&b, test.format, wall(), opt); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is printed as SARIF is valid by the schema of SARIF 2.1.0, which is kept
// as the OASIS technical committee published it.
func TestSARIFIsValid(t *testing.T) {
	schema, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	standard := schematest.Compile(t, schema)
	if standard.Validate(map[string]any{"version": "2.1.0"}) == nil {
		t.Error("the schema accepts a log without runs")
	}
	for name, l := range map[string]*List{"nothing": {}, "a wall": wall()} {
		for _, opt := range []Options{{}, {Version: "1.0", Page: func(id string) string { return "# " + id },
			Rule: func(id string) (string, string) { return id, "https://example.com/" + id }}} {
			var b strings.Builder
			if err := Print(&b, SARIF, l, opt); err != nil {
				t.Fatal(err)
			}
			log, err := jsonschema.UnmarshalJSON(strings.NewReader(b.String()))
			if err != nil {
				t.Fatal(err)
			}
			if err := standard.Validate(log); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// golden is what SARIF looks like.
func golden(t *testing.T) string {
	data, err := os.ReadFile("testdata/wall.sarif")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestPrintNothing(t *testing.T) {
	for format, want := range map[Format]string{
		Text:   "",
		GitHub: "",
		JSON:   `{"version":1,"errors":0,"warnings":0,"notes":0,"diagnostics":[]}`,
		SARIF: `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[` +
			`{"tool":{"driver":{"name":"esgen","rules":[]}},"columnKind":"unicodeCodePoints","results":[]}]}`,
	} {
		var b strings.Builder
		if err := Print(&b, format, &List{}, Options{}); err != nil {
			t.Fatal(err)
		}
		got := b.String()
		if want != "" {
			var compact strings.Builder
			var v json.RawMessage
			if err := json.Unmarshal([]byte(got), &v); err != nil {
				t.Fatal(err)
			}
			if err := json.NewEncoder(&compact).Encode(v); err != nil {
				t.Fatal(err)
			}
			got = strings.TrimSpace(compact.String())
		}
		if got != want {
			t.Errorf("%s of nothing: %s", format, got)
		}
	}
}

func TestPrintColor(t *testing.T) {
	l := &List{}
	l.Errorf("r", source.Pos{File: &source.File{Path: "a.yaml", Data: []byte("x: y")}, Line: 1, Column: 4}, "no y").With(Fix("z"))
	var b strings.Builder
	if err := Print(&b, Text, l, Options{Color: true}); err != nil {
		t.Fatal(err)
	}
	want := "\x1b[1ma.yaml:1:4\x1b[0m: \x1b[1;31merror\x1b[0m: no y \x1b[2m[r]\x1b[0m\n" +
		"\x1b[2m  1 |\x1b[0m x: y\n\x1b[2m    |\x1b[0m    \x1b[1;31m^\x1b[0m\n\x1b[1;32mhelp:\x1b[0m z\n\n1 error\n"
	if got := b.String(); got != want {
		t.Errorf("%q", got)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestPrintReportsFailure(t *testing.T) {
	for _, f := range Formats() {
		if err := Print(brokenPipe{}, f, wall(), Options{}); err == nil {
			t.Errorf("%s: a failed write goes unnoticed", f)
		}
	}
	if err := Print(&strings.Builder{}, "xml", wall(), Options{}); err == nil {
		t.Error("an unknown format goes unnoticed")
	}
}

func TestExcerpt(t *testing.T) {
	for _, test := range []struct {
		line   string
		column int
		want   string // the line, and the caret below
	}{
		{"a: b", 4, "a: b\n   ^"},
		{"a: b", 9, "a: b\n    ^"},
		{"주문: 하다", 5, "주문: 하다\n      ^"},
		{"\t\ta", 3, "        a\n        ^"},
		{"a\x1b[31mb\u200bc", 8, "a\uFFFD[31mb\uFFFDc\n       ^"},
		{"\u1112\u1161\u11ab글: x", 6, "\u1112\u1161\u11ab글: x\n     ^"},
		{"e\u0301: x", 3, "e\u0301: x\n ^"},
		{"ｱ：x", 3, "ｱ：x\n   ^"},
		{strings.Repeat("x", 200) + "!" + strings.Repeat("y", 200), 201,
			"…" + strings.Repeat("x", 90) + "!" + strings.Repeat("y", 59) + "…\n" + strings.Repeat(" ", 91) + "^"},
	} {
		text, cells := excerpt(test.line, test.column)
		if got := text + "\n" + strings.Repeat(" ", cells) + "^"; got != test.want {
			t.Errorf("column %d of %q:\n%s\nwant\n%s", test.column, test.line, got, test.want)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for _, f := range Formats() {
		if got, err := ParseFormat(strings.ToUpper(string(f))); got != f || err != nil {
			t.Errorf("%s: %s, %v", f, got, err)
		}
	}
	if _, err := ParseFormat("xml"); err == nil || err.Error() != `there is no format "xml"; choose one of text, json, sarif, github` {
		t.Error(err)
	}
}

func TestFromSource(t *testing.T) {
	f := &source.File{Path: "m.yaml", Data: []byte("a: 1\na: 2\n")}
	_, faults := source.Parse(f, source.Limits{})
	l := &List{}
	FromSource(l, faults)
	want := []Diagnostic{{
		Severity: Error, Rule: "yaml-duplicate-key", Pos: source.Pos{File: f, Line: 2, Column: 1},
		Message:    faults[0].Message,
		Related:    []Related{{source.Pos{File: f, Line: 1, Column: 1}, "the first one"}},
		Suggestion: faults[0].Suggestion,
	}}
	samePlace := cmp.Comparer(func(a, b source.Pos) bool { return a == b })
	if diff := cmp.Diff(want, l.Sorted(), samePlace); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"OrderPlaced", "OrderPaid", "front.Order.PlaceOrder", "주문됨", "주문취소됨", "결제승인됨", "emit", "state", "id"}
	for word, want := range map[string]string{
		"OrderPlacd":    "OrderPlaced",
		"orderplaced":   "OrderPlaced",
		"order_placed":  "OrderPlaced",
		"OderPaid":      "OrderPaid",
		"OrdrePaid":     "OrderPaid",
		"PlaceOrdr":     "front.Order.PlaceOrder",
		"PlaceOrder":    "front.Order.PlaceOrder",
		"pay.OrderPaid": "OrderPaid",
		"주믄됨":           "주문됨",
		"주문댐":           "주문됨",
		"결재승인됨":         "결제승인됨",
		"\u110C\u116E\u1106\u116E\u11AB\u1103\u116C\u11B7": "주문됨", // typed on a Mac: decomposed
		"배달됨":   "",
		"emti":  "emit",
		"ID":    "id",
		"xy":    "",
		"emit":  "",
		"":      "",
		"Quite": "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	if got := Nearest("ab2", []string{"ab3", "ab1"}); got != "ab1" {
		t.Errorf("of two as near, %q", got)
	}
	if got := DidYouMean("emti", names); got != `did you mean "emit"?` {
		t.Error(got)
	}
	if got := DidYouMean("nothing", names); got != "" {
		t.Error(got)
	}
}

func BenchmarkNearest(b *testing.B) {
	var names []string
	for _, context := range strings.Split("front pay store delivery customer loan book account", " ") {
		for _, name := range strings.Split("OrderPlaced OrderPaid OrderCancelled 주문됨 주문취소됨 결제승인됨 Prepare PlaceOrder", " ") {
			names = append(names, context+"."+name)
		}
	}
	for b.Loop() {
		Nearest("front.OrderPlacd", names)
	}
}

// What one rule says of many places is one line, unless it is an error; what is
// gravest comes first.
func TestFold(t *testing.T) {
	one, two := &source.File{Path: "a.yaml", Data: []byte("x\ny\nz\n")}, &source.File{Path: "b.yaml", Data: []byte("x\n")}
	l := &List{}
	for line := 1; line <= 3; line++ {
		l.Notef("romanised", source.Pos{File: one, Line: line, Column: 1}, "note %d", line)
		l.Warnf("romanised", source.Pos{File: one, Line: line, Column: 1}, "warning %d", line)
		l.Errorf("bad", source.Pos{File: one, Line: line, Column: 1}, "error %d", line)
	}
	l.Warnf("romanised", source.Pos{File: two, Line: 1, Column: 1}, "another")
	l.Warnf("few", source.Pos{File: one, Line: 1, Column: 1}, "once")
	var b strings.Builder
	says := func(id string) (string, string) { return map[string]string{"romanised": "names are romanised"}[id], "" }
	if err := Print(&b, Text, l, Options{Fold: "--all shows each", Rule: says}); err != nil {
		t.Fatal(err)
	}
	want := `a.yaml:1:1: error: error 1 [bad]
  1 | x
    | ^

a.yaml:2:1: error: error 2 [bad]
  2 | y
    | ^

a.yaml:3:1: error: error 3 [bad]
  3 | z
    | ^

a.yaml:1:1: warning: once [few]
  1 | x
    | ^

a.yaml:1:1, :2:1, :3:1 and 1 more: warning: names are romanised [romanised]

a.yaml:1:1, :2:1, :3:1: note: names are romanised [romanised]

3 errors, 5 warnings, 3 notes; --all shows each
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
