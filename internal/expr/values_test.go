package expr

import (
	"errors"
	"testing"

	"github.com/esgen/esgen/model"
)

func TestParseAndText(t *testing.T) {
	for _, c := range []struct {
		kind model.Kind
		text string
		want string // "": an error
	}{
		{model.String, "on", "on"}, {model.ID, "b1", "b1"},
		{model.Bool, "true", "true"}, {model.Bool, "yes", ""},
		{model.Int, "-42", "-42"}, {model.Int, "4.2", ""}, {model.Int, "01", ""}, {model.Int, "4 2", ""},
		{model.Decimal, "12.50", "12.5"}, {model.Decimal, "a", ""},
		{model.Date, "2026-12-01", "2026-12-01"}, {model.Date, "2026-13-01", ""},
		{model.Time, "2026-12-01T09:00:00+09:00", "2026-12-01T00:00:00Z"}, {model.Time, "noon", ""},
		{model.Duration, "36h", "1d12h"}, {model.Duration, "soon", ""},
	} {
		v, err := Parse(c.kind, c.text)
		if got := Text(v); err == nil && got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q %v, want %q", c.text, got, err, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		l, r any
		want int
	}{
		{nil, nil, 0}, {nil, "a", -1}, {"a", nil, 1}, {false, true, -1}, {true, false, 1}, {true, true, 0}, {true, nil, 1},
		{int64(1), int64(2), -1}, {"b", "a", 1}, {Date("2026-01-01"), Date("2026-01-02"), -1},
	} {
		if got := Compare(c.l, c.r); got != c.want {
			t.Errorf("%v and %v: %d, want %d", c.l, c.r, got, c.want)
		}
	}
}

func TestLazyVariablesAreComputedWhenRead(t *testing.T) {
	read := &Tree{Op: Name, Ident: "x", Type: boolType}
	either := &Tree{Op: Binary, Ident: "||", Type: boolType, Args: []*Tree{{Op: Const, Value: true, Type: boolType}, read}}
	want := errors.New("it was read")
	vars := map[string]any{"x": Lazy(func() (any, error) { return nil, want })}
	if v, err := Eval(either, vars); v != true || err != nil {
		t.Errorf("it is not needed: %v %v", v, err)
	}
	if _, err := Eval(read, vars); !errors.Is(err, want) {
		t.Errorf("it fails: %v", err)
	}
	vars["x"] = Lazy(func() (any, error) { return true, nil })
	if v, err := Eval(read, vars); v != true || err != nil {
		t.Errorf("%v %v", v, err)
	}
}
