// Package synthetic writes models of any size, for benchmarks and for tests of
// what must hold at scale.
package synthetic

import (
	"bytes"
	"fmt"
	"testing/fstest"
	"text/template"
)

// What each context of a synthetic model has.
const (
	Aggregates = 5
	Commands   = 20
	Events     = 20
	Policies   = 10
	Views      = 3
)

// Document is the path of the document in Files.
const Document = "esgen.yaml"

// Module is what the modules of the generated system are called after.
const Module = "example.com/synthetic"

// Model writes a system of n contexts as one document. Each context reacts to
// events of the one before it, and shows events of its own and of that one.
func Model(n int) []byte {
	var b bytes.Buffer
	b.WriteString(head)
	b.WriteString("contexts:\n")
	for i := range n {
		writeContext(&b, i, n)
	}
	return b.Bytes()
}

// Files writes the same system with a file for each context.
func Files(n int) fstest.MapFS {
	files := fstest.MapFS{Document: {Data: []byte(head + "include: [contexts/*.yaml]\n")}}
	for i := range n {
		var b bytes.Buffer
		b.WriteString("contexts:\n")
		writeContext(&b, i, n)
		files[fmt.Sprintf("contexts/area%04d.yaml", i)] = &fstest.MapFile{Data: b.Bytes()}
	}
	return files
}

const head = `esgen: v1
system: synthetic
title: 합성 시스템
module: ` + Module + `
zone: Asia/Seoul
requirements: {F1: whatever is asked for is done}
types:
  Quantity: {is: int, check: value > 0}
  Line: {fields: {productId: id, quantity: Quantity, price: decimal}}
  Progress: {enum: [Open, Changed, Confirmed, Closed]}
actors: {User: {role: user}, Clerk: {role: clerk}}
`

// area is a context as the template sees it.
type area struct {
	Name       string
	Before     string // the context before it; the last for the first
	Aggregates []int
	Policies   []reaction
	Views      []int
}

// reaction is a policy: a thing of the context before it changes one of this.
type reaction struct {
	Number, Thing int
	Opens         bool
}

func writeContext(b *bytes.Buffer, i, n int) {
	a := area{Name: fmt.Sprintf("area%d", i), Before: fmt.Sprintf("area%d", (i+n-1)%n)}
	for t := range Aggregates {
		a.Aggregates = append(a.Aggregates, t)
	}
	for p := range Policies {
		a.Policies = append(a.Policies, reaction{Number: p, Thing: p % Aggregates, Opens: p < Aggregates})
	}
	for v := range Views {
		a.Views = append(a.Views, v)
	}
	if err := contextText.Execute(b, a); err != nil {
		panic(err) // the template is a constant of this package, and so is what it is given
	}
}

var contextText = template.Must(template.New("context").Parse(`  {{.Name}}:
    title: 영역 {{.Name}}
    domain: core
    team: {{.Name}}-team
    covers: [F1]
    aggregates:
{{- range .Aggregates}}
      Thing{{.}}:
        id: thing{{.}}Id
        state:
          ownerId: id
          sourceId: optional(id)
          lines: list(Line)
          total: decimal
          progress: Progress
          note: optional(string)
        lookup: [ownerId, sourceId]
        lifecycle:
          progress: {Open: [Changed, Confirmed, Closed], Changed: [Changed, Confirmed, Closed], Confirmed: [Closed]}
        invariants: {NegativeTotal{{.}}: state.total >= 0}
        commands:
          Open{{.}}:
            actor: User
            sees: Overview0
            covers: [F1]
            creates: true
            input: {ownerId: id, sourceId: optional(id), lines: list(Line)}
            allow: input.ownerId == actor.subject || 'clerk' in actor.roles
            require: {NoLines: "size(input.lines) > 0"}
            let:
              total: "input.lines.map(l, l.price * l.quantity).sum()"
            emit: [Opened{{.}}]
          Change{{.}}:
            actor: [User, Clerk]
            covers: [F1]
            input: {lines: list(Line), note: optional(string)}
            require:
              TooLate: {that: state.progress != Progress.Closed, status: 409, message: 이미 닫혔습니다}
            let:
              total: "input.lines.map(l, l.price * l.quantity).sum()"
            emit: [Changed{{.}}]
          Confirm{{.}}:
            actor: Clerk
            covers: [F1]
            require:
              NotOpen: {that: state.progress == Progress.Open || state.progress == Progress.Changed, status: 409}
            emit: [Confirmed{{.}}]
          Close{{.}}:
            actor: Clerk
            covers: [F1]
            emit: [Closed{{.}}]
        events:
          Opened{{.}}: {fields: [ownerId, sourceId, lines, total], apply: {progress: Open}}
          Changed{{.}}: {fields: [ownerId, lines, total, note], apply: {progress: Changed}}
          Confirmed{{.}}: {fields: [ownerId, total], apply: {progress: Confirmed}}
          Closed{{.}}: {fields: [ownerId], apply: {progress: Closed}}
{{- end}}
    policies:
{{- $before := .Before}}
{{- range .Policies}}
{{- if .Opens}}
      ReactTo{{.Number}}:
        covers: [F1]
        whenever: {{$before}}.Confirmed{{.Thing}}
        if: event.total > 0
        then: Thing{{.Thing}}.Open{{.Thing}}
        with: {ownerId: event.ownerId, sourceId: event.thing{{.Thing}}Id, lines: "[]"}
{{- else}}
      ReactTo{{.Number}}:
        covers: [F1]
        whenever: {{$before}}.Changed{{.Thing}}
        then: Thing{{.Thing}}.Close{{.Thing}}
        correlateBy: ownerId
{{- end}}
{{- end}}
    views:
{{- $name := .Name}}
{{- range .Views}}
      Overview{{.}}:
        key: ownerId
        fields:
          ownerId: id
          open: {type: int, default: 0}
          before: {type: int, default: 0}
          worth: {type: decimal, default: 0}
        from:
          {{$name}}.Opened{{.}}: {set: {open: row.open + 1, worth: row.worth + event.total}}
          {{$name}}.Closed{{.}}: {set: {open: row.open - 1}, missing: skip}
          {{if ne $name $before}}{{$before}}.Changed{{.}}: {set: {before: row.before + 1}}
{{- else}}Changed{{.}}: {set: {before: row.before + 1}}
{{- end}}
        actor: [User, Clerk]
        allow: row.ownerId == actor.subject || 'clerk' in actor.roles
        queries:
          above: {input: {least: decimal}, where: row.worth >= input.least, sort: [-worth]}
{{- end}}
`))
