package view

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// ErrCursor: a cursor is forged, damaged or from another query.
var ErrCursor = errors.New("the cursor is not of this query")

// ErrQuery: a filter or a sort names no column, or its value does not fit.
var ErrQuery = errors.New("the query does not fit the view")

// Query asks for a page of a view.
type Query struct {
	// Where is what the model says, of a named query or of allow.
	Where store.Cond
	// Filter asks for equality, column by column, in the text of a URL.
	Filter map[string]string
	// Search looks for text in the columns that are searchable.
	Search string
	// Sort overrides DefaultSort: names of columns, descending with a "-".
	Sort        []string
	DefaultSort []string
	Cursor      string // Page.Next of the page before
	Limit       int    // 0: DefaultLimit; cut at MaxLimit
}

// Page is a part of the rows that a query asks for.
type Page[R any] struct {
	Rows []R
	Next string // cursor of the next page; empty: this is the last one
}

// Page returns a page of rows. Pages neither repeat nor skip a row that stays as it is.
func (t *Table[R]) Page(ctx context.Context, q store.Querier, query Query) (Page[R], error) {
	cond, err := t.cond(query)
	if err != nil {
		return Page[R]{}, err
	}
	orders, err := t.orders(query)
	if err != nil {
		return Page[R]{}, err
	}
	places := t.places(orders)
	if query.Cursor != "" {
		last, err := t.decodeCursor(query, places)
		if err != nil {
			return Page[R]{}, err
		}
		behind, err := store.After(orders, last)
		if err != nil {
			return Page[R]{}, t.failed(err)
		}
		cond = store.And(cond, behind)
	}
	limit := query.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit = min(limit, MaxLimit)
	return t.page(ctx, q, query, cond, orders, places, limit)
}

func (t *Table[R]) page(ctx context.Context, q store.Querier, query Query, cond store.Cond, orders []store.Order, places []int, limit int) (Page[R], error) {
	// A row's field does not tell NULL from the zero value, and the cursor must.
	columns := t.columns
	for _, o := range orders {
		columns += ", " + store.Quote(string(o.Column)) + " IS NULL"
	}
	where, args := q.Dialect().Where(cond, 1)
	rows, err := q.Query(ctx, "SELECT "+columns+" FROM "+t.table(ctx)+where+store.OrderBy(orders...)+
		fmt.Sprintf(" LIMIT %d", limit+1), args...) // one more tells whether there is a next page
	if err != nil {
		return Page[R]{}, t.failed(err)
	}
	defer func() { _ = rows.Close() }()
	page := Page[R]{Rows: []R{}}
	isNull := make([]bool, len(orders))
	for rows.Next() {
		if len(page.Rows) == limit {
			page.Next, err = t.encodeCursor(query, &page.Rows[limit-1], places, isNull)
			if err != nil {
				return Page[R]{}, t.failed(err)
			}
			break
		}
		row := t.row()
		dest := t.spec.Bind(&row)
		for i := range isNull {
			dest = append(dest, &isNull[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return Page[R]{}, t.failed(err)
		}
		page.Rows = append(page.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return Page[R]{}, t.failed(err)
	}
	return page, nil
}

// column finds a column of the view: a name that comes from a request becomes
// part of a statement only when it is one.
func (t *Table[R]) column(name string) (store.Column, bool) {
	i := slices.IndexFunc(t.spec.Columns, func(c store.Column) bool { return c.Name == name })
	if i < 0 {
		return store.Column{}, false
	}
	return t.spec.Columns[i], true
}

func (t *Table[R]) cond(query Query) (store.Cond, error) {
	conds := []store.Cond{query.Where}
	for _, name := range slices.Sorted(maps.Keys(query.Filter)) {
		c, ok := t.column(name)
		if !ok {
			return store.Cond{}, fmt.Errorf("%w: there is no %q", ErrQuery, name)
		}
		value, err := parse(c.Type, query.Filter[name])
		if err != nil {
			return store.Cond{}, fmt.Errorf("%w: %s: %w", ErrQuery, name, err)
		}
		conds = append(conds, store.Eq(store.Col(c.Name), value))
	}
	if query.Search != "" {
		var columns []store.Col
		for _, c := range t.spec.Columns {
			if c.Search {
				columns = append(columns, store.Col(c.Name))
			}
		}
		if len(columns) == 0 {
			return store.Cond{}, fmt.Errorf("%w: nothing can be searched", ErrQuery)
		}
		conds = append(conds, store.Search(query.Search, columns...))
	}
	return store.And(conds...), nil
}

// parse reads a value as a URL writes it.
func parse(t store.Type, text string) (any, error) {
	switch t {
	case store.Text:
		return text, nil
	case store.Bool:
		return strconv.ParseBool(text)
	case store.Int:
		return strconv.ParseInt(text, 10, 64)
	case store.Decimal:
		return values.ParseDecimal(text)
	case store.Date:
		return values.ParseDate(text)
	case store.Time:
		return time.Parse(time.RFC3339Nano, text)
	case store.Duration:
		return values.ParseDuration(text)
	}
	return nil, errors.New("it cannot be compared")
}

func (t *Table[R]) orders(query Query) ([]store.Order, error) {
	sort := query.Sort
	if len(sort) == 0 {
		sort = query.DefaultSort
	}
	var orders []store.Order
	for _, s := range sort {
		name, desc := strings.CutPrefix(s, "-")
		c, ok := t.column(name)
		if !ok || c.Type == store.JSON {
			return nil, fmt.Errorf("%w: it cannot be sorted by %q", ErrQuery, name)
		}
		orders = append(orders, store.Order{Column: store.Col(c.Name), Desc: desc})
	}
	return t.keyOrder(orders), nil
}

// places are where the columns of an order are among all.
func (t *Table[R]) places(orders []store.Order) []int {
	places := make([]int, len(orders))
	for i, o := range orders {
		places[i] = slices.IndexFunc(t.spec.Columns, func(c store.Column) bool { return c.Name == string(o.Column) })
	}
	return places
}

// cursor is the last row of a page, by what it was sorted by.
type cursor struct {
	Query string            `json:"q"`
	Last  []json.RawMessage `json:"l"`
}

// fingerprint tells queries apart: a cursor goes on with its own only. What
// the model adds to the condition is not in it, because it applies to every page.
func (t *Table[R]) fingerprint(query Query) (string, error) {
	data, err := json.Marshal([]any{t.spec.Name, query.Sort, query.DefaultSort, query.Filter, query.Search})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:9]), nil
}

func (t *Table[R]) encodeCursor(query Query, row *R, places []int, isNull []bool) (string, error) {
	var c cursor
	var err error
	if c.Query, err = t.fingerprint(query); err != nil {
		return "", err
	}
	fields := t.spec.Bind(row)
	for i, place := range places {
		value := json.RawMessage("null")
		if !isNull[i] {
			if value, err = json.Marshal(fields[place]); err != nil {
				return "", err
			}
		}
		c.Last = append(c.Last, value)
	}
	data, err := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(data), err
}

// decodeCursor returns the values of the last row, nil for NULL.
func (t *Table[R]) decodeCursor(query Query, places []int) ([]any, error) {
	data, err := base64.RawURLEncoding.DecodeString(query.Cursor)
	if err != nil {
		return nil, ErrCursor
	}
	var c cursor
	if err := json.Unmarshal(data, &c); err != nil || len(c.Last) != len(places) {
		return nil, ErrCursor
	}
	if want, err := t.fingerprint(query); err != nil || c.Query != want {
		return nil, ErrCursor
	}
	row := t.row()
	fields := t.spec.Bind(&row)
	last := make([]any, len(places))
	for i, place := range places {
		if string(c.Last[i]) == "null" {
			continue
		}
		value := reflect.New(reflect.TypeOf(fields[place]).Elem())
		if err := json.Unmarshal(c.Last[i], value.Interface()); err != nil {
			return nil, ErrCursor
		}
		last[i] = value.Interface()
	}
	return last, nil
}
