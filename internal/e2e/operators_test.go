package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// operators asks a service everything that the page about services says an
// operator can ask; view is one of its read models.
func operators(t *testing.T, p *process, view string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/services.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "<!-- operators -->")
	table, _, _ = strings.Cut(table, "<!-- /operators -->")
	routes := regexp.MustCompile("(?m)^\\| `([A-Z]+) (/[^`]*)`").FindAllStringSubmatch(table, -1)
	if len(routes) < 7 {
		t.Fatalf("the page about services lists %d routes for operators", len(routes))
	}
	for _, r := range routes {
		method, path := r[1], strings.ReplaceAll(r[2], "{View}", view)
		if method == "POST" && strings.Contains(path, "/parked/") {
			path += "?all=true"
		}
		a, err := ask(t.Context(), method, p.system.Internal(p.name)+path, request{who: inside})
		if err != nil || a.status >= 300 {
			t.Errorf("%s %s: %d %s %v", method, path, a.status, a.text, err)
		}
	}
	if a, err := ask(t.Context(), "POST", p.system.Internal(p.name)+"/views/NoSuchView/rebuild", request{who: inside}); err != nil || a.status != 404 {
		t.Errorf("a view that is none is built anew: %d %s %v", a.status, a.text, err)
	}
}
