// Package inline lets scripts and style sheets stand in a page of one file, whose content
// security policy names each of them by its digest: no other one runs, and nobody is
// talked to.
package inline

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// Parts are the scripts and style sheets of one page, as far as they are written.
type Parts struct{ scripts, styles []string }

// Script is the element of a script. Its text is of esgen: nothing in it ends it.
func (p *Parts) Script(text string) string { return element("script", &p.scripts, text) }

// Style is the element of a style sheet, of esgen like a script.
func (p *Parts) Style(text string) string { return element("style", &p.styles, text) }

func element(name string, digests *[]string, text string) string {
	text = "\n" + text
	sum := sha256.Sum256([]byte(text))
	*digests = append(*digests, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	return fmt.Sprintf("<%s>%s</%[1]s>\n", name, text)
}

// Policy is the element that allows the parts, and what else scripts may be, as a content
// security policy has it. It stands in the page before all of them.
func (p *Parts) Policy(scripts ...string) string {
	return fmt.Sprintf("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src %s; style-src %s; img-src data:; base-uri 'none'; form-action 'none'\">\n",
		strings.Join(slices.Concat(p.scripts, scripts), " "), strings.Join(p.styles, " "))
}
