package check_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

// A let is judged before the requires only when one of them reads it, and what
// is wrong makes the checker silent only about what reads it: neither is told by
// a word that stands somewhere in a text.
func TestWhatAnExpressionMentions(t *testing.T) {
	t.Parallel()
	const book = `
esgen: v1
system: library
actors: {Reader: {}}
contexts:
  desk:
    aggregates:
      Loan:
        state: {title: string, days: int}
        commands:
          Borrow:
            actor: Reader
            creates: true
            input: {title: optional(string), days: int, shelf: CHECKED}
`
	for _, c := range []struct{ what, shelf, rest, want string }{
		{"a let called as the input it reads", "string", `
            require: {Untitled: has(input.title), Long: "input.days < 90 && input.shelf != 'title'"}
            let: {title: "input.title + '!'"}
            emit: [Borrowed]`, ""},
		{"a let that a require reads", "string", `
            require: {Untitled: has(input.title), Empty: size(title) > 1}
            let: {title: "input.title + '!'"}
            emit: [Borrowed]`, "input.title may be absent here"},
		{"a variable called as a let", "string", `
            require: {Untitled: has(input.title), Odd: "[1].all(title, title > 0)"}
            let: {title: "input.title + '!'"}
            emit: [Borrowed]`, ""},
		{"a string that names what is wrong", "string", `
            let: {title: nothing, days: "'title' + 1"}
            emit: [Borrowed]`, "unknown name nothing; + cannot be used with a string and an int"},
		{"what is wrong, used", "string", `
            let: {title: nothing, days: title + 1}
            emit: [Borrowed]`, "unknown name nothing"},
		{"a string that names a field without a right type", "strin", `
            require: {Untitled: has(input.title), Shelf: "size('shelf') > 'x'"}
            emit: [{event: Borrowed, with: {title: input.title}}]`, "there is no type named strin; an int cannot be compared with a string"},
		{"a field without a right type", "strin", `
            require: {Untitled: has(input.title), Shelf: "input.shelf > 1"}
            emit: [{event: Borrowed, with: {title: input.title}}]`, "there is no type named strin"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(book, "CHECKED", c.shelf, 1) + strings.TrimPrefix(c.rest, "\n") + "\n        events: {Borrowed: {fields: {title: string, days: int}}}\n"
			sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(text)}}, model.DocumentName)
			_, more := check.System(sys)
			diags.Merge(more)
			var said []string
			for _, d := range diags.Sorted() {
				if d.Severity == diag.Error {
					said = append(said, d.Message)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(said, "; ")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
