package table

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Page returns a page of rows. Pages neither repeat nor skip a row that stays as it is.
func (t *Table[R]) Page(ctx context.Context, query view.Query) (view.Page[R], error) {
	cond, err := t.cond(query)
	if err != nil {
		return view.Page[R]{}, err
	}
	orders, err := t.orders(query)
	if err != nil {
		return view.Page[R]{}, err
	}
	places := t.places(orders)
	if query.Cursor != "" {
		last, err := t.decodeCursor(query, places)
		if err != nil {
			return view.Page[R]{}, err
		}
		behind, err := where.After(orders, last)
		if err != nil {
			return view.Page[R]{}, t.failed(err)
		}
		cond = where.And(cond, behind)
	}
	limit := query.Limit
	if limit <= 0 {
		limit = view.DefaultLimit
	}
	limit = min(limit, view.MaxLimit)
	return t.page(ctx, query, cond, orders, places, limit)
}

func (t *Table[R]) page(ctx context.Context, query view.Query, cond where.Cond, orders []where.Order, places []int, limit int) (view.Page[R], error) {
	if err := t.reading(ctx); err != nil {
		return view.Page[R]{}, t.failed(err)
	}
	// A row's field does not tell NULL from the zero value, and the cursor must.
	columns := t.columns
	for _, o := range orders {
		columns += ", " + store.Quote(string(o.Column)) + " IS NULL"
	}
	clause, args := t.db.Dialect().Where(cond, 1)
	rows, err := t.db.Query(ctx, "SELECT "+columns+" FROM "+t.table(ctx)+clause+store.OrderBy(orders...)+
		fmt.Sprintf(" LIMIT %d", limit+1), args...) // one more tells whether there is a next page
	if err != nil {
		return view.Page[R]{}, t.failed(err)
	}
	defer func() { _ = rows.Close() }()
	page := view.Page[R]{Rows: []R{}}
	isNull := make([]bool, len(orders))
	for rows.Next() {
		if len(page.Rows) == limit {
			page.Next, err = t.encodeCursor(query, &page.Rows[limit-1], places, isNull)
			if err != nil {
				return view.Page[R]{}, t.failed(err)
			}
			break
		}
		row := t.row()
		dest := t.spec.Bind(&row)
		for i := range isNull {
			dest = append(dest, &isNull[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return view.Page[R]{}, t.failed(err)
		}
		page.Rows = append(page.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return view.Page[R]{}, t.failed(err)
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

func (t *Table[R]) cond(query view.Query) (where.Cond, error) {
	conds := []where.Cond{query.Where}
	for _, name := range slices.Sorted(maps.Keys(query.Filter)) {
		c, ok := t.column(name)
		if !ok {
			return where.Cond{}, fmt.Errorf("%w: there is no %q", view.ErrQuery, name)
		}
		value, err := t.parse(c, query.Filter[name])
		if err != nil {
			return where.Cond{}, fmt.Errorf("%w: %s: %w", view.ErrQuery, name, err)
		}
		conds = append(conds, where.Eq(where.Col(c.Name), value))
	}
	if query.Search != "" {
		var columns []where.Col
		for _, c := range t.spec.Columns {
			if c.Search {
				columns = append(columns, where.Col(c.Name))
			}
		}
		if len(columns) == 0 {
			return where.Cond{}, fmt.Errorf("%w: nothing can be searched", view.ErrQuery)
		}
		conds = append(conds, where.Search(query.Search, columns...))
	}
	return where.And(conds...), nil
}

// parse reads a value of a column as a URL writes it: as its field in a row does.
func (t *Table[R]) parse(c store.Column, text string) (any, error) {
	row := t.row()
	place := slices.IndexFunc(t.spec.Columns, func(other store.Column) bool { return other.Name == c.Name })
	field := reflect.TypeOf(t.spec.Bind(&row)[place]).Elem()
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	value := reflect.New(field).Interface()
	if own, ok := value.(encoding.TextUnmarshaler); ok {
		return value, own.UnmarshalText([]byte(text))
	}
	switch c.Type {
	case store.Text:
		return text, nil
	case store.Bool:
		return strconv.ParseBool(text)
	case store.Int:
		return strconv.ParseInt(text, 10, 64)
	}
	return nil, errors.New("it cannot be compared")
}

func (t *Table[R]) orders(query view.Query) ([]where.Order, error) {
	sort := query.Sort
	if len(sort) == 0 {
		sort = query.DefaultSort
	}
	var orders []where.Order
	for _, s := range sort {
		name, desc := strings.CutPrefix(s, "-")
		c, ok := t.column(name)
		if !ok || c.Type == store.JSON {
			return nil, fmt.Errorf("%w: it cannot be sorted by %q", view.ErrQuery, name)
		}
		orders = append(orders, where.Order{Column: where.Col(c.Name), Desc: desc})
	}
	return t.keyOrder(orders), nil
}

// places are where the columns of an order are among all.
func (t *Table[R]) places(orders []where.Order) []int {
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
func (t *Table[R]) fingerprint(query view.Query) (string, error) {
	data, err := json.Marshal([]any{t.spec.Name, query.Sort, query.DefaultSort, query.Filter, query.Search})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:9]), nil
}

func (t *Table[R]) encodeCursor(query view.Query, row *R, places []int, isNull []bool) (string, error) {
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
func (t *Table[R]) decodeCursor(query view.Query, places []int) ([]any, error) {
	data, err := base64.RawURLEncoding.DecodeString(query.Cursor)
	if err != nil {
		return nil, view.ErrCursor
	}
	var c cursor
	if err := json.Unmarshal(data, &c); err != nil || len(c.Last) != len(places) {
		return nil, view.ErrCursor
	}
	if want, err := t.fingerprint(query); err != nil || c.Query != want {
		return nil, view.ErrCursor
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
			return nil, view.ErrCursor
		}
		last[i] = value.Interface()
	}
	return last, nil
}
