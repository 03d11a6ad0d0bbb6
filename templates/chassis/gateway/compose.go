package gateway

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/strictjson"
)

// Composition is one answer made of rows of several services, which are asked
// at once, on behalf of who asks.
type Composition struct {
	Path  string // "/orders/{orderId}/details"
	Roles []string
	Parts []Part
}

func (c Composition) add(g *gateway) { g.router.Handle("GET "+c.Path, c.Roles, g.compose(c)) }

// Part is the share of one service. It is left out when it cannot be had:
// because the service is away, there is no such row, or it is not for who asks.
type Part struct {
	Name     string
	Path     string // of the row: "/front/views/orders/{orderId}"
	Required bool   // without it there is no answer
	Timeout  time.Duration
}

// Limits of one part.
const (
	partTimeout = 2 * time.Second // unless the part says another
	maxPart     = 1 << 20         // bytes
)

// compose answers a composition.
func (g *gateway) compose(c Composition) func(http.ResponseWriter, *http.Request, inbound.Actor) error {
	return func(w http.ResponseWriter, r *http.Request, _ inbound.Actor) error {
		if problems := unknown(r.URL.Query()); len(problems) > 0 {
			return inbound.Invalid(problems)
		}
		found, errs := make([]json.RawMessage, len(c.Parts)), make([]error, len(c.Parts))
		var all sync.WaitGroup
		for i, part := range c.Parts {
			all.Go(func() { found[i], errs[i] = g.part(r, part) })
		}
		all.Wait()
		body := map[string]any{"_links": map[string]any{"self": map[string]string{"href": rest.Prefix(r) + r.URL.EscapedPath()}}}
		for i, part := range c.Parts {
			switch {
			case errs[i] == nil:
				body[part.Name] = found[i]
			case part.Required:
				return errs[i]
			default:
				trace.SpanFromContext(r.Context()).RecordError(errs[i])
			}
		}
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(data) // who asked may be gone
		return nil
	}
}

// unknown are parameters where there can be none.
func unknown(query url.Values) []strictjson.Problem {
	var problems []strictjson.Problem
	for name := range query {
		problems = append(problems, strictjson.Problem{Pointer: "/" + name, Code: strictjson.Unknown, Message: "is not known here"})
	}
	return problems
}

// part asks for one row. What the service answers to a bad request is an error,
// to be answered as it is.
func (g *gateway) part(r *http.Request, part Part) (json.RawMessage, error) {
	timeout := part.Timeout
	if timeout <= 0 {
		timeout = partTimeout
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	name := serviceOf(part.Path)
	return g.askFor(ctx, r, name, strings.TrimPrefix(filled(part.Path, r), "/"+name))
}

// askFor asks a service for something, on behalf of who asks.
func (g *gateway) askFor(ctx context.Context, r *http.Request, name, path string) (json.RawMessage, error) {
	u := g.upstreams[name]
	if u == nil {
		return nil, &client.Unavailable{Dependency: name, Reason: "its address is not known"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+name+path, nil)
	if err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		if name == "Authorization" || name == http.CanonicalHeaderKey(rest.HeaderRequestID) || strings.HasPrefix(name, inbound.HeadersOfActor) {
			req.Header[name] = values
		}
	}
	g.clean(req.Header)
	req.Header.Set(rest.HeaderPrefix, rest.Prefix(r)+"/"+name)
	answer, err := u.traced.RoundTrip(req)
	if err != nil {
		return nil, u.failure(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxPart+1))
	switch {
	case err != nil:
		return nil, u.failure(ctx, err)
	case len(data) > maxPart:
		return nil, &client.Failure{Dependency: name, Status: answer.StatusCode, Reason: "its answer is too large"}
	case answer.StatusCode == http.StatusOK && json.Valid(data):
		return data, nil
	}
	return nil, refusal(name, answer, data)
}

// filled is the path of a part with the parameters of the request.
func filled(path string, r *http.Request) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if name, ok := strings.CutPrefix(s, "{"); ok {
			segments[i] = url.PathEscape(r.PathValue(strings.TrimSuffix(name, "}")))
		}
	}
	return strings.Join(segments, "/")
}

// refusal is what a service said in place of a row.
func refusal(name string, answer *http.Response, data []byte) error {
	var p inbound.Problem
	if json.Unmarshal(data, &p) != nil || p.Status != answer.StatusCode || p.Code == "" {
		return &client.Failure{Dependency: name, Status: answer.StatusCode, Reason: "its answer could not be read"}
	}
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return &p
}
