package pact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spelled are the rules of a table with what all of them have in files.
func spelled(t testing.TB, rules string) json.RawMessage {
	t.Helper()
	if rules == "" {
		return nil
	}
	var paths map[string]json.RawMessage
	if err := json.Unmarshal([]byte(rules), &paths); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"body": lists(t, paths)})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func lists(t testing.TB, paths map[string]json.RawMessage) map[string]any {
	out := map[string]any{}
	for path, matchers := range paths {
		var list []map[string]any
		if err := json.Unmarshal(matchers, &list); err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			variants, _ := m["variants"].([]any)
			for _, v := range variants {
				v := v.(map[string]any)
				inner := map[string]any{}
				for path, matchers := range v["rules"].(map[string]any) {
					inner[path] = map[string]any{"combine": "AND", "matchers": matchers}
				}
				v["rules"] = inner
			}
		}
		out[path] = map[string]any{"combine": "AND", "matchers": list}
	}
	return out
}

func TestBodies(t *testing.T) {
	for _, c := range bodyCases {
		t.Run(c.name, func(t *testing.T) {
			r, err := readRules(spelled(t, c.rules))
			if err != nil {
				t.Fatal(err)
			}
			b := Body{Present: true, Type: "application/json", Data: []byte(c.want)}
			if diff := cmp.Diff(c.wrong, b.differences("application/json", []byte(c.got), r.body, false)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a consumer sends has nothing but what it said it would.
func TestRequestsHaveNothingElse(t *testing.T) {
	r := Request{Method: "POST", Path: "/orders", Body: Body{Present: true, Type: "application/json", Data: []byte(`{"a":1}`)}}
	got := r.differences("PUT", "/order", map[string][]string{"q": {"1"}}, http.Header{"Content-Type": {"application/json"}}, []byte(`{"a":1,"b":2}`))
	want := []string{
		"method: expected POST, got PUT", "path: expected /orders, got /order",
		`query q: nothing is expected here, got ["1"]`, "body: $.b: nothing is expected here, got 2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestResponses(t *testing.T) {
	for name, c := range map[string]struct {
		response string // as in a file
		status   int
		header   http.Header
		wrong    []string
	}{
		"status": {`{"status":201}`, 200, nil, []string{"status: expected 201, got 200"}},
		"class of status": {`{"status":200,"matchingRules":{"status":{"matchers":[{"match":"statusCode","status":"success"}]}}}`, 302, nil,
			[]string{"status: expected 200 to 299, got 302"}},
		"one of statuses":     {`{"status":200,"matchingRules":{"status":{"matchers":[{"match":"statusCode","status":[200,404]}]}}}`, 404, nil, nil},
		"header":              {`{"status":200,"headers":{"ETag":"\"1\""}}`, 200, http.Header{"Etag": {`"2"`}}, []string{`header Etag: expected "1", got "2"`}},
		"header, missing":     {`{"status":200,"headers":{"Location":["/x"]}}`, 200, nil, []string{"header Location: expected /x, but it is missing"}},
		"media type":          {`{"status":200,"headers":{"Content-Type":"application/json"}}`, 200, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, nil},
		"header by rule":      {`{"status":200,"headers":{"Location":"/x/1"},"matchingRules":{"header":{"location":{"matchers":[{"match":"regex","regex":"/x/\\d+"}]}}}}`, 200, http.Header{"Location": {"/x/27"}}, nil},
		"other kind of body":  {`{"status":200,"body":{"content":{"a":1},"contentType":"application/json"}}`, 200, http.Header{"Content-Type": {"text/html"}}, []string{"body: expected it to be application/json, got text/html"}},
		"no body is any body": {`{"status":200}`, 200, http.Header{"Content-Type": {"text/html"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var p part
			if err := unmarshal([]byte(c.response), &p); err != nil {
				t.Fatal(err)
			}
			r, err := p.response(4)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.wrong, r.differences(c.status, c.header, []byte("<p>"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMessages(t *testing.T) {
	text := `{"metadata":{"contentType":"application/json","ce_type":"a.b.C","ce_time":"2026-12-01T09:00:00Z","key":"k"},
		"contents":{"content":{"id":"1"},"contentType":"application/json"},
		"matchingRules":{"metadata":{"ce_time":{"matchers":[{"match":"regex","regex":"\\d{4}-.*"}]}},"body":{"$.id":{"matchers":[{"match":"type"}]}}}}`
	var p part
	if err := unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	c, err := p.message(4)
	if err != nil {
		t.Fatal(err)
	}
	published := Published{
		Metadata: map[string]any{"contentType": "application/json", "ce_type": "a.b.C", "ce_time": "2027-01-01T00:00:00Z", "key": "k", "more": "x"},
		Type:     "application/json", Data: []byte(`{"id":"2"}`),
	}
	if wrong := c.differences(published); len(wrong) > 0 {
		t.Error(wrong)
	}
	published.Metadata = map[string]any{"contentType": "application/json", "ce_type": "a.b.D", "ce_time": "soon"}
	published.Data = []byte(`{"id":2}`)
	want := []string{
		`metadata ce_time: expected a text that matches \d{4}-.*, got "soon"`, `metadata ce_type: expected "a.b.C", got "a.b.D"`,
		`metadata key: expected "k", but it is missing`, `contents: $.id: expected a text like "1", got 2`,
	}
	if diff := cmp.Diff(want, c.differences(published)); diff != "" {
		t.Error(diff)
	}
}

// The verifier of the Pact foundation comes to the same verdicts as this
// package, on the table above and on the specification's responses.
func TestSameVerdictsAsOthers(t *testing.T) {
	verifier := os.Getenv("ESGEN_TEST_PACT")
	if verifier == "" {
		t.Skip("set ESGEN_TEST_PACT to the path of the program pact, or run .ci/pact")
	}
	var interactions []map[string]any
	var answers [][]byte
	var ours []bool
	for _, c := range bodyCases {
		response := map[string]any{"status": 200, "headers": map[string]any{"Content-Type": []string{"application/json"}},
			"body": map[string]any{"content": json.RawMessage(c.want), "contentType": "application/json", "encoded": false}}
		if rules := spelled(t, c.rules); rules != nil {
			response["matchingRules"] = rules
		}
		interactions = append(interactions, map[string]any{
			"type": HTTP, "description": c.name, "pending": false,
			"request":  map[string]any{"method": "GET", "path": fmt.Sprintf("/%d", len(answers))},
			"response": response,
		})
		answers, ours = append(answers, []byte(c.got)), append(ours, len(c.wrong) == 0)
	}
	theirs := verdicts(t, verifier, interactions, func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil || n >= len(answers) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answers[n])
	})
	for i, c := range bodyCases {
		if got, ok := theirs[c.name]; !ok || got != ours[i] {
			t.Errorf("%s: they say %v (%v), we %v", c.name, got, ok, ours[i])
		}
	}
}

// verdicts has the verifier ask a server for interactions.
func verdicts(t *testing.T, verifier string, interactions []map[string]any, answer http.HandlerFunc) map[string]bool {
	t.Helper()
	server := httptest.NewServer(answer)
	defer server.Close()
	dir := t.TempDir()
	file, report := filepath.Join(dir, "pact.json"), filepath.Join(dir, "report.json")
	text, err := json.Marshal(map[string]any{
		"consumer": map[string]string{"name": "c"}, "provider": map[string]string{"name": "p"}, "interactions": interactions,
		"metadata": map[string]any{"pactSpecification": map[string]string{"version": "4.0"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(text); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	cmd := exec.CommandContext(t.Context(), verifier, "verifier", "-f", file, "-h", "127.0.0.1", "-p", port, "-n", "p", "-j", report)
	cmd.Env = append(os.Environ(), "PACT_DO_NOT_TRACK=true")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("the verifier found nothing wrong at all")
	}
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("%v\n%s", err, bytes.TrimSpace(out))
	}
	var r struct {
		Results []struct{ Description, Result string } `json:"interactionResults"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	verdict := map[string]bool{}
	for _, x := range r.Results {
		verdict[x.Description] = x.Result == "OK"
	}
	return verdict
}
