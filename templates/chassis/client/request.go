package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// request is what is asked, before it is put into HTTP.
type request struct {
	method   string
	path     string // escaped
	query    url.Values
	body     any
	cause    command.Cause
	internal bool // to a service of this system
	safe     bool // changes nothing
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do asks, and reads the reply. Fields and values that it does not know are
// fine: the other one may be newer. One that is missing and must be there is
// not: whatever goes on from a value that nobody has told goes wrong.
func do[Reply any](ctx context.Context, d *Dependency, req request) (Reply, error) {
	read, err := strictjson.Lenient[Reply]()
	if err != nil {
		var none Reply
		return none, fmt.Errorf("%s: %w", d.name, err)
	}
	return doAndRead(ctx, d, req, func(body []byte) (reply Reply, err error) {
		if read.Empty() {
			return reply, nil // of an answer that nobody reads nothing can be wrong
		}
		return reply, strictjson.Error(read.Decode(body, &reply))
	})
}

// doAndRead is do for who reads the reply by itself.
func doAndRead[Reply any](ctx context.Context, d *Dependency, req request, read func(body []byte) (Reply, error)) (Reply, error) {
	var reply Reply
	body, err := d.prepare(&req)
	if err != nil {
		return reply, err
	}
	if err := ctx.Err(); err != nil {
		return reply, &Unavailable{Dependency: d.name, Reason: "the time for it was over", Cause: err}
	}
	err = d.guard.do(ctx, req.safe || req.cause.Key != "", func(ctx context.Context) (*answer, error) {
		a, err := d.try(ctx, req, body)
		if err != nil {
			return a, err
		}
		if len(a.body) == 0 {
			a.body = []byte("{}")
		}
		got, err := read(a.body)
		if err != nil {
			return a, &Failure{Dependency: d.name, Reason: "its answer could not be read: " + err.Error(), Cause: err, sent: true}
		}
		reply = got
		return a, nil
	})
	return reply, err
}

// prepare puts the input into path, query and body.
func (d *Dependency) prepare(req *request) ([]byte, error) {
	if req.body == nil {
		return nil, nil
	}
	data, err := values.Marshal(req.body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	if string(data) == "null" {
		return nil, nil
	}
	if req.internal {
		return data, nil
	}
	return d.spread(req, data)
}

// spread fills the wildcards of a path from the input's fields; what is left
// is the body, or the query where the method has no body. Without a value the path
// would be another one: the request is not made.
func (d *Dependency) spread(req *request, data []byte) ([]byte, error) {
	bodyless := isSafe(req.method) || req.method == http.MethodDelete
	if !bodyless && !strings.Contains(req.path, "{") {
		return data, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("%s: the input is no object: %w", d.name, err)
	}
	parts := strings.Split(req.path, "/")
	for i, part := range parts {
		name, ok := strings.CutPrefix(part, "{")
		if !ok {
			continue
		}
		name = strings.TrimSuffix(name, "}")
		value := plain(fields[name])
		if value == "" {
			return nil, &Failure{Dependency: d.name, Reason: "the input has no " + name + " for the path", final: true}
		}
		parts[i] = url.PathEscape(value)
		delete(fields, name)
	}
	req.path = strings.Join(parts, "/")
	if !bodyless {
		return json.Marshal(fields)
	}
	req.query = url.Values{}
	for name, value := range fields {
		if text := plain(value); text != "" && text != "[]" && text != "{}" {
			req.query.Set(name, text)
		}
	}
	return nil, nil
}

// plain is a JSON value as text in a URL.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text // also "" of null
	}
	return string(value)
}

// try asks once.
func (d *Dependency) try(ctx context.Context, req request, body []byte) (*answer, error) {
	target := strings.TrimSuffix(d.base.String(), "/") + req.path
	if len(req.query) > 0 {
		target += "?" + req.query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, req.method, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s: the request cannot be made", d.name)
	}
	req.headers(r.Header, body != nil)
	response, err := d.http.Do(r)
	if err != nil {
		return nil, d.broken(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(response.Body, d.maxReply+1))
	if err != nil {
		return nil, d.broken(ctx, err)
	}
	if int64(len(data)) > d.maxReply {
		return nil, &Failure{Dependency: d.name, Status: response.StatusCode, Reason: "its answer is too large", sent: true}
	}
	a := &answer{status: response.StatusCode, header: response.Header, body: data}
	return a, d.judge(req, a)
}

func (req request) headers(h http.Header, hasBody bool) {
	h.Set("Accept", "application/json")
	if hasBody {
		h.Set("Content-Type", "application/json")
	}
	if !req.internal {
		set(h, "Idempotency-Key", url.PathEscape(req.cause.Key))
		return
	}
	// Escaped, because keys are made of ids, which are of any script.
	set(h, "Esgen-Key", url.PathEscape(req.cause.Key))
	set(h, "Esgen-Compensates", url.PathEscape(req.cause.Compensates))
	set(h, "Esgen-Correlation", url.PathEscape(req.cause.Correlation))
	set(h, "Esgen-Causation", url.PathEscape(req.cause.Causation))
	set(h, "Esgen-Actor", url.PathEscape(string(req.cause.Actor.Subject)))
	roles := make([]string, len(req.cause.Actor.Roles))
	for i, role := range req.cause.Actor.Roles {
		roles[i] = strings.ReplaceAll(url.PathEscape(role), ",", "%2C")
	}
	set(h, "Esgen-Actor-Roles", strings.Join(roles, ","))
}

func set(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

func (p Page) values() url.Values {
	query := url.Values{}
	if p.Limit > 0 {
		query.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Cursor != "" {
		query.Set("cursor", p.Cursor)
	}
	return query
}

// segments are the parts of a key as the end of a path.
func segments(key []string) string {
	var b strings.Builder
	for _, part := range key {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(part))
	}
	return b.String()
}
