// Package rules holds the pages of the rules of check, one a rule: why it is
// there, a model that breaks it, what is said then, and how to mend it.
package rules

import "embed"

//go:embed *.md
var pages embed.FS

// Page is the page of a rule, as Markdown; "" when there is no such rule.
func Page(id string) string {
	text, err := pages.ReadFile(id + ".md")
	if err != nil {
		return ""
	}
	return string(text)
}
