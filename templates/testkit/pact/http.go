package pact

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// differences tells how a request differs from the expected one.
func (r *Request) differences(method, path string, query url.Values, header http.Header, body []byte) []string {
	var wrong []string
	if !strings.EqualFold(r.Method, method) {
		wrong = append(wrong, fmt.Sprintf("method: expected %s, got %s", r.Method, method))
	}
	if r.rules.path != nil {
		wrong = append(wrong, labelled("path", r.rules.path.fits(r.Path, path, false))...)
	} else if r.Path != path {
		wrong = append(wrong, fmt.Sprintf("path: expected %s, got %s", r.Path, path))
	}
	wrong = append(wrong, queryDifferences(r.Query, query, r.rules.query)...)
	wrong = append(wrong, headerDifferences(r.Header, header, r.rules.header)...)
	return append(wrong, labelled("body", r.Body.differences(header.Get("Content-Type"), body, r.rules.body, true))...)
}

// differences tells how a response differs from the expected one.
func (r *Response) differences(status int, header http.Header, body []byte) []string {
	var wrong []string
	if l := r.rules.status; l == nil {
		if status != r.Status {
			wrong = append(wrong, fmt.Sprintf("status: expected %d, got %d", r.Status, status))
		}
	} else {
		wrong = append(wrong, l.join(func(m matcher) []string {
			if m.status == nil || !m.status(status) {
				return []string{fmt.Sprintf("status: expected %s, got %d", firstOf(m.statuses, fmt.Sprint(r.Status)), status)}
			}
			return nil
		})...)
	}
	wrong = append(wrong, headerDifferences(r.Header, header, r.rules.header)...)
	return append(wrong, labelled("body", r.Body.differences(header.Get("Content-Type"), body, r.rules.body, false))...)
}

// differences tells how a message differs from the expected one.
func (c *Contents) differences(p Published) []string { return c.compare(p, false) }

// exactly is differences of what is to have nothing that is not expected.
func (c *Contents) exactly(p Published) []string { return c.compare(p, true) }

func (c *Contents) compare(p Published, exact bool) []string {
	var wrong []string
	for _, name := range sortedKeys(c.Metadata) {
		want := c.Metadata[name]
		got, ok := p.Metadata[name]
		if !ok {
			wrong = append(wrong, fmt.Sprintf("metadata %s: expected %s, but it is missing", name, show(want)))
			continue
		}
		l, cascaded := c.rules.metadata.best(location{name})
		switch {
		case l != nil:
			wrong = append(wrong, labelled("metadata "+name, l.fits(want, got, cascaded))...)
		case isContentType(name):
			wrong = append(wrong, labelled("metadata "+name, media(text(want), text(got)))...)
		default:
			wrong = append(wrong, labelled("metadata "+name, nonEmpty(equal(want, got)))...)
		}
	}
	return append(wrong, labelled("contents", c.Body.differences(p.Type, p.Data, c.rules.body, exact))...)
}

func isContentType(name string) bool {
	return strings.EqualFold(strings.ReplaceAll(name, "-", ""), "contenttype")
}

func labelled(label string, wrong []string) []string {
	out := make([]string, len(wrong))
	for i, w := range wrong {
		out[i] = label + ": " + w
	}
	return out
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// headerDifferences compares the headers that are expected; others may be there.
func headerDifferences(want, got http.Header, rules category) []string {
	var wrong []string
	for _, name := range sortedKeys(want) {
		label := "header " + name
		have := got.Values(name)
		if len(have) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s: expected %s, but it is missing", label, strings.Join(want[name], ", ")))
			continue
		}
		l, cascaded := rules.header(name)
		switch {
		case l != nil:
			for _, h := range have {
				wrong = append(wrong, labelled(label, l.fits(firstOf(want[name]...), h, cascaded))...)
			}
		case (name == "Content-Type" || name == "Accept") && !strings.Contains(strings.Join(append(have, want[name]...), ""), ","):
			wrong = append(wrong, labelled(label, media(strings.Join(want[name], ", "), strings.Join(have, ", ")))...)
		case listed(want[name]) != listed(have):
			wrong = append(wrong, fmt.Sprintf("%s: expected %s, got %s", label, listed(want[name]), listed(have)))
		}
	}
	return wrong
}

// header finds the rules of a header, whose name may be written in any case.
func (c category) header(name string) (l *list, cascaded bool) {
	for i, e := range c {
		if len(e.path) > 0 && strings.EqualFold(e.path[0].name, name) {
			return &c[i].list, len(e.path) == 0
		}
	}
	return nil, false
}

// listed is a header's value without the spaces that mean nothing.
func listed(values []string) string {
	parts := strings.Split(strings.Join(values, ","), ",")
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return strings.Join(parts, ", ")
}

// media compares media types: the parameters that are expected have to be there.
func media(want, got string) []string {
	difference := []string{fmt.Sprintf("expected %s, got %s", want, got)}
	wants, gots := strings.Split(want, ";"), strings.Split(got, ";")
	if strings.TrimSpace(wants[0]) != strings.TrimSpace(gots[0]) {
		return difference
	}
	for _, parameter := range wants[1:] {
		if !slices.ContainsFunc(gots[1:], func(g string) bool { return sameParameter(parameter, g) }) {
			return difference
		}
	}
	return nil
}

func sameParameter(a, b string) bool {
	tidy := func(s string) string {
		name, value, _ := strings.Cut(s, "=")
		return strings.TrimSpace(name) + "=" + strings.TrimSpace(value)
	}
	return strings.EqualFold(tidy(a), tidy(b))
}

// queryDifferences compares parameters; no others may be there.
func queryDifferences(want, got url.Values, rules category) []string {
	var wrong []string
	for _, name := range sortedKeys(want) {
		label := "query " + name
		have, ok := got[name]
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s: expected %s, but it is missing", label, strings.Join(want[name], ", ")))
			continue
		}
		if l, cascaded := rules.best(location{name}); l != nil {
			for _, h := range have {
				wrong = append(wrong, labelled(label, l.fits(firstOf(want[name]...), h, cascaded))...)
			}
		} else if !slices.Equal(want[name], have) {
			wrong = append(wrong, fmt.Sprintf("%s: expected %q, got %q", label, want[name], have))
		}
	}
	for _, name := range sortedKeys(got) {
		if _, ok := want[name]; !ok {
			wrong = append(wrong, fmt.Sprintf("query %s: nothing is expected here, got %q", name, got[name]))
		}
	}
	return wrong
}
