package compat_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/esgen/esgen/internal/compat"
)

func TestDump(t *testing.T) {
	was := build(t, base(t))
	out := map[string]any{}
	for _, c := range changes {
		t.Run(c.does, func(t *testing.T) {
			r := compat.Compare(was, build(t, c.edited(t, base(t))))
			var got, said []string
			for _, f := range r.Findings {
				got = append(got, brief(f))
				said = append(said, f.Sentence())
			}
			out[c.does] = map[string]any{"got": got, "step": string(r.System), "said": said}
		})
	}
	data, _ := json.MarshalIndent(out, "", " ")
	os.WriteFile("/tmp/gate/dump.json", data, 0o644)
}
