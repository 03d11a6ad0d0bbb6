package cli_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/cli"
)

// The exit code of explore says whether something was found, what it prints is
// there for people and for programs, and what cannot be followed is an error.
func TestExplore(t *testing.T) {
	race, quiet := filepath.Join("..", "explore", "testdata", "double-refund"), filepath.Join("..", "explore", "testdata", "quiet")
	for _, c := range []struct {
		name string
		args []string
		code int
		says string // on either stream
	}{
		{"a race", []string{race}, 1, "Refunded of p1 is told twice"},
		{"none", []string{quiet}, 0, "0 found"},
		{"too shallow", []string{race, "--depth", "1"}, 0, "0 found"},
		{"cut short", []string{race, "--states", "3", "--depth", "1"}, 0, "not all of them was searched"},
		{"no depth", []string{race, "--depth", "0"}, 2, "--depth must be at least 1"},
		{"no such context", []string{race, "--context", "moon"}, 2, "there is no context moon"},
		{"no such saga", []string{race, "--saga", "front"}, 2, "there is no saga front"},
		{"no expression", []string{race, "--scenario", "("}, 2, "is no regular expression"},
		{"no such format", []string{race, "--format", "xml"}, 2, `there is no format "xml"`},
		{"around nothing", []string{race, "--scenario", "moon"}, 0, "there is nothing to search"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, err bytes.Buffer
			if code := cli.Run(append([]string{"explore"}, c.args...), nil, &out, &err); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if all := out.String() + err.String(); !strings.Contains(all, c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, all)
			}
		})
	}
	var out bytes.Buffer
	var got struct {
		Findings []struct{ Kind, Scenario, Chain string }
	}
	cli.Run([]string{"explore", race, "--format", "json"}, nil, &out, &bytes.Buffer{})
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got.Findings) != 1 || got.Findings[0].Kind != "twice" ||
		!strings.Contains(got.Findings[0].Scenario, "late: [DropTicket]") || got.Findings[0].Chain == "" {
		t.Errorf("%v: %s", err, out.String())
	}
}
