package source

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"alone and behind", "# one\na: b # two\n  # three\n", "1:1 alone # one|2:6 # two|3:3 alone # three"},
		{"no blank before it", "a: b#c\n", ""},
		{"quoted", "a: 'x # y' # z\nb: \"# n\"\n", "1:12 # z"},
		{"behind a blank character beyond ASCII", "주문: '가 # 나' # 다\n", "1:13 # 다"},
		{"in a block", "a: |\n  # text\n  more # text\nb: c # comment\n", "4:6 # comment"},
		{"on the head of a block", "a: > # comment\n  text # text\n", "1:6 # comment"},
		{"quoted over lines", "a: 'x\n  # y\n  z' # c\n", "3:6 # c"},
		{"in flow", "a: {b: c, # one\n  d: e} # two\n", "1:11 # one|2:9 # two"},
		{"windows", "a: b # c\r\n# d\r\n", "1:6 # c|2:1 alone # d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &File{Path: "m.yaml", Data: []byte(c.text)}
			Parse(f, Limits{})
			var got []string
			for _, x := range f.Comments() {
				alone := ""
				if x.Alone {
					alone = "alone "
				}
				got = append(got, fmt.Sprintf("%d:%d %s%s", x.Pos.Line, x.Pos.Column, alone, x.Text))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "|")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
