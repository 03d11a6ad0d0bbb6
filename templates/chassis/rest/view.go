package rest

import (
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// ViewRoute is a view as routes.
//
// GET /views/<plural>/{key}… is one row; ?minVersion= waits for a short time.
// GET /views/<plural> is a page: ?<field>=value filters, ?sort=a,-b sorts,
// ?q= searches, ?limit= and ?cursor= page; Link and _links.next lead on. A
// field of one of these names, or minVersion, is filtered by as row.<field>.
type ViewRoute[R any] struct {
	Name string
	// Path is that of the list, "/views/orders".
	Path   string
	Actors []string
	Rows   view.Reader[R]
	// Keys are the JSON names of the key's parts, in their order.
	Keys []string
	// Columns are the columns of fields by JSON name: what can be filtered and
	// sorted by.
	Columns map[string]string
	// Allow tells who may see a row. To the others the row is not there: it is
	// a 404, and left out of lists, whose pages are then shorter than their
	// limit. nil: every one of the actors.
	Allow func(row R, actor inbound.Actor) bool
	// Visible is Allow as a condition of the database, where it can be said in
	// one: pages are then whole. nil: it cannot.
	Visible func(actor inbound.Actor) where.Cond
	// Stamps tell when and by whom a row was created and last changed; nil: it
	// is not said.
	Stamps func(row *R) *values.Stamps
	// Links are further links of a row; nil: none.
	Links func(row R) Links
	// Internal is the path at which other services read the view,
	// "/internal/queries/Orders", and "/rows/{key}…" below it; empty: none do.
	// They see all rows.
	Internal string
}

// View adds the routes of a view.
func View[R any](r *Router, route ViewRoute[R]) { addView(r, route) }

// QueryRoute is a named query of a view: GET /views/<plural>/queries/<name>,
// the input as parameters, and pages as of a view. Internally it is answered
// to GET as well as to POST, which has the input in the body. No field of the
// input has the name of a parameter of the page.
type QueryRoute[I, R any] struct {
	Name   string
	Path   string // "/views/orders/queries/overdue"
	Actors []string
	Rows   view.Reader[R]
	// Columns as of the view.
	Columns map[string]string
	// Where is the query's condition. It may panic with a *values.Fault.
	Where func(input I, actor inbound.Actor, now time.Time) where.Cond
	// Sort are the columns to sort by, unless the request says others.
	Sort    []string
	Allow   func(row R, actor inbound.Actor) bool
	Visible func(actor inbound.Actor) where.Cond
	Stamps  func(row *R) *values.Stamps
	Links   func(row R) Links
	// Internal is the path at which other services ask,
	// "/internal/queries/Orders/overdue"; empty: none do.
	Internal string
}

// Query adds the routes of a named query.
func Query[I, R any](r *Router, route QueryRoute[I, R]) { addQuery(r, route) }
