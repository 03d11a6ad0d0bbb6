package check_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

// Where meta is that of an instance or a row, and what is said where it is not.
func TestMetaOfWhatIsThere(t *testing.T) {
	const doc = `
esgen: v1
system: yard
actors: {Hand: {}}
contexts:
  dock:
    aggregates:
      Crate:
        allow: ALLOW
        invariants: {Sound: INVARIANT}
        state: {text: string, by: optional(id)}
        commands:
          Put: {actor: Hand, creates: true, input: {text: string}, require: {A: NEW}, emit: [CratePut]}
          Top: {actor: Hand, creates: upsert, http: "PUT /crates/{crateId}", input: {text: string}, require: {B: UPSERT}, emit: [CratePut]}
          Move: {actor: Hand, allow: MAY, require: {C: EXISTING}, emit: [Moved]}
        events: {CratePut: {fields: [text]}, Moved: {apply: {by: APPLY}}}
    views:
      Crates:
        key: crateId
        fields: {crateId: id, moved: optional(time)}
        allow: ROWALLOW
        from: {CratePut: {set: {moved: SET}}, Moved: {missing: skip}}
        actor: Hand
        queries: {mine: {where: WHERE}}
      Own:
        key: crateId
        fields: {crateId: id, meta: {type: string, default: x}}
        allow: OWN
        from: {CratePut: {set: {meta: event.text}}}
        actor: Hand
`
	good := map[string]string{
		"ALLOW": "meta.changedAt < now", "INVARIANT": "state.text != ''", "NEW": "input.text != ''", "UPSERT": "isNew || state.text != ''",
		"MAY": "has(meta.createdBy) && meta.createdBy == actor.subject", "EXISTING": "meta.createdAt <= now && state.text != ''",
		"APPLY": "meta.actor.subject", "ROWALLOW": "has(row.meta.changedBy) && row.meta.changedBy == actor.subject",
		"SET": "row.meta.createdAt", "WHERE": "row.meta.changedAt <= now && has(row.meta.createdBy) && row.meta.createdBy == actor.subject", "OWN": "row.meta != ''",
	}
	for _, tc := range []struct{ place, is, says string }{
		{"", "", ""},
		{"NEW", "meta.createdAt < now", "Put creates the Crate: use now and actor"},
		{"UPSERT", "meta.createdAt < now", "Top may create the Crate"},
		{"INVARIANT", "has(meta.createdBy)", "put who or when into the state by an event"},
		{"MAY", "meta.createdBy == actor.subject", "meta.createdBy"},
		{"EXISTING", "meta.time < now", "time"},
		{"APPLY", "meta.createdBy", "createdBy"},
		{"ROWALLOW", "has(meta.createdBy)", "use row.meta"},
		{"WHERE", "meta.createdAt < now", "use row.meta"},
		{"WHERE", "row.meta.createdAt + days(1) < now", "a database cannot decide this"},
		{"OWN", "has(row.meta.createdBy)", "createdBy"},
	} {
		t.Run(strings.TrimSpace(tc.place+" "+tc.is), func(t *testing.T) {
			text := doc
			for place, is := range good {
				if place == tc.place {
					is = tc.is
				}
				text = strings.Replace(text, ": "+place, `: "`+is+`"`, 1)
			}
			sys, diags := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(text)}}, "esgen.yaml")
			_, more := check.System(sys)
			diags.Merge(more)
			var wrong []string
			for _, d := range diags.Sorted() {
				if d.Severity == diag.Error {
					wrong = append(wrong, d.Message)
				}
			}
			if tc.says == "" && len(wrong) > 0 || tc.says != "" && (len(wrong) != 1 || !strings.Contains(wrong[0], tc.says)) {
				t.Errorf("%q, want %q", wrong, tc.says)
			}
		})
	}
}
