package documents

import (
	"encoding/json"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestStatesSurvive(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":       `{}`,
		"values":        `{"n":9007199254740993,"small":-1,"yes":true,"none":null,"text":"é\u0000<>\"","decimal":"0.10000000000000000000000001"}`,
		"parts":         `{"list":[1,[],{"a":[{}]}],"map":{"a":{"b":"c"}}}`,
		"names of maps": `{"m":{"":1,"a.b":2,"$set":3,"%2E":4,"%":5,"nul\u0000":6}}`,
		"order":         `{"b":1,"a":2}`,
	} {
		t.Run(name, func(t *testing.T) {
			d, err := document(json.RawMessage(text))
			if err != nil {
				t.Fatal(err)
			}
			stored, err := bson.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			var read bson.D
			if err := bson.Unmarshal(stored, &read); err != nil {
				t.Fatal(err)
			}
			got, err := jsonOf(read)
			if err != nil {
				t.Fatal(err)
			}
			if again, want := compact(t, got), compact(t, []byte(text)); again != want {
				t.Errorf("got %s, want %s", again, want)
			}
		})
	}
	for _, text := range []string{``, `[]`, `1`, `{"a":1.5}`, `{"a":99999999999999999999}`, `{"a":`, `{`} {
		if d, err := document(json.RawMessage(text)); err == nil {
			t.Errorf("%q is %v, want an error", text, d)
		}
	}
}

// compact is a text of JSON, its texts written alike.
func compact(t *testing.T, text []byte) string {
	t.Helper()
	d, err := document(text)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonOf(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func FuzzStates(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b.c":"$"}],"":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := document(text)
		if err != nil {
			return
		}
		stored, err := bson.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var read bson.D
		if err := bson.Unmarshal(stored, &read); err != nil {
			t.Fatal(err)
		}
		got, err := jsonOf(read)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := jsonOf(d); err != nil || string(got) != string(want) {
			t.Fatalf("got %s, want %s (%v)", got, want, err)
		}
	})
}
