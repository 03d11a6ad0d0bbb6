package strictjson_test

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

type status string

func (s status) Valid() bool { return s == "Placed" || s == "Paid" }

type phone string

func (p phone) Check() error {
	if strings.Trim(string(p), "0123456789-") != "" {
		return errors.New("does not hold: digits")
	}
	return nil
}

// price is a constrained decimal, as generated code has it.
type price values.Decimal

func (p price) MarshalText() ([]byte, error) { return values.Decimal(p).MarshalText() }

func (p *price) UnmarshalText(text []byte) error { return (*values.Decimal)(p).UnmarshalText(text) }

func (p price) Form() (text string, number bool) { return values.Decimal(p).Form() }

func (p price) Check() error {
	if values.Decimal(p).Cmp(values.Int(0)) < 0 {
		return errors.New("does not hold: value >= 0")
	}
	return nil
}

type item struct {
	Menu     values.ID `json:"menuId"`
	Quantity int64     `json:"quantity"`
	Price    price     `json:"price"`
}

type order struct {
	ID       values.ID             `json:"orderId"`
	Items    []item                `json:"items,omitempty"`
	Status   status                `json:"status" default:"Placed"`
	Note     *string               `json:"note,omitempty"`
	Phone    *phone                `json:"phone,omitempty"`
	Express  bool                  `json:"express" default:""`
	Day      *values.Date          `json:"day,omitempty"`
	At       *time.Time            `json:"at,omitempty"`
	Within   *values.Duration      `json:"within,omitempty"`
	Labels   map[string]string     `json:"labels,omitempty"`
	Prices   map[string]price      `json:"prices,omitempty"`
	Nested   *order                `json:"nested,omitempty"`
	Tags     []string              `json:"tags,omitempty"`
	Deep     [][]int64             `json:"deep,omitempty"`
	Statuses map[string]*[]*status `json:"statuses,omitempty"`
}

func (o *order) SetDefaults() { o.Status = "Placed" }

func decoder[T any](t testing.TB, limits strictjson.Limits) *strictjson.Decoder[T] {
	t.Helper()
	d, err := strictjson.For[T](limits)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func pointerTo[T any](v T) *T { return &v }

func TestDecodeReads(t *testing.T) {
	d := decoder[order](t, strictjson.Limits{})
	in := ` {"orderId":"o-1","items":[{"menuId":"m","quantity":-3,"price":"1.50"},{"menuId":"n","quantity":0,"price":2e2}],` +
		`"note":"a\u00e9\ud83d\ude00\n","phone":"010-1","express":true,"day":"2026-02-28","at":"2026-12-01T09:00:00.1234567+09:00",` +
		`"within":"8d","labels":{"":"x","ㄱ":"가"},"nested":{"orderId":"p","status":"Paid","note":null},"tags":[],"deep":[[1],[]]} ` + "\n"
	var got order
	if problems := d.Decode([]byte(in), &got); problems != nil {
		t.Fatal(problems)
	}
	want := order{
		ID: "o-1", Items: []item{{"m", -3, price(values.MustDecimal("1.5"))}, {"n", 0, price(values.MustDecimal("200"))}},
		Status: "Placed", Note: pointerTo("aé😀\n"), Phone: pointerTo(phone("010-1")), Express: true,
		Day: pointerTo(values.MustDate("2026-02-28")), At: pointerTo(time.Date(2026, 12, 1, 0, 0, 0, 123456000, time.UTC)),
		Within: pointerTo(values.DaysOf(8)), Labels: map[string]string{"": "x", "ㄱ": "가"},
		Nested: &order{ID: "p", Status: "Paid"}, Tags: []string{}, Deep: [][]int64{{1}, {}},
	}
	same := cmp.Options{
		cmp.Comparer(func(a, b values.Date) bool { return a == b }),
		cmp.Comparer(func(a, b price) bool { return values.Decimal(a).Equal(values.Decimal(b)) }),
	}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Error(diff)
	}
}

// refusals are inputs with all that is wrong with them, as "pointer code".
var refusals = []struct{ name, in, want string }{
	{"empty", ``, " syntax"},
	{"blank", " \n ", " syntax"},
	{"cut", `{"orderId":"o"`, " syntax"},
	{"cut in a string", `{"orderId":"o`, "/orderId syntax"},
	{"cut behind an escape", `{"orderId":"o\`, "/orderId syntax"},
	{"trailing", `{"orderId":"o"} x`, " syntax"},
	{"two values", `{"orderId":"o"}{}`, " syntax"},
	{"trailing comma", `{"orderId":"o",}`, " syntax"},
	{"trailing comma in a list", `{"orderId":"o","tags":["a",]}`, "/tags syntax"},
	{"two commas", `{"orderId":"o",,"note":"x"}`, " syntax"},
	{"no colon", `{"orderId" "o"}`, " syntax"},
	{"no quotes", `{orderId:"o"}`, " syntax"},
	{"single quotes", `{'orderId':'o'}`, " syntax"},
	{"comment", `{/* x */"orderId":"o"}`, " syntax"},
	{"byte order mark", "\ufeff{}", " syntax"},
	{"not a value", `{"orderId":nil}`, "/orderId syntax"},
	{"leading zero", `{"orderId":"o","deep":[[01]]}`, "/deep/0/0 syntax"},
	{"plus", `{"orderId":"o","deep":[[+1]]}`, "/deep/0/0 syntax"},
	{"bare minus", `{"orderId":"o","deep":[[-]]}`, "/deep/0/0 syntax"},
	{"bare point", `{"orderId":"o","deep":[[1.]]}`, "/deep/0/0 syntax"},
	{"NaN", `{"orderId":"o","deep":[[NaN]]}`, "/deep/0/0 syntax"},
	{"raw control character", "{\"orderId\":\"o\",\"note\":\"a\nb\"}", "/note syntax"},
	{"unknown escape", `{"orderId":"o","note":"\x41"}`, "/note syntax"},
	{"not an object", `[]`, " type"},
	{"a string for an object", `"x"`, " type"},
	{"null for an object", `null`, " null"},
	{"missing", `{}`, "/orderId required"},
	{"null", `{"orderId":null}`, "/orderId null"},
	{"null list", `{"orderId":"o","items":null}`, "/items null"},
	{"null in a list", `{"orderId":"o","tags":[null]}`, "/tags/0 null"},
	{"other case", `{"OrderID":"o"}`, "/OrderID unknown,/orderId required"},
	{"unknown", `{"orderId":"o","x":[{"a":1},2,"3",null,true]}`, "/x unknown"},
	{"unknown and malformed", `{"orderId":"o","x":[1 2]}`, "/x unknown,/x syntax"},
	{"duplicate", `{"orderId":"o","orderId":"p"}`, "/orderId duplicate"},
	{"duplicate escaped", `{"orderId":"o","\u006frderId":"p"}`, "/orderId duplicate"},
	{"duplicate in a map", `{"orderId":"o","labels":{"a":"1","a":"2"}}`, "/labels/a duplicate"},
	{"escaped pointer", `{"orderId":"o","labels":{"a/b~c":1}}`, "/labels/a~1b~0c type"},
	{"number for a string", `{"orderId":1}`, "/orderId type"},
	{"object for a string", `{"orderId":{"a":1}}`, "/orderId type"},
	{"string for a bool", `{"orderId":"o","express":"true"}`, "/express type"},
	{"string for an int", `{"orderId":"o","deep":[["1"]]}`, "/deep/0/0 type"},
	{"fraction", `{"orderId":"o","deep":[[1.5]]}`, "/deep/0/0 type"},
	{"exponent", `{"orderId":"o","deep":[[1e3]]}`, "/deep/0/0 type"},
	{"too large", `{"orderId":"o","deep":[[9223372036854775808]]}`, "/deep/0/0 range"},
	{"too small", `{"orderId":"o","deep":[[-9223372036854775809]]}`, "/deep/0/0 range"},
	{"string for a list", `{"orderId":"o","items":"x"}`, "/items type"},
	{"object for a list", `{"orderId":"o","items":{}}`, "/items type"},
	{"list for a map", `{"orderId":"o","labels":[]}`, "/labels type"},
	{"bad decimal", `{"orderId":"o","prices":{"a":"x","b":"","c":true,"d":1e999999999,"e":"1,5"}}`,
		"/prices/a format,/prices/b format,/prices/c type,/prices/d format,/prices/e format"},
	{"check of a decimal", `{"orderId":"o","prices":{"a":-1}}`, "/prices/a check"},
	{"bad date", `{"orderId":"o","day":"2026-02-30"}`, "/day format"},
	{"date as a number", `{"orderId":"o","day":20260228}`, "/day type"},
	{"time without a zone", `{"orderId":"o","at":"2026-12-01T09:00:00"}`, "/at format"},
	{"time with a blank", `{"orderId":"o","at":"2026-12-01 09:00:00Z"}`, "/at format"},
	{"time with a comma", `{"orderId":"o","at":"2026-12-01T09:00:00,5Z"}`, "/at format"},
	{"time with one digit", `{"orderId":"o","at":"2026-12-01T9:00:00.5Z"}`, "/at format"},
	{"bad duration", `{"orderId":"o","within":"soon"}`, "/within format"},
	{"empty id", `{"orderId":""}`, "/orderId format"},
	{"long id", `{"orderId":"` + strings.Repeat("x", values.MaxID+1) + `"}`, "/orderId format"},
	{"id with a line feed", `{"orderId":"a\nb"}`, "/orderId format"},
	{"id of dots", `{"orderId":".."}`, "/orderId format"},
	{"id of NUL", `{"orderId":"\u0000"}`, "/orderId text"},
	{"enum", `{"orderId":"o","status":"paid"}`, "/status enum"},
	{"enum in a map", `{"orderId":"o","statuses":{"a":["Paid","x",null],"b":null}}`, "/statuses/a/1 enum"},
	{"check", `{"orderId":"o","phone":"call me"}`, "/phone check"},
	{"control character", `{"orderId":"o","note":"a\u0000b"}`, "/note text"},
	{"escape character", `{"orderId":"o","note":"\u001b[31m"}`, "/note text"},
	{"invalid UTF-8", "{\"orderId\":\"o\",\"note\":\"\xff\"}", "/note text"},
	{"invalid UTF-8 beside an escape", "{\"orderId\":\"o\",\"note\":\"\\n\xff\"}", "/note text"},
	{"invalid UTF-8 in a name", "{\"orderId\":\"o\",\"labels\":{\"\xff\":\"\"}}", "/labels text"},
	{"high surrogate", `{"orderId":"o","note":"\ud800"}`, "/note text"},
	{"low surrogate", `{"orderId":"o","note":"\udc00\ud800"}`, "/note text"},
	{"high surrogate and a letter", `{"orderId":"o","note":"\ud800a"}`, "/note text"},
	{"all at once", `{"items":[{"menuId":"","quantity":"1"},7],"express":1,"status":"x","zzz":1}`,
		"/items/0/menuId format,/items/0/quantity type,/items/0/price required,/items/1 type,/express type,/status enum,/zzz unknown,/orderId required"},
}

func TestDecodeRefuses(t *testing.T) {
	d := decoder[order](t, strictjson.Limits{})
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			var o order
			problems := d.Decode([]byte(c.in), &o)
			if got := short(problems); got != c.want {
				t.Errorf("got %q, want %q\n%v", got, c.want, problems)
			}
			for _, p := range problems {
				if p.Message == "" {
					t.Errorf("%s has no message", p.Pointer)
				}
			}
		})
	}
}

func short(problems []strictjson.Problem) string {
	list := make([]string, len(problems))
	for i, p := range problems {
		list[i] = p.Pointer + " " + p.Code
	}
	return strings.Join(list, ",")
}

func TestSyntaxTellsThePlace(t *testing.T) {
	var o order
	problems := decoder[order](t, strictjson.Limits{}).Decode([]byte("{\n \"가\": }"), &o)
	if len(problems) != 2 || !strings.HasPrefix(problems[1].Message, "line 2, column 7:") {
		t.Error(problems)
	}
}

func TestLimits(t *testing.T) {
	nested := func(depth int) string {
		return strings.Repeat(`{"orderId":"o","nested":`, depth) + `{"orderId":"o"}` + strings.Repeat("}", depth)
	}
	for name, c := range map[string]struct {
		limits strictjson.Limits
		in     string
		want   string
	}{
		"deep enough":       {strictjson.Limits{Depth: 3}, nested(2), ""},
		"too deep":          {strictjson.Limits{Depth: 3}, nested(3), "/nested/nested/nested depth"},
		"too deep, unknown": {strictjson.Limits{Depth: 3}, `{"orderId":"o","x":[[[1]]]}`, "/x unknown,/x depth"},
		"elements":          {strictjson.Limits{Elements: 3}, `{"orderId":"o","tags":["1","2"],"labels":{"a":"1","b":"2"}}`, "/labels too-many"},
		"problems":          {strictjson.Limits{Problems: 2}, `{"a":1,"b":1,"c":1,"d":1}`, "/a unknown,/b unknown,/c too-many"},
	} {
		t.Run(name, func(t *testing.T) {
			var o order
			if got := short(decoder[order](t, c.limits).Decode([]byte(c.in), &o)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Run("a million brackets", func(t *testing.T) {
		var o order
		in := `{"x":` + strings.Repeat("[", 1_000_000)
		if got := short(decoder[order](t, strictjson.Limits{}).Decode([]byte(in), &o)); got != "/x unknown,/x depth" {
			t.Error(got)
		}
	})
	t.Run("a long name is cut", func(t *testing.T) {
		var o order
		problems := decoder[order](t, strictjson.Limits{}).Decode([]byte(`{"`+strings.Repeat("가", 1000)+`":1,"orderId":"o"}`), &o)
		if len(problems) != 1 || len(problems[0].Pointer) > 80 {
			t.Error(problems)
		}
	})
}

func TestDecodeWithGiven(t *testing.T) {
	d := decoder[order](t, strictjson.Limits{})
	for name, c := range map[string]struct {
		given strictjson.Given
		in    string
		want  string
		id    values.ID
	}{
		"given":            {strictjson.Given{Values: map[string]string{"orderId": "o"}}, `{}`, "", "o"},
		"given and there":  {strictjson.Given{Values: map[string]string{"orderId": "o"}}, `{"orderId":"o"}`, "", "o"},
		"given else":       {strictjson.Given{Values: map[string]string{"orderId": "o"}}, `{"orderId":"p"}`, "/orderId mismatch", ""},
		"given badly":      {strictjson.Given{Values: map[string]string{"orderId": ".."}}, `{}`, "/orderId format", ""},
		"given optional":   {strictjson.Given{Values: map[string]string{"phone": "1"}}, `{"orderId":"o"}`, "", "o"},
		"a list":           {strictjson.Given{Values: map[string]string{"tags": "1"}}, `{"orderId":"o"}`, "/tags type", ""},
		"may be missing":   {strictjson.Given{Optional: "orderId"}, `{}`, "", ""},
		"may not be wrong": {strictjson.Given{Optional: "orderId"}, `{"orderId":1}`, "/orderId type", ""},
		"only outermost":   {strictjson.Given{Optional: "orderId"}, `{"nested":{}}`, "/nested/orderId required", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var o order
			if got := short(d.DecodeWith([]byte(c.in), c.given, &o)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.want == "" && o.ID != c.id {
				t.Errorf("id %q", o.ID)
			}
		})
	}
}

type search struct {
	Min     values.Decimal `json:"min"`
	Status  *status        `json:"status,omitempty"`
	IDs     []values.ID    `json:"ids,omitempty"`
	From    *values.Date   `json:"from,omitempty"`
	Limit   int64          `json:"limit" default:"10"`
	Only    *bool          `json:"only,omitempty"`
	Address *item          `json:"address,omitempty"`
}

func (s *search) SetDefaults() { s.Limit = 10 }

func TestQuery(t *testing.T) {
	d := decoder[search](t, strictjson.Limits{})
	query := func(text string) (search, string) {
		q, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		var s search
		return s, short(d.Parameters(q, &s))
	}
	for in, want := range map[string]string{
		"min=1.5&ids=a&ids=b&status=Paid&only=true": "",
		"":                        "/min required",
		"min=":                    "/min format",
		"min=1&min=2":             "/min duplicate",
		"min=1&x=1":               "/x unknown",
		"min=1&status=x":          "/status enum",
		"min=1&ids=..&ids=c":      "/ids/0 format",
		"min=1&from=yesterday":    "/from format",
		"min=1&limit=ten":         "/limit type",
		"min=1&limit=%2B10":       "/limit type",
		"min=1&limit=":            "/limit type",
		"min=1&only=yes":          "/only type",
		"min=1&address=x":         "/address type",
		"min=1&status=%00":        "/status text",
		"min=1&status=%ff":        "/status text",
		"min=1&a~b/c=1":           "/a~0b~1c unknown",
		"min=1&limit=99999999999": "",
	} {
		if _, got := query(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	q, _ := url.ParseQuery("min=1.5&ids=a&ids=b&status=Paid")
	var s search
	d.Parameters(q, &s)
	if s.Limit != 10 || len(s.IDs) != 2 || *s.Status != "Paid" || s.Min.String() != "1.5" {
		t.Errorf("%+v", s)
	}
}

func TestFields(t *testing.T) {
	d := decoder[order](t, strictjson.Limits{})
	got, problems := d.Fields(url.Values{"orderId": {"o"}, "status": {"Paid"}, "phone": {"1"}})
	if want := map[string]any{"orderId": values.ID("o"), "status": status("Paid"), "phone": phone("1")}; problems != nil || !reflect.DeepEqual(got, want) {
		t.Error(got, problems)
	}
	_, problems = d.Fields(url.Values{"orderId": {""}, "status": {"a", "b"}, "items": {"x"}, "zzz": {""}})
	if got := short(problems); got != "/items type,/orderId format,/status duplicate,/zzz unknown" {
		t.Error(got)
	}
	if !d.Has("orderId") || d.Has("OrderId") {
		t.Error("Has")
	}
}

func TestForRefusesTypes(t *testing.T) {
	for name, err := range map[string]error{
		"interface": second(strictjson.For[struct{ A any }](strictjson.Limits{})),
		"float":     second(strictjson.For[struct{ A []float64 }](strictjson.Limits{})),
		"int keys":  second(strictjson.For[map[int]string](strictjson.Limits{})),
		"channel":   second(strictjson.For[chan int](strictjson.Limits{})),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

type faulty string

func (faulty) Check() error {
	values.DivInt(1, 0)
	return nil
}

func TestACheckThatFaultsRefuses(t *testing.T) {
	var in struct{ A faulty }
	problems, err := strictjson.Decode([]byte(`{"A":"x"}`), &in, strictjson.Limits{})
	if err != nil || short(problems) != "/A check" {
		t.Error(problems, err)
	}
}

type period struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

func (p period) Check() error {
	if p.From > p.To {
		return errors.New("does not hold: from <= to")
	}
	return nil
}

func TestObjectsAreCheckedWhenTheirPartsAreGood(t *testing.T) {
	d := decoder[struct {
		Period *period  `json:"period"`
		More   []period `json:"more"`
	}](t, strictjson.Limits{})
	for in, want := range map[string]string{
		`{"period":{"from":1,"to":2}}`:                                              "",
		`{"period":{"from":2,"to":1},"more":[{"from":1,"to":2},{"from":2,"to":1}]}`: "/period check,/more/1 check",
		`{"period":{"from":2}}`:                                                     "/period/to required",
		`{"period":{"from":2,"to":"1"}}`:                                            "/period/to type",
		`{"period":null}`:                                                           "",
	} {
		var v struct {
			Period *period  `json:"period"`
			More   []period `json:"more"`
		}
		if got := short(d.Decode([]byte(in), &v)); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	var p period
	if got := short(decoder[period](t, strictjson.Limits{}).Parameters(url.Values{"from": {"2"}, "to": {"1"}}, &p)); got != " check" {
		t.Error(got)
	}
}

type choosy struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

func (c choosy) Check() error {
	var bad []error
	if c.Name == "" {
		bad = append(bad, &values.BadField{Field: "name", Message: "must not be empty"})
	}
	if c.Size < 0 {
		bad = append(bad, &values.BadField{Field: "size", Message: "must not be negative"})
	}
	return errors.Join(bad...)
}

func TestOpinionsOnFieldsAreReportedAtTheFields(t *testing.T) {
	d := decoder[[]choosy](t, strictjson.Limits{})
	var v []choosy
	in := `[{"name":"","size":-1},{"name":"x","size":1},{"name":"x","size":-1}]`
	if got, want := short(d.Decode([]byte(in), &v)), "/0/name check,/0/size check,/2/size check"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

type wide struct {
	A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, C0, C1, C2, C3, C4, C5, C6, C7, C8, C9,
	D0, D1, D2, D3, D4, D5, D6, D7, D8, D9, E0, E1, E2, E3, E4, E5, E6, E7, E8, E9, F0, F1, F2, F3, F4, F5, F6, F7, F8, F9,
	G0, G1, G2, G3, G4, G5, G6, G7, G8, G9 int64
}

func TestAbsenceIsTold(t *testing.T) {
	type change struct {
		ID          values.ID `json:"id"`
		Note        *string   `json:"note,omitempty"`
		NoteLeftOut bool      `json:"-" absent:"note"`
	}
	d := decoder[change](t, strictjson.Limits{})
	for in, left := range map[string]bool{`{"id":"a"}`: true, `{"id":"a","note":null}`: false, `{"id":"a","note":""}`: false} {
		got := change{NoteLeftOut: !left}
		if problems := d.Decode([]byte(in), &got); problems != nil || got.NoteLeftOut != left {
			t.Errorf("%s: %v %+v", in, problems, got)
		}
	}
	var got change
	if problems := d.DecodeWith([]byte(`{}`), strictjson.Given{Values: map[string]string{"id": "a", "note": "x"}}, &got); problems != nil || got.NoteLeftOut {
		t.Errorf("%v %+v", problems, got)
	}
	if problems := d.Decode([]byte(`{"id":"a","NoteLeftOut":true}`), &got); short(problems) != "/NoteLeftOut unknown" {
		t.Error(problems)
	}
}

func TestMoreFieldsThanBits(t *testing.T) {
	var w wide
	problems := decoder[wide](t, strictjson.Limits{}).Decode([]byte(`{"G9":1,"G9":2}`), &w)
	if len(problems) != 70 || short(problems[:2]) != "/G9 duplicate,/A0 required" {
		t.Error(len(problems), short(problems))
	}
}
