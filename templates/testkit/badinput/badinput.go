// Package badinput sends a service what strangers send: of each route's good
// request it makes bad ones of more than a hundred kinds, and sees that every
// one is refused with problem details and that nothing is stored. It is for
// tests only.
package badinput

import (
	"slices"
	"strconv"
	"strings"
)

// Kind is the kind of a field's values.
type Kind string

// The kinds of values there are.
const (
	Text     Kind = "text"
	Bool     Kind = "bool"
	Int      Kind = "int"
	Decimal  Kind = "decimal"
	Date     Kind = "date"
	Time     Kind = "time"
	Duration Kind = "duration"
	ID       Kind = "id"
	Enum     Kind = "enum"
	List     Kind = "list"
	Map      Kind = "map"
	Object   Kind = "object"
)

// Field is a value of a good request.
type Field struct {
	At   string // a JSON pointer: "/items/0/price"
	Kind Kind
	// Required: it cannot be left out.
	Required bool
	// Null clears it.
	Null bool
	// Refused is a value of its kind, in JSON, that the model does not allow;
	// empty: any is allowed.
	Refused string
}

// name is the last part of where the field is.
func (f Field) name() string { return f.At[strings.LastIndexByte(f.At, '/')+1:] }

// within tells whether the field is a part of an outermost one.
func (f Field) within(name string) bool {
	return f.At == "/"+name || strings.HasPrefix(f.At, "/"+name+"/")
}

// outer tells whether it is no part of another field.
func (f Field) outer() bool { return strings.LastIndexByte(f.At, '/') == 0 }

// Sort is what a route is about.
type Sort int

// The sorts of routes.
const (
	Command  Sort = iota // what is in the pattern is left out of the body
	Resource             // the state of an instance
	View                 // a list, filtered by the fields; and one row, if Row says where
	Query                // the fields are parameters; internally they may be in a body as well
)

// Route is what a service serves, and a good request for it.
type Route struct {
	Name string
	Is   Sort
	// Public is the route of actors: "POST /orders/{orderId}/cancel"; empty:
	// there is none.
	Public string
	// Role is one of those that may use it.
	Role string
	// Internal is the path of the route of other services; empty: there is none.
	Internal string
	// Row is what follows the path of a view to one row: "/{orderId}/{day}".
	Row string
	// Creates: the command makes the instance that other routes are about.
	Creates bool
	// Owned: of all who have the role, only one may; of a list, sees a row.
	Owned bool
	// Body is a good request as JSON: a command, the input of a query, the
	// filters of a list.
	Body   string
	Fields []Field // of Body
	// Uncertain: nobody has found values that all checks of the model let
	// through, so that even the good request may be refused.
	Uncertain bool
}

// served are the places where a route is served.
func (r Route) served() []place {
	var places []place
	add := func(name, pattern string, internal bool, row bool) {
		if pattern == "" {
			return
		}
		p := place{name: r.Name + name, pattern: pattern, internal: internal, role: r.Role, sort: r.Is, owned: r.Owned && !internal, uncertain: r.Uncertain}
		p.creates = r.Creates && (!internal || r.Public == "")
		p.method, p.path, _ = strings.Cut(pattern, " ")
		for part := range strings.SplitSeq(p.path, "/") {
			if strings.HasPrefix(part, "{") {
				p.wildcards = append(p.wildcards, r.field(strings.Trim(part, "{}")))
			}
		}
		switch {
		case p.method == "GET" && (r.Is == Query || r.Is == View && !row):
			p.page = true
			for _, f := range r.Fields {
				if f.outer() && f.Kind != Map && f.Kind != Object {
					p.query = append(p.query, r.field(f.name()))
				}
			}
		case p.method == "GET":
			p.versioned = true
		default:
			p.page = r.Is == Query
			p.body, p.fields = r.Body, r.Fields
			for _, w := range p.wildcards {
				p.body = without(p.body, "/"+w.At)
				p.fields = slices.DeleteFunc(slices.Clone(p.fields), func(f Field) bool { return f.within(w.At) })
			}
		}
		places = append(places, p)
	}
	add("", r.Public, false, false)
	inside := func(method string) string {
		if r.Internal == "" {
			return ""
		}
		return method + " " + r.Internal
	}
	switch r.Is {
	case Command:
		add(", internal", inside("POST"), true, false)
	case Query:
		add(", internal", inside("GET"), true, false)
		add(", in a body", inside("POST"), true, false)
	case View:
		if r.Public != "" {
			add(", a row", r.Public+r.Row, false, true)
		}
		add(", internal", inside("GET"), true, false)
		add(", a row, internal", inside("GET")+"/rows"+r.Row, true, true)
	}
	return places
}

// field is an outermost field, with its good value as it stands in a URL.
func (r Route) field(name string) parameter {
	for _, f := range r.Fields {
		if f.At == "/"+name {
			f.At = name
			return parameter{f, plain(valueAt(r.Body, "/"+name))}
		}
	}
	return parameter{Field{At: name, Kind: ID, Required: true}, Subject}
}

// parameter is a field in a URL; At is its name.
type parameter struct {
	Field
	good string
}

// place is where a route is served.
type place struct {
	number    int
	name      string
	pattern   string
	method    string
	path      string
	sort      Sort
	internal  bool
	creates   bool
	page      bool // the parameters of a list are known
	versioned bool // the parameter minVersion is known
	owned     bool
	uncertain bool
	role      string
	wildcards []parameter
	query     []parameter
	body      string
	fields    []Field
}

func places(routes []Route) []place {
	var all []place
	for _, r := range routes {
		all = append(all, r.served()...)
	}
	for i := range all {
		all[i].number = i
	}
	return all
}

// Request is a request as it goes over the wire.
type Request struct {
	Internal bool // to the listener of other services
	Method   string
	Target   string
	Header   []string // lines
	Body     string
	Chunked  bool  // the length of the body is not announced
	Length   int64 // that is announced instead of the body's; the body is not sent
}

// Case is a bad request.
type Case struct {
	Kind string // what is wrong with it
	At   string // where; empty: everywhere
	Request
	Status int // of the answer; 0: any from 400 to 499
	// Pointer is among the errors of the answer; empty: there may be none.
	Pointer string
	// Bare: it does not get beyond net/http, whose answer is a line of text.
	Bare bool
}

// String names the case.
func (c Case) String() string {
	if c.At == "" {
		return c.Kind
	}
	return c.Kind + " at " + c.At
}

// Subject is who makes the good requests, and the id of what they are about.
const Subject = "id-1"

// good is the good request of a route.
func (p place) good(key string) Request {
	req := Request{Internal: p.internal, Method: p.method, Target: p.target(nil, "", ""), Body: p.body}
	if !p.internal {
		req.Header = append(req.Header, actorLine+Subject, rolesLine+p.role)
	}
	if p.body != "" {
		req.Header = append(req.Header, typeLine+"application/json")
	}
	key += "-" + strconv.Itoa(p.number)
	switch {
	case p.sort != Command:
	case p.internal:
		req.Header = append(req.Header, "Esgen-Key: "+key)
	default:
		req.Header = append(req.Header, keyLine+key)
	}
	return req
}

// The beginnings of header lines.
const (
	actorLine = "X-Actor-Id: "
	rolesLine = "X-Actor-Roles: "
	typeLine  = "Content-Type: "
	keyLine   = "Idempotency-Key: "
	matchLine = "If-Match: "
)

// cases makes the bad requests of a route. The other routes of its service
// tell which methods a path has.
func (p place) cases(all []place) []Case {
	m := &maker{place: p, good: p.good("bad")}
	m.everywhere(all)
	m.wildcards()
	m.parameters()
	if p.internal {
		m.onBehalf()
	} else {
		m.actor()
	}
	switch {
	case p.sort != Command:
	case p.internal:
		m.internalHeaders()
	default:
		m.headers()
	}
	if p.body != "" {
		m.media()
		m.body()
		for _, f := range p.fields {
			m.field(f)
		}
	}
	return m.cases
}

// maker makes the cases of a route.
type maker struct {
	place
	good  Request
	cases []Case
}

// add adds a case: the good request, changed.
func (m *maker) add(kind, at string, status int, change func(c *Case)) {
	c := Case{Kind: kind, At: at, Request: m.good, Status: status}
	c.Header = append([]string(nil), m.good.Header...)
	change(&c)
	m.cases = append(m.cases, c)
}

// set gives a header another value; none: it is left out; several: there are
// as many lines.
func (c *Case) set(line string, values ...string) {
	var lines []string
	for _, l := range c.Header {
		if !strings.HasPrefix(l, line) {
			lines = append(lines, l)
		}
	}
	for _, v := range values {
		lines = append(lines, line+v)
	}
	c.Header = lines
}
