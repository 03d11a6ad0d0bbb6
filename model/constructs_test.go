package model

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// store holds, of what the page of the language has, all that shop has not.
const store = `
esgen: v1
system: store
zone: Asia/Seoul
requirements: {F1: it works}
types: {Line: {fields: {sku: string, count: {type: int, default: 1}}}}
actors: {Customer: , ShopOwner: {code: Boss}}
compositions:
  details: {http: "GET /orders/{orderId}/{day}", actor: Customer, parts: {order: {from: Orders, required: true, timeout: 500ms}, day: {from: Days, key: {orderId: orderId, day: day}}, again: {from: Orders, key: orderId}, short: Orders}}
  sketch:
externals:
  PayGate:
    operations: {capture: {input: {amount: decimal}, reply: {approved: bool}}}
    events: {PaymentSettled: {fields: {orderId: id}}, Lost: {http: PUT /lost, fields: {orderId: id}}}
contexts:
  front:
    aggregates:
      Order:
        persistence: events
        snapshotEvery: 100
        state: {total: decimal, note: optional(string), lines: list(Line)}
        commands:
          Place: {actor: [Customer, ShopOwner], creates: true, input: [total, note, lines], emit: [Placed]}
          Cancel: {emit: [Cancelled]}
        events:
          Placed: {fields: [total, note, lines], versions: {2: {fields: {total: , won: int}, upcast: {total: decimal(old.won)}}, 1: {fields: [won]}}}
          Cancelled:
    policies:
      Hourly: {every: 1h, catchUp: all, each: {of: Order}, then: Cancel}
      Daily: {cron: "0 9 * * *", then: Cancel}
      InParis: {zone: Europe/Paris, cron: "30 9 * * 1-5", catchUp: skip, then: Cancel}
      Late: {after: 15m, since: Placed, unless: [Cancelled, PaymentSettled], then: Cancel}
      Often: {whenever: Placed, by: orderId, within: 1h, if: size(window) > 3, then: Cancel}
      AllTogether: {whenever: Placed, within: 10m, then: Cancel}
      Settled: {whenever: PayGate.PaymentSettled, then: Cancel, target: event.orderId}
    views:
      Orders: {key: orderId, fields: {orderId: id, total: decimal, note: {type: string, default: ""}}, changes: stream, links: {same: Orders, days: {to: Days, by: {orderId: row.orderId}}}, queries: {find: {search: [note]}}}
      Days: {key: [orderId, day], fields: {orderId: id, day: date}, from: {Placed: {key: {day: date(meta.time)}}}}
    sagas:
      Buy:
        startedBy: Placed
        data: {token: optional(string), tries: {type: int, default: 0}}
        steps:
          - PayGate.capture
          - {do: Cancel, if: "true", save: {token: reply.orderId}, compensate: {do: Cancel, target: event.orderId}, pivot: true}
        onFailure: Cancel
        timeout: 30s
      Sketch:
scenarios:
  A sketch:
  One step:
    covers: [F1]
    at: "2026-12-01T08:59:00+09:00"
    given:
      - Placed
      - {event: Placed, version: 1, with: {orderId: o1, won: 5}}
      - {event: Placed, version: 3, with: {orderId: o1, total: 5}}
      - {external: capture, with: {amount: 5}, reply: {approved: true}, slow: 2s}
    when: {do: Place, with: {orderId: o2, total: 9.50, note: null, lines: [{sku: a}]}, by: {Customer: c1}}
    then: [Placed, {event: Placed, with: {orderId: o2, note: }}]
    eventually: [Placed, {event: Cancelled, times: 0}, {view: Orders, row: {orderId: o1}}, {state: Order, is: {orderId: o1}, times: 1}, {called: capture, with: {amount: 5}}]
  Many steps:
    given: Placed
    steps:
      - faults: {down: front}
        given: [{external: capture, fails: true}]
        when: {do: Place, by: ShopOwner}
        then: {rejected: validation-failed}
        recover: [{up: PayGate}, {up: front}]
        advance: 1d
        eventually: Cancelled
      - {when: Orders, then: {rows: [{orderId: o1}, {}]}}
      - {when: {do: PaymentSettled, with: {orderId: o1}}, then: []}
      - {when: {do: Cancel, with: {orderId: o1}}}
      - {when: {do: find, with: {search: soon}}}
`

func TestProcesses(t *testing.T) {
	t.Parallel()
	sys := loadText(t, store)
	front := sys.Contexts[0]
	order, orders, days := front.Aggregates[0], front.Views[0], front.Views[1]
	placed, cancelled := order.Events[0], order.Events[1]
	p := front.Policies
	buy := front.Sagas[0]
	capture := sys.Externals[0].Operations[0]
	settled, lost := sys.Externals[0].Events[0], sys.Externals[0].Events[1]
	details := sys.Compositions[0]
	for _, test := range []struct{ what, got, want any }{
		{"sourced", order.Sourced, true},
		{"snapshots", order.Snapshot, 100},

		{"every", p[0].Timer.Every, time.Hour},
		{"catchUp", p[0].Timer.CatchUp, CatchUpAll},
		{"catchUp by default", p[1].Timer.CatchUp, CatchUpOnce},
		{"zone of the system", p[1].Timer.Cron.Zone, sys.Zone},
		{"zone of its own", p[2].Timer.Cron.Zone.String(), "Europe/Paris"},
		{"after", p[3].Timer.After, 15 * time.Minute},
		{"since", p[3].Timer.Since.Event, placed},
		{"unless", p[3].Timer.Unless[0].Event, cancelled},
		{"unless of elsewhere", p[3].Timer.Unless[1].Event, settled},
		{"within", p[4].Window.Within, time.Hour},
		{"by the id", p[4].Window.By.Field, order.ID},
		{"a window is no timer", p[4].Timer, (*Timer)(nil)},
		{"by nothing", p[5].Window.By, (*FieldRef)(nil)},
		{"webhook heard", p[6].Whenever[0].Event, settled},

		{"newest version", placed.Version, 3},
		{"only version", cancelled.Version, 1},
		{"oldest version", placed.Versions[0].Number, 1},
		{"type from the version after", placed.Versions[0].Fields[0].Type.Kind, Int},
		{"type from the event", placed.Versions[1].Fields[0].Type.Kind, Decimal},
		{"upcast", placed.Versions[1].Upcast[0].Field, placed.Fields[0]},

		{"webhook's route", settled.HTTP.Method + " " + settled.HTTP.Path, "POST /webhooks/pay-gate/payment-settled"},
		{"webhook's own route", lost.HTTP.Method + " " + lost.HTTP.Path, "PUT /lost"},
		{"whose webhook", settled.External, sys.Externals[0]},

		{"stream", orders.Stream, true},
		{"no stream", days.Stream, false},
		{"short link", orders.Links[0].To.View, orders},
		{"link by", orders.Links[1].By[0].Field, days.Fields[0]},

		{"saga starts", buy.StartedBy.Event, placed},
		{"saga's context", buy.Context, front},
		{"saga's time", buy.Timeout, 30 * time.Second},
		{"short step", buy.Steps[0].Do.Operation, capture},
		{"step of", buy.Steps[1].Saga, buy},
		{"save", buy.Steps[1].Save[0].Field, buy.Data[0]},
		{"step's compensation", buy.Steps[1].Compensate.Do.Command, order.Commands[1]},
		{"pivot", []bool{buy.Steps[0].Pivot, buy.Steps[1].Pivot}[1], true},
		{"on failure", buy.OnFailure.Do.Command, order.Commands[1]},
		{"sketch", len(front.Sagas[1].Steps), 0},

		{"composition", details.HTTP.Path, "/orders/{orderId}/{day}"},
		{"required", details.Parts[0].Required, true},
		{"part's time", details.Parts[0].Timeout, 500 * time.Millisecond},
		{"key by name", details.Parts[0].Keys[0].Column.Field, orders.Fields[0]},
		{"columns", details.Parts[1].Keys[1].Column.Field, days.Fields[1]},
		{"single key", details.Parts[2].Keys[0].Column.Field, orders.Fields[0]},
		{"short part", details.Parts[3].From.View, orders},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", test.what, test.got, test.want)
		}
	}
}

// TestSchedule follows the clocks of time zones.
func TestSchedule(t *testing.T) {
	t.Parallel()
	p := loadText(t, store).Contexts[0].Policies
	seoul, paris := p[1].Timer.Cron, p[2].Timer.Cron
	for _, test := range []struct {
		cron        *Cron
		after, want string
	}{
		{seoul, "2026-12-04T12:00:00Z", "2026-12-05T00:00:00Z"}, // 9:00
		{paris, "2026-12-04T12:00:00Z", "2026-12-07T08:30:00Z"}, // 9:30, on Monday
		{paris, "2026-10-23T12:00:00Z", "2026-10-26T08:30:00Z"}, // the clocks went back
		{paris, "2026-03-27T12:00:00Z", "2026-03-30T07:30:00Z"}, // and forward
		{seoul, "2026-12-05T00:00:00Z", "2026-12-06T00:00:00Z"}, // later than the instant itself
	} {
		after, err := time.Parse(time.RFC3339, test.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := test.cron.Next(after).UTC().Format(time.RFC3339); got != test.want {
			t.Errorf("%s in %s after %s: %s, want %s", test.cron.Text, test.cron.Zone, test.after, got, test.want)
		}
	}
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	sys := loadText(t, store)
	front, external := sys.Contexts[0], sys.Externals[0]
	order, orders := front.Aggregates[0], front.Views[0]
	placed, capture := order.Events[0], external.Operations[0]
	sketch, one, many := sys.Scenarios[0], sys.Scenarios[1], sys.Scenarios[2]
	step, first := one.Steps[0], many.Steps[0]
	for _, test := range []struct{ what, got, want any }{
		{"sketch", len(sketch.Steps), 0},
		{"covers", one.Covers[0].Value, "F1"},
		{"at", one.At.UTC().Format(time.RFC3339), "2026-11-30T23:59:00Z"},
		{"no time", many.At.IsZero(), true},

		{"short history", one.Given[0].Event.Event, placed},
		{"version", one.Given[1].Version, 1},
		{"field of the version", one.Given[1].With[1].Field, placed.Versions[0].Fields[0]},
		{"field of the newest", one.Given[2].With[1].Field, placed.Fields[0]},
		{"id of an event", one.Given[1].With[0].Field, order.ID},
		{"double", one.Given[3].External.Operation.Operation, capture},
		{"double's slowness", one.Given[3].External.Slow, 2 * time.Second},
		{"double's request", one.Given[3].External.With[0].Field, capture.Input[0]},
		{"double's reply", one.Given[3].External.Reply[0].Field, capture.Reply[0]},
		{"a double is no event", one.Given[3].Event, (*EventRef)(nil)},

		{"the only step", len(one.Steps), 1},
		{"its place", step.Pos, one.Pos},
		{"command", step.When.Do.Command, order.Commands[0]},
		{"id of a command", step.When.With[0].Field, order.ID},
		{"input", step.When.With[1].Field, order.Commands[0].Input[0]},
		{"actor", step.When.By.Actor, sys.Actors[0]},
		{"subject", step.When.Who, "c1"},
		{"short outcome", step.Then.Events[0].Event.Event, placed},
		{"outcome", step.Then.Events[1].With[0].Field, order.ID},
		{"happened", step.Eventually[0].Event.Event, placed},
		{"how often by default", step.Eventually[0].Times, (*int)(nil)},
		{"never", *step.Eventually[1].Times, 0},
		{"row", step.Eventually[2].With[0].Field, orders.Fields[0]},
		{"state", step.Eventually[3].With[0].Field, order.ID},
		{"called", step.Eventually[4].Called.Operation, capture},

		{"steps", len(many.Steps), 5},
		{"down", first.Faults[0].Context, front},
		{"down is not up", first.Faults[0].Up, false},
		{"up", first.Recover[0].External, external},
		{"up is up", first.Recover[0].Up, true},
		{"double of a step", first.Given[0].External.Fails, true},
		{"subject by default", first.When.Who, "boss"},
		{"rejection", first.Then.Rejected.Value, "validation-failed"},
		{"time passes", first.Advance, 24 * time.Hour},
		{"lone expectation", first.Eventually[0].Event.Event, order.Events[1]},
		{"view", many.Steps[1].When.View, orders},
		{"rows", many.Steps[1].Then.Rows[0].Values[0].Field, orders.Fields[0]},
		{"any row", len(many.Steps[1].Then.Rows[1].Values), 0},
		{"webhook", many.Steps[2].When.Event.Event, external.Events[0]},
		{"nothing happens", many.Steps[2].Then.Events != nil, true},
		{"search", many.Steps[4].When.With[0].Field.Type.Kind, String},
		{"nothing is said", many.Steps[3].Then, (*Then)(nil)},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", test.what, test.got, test.want)
		}
	}
}

// TestDeferred lists what generation leaves out, by name and place.
func TestDeferred(t *testing.T) {
	t.Parallel()
	sys := loadText(t, store)
	var got []string
	for _, f := range sys.Deferred {
		if !f.Pos.IsValid() || f.Are() == "" {
			t.Errorf("%s %s: %s, says %q", f.Construct, f.Name, f.Pos, f.Are())
		}
		got = append(got, f.Construct+" "+f.Name)
	}
	if len(got) > 0 {
		t.Errorf("deferred: %s", strings.Join(got, "\n"))
	}
}

// TestAnswersAreOnesOwn finds the events of an answer where the command is,
// though others have the same names.
func TestAnswersAreOnesOwn(t *testing.T) {
	t.Parallel()
	sys := loadText(t, `
esgen: v1
system: s
contexts:
  a: {aggregates: {X: {commands: {Do: {emit: [Done]}}, events: [Done]}, Y: {events: [Done]}}}
  b: {aggregates: {Z: {commands: {Try: {emit: [Done]}}, events: [Done]}}}
scenarios:
  first: {when: Do, then: [Done]}
  second: {when: Try, then: Done}
`)
	for i, want := range []*Event{sys.Contexts[0].Aggregates[0].Events[0], sys.Contexts[1].Aggregates[0].Events[0]} {
		if got := sys.Scenarios[i].Steps[0].Then.Events[0].Event.Event; got != want {
			t.Errorf("%s: %v", sys.Scenarios[i].Name, got)
		}
	}
}

// TestFilesJoinScenarios lets files of their own hold scenarios and
// compositions.
func TestFilesJoinScenarios(t *testing.T) {
	t.Parallel()
	sys, diags := LoadFS(fstest.MapFS{
		DocumentName: {Data: []byte("esgen: v1\nsystem: s\ninclude: '*.yml'\nscenarios: [a]\ncompositions: [x]\n")},
		"b.yml":      {Data: []byte("scenarios: [b]\ncompositions: [y]\n")},
	}, DocumentName)
	if diags.HasErrors() || len(sys.Scenarios) != 2 || len(sys.Compositions) != 2 {
		t.Fatalf("%d scenarios, %d compositions\n%s", len(sys.Scenarios), len(sys.Compositions), print(diags))
	}
}
