package plan_test

import (
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
)

// half is a model whose notes are names only in part, in every way in which
// notes that are more refer to them.
const half = `
esgen: v1
system: half
module: example.com/half
actors: {Guest: {role: guest}}
events: [SomethingHappened]
contexts:
  bar:
    aggregates:
      Tab:
        lookup: [name]
        state: {total: {type: decimal, default: 0}, name: string}
        commands:
          Open:
            actor: Guest
            creates: true
            input: {name: string}
            read: {table: {view: Tables, key: input.name, missing: NoTable}}
            call: {to: kitchen.Warn}
            emit: [Opened]
          Close:
          Pay: {actor: Guest, emit: [Paid]}
        events:
          Opened: {fields: [name]}
          Closed:
          Paid: {fields: [total]}
      Shelf: {}
      Cellar:
        state: [bottles, rack]
        commands: {Store: {actor: Guest, creates: true, input: [bottles], emit: [Stored]}}
        events: {Stored: {fields: [bottles]}}
    policies:
      Greet:
      CloseAll: {whenever: Paid, then: Tab.Close}
      Cheer: {whenever: Stored, then: Tab.Pay, target: event.cellarId}
      PayEach: {whenever: Closed, each: {of: Tables}, then: Tab.Pay, target: event.tabId}
      Settle: {whenever: Closed, then: Tab.Pay, onRejected: Tab.Close}
    views:
      Tables:
      Bottles: {key: cellarId, fields: {cellarId: id}, from: [Stored], actor: Guest}
      Tabs: {key: tabId, fields: {tabId: id, name: string}, from: {Opened: {}, Closed: {delete: true}}, actor: Guest}
  kitchen:
    aggregates:
      Dish: {commands: {Warn: {creates: true}}}
  street: {}
`

// What is a name only takes no part, and what is more is generated without it.
func TestHalfAModel(t *testing.T) { rendered(t, half) }

// rendered plans a model and renders it, which fails where the result is no Go.
func rendered(t *testing.T, text string) *plan.Plan {
	t.Helper()
	sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(text)}}, model.DocumentName)
	p := testsystem.Plan(t, testsystem.Check(t, sys, diags))
	testsystem.Render(t, p)
	return p
}
