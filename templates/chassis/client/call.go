package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/strictjson"
)

// Command gives a command to another service, at its internal route
// "/internal/commands/<Aggregate>/<Command>", and returns the fields of its
// reply. Errors: *values.Rejection, *Timeout, *Unavailable or *Failure.
func Command[Reply any](ctx context.Context, d *Dependency, path string, input any, cause command.Cause) (Reply, error) {
	return do[Reply](ctx, d, request{method: http.MethodPost, path: path, body: input, cause: cause, internal: true})
}

// Rows is a page of another service's view.
type Rows[R any] struct {
	Rows []R
	Next string // cursor of the next page; empty: this is the last one
}

// Query asks another service, at its internal route
// "/internal/queries/<View>/<query>", for rows of a view.
func Query[R any](ctx context.Context, d *Dependency, path string, input any, page Page, cause command.Cause) (Rows[R], error) {
	row, err := strictjson.Lenient[R]()
	if err != nil {
		return Rows[R]{}, err
	}
	if page.Needs != nil {
		row = row.Needing(page.Needs...)
	}
	return doAndRead(ctx, d, request{
		method: http.MethodPost, path: path, query: page.values(), body: input, cause: cause, internal: true, safe: true,
	}, func(body []byte) (Rows[R], error) { return readRows(body, row) })
}

// readRows reads a page of rows.
func readRows[R any](body []byte, row *strictjson.Decoder[R]) (Rows[R], error) {
	var page struct {
		Items []json.RawMessage `json:"items"`
		Next  string            `json:"next"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return Rows[R]{}, err
	}
	if page.Items == nil {
		return Rows[R]{}, errors.New("/items is missing")
	}
	out := Rows[R]{Rows: make([]R, len(page.Items)), Next: page.Next}
	for i, data := range page.Items {
		if err := strictjson.Error(row.Decode(data, &out.Rows[i])); err != nil {
			return Rows[R]{}, fmt.Errorf("/items/%d%w", i, err)
		}
	}
	return out, nil
}

// Page says which part of a query's rows is wanted.
type Page struct {
	Limit  int
	Cursor string
	// Needs are the JSON names of the fields of a row that are looked at: the
	// others may be missing. nil: all that its type says.
	Needs []string
}

// Get reads one row of another service's view, at its internal route
// "/internal/queries/<View>". A row that is not there is a rejection with
// kind Missing.
func Get[R any](ctx context.Context, d *Dependency, path string, cause command.Cause, key ...string) (R, error) {
	return do[R](ctx, d, request{method: http.MethodGet, path: path + "/rows" + segments(key), cause: cause, internal: true, safe: true})
}

// Operation uses an operation of an external system: method and path are the
// model's, "POST", "/v2/messages/{to}"; wildcards are filled from fields of
// the input. The input is the body, or the query where the method has no body.
// The key is sent as Idempotency-Key.
func Operation[Reply any](ctx context.Context, d *Dependency, method, path string, input any, cause command.Cause) (Reply, error) {
	return do[Reply](ctx, d, request{method: method, path: path, body: input, cause: cause, safe: isSafe(method)})
}

func isSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }
