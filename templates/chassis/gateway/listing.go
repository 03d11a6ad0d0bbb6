package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/trace"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
)

// Listing is a page of rows of one service, and what others have of each of
// them: the rows first, and then the parts of all, at once.
type Listing struct {
	Path  string // "/customers/{customerId}/orders"
	Roles []string
	// List is the path of the rows, with what narrows it:
	// "/front/views/orders?customerId={customerId}". What is asked for besides
	// (cursor, limit, sort, fields) goes there as it is.
	List  string
	Parts []Part // their paths have columns of the row, too: "/pay/views/payments/{row.orderId}"
}

func (l Listing) add(g *gateway) { g.router.Handle("GET "+l.Path, l.Roles, g.toListing(l)) }

// partsAtOnce is how many parts of a page are on their way at the same time.
const partsAtOnce = 16

// toListing answers with a page whose rows have their parts.
func (g *gateway) toListing(l Listing) func(http.ResponseWriter, *http.Request, inbound.Actor) error {
	return func(w http.ResponseWriter, r *http.Request, _ inbound.Actor) error {
		page, err := g.listedRows(r, l)
		if err != nil {
			return err
		}
		items := make([]map[string]json.RawMessage, len(page.Items))
		for i, row := range page.Items {
			items[i] = map[string]json.RawMessage{"row": row}
		}
		g.addParts(r, l.Parts, items)
		self := rest.Prefix(r) + r.URL.EscapedPath()
		links := map[string]any{"self": map[string]string{"href": listedAt(self, r.URL.Query())}}
		body := map[string]any{"items": items, "_links": links}
		if page.Next != "" {
			query := r.URL.Query()
			query.Set("cursor", page.Next)
			links["next"] = map[string]string{"href": listedAt(self, query)}
			body["next"] = page.Next
			w.Header().Set("Link", "<"+listedAt(self, query)+`>; rel="next"`)
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

func listedAt(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// listedPage is a page as services answer it.
type listedPage struct {
	Items []json.RawMessage `json:"items"`
	Next  string            `json:"next"`
}

// listedRows asks for the rows. Without them there is no answer.
func (g *gateway) listedRows(r *http.Request, l Listing) (listedPage, error) {
	ctx, cancel := context.WithTimeout(r.Context(), partTimeout)
	defer cancel()
	name := serviceOf(l.List)
	data, err := g.askFor(ctx, r, name, strings.TrimPrefix(withQuery(l.List, r), "/"+name))
	if err != nil {
		return listedPage{}, err
	}
	var page listedPage
	return page, json.Unmarshal(data, &page)
}

// addParts puts the parts of rows beside them, those that can be had. What several
// rows have in common is asked for once.
func (g *gateway) addParts(r *http.Request, parts []Part, items []map[string]json.RawMessage) {
	type share struct {
		part  Part
		items []map[string]json.RawMessage
	}
	var shares []*share
	known := map[[2]string]*share{}
	for _, item := range items {
		for _, part := range parts {
			path, err := ofRow(part.Path, item["row"])
			if err != nil {
				continue // it has no such part
			}
			s := known[[2]string{part.Name, path}]
			if s == nil {
				s = &share{part: Part{Name: part.Name, Path: path, Timeout: part.Timeout}}
				known[[2]string{part.Name, path}], shares = s, append(shares, s)
			}
			s.items = append(s.items, item)
		}
	}
	found, free := make([]json.RawMessage, len(shares)), make(chan struct{}, partsAtOnce)
	var all sync.WaitGroup
	for i, s := range shares {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			data, err := g.part(r, s.part)
			if err != nil {
				trace.SpanFromContext(r.Context()).RecordError(err)
			}
			found[i] = data
		})
	}
	all.Wait()
	for i, s := range shares {
		for _, item := range s.items {
			if found[i] != nil {
				item[s.part.Name] = found[i]
			}
		}
	}
}

// errNoColumn says that a row does not have what a part is found by.
var errNoColumn = errors.New("the row has nothing to find it by")

// ofRow is the path of a part with the columns of a row.
func ofRow(path string, row json.RawMessage) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(row))
	decoder.UseNumber()
	var columns map[string]any
	if err := decoder.Decode(&columns); err != nil {
		return "", err
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		name, ok := strings.CutPrefix(s, "{row.")
		if !ok {
			continue
		}
		switch value := columns[strings.TrimSuffix(name, "}")].(type) {
		case string:
			if value == "" {
				return "", errNoColumn
			}
			segments[i] = url.PathEscape(value)
		case json.Number:
			segments[i] = value.String()
		case bool:
			segments[i] = "false"
			if value {
				segments[i] = "true"
			}
		default:
			return "", errNoColumn
		}
	}
	return strings.Join(segments, "/"), nil
}
