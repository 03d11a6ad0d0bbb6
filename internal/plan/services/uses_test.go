package services_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/model"
)

// letters is a model full of strings, keys of maps and variables of macros that
// are called like what code declares.
const letters = `
esgen: v1
system: letters
actors: {Clerk: {role: clerk}}
contexts:
  post:
    aggregates:
      Letter:
        state: {text: string, tags: list(string), labels: map(string), sent: {type: bool, default: false}}
        commands:
          Write:
            actor: Clerk
            creates: true
            input: {text: string, tags: list(string)}
            require: {Odd: "!input.tags.exists(now, now == 'state.text')"}
            emit: [{event: Written, with: {labels: "{'actor.subject': 'd.Now'}"}}]
          Sign:
            actor: Clerk
            emit: [{event: Signed, with: {labels: "{string(actor.subject): string(now)}"}}]
          Send: {actor: Clerk, require: {Twice: "!state.sent"}, emit: [Sent]}
        events:
          Written: {fields: [text, tags, labels]}
          Signed: {fields: [labels]}
          Sent: {apply: {sent: true, text: "'e.Text meta.time'"}}
      Parcel:
        state: {text: string}
        commands: {Pack: {actor: Clerk, creates: true, input: [text], emit: [Packed]}, Drop: {input: {why: string}, emit: [Dropped]}}
        events: {Packed: {fields: [text]}, Dropped: {fields: {why: string}, apply: {text: "event.why + string(meta.time)"}}}
    policies:
      Plain: {whenever: Sent, then: Parcel.Pack, with: {text: "'e.Text meta.time state.text row.label'"}}
      Keyed: {whenever: Sent, then: Parcel.Pack, with: {text: "{'meta.': '1'}[string(event.letterId)]"}}
      Each: {whenever: Sent, each: {of: Parcel, where: "state.text != 'event.'"}, if: "['x'].exists(event, event == 'x')", then: Parcel.Drop, with: {why: string(meta.time)}}
      EachOwn: {whenever: Sent, each: {of: Parcel, where: "state.text != string(event.letterId)"}, then: Parcel.Drop, with: {why: state.text}}
    views:
      Letters:
        key: letterId
        fields: {letterId: id, label: {type: string, default: ""}, n: {type: int, default: 0}}
        from:
          Written: {set: {label: "'a row. e. meta.'"}}
          Signed: {set: {label: string(row.n), n: row.n + size(row.label)}}
          Sent: {where: "row.n > 1 && row.label != string(meta.time)", set: {label: "'event.'"}}
        actor: Clerk
        queries:
          mine: {where: row.label == string(actor.subject)}
          others: {where: row.label == 'actor.subject'}
`

// What code declares is what it uses: Go refuses one that is left out, and one
// that is not used.
func TestDeclaresWhatIsUsed(t *testing.T) {
	t.Parallel()
	sys, bad := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(letters)}}, model.DocumentName)
	checked, more := check.System(sys)
	bad.Merge(more)
	if bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	p := services.Plan(contract.Build(checked), platform.Layout{})
	s := p.Services[0]
	var got []string
	note := func(what string, names string, uses ...bool) {
		line := what + ":"
		for i, name := range strings.Fields(names) {
			if uses[i] {
				line += " " + name
			}
		}
		got = append(got, line)
	}
	for _, a := range s.Aggregates {
		note("apply "+a.Name.Go, "event meta", a.UsesEvent, a.UsesMeta)
		for _, c := range a.Commands {
			note("command "+c.Name.Go, "state now actor", c.UsesState, c.UsesNow, c.UsesActor)
		}
	}
	for _, p := range s.Policies {
		note("policy "+p.Name, "event meta state", p.UsesEvent, p.UsesMeta, p.UsesState)
	}
	for _, v := range s.Views {
		for _, p := range v.Projections {
			note("row on "+p.Event.Name, "event meta before", p.UsesEvent, p.UsesMeta, p.UsesBefore)
		}
		for _, q := range v.Queries {
			note("query "+q.Name.Go, "actor", q.UsesActor)
		}
	}
	want := []string{
		"apply Letter: event",
		"command Write:",
		"command Sign: now actor",
		"command Send: state",
		"apply Parcel: event meta",
		"command Pack:",
		"command Drop:",
		"policy Plain:",
		"policy Keyed: event",
		"policy Each: meta",
		"policy EachOwn: event state",
		"row on Written: event",
		"row on Signed: event before",
		"row on Sent: meta",
		"query Mine: actor",
		"query Others:",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
