package strictjson_test

import (
	"testing"

	"github.com/esgen/esgen/templates/chassis/strictjson"
)

func TestLenientTakesWhatIsNewerAndMissesWhatIsMissing(t *testing.T) {
	d, err := strictjson.Lenient[order]()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, in, want string }{
		{"whole", `{"orderId":"o"}`, ""},
		{"more than is known", `{"orderId":"o","more":{"deep":["\ud800",null]},"x":1}`, ""},
		{"a value of an enum that is new", `{"orderId":"o","status":"Lost"}`, ""},
		{"what its type would refuse", `{"orderId":"o","phone":"none","items":[{"menuId":"m","quantity":1,"price":"-1"}]}`, ""},
		{"an empty id", `{"orderId":""}`, ""},
		{"null for nothing", `{"orderId":"o","items":null,"labels":null,"note":null}`, ""},
		{"a character that only printers mind", `{"orderId":"o","note":"\u0007"}`, ""},
		{"nothing", `{}`, "/orderId required"},
		{"null for something", `{"orderId":null}`, "/orderId null"},
		{"null for what has a default", `{"orderId":"o","express":null}`, "/express null"},
		{"a part missing below", `{"orderId":"o","items":[{"menuId":"m","price":"1"}]}`, "/items/0/quantity required"},
		{"null in a list", `{"orderId":"o","items":[null]}`, "/items/0 null"},
		{"another type", `{"orderId":"o","express":"yes"}`, "/express type"},
		{"what databases refuse", `{"orderId":"o","note":"\u0000"}`, "/note text"},
		{"no object", `null`, " null"},
		{"cut", `{"orderId":"o"`, " syntax"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var o order
			problems := d.Decode([]byte(c.in), &o)
			if got := short(problems); got != c.want || (strictjson.Error(problems) == nil) != (c.want == "") {
				t.Errorf("%s, want %s", got, c.want)
			}
			if c.want == "" && o.Status == "" {
				t.Error("the default is missing")
			}
		})
	}
}

func TestWhoLooksAtLittleMissesLittle(t *testing.T) {
	d, err := strictjson.Lenient[item]()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in    string
		needs []string
		want  string
	}{
		{`{"menuId":"m"}`, []string{"menuId"}, ""},
		{`{"menuId":"m"}`, []string{"menuId", "quantity"}, "/quantity required"},
		{`{}`, []string{}, ""},
		{`{"menuId":null}`, []string{}, "/menuId null"},
	} {
		var i item
		if got := short(d.Needing(c.needs...).Decode([]byte(c.in), &i)); got != c.want {
			t.Errorf("%s for %v: %s, want %s", c.in, c.needs, got, c.want)
		}
	}
}

type offer struct {
	Code *string `json:"code,omitempty" default:"model"`
	Tax  int64   `json:"tax" default:"model"`
}

func (o *offer) SetDefaults() { o.Code, o.Tax = pointerTo("NEW"), 7 }

func TestWhatAProgramLeavesOutIsNullThoughItHasADefault(t *testing.T) {
	strict := decoder[offer](t, strictjson.Limits{})
	d, err := strictjson.Lenient[offer]()
	if err != nil {
		t.Fatal(err)
	}
	var asked, heard offer
	if problems := append(strict.Decode([]byte(`{}`), &asked), d.Decode([]byte(`{}`), &heard)...); len(problems) > 0 {
		t.Fatal(problems)
	}
	if asked.Code == nil || asked.Tax != 7 || heard.Code != nil || heard.Tax != 7 {
		t.Errorf("%+v %+v", asked, heard)
	}
}

func TestLenientKnowsWhatFieldsWereCalled(t *testing.T) {
	type crate struct {
		No    string `json:"no" was:"crateId,id"`
		Label string `json:"label"`
	}
	lenient, err := strictjson.Lenient[crate]()
	if err != nil {
		t.Fatal(err)
	}
	strict, err := strictjson.For[crate](strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, no, want, strict string }{
		{`{"no":"a","label":"x"}`, "a", "", ""},
		{`{"crateId":"a","label":"x"}`, "a", "", "/crateId unknown,/no required"},
		{`{"label":"x","id":"a"}`, "a", "", "/id unknown,/no required"},
		{`{"no":"a","crateId":"b","label":"x"}`, "a", "", "/crateId unknown"},
		{`{"crateId":"b","no":"a","label":"x"}`, "a", "", "/crateId unknown"},
		{`{"label":"x"}`, "", "/no required", "/no required"},
		{`{"crateId":null,"label":"x"}`, "", "/crateId null", "/crateId unknown,/no required"},
	} {
		var got crate
		if problems := short(lenient.Decode([]byte(c.in), &got)); problems != c.want || got.No != c.no {
			t.Errorf("%s: %q, %s; want %q, %s", c.in, got.No, problems, c.no, c.want)
		}
		if problems := short(strict.Decode([]byte(c.in), &got)); problems != c.strict {
			t.Errorf("%s, strictly: %s; want %s", c.in, problems, c.strict)
		}
	}
}
