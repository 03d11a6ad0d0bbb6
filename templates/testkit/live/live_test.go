package live

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

func TestIn(t *testing.T) {
	const object = `{"id":"o1","n":3,"sum":"12.5","none":null,"items":[{"a":1,"b":null}],"tags":[]}`
	for want, same := range map[string]bool{
		`{}`: true, `{"id":"o1"}`: true, `{"id":"o2"}`: false, `{"n":3,"sum":"12.5"}`: true, `{"n":"3"}`: false, `{"sum":"12.50"}`: false,
		`{"none":null}`: true, `{"missing":null}`: true, `{"missing":1}`: false, `{"items":[{"a":1}]}`: true, `{"items":[]}`: false, `{"tags":[]}`: true,
	} {
		var v Values
		if err := json.Unmarshal([]byte(want), &v); err != nil {
			t.Fatal(err)
		}
		if v.in(json.RawMessage(object), made{}) != same {
			t.Errorf("%s: not %v", want, same)
		}
	}
}

// Ids that the system makes are learned where they are seen, and are the same ones
// from then on: in what is expected, and in what is asked.
func TestMade(t *testing.T) {
	ids := made{"id-1": "", "id-2": "", "id-3": ""}
	for _, x := range []struct {
		want, have string
		same       bool
	}{
		{`{"lines":["id-1","x"]}`, `{"lines":["u1","y"]}`, false}, // and nothing is learned
		{`{"lines":["id-1","id-2"]}`, `{"lines":["u1","u1"]}`, false},
		{`{"lines":["id-1","id-2"]}`, `{"lines":["u1","u2"]}`, true},
		{`{"line":"id-1"}`, `{"line":"u2"}`, false},
		{`{"line":"id-1"}`, `{"line":"id-1"}`, false},
		{`{"of":{"id-2":{"id":"id-2"}}}`, `{"of":{"u2":{"id":"u2"}}}`, true},
		{`{"line":"id-3"}`, `{"line":"u2"}`, false},
		{`{"line":"id-3"}`, `{"line":7}`, false},
		{`{"line":"id-9"}`, `{"line":"id-9"}`, true}, // nobody made it
	} {
		var v Values
		if err := json.Unmarshal([]byte(x.want), &v); err != nil {
			t.Fatal(err)
		}
		if v.in(json.RawMessage(x.have), ids) != x.same {
			t.Errorf("%s in %s: not %v; known is %v", x.want, x.have, x.same, ids)
		}
	}
	got := ids.put(When{Path: "/crates/id-1/x?of=id-2&of=z", Body: json.RawMessage(`{"id-2":["id-1",{"a":"id-3"}],"n":1.50}`)})
	if got.Path != "/crates/u1/x?of=u2&of=z" || string(got.Body) != `{"n":1.50,"u2":["u1",{"a":"id-3"}]}` {
		t.Errorf("%s %s", got.Path, got.Body)
	}
	if got := (made{"x": ""}).put(When{Path: "/x?a=b&a"}); got.Path != "/x?a=b&a=" || got.Body != nil {
		t.Errorf("%+v", got)
	}
}

func TestShow(t *testing.T) {
	for data, want := range map[string]string{
		`{"id":"o1","meta":{"createdAt":"x"},"_links":{"self":{}},"none":null,"n":1.50,"ok":true}`: `{id: o1, n: 1.50, ok: true}`,
		`["a, b",""," x"]`: `["a, b", "", " x"]`,
		`{"a":[{"b":[]}]}`: `{a: [{b: []}]}`,
		`nonsense`:         `nonsense`,
	} {
		if got := show(json.RawMessage(data)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestChain(t *testing.T) {
	event := func(id values.ID, cause, kind string) message.Envelope {
		return message.Envelope{ID: id, Type: "a.b." + kind, CausationID: cause, Data: json.RawMessage(`{"x":1}`)}
	}
	want := "event a.b.First {x: 1}\n├─ event a.b.Second {x: 1}\n│  └─ event a.b.Third {x: 1}\n└─ event a.b.Last {x: 1}\ncall Mail.send {to: lee}\n"
	got := chain([]message.Envelope{event("1", "", "First"), event("2", "1", "Second"), event("3", "2", "Third"), event("4", "1", "Last")}, []call{{External: "Mail", Operation: "send", Input: json.RawMessage(`{"to":"lee"}`)}})
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTable(t *testing.T) {
	once := 1
	table := Table{
		Services: []Service{{Name: "front", Topics: []string{"shop.front.order"}}},
		History:  []Past{{Type: "front.order.Placed", Subject: "o1", Sequence: 1, Time: time.Unix(0, 0).UTC(), Data: json.RawMessage(`{"orderId":"o1"}`)}},
		Scenarios: []Scenario{{
			Name: "주문", At: Place{"a b/c.yaml", 3, 5}, Begins: time.Unix(0, 0).UTC(), History: []int{0},
			Steps: []Step{{
				At: Place{"", 4, 7}, Faults: []Fault{{Service: "pay"}}, When: &When{At: Place{"", 5, 1}, Does: "Place", Service: "front", Method: "POST", Path: "/orders", Body: json.RawMessage(`{}`)},
				Then: &Then{At: Place{"", 6, 1}, Happened: []Expectation{}}, Eventually: []Expectation{{At: Place{"", 7, 1}, Text: "Placed", Event: "front.order.Placed", Times: &once}, {At: Place{"", 8, 1}, Text: "Order", State: &In{"front", "Order"}}},
			}},
		}},
	}
	data, err := table.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Read(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if !reflect.DeepEqual(again, table) {
		t.Errorf("%s comes back as %+v", data, again)
	}
	here := &System{Machine: commands{}}
	for _, x := range []struct {
		where *System
		what  Scenario
		lacks bool
	}{
		{here, again.Scenarios[0], false}, {&System{}, again.Scenarios[0], true}, {&System{}, Scenario{}, false}, {here, Scenario{Lacks: "time"}, true},
	} {
		if lacks := x.where.Lacks(&x.what); (lacks != "") != x.lacks {
			t.Errorf("%+v lacks %q", x.what, lacks)
		}
	}
	for _, bad := range []string{`"x"`, `"a:b:c"`, `"3:x"`} {
		if json.Unmarshal([]byte(bad), new(Place)) == nil {
			t.Errorf("%s is a place", bad)
		}
	}
	if json.Unmarshal([]byte(`"front"`), new(In)) == nil {
		t.Error("front alone is nothing in front")
	}
}

func TestOften(t *testing.T) {
	for want, got := range map[string]string{
		"A never happened": often("A", "happened", 0), "A was never called so": often("A", "was called so", 0),
		"A happened once": often("A", "happened", 1), "A was called so 2 times": often("A", "was called so", 2),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if !sameCode("not-found", "NotFound") || sameCode("A", "B") || sameCode("", "invalid") {
		t.Error("codes are not told apart")
	}
}

func TestFrom(t *testing.T) {
	s := From(func(name string) string {
		return map[string]string{Gateway: "http://g", Doors: "front=http://f,pay=http://p", Brokers: "a:1,b:2", Stop: "false", Start: "true"}[name]
	})
	if s.Gateway != "http://g" || s.Doors["pay"] != "http://p" || len(s.Doors) != 2 || len(s.Brokers) != 2 || s.Token != nil {
		t.Errorf("%+v", s)
	}
	if err := s.Machine.Stop(t.Context(), "pay"); err == nil {
		t.Error("the command failed")
	}
	if err := s.Machine.Start(t.Context(), "pay", time.Now()); err != nil {
		t.Error(err)
	}
}
