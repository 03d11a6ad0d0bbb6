package inbound

import (
	"context"
	"errors"
	"time"

	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Query is a named query of a view as every way in answers it.
type Query[I, R any] struct {
	Name   string
	Actors []string
	// Where is the query's condition. It may panic with a *values.Fault.
	Where func(input I, actor Actor, now time.Time) where.Cond
	// Sort are the columns to sort by, unless the request says others.
	Sort []string
	// Allow tells who may see a row; nil: whoever may of the view.
	Allow func(row R, actor Actor) bool
}

// QueryRunner reads the input of a query, and answers its rows.
type QueryRunner[I, R any] struct {
	Query[I, R]
	Input *strictjson.Decoder[I]
	of    View[R]
}

// Runner prepares a query of a view to be answered, or tells what is wrong with it.
func (q Query[I, R]) Runner(of View[R], limits strictjson.Limits) (*QueryRunner[I, R], error) {
	if q.Where == nil {
		return nil, errors.New("there must be Where")
	}
	input, err := strictjson.For[I](limits)
	if err != nil {
		return nil, err
	}
	if q.Allow == nil {
		q.Allow = of.Allow
	}
	return &QueryRunner[I, R]{q, input, of}, nil
}

// Ask makes of the question for a page one for the rows that the input means.
func (q *QueryRunner[I, R]) Ask(page view.Query, input I, actor Actor, now time.Time) (asked view.Query, err error) {
	defer values.Catch(&err)
	page.DefaultSort = q.Sort
	page.Where = q.Where(input, actor, now)
	return page, nil
}

// List reads those rows of a page that an actor may see.
func (q *QueryRunner[I, R]) List(ctx context.Context, actor Actor, query view.Query) (view.Page[R], error) {
	return list(ctx, actor, q.of.Rows, query, q.Allow)
}
