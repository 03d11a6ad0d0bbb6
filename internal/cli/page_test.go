package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// The page about the commands has a section for each, with each of its flags,
// and none for what is gone.
func TestCommandsPage(t *testing.T) {
	data, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, s := range strings.Split(string(data), "\n## esgen ")[1:] {
		name, text, _ := strings.Cut(s, "\n")
		sections[name] = text
	}
	flag := regexp.MustCompile("(?m)^\\| `--([a-z-]+)`")
	root := newRoot(terminal{})
	root.InitDefaultCompletionCmd("completion")
	for _, c := range root.Commands() {
		text, ok := sections[c.Name()]
		delete(sections, c.Name())
		if !ok && c.Name() != "help" {
			t.Errorf("the page has no section about esgen %s", c.Name())
		}
		told := map[string]bool{}
		for _, m := range flag.FindAllStringSubmatch(text, -1) {
			told[m[1]] = true
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !told[f.Name] && f.Name != "help" {
				t.Errorf("the section about esgen %s does not tell of --%s", c.Name(), f.Name)
			}
			delete(told, f.Name)
		})
		for name := range told {
			t.Errorf("esgen %s has no flag --%s", c.Name(), name)
		}
	}
	for name := range sections {
		t.Errorf("there is no command %s", name)
	}
}
