package pact

import (
	"net/http"
	"os"
	"testing"
)

// specCase is a case of the specification: an expected part, an actual one, and
// whether they match.
type specCase struct {
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Match    bool   `json:"match"`
	Comment  string `json:"comment"`
	Expected part   `json:"expected"`
	Actual   part   `json:"actual"`
}

// What the specification's cases ask that is not asked here, and why.
var otherwise = map[string]string{
	"v4.json/response/body/objects in array with type mismatching": "its actual body is written as in version 3",
}

func TestSpecification(t *testing.T) {
	for version, file := range map[int]string{3: "v3.json", 4: "v4.json"} {
		data, err := os.ReadFile("../../../testdata/pact-specification/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []specCase
		if err := unmarshal(data, &cases); err != nil {
			t.Fatal(err)
		}
		if len(cases) < 100 {
			t.Errorf("%s has %d cases only", file, len(cases))
		}
		for _, c := range cases {
			t.Run(file+"/"+c.Kind+"/"+c.Name, func(t *testing.T) {
				if why, ok := otherwise[file+"/"+c.Kind+"/"+c.Name]; ok {
					t.Skip(why)
				}
				wrong, err := c.compare(version)
				if err != nil {
					t.Fatal(err)
				}
				if match := len(wrong) == 0; match != c.Match {
					t.Errorf("%s: match is %v, want %v: %q", c.Comment, match, c.Match, wrong)
				}
			})
		}
	}
}

func (c specCase) compare(version int) ([]string, error) {
	switch c.Kind {
	case "request":
		want, err := c.Expected.request(version)
		if err != nil {
			return nil, err
		}
		got, err := c.Actual.request(version)
		if err != nil {
			return nil, err
		}
		return want.differences(got.Method, got.Path, got.Query, withType(got.Header, got.Body), got.Body.Data), nil
	case "response":
		want, err := c.Expected.response(version)
		if err != nil {
			return nil, err
		}
		got, err := c.Actual.response(version)
		if err != nil {
			return nil, err
		}
		return want.differences(got.Status, withType(got.Header, got.Body), got.Body.Data), nil
	}
	want, err := c.Expected.message(version)
	if err != nil {
		return nil, err
	}
	got, err := c.Actual.message(version)
	if err != nil {
		return nil, err
	}
	return want.differences(Published{Metadata: got.Metadata, Type: got.Body.Type, Data: got.Body.Data}), nil
}

func withType(h http.Header, b Body) http.Header {
	h = h.Clone()
	if h == nil {
		h = http.Header{}
	}
	if h.Get("Content-Type") == "" && b.Type != "" {
		h.Set("Content-Type", b.Type)
	}
	return h
}
