package badinput

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// Endures sends good requests with extreme values: the longest, the largest,
// the oddest that are still well-formed. The model may refuse them; the service
// does not fail.
func Endures(t *testing.T, s Service, routes []Route) {
	lines := open(t, s)
	all := places(routes)
	lines.prepare(t, all)
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			for _, c := range p.extremes() {
				lines.endures(t, c)
			}
		})
	}
}

func (x *lines) endures(t *testing.T, c Case) {
	t.Helper()
	called := x.called()
	a, err := x.send(c.Request)
	if err != nil {
		t.Errorf("%s: %v", c, err)
		return
	}
	p, err := a.problem()
	if err != nil {
		t.Errorf("%s: %v", c, err)
	}
	if a.status >= 500 && !excused(a.status, p.Code) {
		t.Errorf("%s: the service failed: %s", c, a)
	}
	if a.status >= 300 {
		tables, err := x.stored.changedByRefused(context.Background(), x.called() > called)
		if err != nil {
			t.Fatal(err)
		}
		if tables != "" {
			t.Errorf("%s: it was refused (%d), and yet something was stored: %s", c, a.status, tables)
		}
	}
	if err := x.stored.restore(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// longest is nearly as much as a body holds, and more than a message does.
var longest = strings.Repeat("x", MaxBody-100_000)

// extremes of each kind, as JSON.
func (f Field) extremes() []string {
	switch f.Kind {
	case Int:
		return []string{"9223372036854775807", "-9223372036854775808", "0", "-0"}
	case Decimal:
		return []string{`"99999999999999999999999999999999999999"`, `"-99999999999999999999999999999999999999"`, "1e37", "-0", "1e-38",
			`"0.00000000000000000000000000000000000001"`}
	case Date:
		return []string{`"9999-12-31"`, `"0001-01-01"`}
	case Time:
		return []string{`"9999-12-31T23:59:59.999999999Z"`, `"0001-01-01T00:00:00Z"`, `"2026-12-01T09:00:00.0000001+14:00"`}
	case Duration:
		return []string{`"106751d"`, `"-106751d"`, `"0s"`}
	case ID:
		return append(injections(), quoted(strings.Repeat("x", 200)), quoted("a/b?c#d%e&f;g"), `" "`, quoted("가나다"), quoted("\u202eid"), quoted(`'"\`), `"*"`)
	case Text:
		return append(injections(), `""`, quoted(longest), quoted("\u202e\u0301\ufeff👩‍👩‍👧"), quoted("%_\\"), `"\t\r\n"`)
	case List:
		return []string{"[]"}
	case Map:
		return []string{"{}", `{"":null}`, `{"a.b/c'\"$[]":null}`}
	}
	return nil
}

// injections are texts, as JSON, that would be more than that where somebody puts
// statements, paths or lines together of them.
func injections() []string {
	var all []string
	for _, s := range []string{
		"'; DROP TABLE platform_outbox; --", `"; DROP TABLE platform_outbox; --`, `\'; DROP TABLE platform_outbox; --`, `' OR '1'='1`, `" OR ""="`,
		"x' UNION SELECT payload FROM platform_outbox --", "1); DELETE FROM platform_outbox; --", "'||(SELECT 1)||'", "$1", "?", ":name", "{{.}}", "${jndi:ldap://x}",
		"$$; SELECT pg_sleep(10); $$", "'; ATTACH DATABASE 'x' AS x; --", "ʼ OR ʼ1ʼ=ʼ1", "＇ OR ＇1＇=＇1", "../../etc/passwd", "%27%20OR%201=1", "<script>x</script>", "null",
	} {
		all = append(all, quoted(s))
	}
	return all
}

// extremes are the good requests of a route, each with one extreme value.
func (p place) extremes() []Case {
	m := &maker{place: p, good: p.good("extreme")}
	for _, f := range p.fields {
		for _, v := range f.extremes() {
			m.add("extreme "+short(v), f.At, 0, func(c *Case) {
				if f.Kind == Map {
					v = strings.ReplaceAll(v, "null", valueAt(p.body, f.At+"/key"))
				}
				c.Body = replaced(p.body, f.At, v)
			})
		}
		if f.Kind == List {
			m.add("five thousand elements", f.At, 0, func(c *Case) {
				c.Body = replaced(p.body, f.At, "["+many(strings.TrimSuffix(strings.TrimPrefix(valueAt(p.body, f.At), "["), "]"), 5000)+"]")
			})
		}
	}
	for _, f := range p.wildcards {
		for _, v := range f.extremes() {
			if v != quoted(longest) && plain(v) != "" {
				m.add("extreme "+short(v), f.At, 0, func(c *Case) {
					c.Target = p.target(map[string]string{f.At: url.PathEscape(plain(v))}, "", "")
				})
			}
		}
	}
	ask := func(query string) {
		m.add("query "+short(query), "", 0, func(c *Case) { c.Target = p.target(nil, "", query) })
	}
	for _, f := range p.query {
		for _, v := range f.extremes() {
			if v != quoted(longest) {
				m.add("extreme "+short(v), f.At, 0, func(c *Case) {
					c.Target = p.target(nil, f.At, url.QueryEscape(f.At)+"="+url.QueryEscape(plain(v)))
				})
			}
		}
		if p.sort == View {
			ask("sort=" + f.At)
			ask("sort=-" + f.At)
		}
	}
	if p.versioned {
		ask("minVersion=" + strconv.FormatInt(1<<62, 10))
	}
	if p.page {
		for _, query := range []string{"limit=9223372036854775807", "limit=", "cursor=", "sort=", "q=", "q=x", "q=%25_%5C", "q=" + strings.Repeat("%EA%B0%80", 200),
			"q='", "q=%22*%22", fmt.Sprintf("q=%s", strings.Repeat("a+", 90))} {
			ask(query)
		}
	}
	return m.cases
}
