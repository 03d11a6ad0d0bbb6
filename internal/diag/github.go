package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// printGitHub prints workflow commands: GitHub shows each as an annotation at
// its line in the pull request.
func printGitHub(w io.Writer, items []Diagnostic) error {
	out := bufio.NewWriter(w)
	for _, d := range items {
		command := d.Severity.String()
		if d.Severity == Note {
			command = "notice"
		}
		var properties []string
		property := func(name, value string) {
			properties = append(properties, name+"="+escapeProperty.Replace(value))
		}
		if d.Pos.Path() != "" {
			property("file", d.Pos.Path())
		}
		if d.Pos.IsValid() {
			property("line", fmt.Sprint(d.Pos.Line))
			property("col", fmt.Sprint(d.Pos.Column))
		}
		if d.Rule != "" {
			property("title", string(d.Rule))
		}
		if len(properties) > 0 {
			command += " " + strings.Join(properties, ",")
		}
		text := d.Message
		for _, r := range d.Related {
			text += fmt.Sprintf("\n%s: %s", r.Pos, r.Message)
		}
		if d.Suggestion != "" {
			text += "\nhelp: " + d.Suggestion
		}
		fmt.Fprintf(out, "::%s::%s\n", command, escapeText.Replace(text))
	}
	return out.Flush()
}

// A workflow command is one line; what would end it or one of its properties
// is written in percent.
var (
	escapeText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
