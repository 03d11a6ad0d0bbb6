package serve_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/serve"
)

func server(t *testing.T) (*httptest.Server, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "esgen.yaml"), []byte(lending), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := serve.New(filepath.Join(dir, "esgen.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server, dir
}

// TestStrangers: another origin does not drive the page, a name that leads here by
// somebody else's will is none, and no script stands in the page.
func TestStrangers(t *testing.T) {
	server, dir := server(t)
	const save = `{"name":"x","steps":[{"do":"Borrow","with":{"loanId":"l1","memberId":"lee"},"who":{"actor":"Member","subject":"lee"}}]}`
	ask := func(method, path, body string, header map[string]string) (status int, text, policy string) {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range header {
			if r.Header.Set(k, v); k == "Host" {
				r.Host = v
			}
		}
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		if method+path == "GET/changes" {
			return answer.StatusCode, "", "" // it does not end
		}
		said, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(said), answer.Header.Get("Content-Security-Policy")
	}
	const form = "application/json"
	for _, test := range []struct {
		name, method, path string
		header             map[string]string
		status             int
	}{
		{"another origin asks", "POST", "/ask/save", map[string]string{"Content-Type": form, "Origin": "https://evil.example"}, 403},
		{"another port of this machine asks", "POST", "/ask/save", map[string]string{"Content-Type": form, "Origin": "http://localhost:1"}, 403},
		{"no origin at all, as of a file", "POST", "/ask/save", map[string]string{"Content-Type": form, "Origin": "null"}, 403},
		{"a browser says it comes from elsewhere", "POST", "/ask/save", map[string]string{"Content-Type": form, "Sec-Fetch-Site": "cross-site"}, 403},
		{"a form of another page", "POST", "/ask/save", map[string]string{"Content-Type": "text/plain"}, 415},
		{"a name that was bound anew", "GET", "/", map[string]string{"Host": "evil.example"}, 403},
		{"such a name asks", "POST", "/ask/model", map[string]string{"Content-Type": form, "Host": "evil.example:80"}, 403},
		{"such a name that begins well", "GET", "/changes", map[string]string{"Host": "localhost.evil.example"}, 403},
		{"another file", "GET", "/web/..%2f..%2fesgen.yaml", nil, 404},
		{"no such question", "POST", "/ask/no", map[string]string{"Content-Type": form}, 422},
		{"the page itself", "GET", "/", nil, 200},
		{"what it asks", "POST", "/ask/model", map[string]string{"Content-Type": form, "Origin": server.URL, "Sec-Fetch-Site": "same-origin"}, 200},
	} {
		if got, _, _ := ask(test.method, test.path, save, test.header); got != test.status {
			t.Errorf("%s: %d, not %d", test.name, got, test.status)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "esgen.yaml"))
	if err != nil || string(data) != lending {
		t.Errorf("somebody else has written the model: %v", err)
	}
	_, text, policy := ask("GET", "/", "", nil)
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "script-src 'self'") || strings.Contains(text, "<script>") {
		t.Errorf("policy %q", policy)
	}
}

// TestWrites: a scenario is written into the model's own file, and only where the
// model has no errors then and nobody has changed the file since.
func TestWrites(t *testing.T) {
	server, dir := server(t)
	file := filepath.Join(dir, "esgen.yaml")
	save := func(name string) (int, map[string]any) {
		body := `{"name":"` + name + `","steps":[{"do":"Borrow","with":{"loanId":"l1","memberId":"lee"},"who":{"actor":"Member","subject":"lee"}}]}`
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/ask/save", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close() //nolint:errcheck // it was read
		var out map[string]any
		_ = json.NewDecoder(answer.Body).Decode(&out) // refusals are no JSON
		return answer.StatusCode, out
	}
	broken := strings.Replace(lending, "emit: [Borrowed]", "emit: [Borowed]", 1)
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _ := save("first"); status != http.StatusUnprocessableEntity {
		t.Errorf("it was written into a model with errors: %d", status)
	}
	if err := os.WriteFile(file, []byte(lending+"# somebody writes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out := save("first"); status != http.StatusOK || out["written"] != true {
		t.Errorf("%d %v", status, out)
	}
	data, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(data), "# somebody writes\n\nscenarios:\n  first:\n") {
		t.Errorf("%v\n%s", err, data)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("more was written: %v", entries)
	}
}
