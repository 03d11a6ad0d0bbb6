package badinput

import (
	"net/url"
	"slices"
	"strings"
)

// everywhere is what is wrong with a request of any route.
func (m *maker) everywhere(all []place) {
	for _, method := range []string{"FROB", "TRACE", "PROPFIND", strings.ToLower(m.good.Method), "GET", "PUT", "PATCH", "POST", "DELETE"} {
		if slices.ContainsFunc(all, func(o place) bool { return o.internal == m.internal && o.takes(method, m.good.Target) }) {
			continue
		}
		m.add("another method", method, 405, func(c *Case) { c.Method = method })
	}
	path, _, _ := strings.Cut(m.good.Target, "?")
	last := path[strings.LastIndexByte(path, '/'):]
	literal := !strings.HasSuffix(m.place.path, "}")
	for _, x := range []struct {
		kind, path string
		fits       bool
	}{
		{"a slash at the end", path + "/", true},
		{"two slashes at the front", "/" + path, true},
		{"two slashes at the end", path + "//", true},
		{"dots", "/x/.." + path, true},
		{"escaped dots", "/%2e%2e" + path, true},
		{"one dot", "/." + path, true},
		{"further parts of the path", path + "/zzz/zzz/zzz", true},
		{"another case", strings.ToUpper(path), literal && strings.ToUpper(path) != path},
		{"parameters of the path", path + ";v=1", literal},
		{"a suffix", path + ".json", literal},
		{"escaped slashes", "/" + url.PathEscape(path[1:]) + "%2F", true},
		{"a backslash", `/\` + path[1:], true},
		{"NUL in the path", path + "%00", literal},
		{"a blank in the path", path + "%20", literal},
		{"line ends in the path", path + "%0d%0aX-Actor-Roles:%20admin", literal},
		{"a letter that looks alike", strings.Replace(path, last[:2], "/%D0%B5", 1), literal},
		{"a very long path", "/" + strings.Repeat("x", 20_000), true},
	} {
		if x.fits {
			m.add(x.kind, "", 0, func(c *Case) { c.Target = x.path })
		}
	}
	m.add("the other listener", "", 404, func(c *Case) { c.Internal = !c.Internal })
}

// takes tells whether a route is for a request.
func (p place) takes(method, target string) bool {
	path, _, _ := strings.Cut(target, "?")
	want, got := strings.Split(p.path, "/"), strings.Split(path, "/")
	if p.method != method || len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

// actor is what is wrong with who asks.
func (m *maker) actor() {
	who := func(kind string, values ...string) {
		m.add(kind, "", 401, func(c *Case) { c.set(actorLine, values...) })
	}
	who("nobody")
	who("an empty actor", "")
	who("an actor with a control character", "a\tb")
	who("an actor with a control character of Unicode", "a\u0085b")
	who("an actor that is no UTF-8", "a\xffb")
	who("a very long actor", strings.Repeat("x", 201))
	m.add("another proof of who asks", "", 401, func(c *Case) {
		c.set(actorLine)
		c.Header = append(c.Header, "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.")
	})
	roles := func(kind string, values ...string) {
		m.add(kind, "", 403, func(c *Case) { c.set(rolesLine, values...) })
	}
	roles("no role")
	roles("an empty role", " , ,")
	roles("another role", "nobody")
	roles("any role", "*")
	roles("a role and more", m.role+"x")
	roles("a role in parts", m.role[:len(m.role)-1])
	roles("roles of another list", m.role+";"+m.role)
	if upper := strings.ToUpper(m.role); upper != m.role {
		roles("a role in another case", upper)
	}
}

// headers is what is wrong with the headers of a command.
func (m *maker) headers() {
	for _, x := range []struct {
		kind   string
		line   string
		values []string
	}{
		{"an empty idempotency key", keyLine, []string{""}},
		{"an empty idempotency key in quotes", keyLine, []string{`""`}},
		{"a long idempotency key", keyLine, []string{strings.Repeat("k", 256)}},
		{"an idempotency key with a blank", keyLine, []string{"a b"}},
		{"an idempotency key with a control character", keyLine, []string{"a\tb"}},
		{"an idempotency key in Korean", keyLine, []string{"키"}},
		{"an idempotency key that is no UTF-8", keyLine, []string{"\xff\xfe"}},
		{"two idempotency keys", keyLine, []string{"a", "b"}},
		{"no version", matchLine, []string{""}},
		{"a version without quotes", matchLine, []string{"1"}},
		{"any version and one", matchLine, []string{`*, "1"`}},
		{"two versions without a comma", matchLine, []string{`"1" "2"`}},
		{"commas and no version", matchLine, []string{", ,"}},
		{"half a version", matchLine, []string{`"1`}},
	} {
		m.add(x.kind, "", 400, func(c *Case) { c.set(x.line, x.values...) })
	}
	for _, x := range []struct {
		kind   string
		values []string
	}{
		{"a version that was never there", []string{`"9223372036854775807"`}},
		{"a weak version", []string{`W/"1"`}},
		{"a version that is no number", []string{`"one"`}},
		{"a version below zero", []string{`"-1"`}},
		{"a version with a sign", []string{`"+1"`}},
		{"a version with a zero before it", []string{`"01"`}},
		{"a fraction as version", []string{`"1.0"`}},
		{"a version that is too large", []string{`"9223372036854775808"`}},
		{"two versions that were never there", []string{`"9223372036854775806", "9223372036854775807"`}},
		{"two lines of versions that were never there", []string{`"9223372036854775806"`, `"9223372036854775807"`}},
	} {
		m.add(x.kind, "", 0, func(c *Case) { c.set(matchLine, x.values...) }) // the model may refuse it for another reason before
	}
}

// escapes is what is wrong with escaped text in a header.
var escapes = []struct{ kind, value string }{
	{"a malformed escape", "%zz"},
	{"half an escape", "a%2"},
	{"a line end", "a%0ab"},
	{"NUL", "%00"},
	{"no UTF-8", "%ff"},
	{"very long text", strings.Repeat("x", 256)},
}

// onBehalf is what is wrong with what a service says of whom it asks for.
func (m *maker) onBehalf() {
	m.escaped("Esgen-Actor")
	m.add("a malformed escape", "Esgen-Actor-Roles", 400, func(c *Case) { c.set("Esgen-Actor-Roles: ", "%z") })
}

// internalHeaders is what is wrong with the headers of an internal command.
func (m *maker) internalHeaders() {
	for _, name := range []string{"Esgen-Key", "Esgen-Compensates", "Esgen-Correlation", "Esgen-Causation"} {
		m.escaped(name)
	}
}

func (m *maker) escaped(name string) {
	for _, x := range escapes {
		m.add("in a header: "+x.kind, name, 400, func(c *Case) { c.set(name+": ", x.value) })
	}
}

// media is what is wrong with what the body is said to be.
func (m *maker) media() {
	for _, x := range []struct {
		kind   string
		values []string
	}{
		{"no content type", nil},
		{"an empty content type", []string{""}},
		{"a form", []string{"application/x-www-form-urlencoded"}},
		{"a form of parts", []string{"multipart/form-data; boundary=x"}},
		{"plain text", []string{"text/plain"}},
		{"XML", []string{"application/xml"}},
		{"JSON of other media", []string{"text/json"}},
		{"several JSON documents", []string{"application/jsonlines"}},
		{"a malformed content type", []string{"application/json; charset"}},
		{"a content type of blanks", []string{" ; "}},
		{"another character set", []string{"application/json; charset=euc-kr"}},
		{"UTF-16", []string{"application/json; charset=utf-16"}},
	} {
		m.add("content type: "+x.kind, "", 415, func(c *Case) { c.set(typeLine, x.values...) })
	}
	for _, encoding := range []string{"gzip", "br", "nonsense", "identity, gzip"} {
		m.add("a compressed body", encoding, 415, func(c *Case) { c.set("Content-Encoding: ", encoding) })
	}
}

// wildcards is what is wrong with the parts of a path.
func (m *maker) wildcards() {
	for _, f := range m.place.wildcards {
		wrong := func(kind, text string, status int) {
			m.add("in the path: "+kind, f.At, status, func(c *Case) {
				c.Target = m.target(map[string]string{f.At: text}, "", "")
			})
		}
		for _, x := range f.badTexts() {
			wrong(x.kind, x.text, x.status())
		}
		wrong("escaped dots", "%2e%2e", 0)
		wrong("nothing", "", 404)
	}
}

// parameters is what is wrong with the query of a URL.
func (m *maker) parameters() {
	with := func(kind, extra, pointer string) {
		m.add(kind, "", 400, func(c *Case) {
			c.Target, c.Pointer = m.target(nil, "", extra), pointer
		})
	}
	if m.internal && m.sort == Command {
		return // nobody looks at them
	}
	with("an unknown parameter", "zzz=1", "/zzz")
	with("a parameter without a value", "zzz", "/zzz")
	with("a parameter without a name", "=1", "/")
	with("a parameter of SQL", "zzz'%20OR%201=1--", "")
	with("a parameter in brackets", "zzz[]=1", "/zzz[]")
	with("a parameter named by NUL", "%00=1", "")
	with("a parameter named by no UTF-8", "%ff=1", "")
	with("a very long parameter", strings.Repeat("z", 10_000)+"=1", "")
	with("a thousand parameters", strings.Repeat("zzz=1&", 1000), "/zzz")
	if m.sort != Command {
		with("a malformed escape", "zzz=%zz", "")
		with("a semicolon", "a;b", "")
	}
	if m.versioned {
		m.known("minVersion", "x", "-1", "1.5", "1e3", "0x1", "%201", "9223372036854775808", "%D9%A1", "1&minVersion=2", "NaN", "%00")
	}
	if m.place.page {
		m.page()
	}
	for _, f := range m.query {
		name := url.QueryEscape(f.At) + "="
		wrong := func(kind, add string) {
			m.add(kind, f.At, 400, func(c *Case) {
				c.Target, c.Pointer = m.target(nil, f.At, add), "/"+f.At
			})
		}
		for _, x := range f.badTexts() {
			wrong("as a parameter: "+x.kind, name+x.text)
		}
		if m.sort == Query && f.Required {
			wrong("a parameter is missing", "")
		}
		if f.Kind != List {
			good := name + url.QueryEscape(f.good)
			wrong("a parameter is there twice", good+"&"+good)
		}
	}
}

// known is what is wrong with a parameter that means the same everywhere.
func (m *maker) known(name string, values ...string) {
	if slices.ContainsFunc(m.query, func(f parameter) bool { return f.At == name }) {
		return // it means something else here
	}
	for _, v := range values {
		m.add("the parameter "+name, short(v), 400, func(c *Case) {
			c.Target = m.target(nil, "", name+"="+v)
		})
	}
}

func (m *maker) page() {
	m.known("limit", "x", "0", "-1", "1.5", "1e2", "0x10", "99999999999999999999", "%00", "1&limit=2", "NaN", "%20")
	m.known("cursor", "%00", "%0a", "x", "!!!!", "bm9uc2Vuc2U", "e30", "W10", "bnVsbA", "eyJ4IjoxfQ==", strings.Repeat("x", 5000), "a&cursor=b", "%ff", "%D9%A1")
	m.known("sort", "zzz", "-zzz", "-", "--", "zzz%3BDROP%20TABLE%20platform_outbox", "%22", "a&sort=b", "1", "_version", "%00", strings.Repeat("zzz,", 100))
	m.known("q", strings.Repeat("x", 201), "%00", "%ff", "a&q=b")
}

// target is the path and query of a request: parts of the path are replaced,
// a parameter is left out, and further ones are added. What is given is escaped
// already.
func (p place) target(path map[string]string, leaveOut, add string) string {
	target := p.path
	for _, f := range p.wildcards {
		value, changed := path[f.At]
		if !changed {
			value = url.PathEscape(f.good)
		}
		target = strings.Replace(target, "{"+f.At+"}", value, 1)
	}
	var query []string
	for _, f := range p.query {
		if p.sort == Query && f.Required && f.At != leaveOut {
			query = append(query, url.QueryEscape(f.At)+"="+url.QueryEscape(f.good))
		}
	}
	if add != "" {
		query = append(query, add)
	}
	if len(query) > 0 {
		target += "?" + strings.Join(query, "&")
	}
	return target
}

// short is as much of a value as the name of a case needs.
func short(s string) string { return s[:min(len(s), 24)] }

// Bare are requests that are no HTTP, or of no use to any route: they do not
// get beyond net/http.
func Bare() []Case {
	var cases []Case
	for _, x := range []struct {
		kind, method, target string
		header               []string
		status               int
	}{
		{"a malformed escape in the path", "GET", "/a%zz", nil, 400},
		{"a path without a slash", "GET", "a", nil, 400},
		{"a blank in the target", "GET", "/a b", nil, 400},
		{"a malformed method", "G{T", "/", nil, 400},
		{"a header without a name", "GET", "/", []string{": x"}, 400},
		{"a header with a blank in its name", "GET", "/", []string{"X Y: x"}, 400},
		{"NUL in a header", "GET", "/", []string{"X-Actor-Id: a\x00b"}, 400},
		{"a header without a colon", "GET", "/", []string{"nonsense"}, 400},
		{"two hosts", "GET", "/", []string{"Host: a"}, 400},
		{"two lengths", "POST", "/", []string{"Content-Length: 1", "Content-Length: 2"}, 400},
		{"a length below zero", "POST", "/", []string{"Content-Length: -1"}, 400},
		{"an expectation nobody can meet", "POST", "/", []string{"Expect: wonders"}, 417},
	} {
		cases = append(cases, Case{Kind: x.kind, Status: x.status, Bare: true,
			Request: Request{Method: x.method, Target: x.target, Header: x.header}})
	}
	return cases
}
