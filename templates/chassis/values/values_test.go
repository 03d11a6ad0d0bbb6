package values

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// faults reports whether f ends in a Fault.
func faults(f func()) (err error) {
	defer Catch(&err)
	f()
	return nil
}

func TestFaults(t *testing.T) {
	for name, f := range map[string]func(){
		"add":           func() { AddInt(math.MaxInt64, 1) },
		"add below":     func() { AddInt(math.MinInt64, -1) },
		"sub":           func() { SubInt(math.MinInt64, 1) },
		"mul":           func() { MulInt(math.MinInt64, -1) },
		"mul large":     func() { MulInt(1<<32, 1<<32) },
		"div":           func() { DivInt(1, 0) },
		"div least":     func() { DivInt(math.MinInt64, -1) },
		"mod":           func() { ModInt(1, 0) },
		"neg":           func() { NegInt(math.MinInt64) },
		"at":            func() { At([]int64{1}, 1) },
		"at below":      func() { At([]int64{1}, -1) },
		"lookup":        func() { Lookup(map[string]int64{}, "x") },
		"min of none":   func() { Min[int64]() },
		"quo":           func() { Quo(Int(1), Int(0), 2, HalfUp) },
		"places":        func() { Round(Int(1), 1000, HalfUp) },
		"decimal":       func() { d := MustDecimal("1e38"); d.Mul(d) },
		"decimal fine":  func() { d := MustDecimal("1e-38"); d.Mul(d) },
		"decimal wide":  func() { MustDecimal("1e38").Add(MustDecimal("1e-38")) },
		"time":          func() { AddTime(MustTime("9999-12-31T00:00:00Z"), MustDuration("1d")) },
		"since":         func() { Longest.Add(Since(MustTime("9999-12-31T00:00:00Z"), MustTime("0001-01-01T00:00:00Z"))) },
		"date":          func() { MustDate("9999-12-31").Add(DaysOf(1)) },
		"date below":    func() { MustDate("0001-01-01").Sub(DaysOf(1)) },
		"duration":      func() { Times(math.MaxInt64, MustDuration("1d")) },
		"days":          func() { DaysOf(math.MaxInt64) },
		"abs":           func() { Abs(int64(math.MinInt64)) },
		"sum":           func() { Sum([]int64{math.MaxInt64, 1}) },
		"checked":       func() { Checked(small(10)) },
		"bad constants": func() { MustDuration("8x") },
	} {
		var fault *Fault
		if err := faults(f); !errors.As(err, &fault) {
			t.Errorf("%s: %v is no fault", name, err)
		}
	}
}

type small int64

func (s small) Check() error {
	if s > 9 {
		return errors.New("too large")
	}
	return nil
}

func TestCatchLetsOtherPanicsThrough(t *testing.T) {
	defer func() {
		if recover() != "other" {
			t.Error("the panic is gone")
		}
	}()
	_ = faults(func() { panic("other") })
}

func TestInts(t *testing.T) {
	for _, tc := range []struct{ got, want int64 }{
		{AddInt(math.MaxInt64, 0), math.MaxInt64}, {AddInt(math.MinInt64, 0), math.MinInt64}, {AddInt(-1, 1), 0},
		{SubInt(math.MinInt64, 0), math.MinInt64}, {SubInt(-1, math.MaxInt64), math.MinInt64},
		{MulInt(math.MinInt64, 1), math.MinInt64}, {MulInt(0, -1), 0}, {MulInt(-3, 4), -12},
		{DivInt(-7, 2), -3}, {ModInt(-7, 2), -1}, {ModInt(math.MinInt64, -1), 0}, {NegInt(math.MaxInt64), -math.MaxInt64},
	} {
		if tc.got != tc.want {
			t.Errorf("%d, want %d", tc.got, tc.want)
		}
	}
}

func TestDecimalText(t *testing.T) {
	for text, want := range map[string]string{
		"12.50": "12.5", "-0": "0", "1e3": "1000", "0.000": "0", ".5": "0.5", "1e-38": "0." + strings.Repeat("0", 37) + "1",
		"100000000000000000000000000000000000000000": "", // 1e41
		"99999999999999999999999999999999999999":     "99999999999999999999999999999999999999",
		"999999999999999999999999999999999999999":    "",
		"1e999999999": "", "1e-999999999": "", "": "", "abc": "", "1e": "", "0x10": "", "1_000": "", " 1": "", "NaN": "", "Inf": "",
	} {
		d, err := ParseDecimal(text)
		if err != nil && want != "" || err == nil && d.String() != want {
			t.Errorf("%q is %q, %v; want %q", text, d, err, want)
		}
	}
}

func TestDecimalJSON(t *testing.T) {
	var v struct{ A, B, C Decimal }
	v.C = Int(7)
	if err := json.Unmarshal([]byte(`{"A": "12.50", "B": 0.1, "C": null}`), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if want := `{"A":"12.5","B":"0.1","C":"7"}`; err != nil || string(data) != want {
		t.Errorf("%s, %v; want %s", data, err, want)
	}
	for _, bad := range []string{`{"A": 1e999999999}`, `{"A": "x"}`, `{"A": ""}`, `{"A": {}}`, `{"A": true}`, `{"A": "1\u0030"}`} {
		if err := json.Unmarshal([]byte(bad), &v); err == nil {
			t.Errorf("%s is read as %v", bad, v.A)
		}
	}
}

func TestDecimalScan(t *testing.T) {
	var d Decimal
	for _, src := range []any{"12.50", []byte("12.5")} {
		if err := d.Scan(src); err != nil || !d.Equal(MustDecimal("12.5")) {
			t.Errorf("%v is %v, %v", src, d, err)
		}
	}
	if err := d.Scan(int64(3)); err != nil || !d.Equal(Int(3)) {
		t.Error(d, err)
	}
	if err := d.Scan(1.5); err == nil {
		t.Error("a float is read")
	}
	if v, err := MustDecimal("1.50").Value(); v != "1.5" || err != nil {
		t.Error(v, err)
	}
}

func TestRounding(t *testing.T) {
	ways := []Rounding{HalfUp, HalfEven, Down, Up, Floor, Ceiling}
	for _, tc := range []struct {
		text   string
		places int64
		want   string
	}{
		{"2.5", 0, "3 2 2 3 2 3"},
		{"-2.5", 0, "-3 -2 -2 -3 -3 -2"},
		{"3.5", 0, "4 4 3 4 3 4"},
		{"2.51", 0, "3 3 2 3 2 3"},
		{"0.125", 2, "0.13 0.12 0.12 0.13 0.12 0.13"},
		{"1234", -2, "1200 1200 1200 1300 1200 1300"},
		{"1250", -2, "1300 1200 1200 1300 1200 1300"},
		{"-0.4", 0, "0 0 0 -1 -1 0"},
		{"1.2", 3, "1.2 1.2 1.2 1.2 1.2 1.2"},
	} {
		var got []string
		for _, how := range ways {
			got = append(got, Round(MustDecimal(tc.text), tc.places, how).String())
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s to %d: %s, want %s", tc.text, tc.places, s, tc.want)
		}
	}
	if q := Quo(Int(-1), Int(3), 4, HalfUp); q.String() != "-0.3333" {
		t.Error(q)
	}
	// One rounding, not two: 0.4999… stays below the half.
	if q := Quo(MustDecimal("4999999999999999999999999999999999999"), MustDecimal("10000000000000000000000000000000000000"), 0, HalfUp); q.String() != "0" {
		t.Error(q)
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]string{
		"8d": "8d", "90m": "1h30m", "36h": "1d12h", "-1h30m": "-1h30m", "0s": "0s", "610ms": "610ms", "1500us": "1ms500us",
		"": "", "8": "", "d": "", "1m1h": "", "1h1h": "", "1.5h": "", "+1h": "", "1h 3m": "", "9999999999999d": "", "3652500d": "3652500d", "-3652500d": "-3652500d", "3652500d1us": "", "1ns": "", "--1h": "",
	} {
		d, err := ParseDuration(text)
		if err != nil && want != "" || err == nil && d.String() != want {
			t.Errorf("%q is %q, %v; want %q", text, d, err, want)
		}
	}
	var d Duration
	if err := d.Scan(int64(1_500_000)); err != nil || d.String() != "1s500ms" {
		t.Error(d, err)
	}
	if v, _ := MustDuration("1s500ms").Value(); v != int64(1_500_000) {
		t.Error(v)
	}
	for d, want := range map[Duration]time.Duration{
		Second + Microsecond: time.Second + time.Microsecond, -Day: -24 * time.Hour,
		Longest: time.Duration(math.MaxInt64).Truncate(time.Microsecond), -Longest: -time.Duration(math.MaxInt64).Truncate(time.Microsecond),
	} {
		if got := d.Std(); got != want {
			t.Errorf("%v is %v in Go's library; want %v", d, got, want)
		}
	}
}

// TestAnyTwoInstants: however far apart two of them are, that is a duration.
func TestAnyTwoInstants(t *testing.T) {
	first, last := MustTime("0001-01-01T00:00:00Z"), MustTime("9999-12-31T23:59:59.999999Z")
	if d := Since(last, first); d.String() != "3652058d23h59m59s999ms999us" || !AddTime(first, d).Equal(last) || !AddTime(last, d.Neg()).Equal(first) {
		t.Error(d)
	}
	if d := MustDate("9999-12-31").Since(Date{}); Days(d) != 3652058 || (Date{}).Add(d) != MustDate("9999-12-31") {
		t.Error(d)
	}
}

func TestDates(t *testing.T) {
	seoul := time.FixedZone("KST", 9*3600)
	at := MustTime("2026-11-30T15:00:00Z")
	if d := DateOf(at, seoul); d.String() != "2026-12-01" || !StartOf(d, seoul).Equal(at) {
		t.Error(d, StartOf(d, seoul))
	}
	if (Date{}).String() != "0001-01-01" {
		t.Error(Date{})
	}
	leap := MustDate("2024-02-29")
	if d := leap.Add(MustDuration("366d23h")); d.String() != "2025-03-01" || d.Since(leap) != DaysOf(366) {
		t.Error(d, d.Since(leap))
	}
	var back Date
	if data, err := json.Marshal(leap); err != nil || json.Unmarshal(data, &back) != nil || back != leap || string(data) != `"2024-02-29"` {
		t.Error(back, string(data))
	}
	for _, src := range []any{"2024-02-29", []byte("2024-02-29"), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)} {
		if err := back.Scan(src); err != nil || back != leap {
			t.Error(back, err)
		}
	}
	for _, bad := range []string{"2026-02-30", "26-01-01", "0000-01-01", "2026-1-1", ""} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("%q is %v", bad, d)
		}
	}
}

func TestIDs(t *testing.T) {
	if a, b := NewID(), NewID(); a >= b || len(a) != 36 {
		t.Error(a, b)
	}
	a := DeriveID("policy", "event-1")
	if a != DeriveID("policy", "event-1") || a == DeriveID("policye", "vent-1") || a == DeriveID("policy", "event-1", "") || a[14] != '8' {
		t.Error(a)
	}
	for _, bad := range []ID{"", "a\nb", "\xff", ID(strings.Repeat("x", MaxID+1))} {
		if bad.Check() == nil {
			t.Errorf("%q is fine", bad)
		}
	}
	if err := ID("한글-1").Check(); err != nil {
		t.Error(err)
	}
}

func TestNewIDsOfOneWork(t *testing.T) {
	made := func(s *IDs) [2]ID { return [2]ID{s.New(), s.New()} }
	some, again, others := IDsOf("policy", "event-1"), IDsOf("policy", "event-1"), IDsOf("policy", "event-2")
	first := made(some)
	if first[0] == first[1] || made(again) != first || made(others)[0] == first[0] {
		t.Error(first, "are not those of the work, and its alone")
	}
	some.Rewind()
	if made(some) != first {
		t.Error("work that starts again has other ids")
	}
	free := &IDs{}
	if a := made(free); a == made(&IDs{}) || a[0] == a[1] {
		t.Error("work of no name has the ids of another")
	}
}

func TestSame(t *testing.T) {
	type item struct {
		Price Decimal
		At    time.Time
		Tags  []string
		Note  *string
		Day   Date
		More  map[string]Decimal
	}
	at := MustTime("2026-12-01T00:00:00Z")
	a := item{MustDecimal("1.0"), at, nil, new("x"), MustDate("2026-12-01"), map[string]Decimal{"a": MustDecimal("2.0")}}
	b := item{MustDecimal("1.00"), at.In(time.FixedZone("KST", 9*3600)), []string{}, new("x"), MustDate("2026-12-01"), map[string]Decimal{"a": Int(2)}}
	if !Same(a, b) || !Same([]item{a}, []item{b}) || !In(a, b) {
		t.Error("they are the same")
	}
	for _, change := range []func(*item){
		func(i *item) { i.Price = Int(2) }, func(i *item) { i.At = at.Add(1) }, func(i *item) { i.Tags = []string{""} },
		func(i *item) { i.Note = nil }, func(i *item) { i.Note = new("y") }, func(i *item) { i.Day = i.Day.Add(DaysOf(1)) },
		func(i *item) { i.More = map[string]Decimal{"b": Int(2)} }, func(i *item) { i.More = nil },
	} {
		c := b
		if change(&c); Same(a, c) {
			t.Errorf("%v is the same as %v", a, c)
		}
	}
}

func TestLists(t *testing.T) {
	type pair struct {
		k int64
		v string
	}
	list := []pair{{2, "a"}, {1, "b"}, {2, "c"}, {1, "d"}}
	var got strings.Builder
	for _, p := range SortBy(list, func(p pair) int64 { return p.k }) {
		got.WriteString(p.v)
	}
	if got.String() != "bdac" {
		t.Error(got.String())
	}
	if Find(list, func(p pair) bool { return p.k == 1 }).v != "b" || Find(list, func(pair) bool { return false }) != nil {
		t.Error("found another")
	}
	if n := Count(list, func(p pair) bool { return p.k == 2 }); n != 2 {
		t.Error(n)
	}
	if All(list, func(p pair) bool { return p.k == 2 }) || !All(nil, func(pair) bool { return false }) {
		t.Error("all")
	}
	if s := Sum([]Decimal{MustDecimal("0.1"), MustDecimal("0.2")}); s.String() != "0.3" {
		t.Error(s)
	}
	if Sum[Duration](nil) != 0 || Max(MustDate("2026-01-01"), MustDate("2025-01-01")).String() != "2026-01-01" {
		t.Error("sum or max")
	}
	unsorted := []string{"b", "a"}
	if s := Sort(unsorted); !slices.Equal(s, []string{"a", "b"}) || unsorted[0] != "b" {
		t.Error(s, unsorted)
	}
	if Size("한글") != 2 || !Matches("ab1", `\d$`) || Matches("ab", `^b`) {
		t.Error("text")
	}
}

func TestActorAndRejection(t *testing.T) {
	a := Actor{Roles: []string{"owner"}}
	if !a.HasRole("customer", "owner") || a.HasRole("rider") || a.HasRole() {
		t.Error("roles")
	}
	err := Rename(Reject(Rule, "CardDeclined", "no"), map[string]string{"CardDeclined": "PaymentRefused"})
	if err.Error() != "PaymentRefused: no" {
		t.Error(err)
	}
	if other := errors.New("x"); !errors.Is(Rename(other, map[string]string{"x": "y"}), other) {
		t.Error("another error is renamed")
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"12.50", "1e38", "-1e-38", "1e999", "..", "0e0", "00012"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDecimal(text)
		if err != nil {
			return
		}
		if len(d.String()) > 3*maxDigits {
			t.Errorf("%q has %d characters", text, len(d.String()))
		}
		if back, err := ParseDecimal(d.String()); err != nil || !back.Equal(d) {
			t.Errorf("%q comes back as %v, %v", text, back, err)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"8d", "1h30m", "-1us", "106751d", "0s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if back, err := ParseDuration(d.String()); err != nil || back != d {
			t.Errorf("%q comes back as %v, %v", text, back, err)
		}
	})
}
