package inline_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/inline"
)

// TestPolicy: a browser takes the digest of all that is between the tags; the policy has
// each of them where it belongs, and allows nothing else.
func TestPolicy(t *testing.T) {
	var parts inline.Parts
	page := parts.Script("first();\n") + parts.Style("* { margin: 0 }") + parts.Script("second(\"<\")")
	policy := parts.Policy("'wasm-unsafe-eval'")
	digests := map[string][]string{}
	for _, e := range regexp.MustCompile(`(?s)<(script|style)>(.*?)</`).FindAllStringSubmatch(page, -1) {
		sum := sha256.Sum256([]byte(e[2]))
		digests[e[1]] = append(digests[e[1]], "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	for _, want := range []string{
		"default-src 'none';",
		"script-src " + strings.Join(digests["script"], " ") + " 'wasm-unsafe-eval';",
		"style-src " + strings.Join(digests["style"], " ") + ";",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s:\n%s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe-inline") || len(digests["script"]) != 2 || len(digests["style"]) != 1 {
		t.Errorf("%s\n%s", policy, page)
	}
	if again := parts.Policy(); strings.Contains(again, "wasm") {
		t.Errorf("what one policy allows, another one allows too: %s", again)
	}
}
