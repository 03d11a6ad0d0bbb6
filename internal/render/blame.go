package render

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/source"
)

// Package text/template tells places in the texts of its errors only.
var (
	parseError = regexp.MustCompile(`^(\d+): ((?s:.*))$`) // after "template: NAME:"
	execError  = regexp.MustCompile(`^template: (.*?):(\d+):(\d+): executing ".*?" at <((?s:.*?))>: ((?s:.*))$`)
	ofTemplate = "template: "
)

// reasonOf is what an error of parsing says, without where.
func reasonOf(name string, err error) string {
	rest := strings.TrimPrefix(err.Error(), ofTemplate+name+":")
	if m := parseError.FindStringSubmatch(rest); m != nil {
		return m[2]
	}
	return rest
}

// lineOf is the line that an error of parsing tells; 1: it tells none.
func lineOf(name string, err error) int {
	if m := parseError.FindStringSubmatch(strings.TrimPrefix(err.Error(), ofTemplate+name+":")); m != nil {
		if line, err := strconv.Atoi(m[1]); err == nil {
			return line
		}
	}
	return 1
}

// failure is why a template could not be executed: in which, and where, and at what.
type failure struct {
	template     string
	line, column int // column: of bytes, from 0
	at, reason   string
}

// failureOf reads the error of an execution; false: it is another one.
func failureOf(err error) (failure, bool) {
	m := execError.FindStringSubmatch(err.Error())
	if m == nil || !errors.As(err, new(template.ExecError)) {
		return failure{}, false
	}
	line, _ := strconv.Atoi(m[2]) // digits
	column, _ := strconv.Atoi(m[3])
	return failure{m[1], line, column, m[4], m[5]}, true
}

// blame says where in the packs an error of an execution comes from, and of which
// note it was.
func (p *Pack) blame(l *line, unit plan.Unit, part *template.Template, err error) error {
	f, known := failureOf(err)
	if !known {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	var refused Refused
	at := f.column
	if t := p.templates[f.template]; t != nil {
		at = offsetIn(t.Data, f.line, f.column)
	}
	pos := p.placeOf(l, part, f.template, at)
	d := refused.Diags.Errorf(templateRule, pos, "%s: %s", f.at, f.reason)
	told(d, l, unit)
	return &refused
}

// placeOf is the place of a byte of a part of a line: of its body, in the template
// that has it; of its path and condition, in pack.yaml.
func (p *Pack) placeOf(l *line, part *template.Template, name string, offset int) source.Pos {
	switch part {
	case l.path:
		return l.at.PosAt(offset)
	case l.condition:
		return l.when.PosAt(offset - len(ifBegins))
	}
	f := p.templates[name].File
	before := string(f.Data[:min(offset, len(f.Data))])
	line := before[1+strings.LastIndexByte(before, '\n'):]
	return source.Pos{File: f, Line: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(line)}
}

// offsetIn is the byte of a text at a line, behind some bytes of it.
func offsetIn(text []byte, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		next := bytes.IndexByte(text[at:], '\n')
		if next < 0 {
			return len(text)
		}
		at += next + 1
	}
	return at + column
}

// told adds to what is wrong for which line and note it is.
func told(d *diag.Diagnostic, l *line, unit plan.Unit) {
	if n := unit.Node(); n != nil && n.Pos.IsValid() {
		d.With(diag.At(n.Pos, "for the %s %s", unit.Kind, n.Name))
	}
	if d.Pos != l.at.Pos {
		d.With(diag.At(l.at.Pos, "the line of the pack"))
	}
}
