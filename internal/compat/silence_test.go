package compat_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/compat"
	"github.com/esgen/esgen/model"
)

// told are changes of the model in testdata/repair: each of the keys it names
// is heard of when it says something else.
var told = []struct {
	keys string
	edit []edit
	want []string
}{
	{"operation.http", []edit{{"POST /fetch", "POST /pickup"}}, []string{"unclear external: Courier"}},
	{"operation.input operation.reply", []edit{{"reply: {slot: string}", "reply: {slot: string, note: optional(string)}"}}, []string{"unclear external: Courier"}},
	{"event.http", []edit{{"Fetched: {fields", "Fetched: {http: POST /hooks/fetched, fields"}}, []string{"breaking webhook: Courier"}},
	{"event.fields", []edit{{"fields: {jobId: id, minutes: int}", "fields: {jobId: id, minutes: int, by: string}"}}, []string{"breaking webhook: Courier", "compatible payload bench"}},
	{"event.type", []edit{{"Fetched: {fields", "Fetched: {type: fetched, fields"}}, []string{"unclear webhook: Courier"}},
	{"event.from", []edit{{"Fetched: {fields", "Fetched: {from: {minutes: /min}, fields"}}, []string{"unclear webhook: Courier"}},
	{"external.receiver", []edit{{"events: {Fetched: {fields", "receiver: van\n    events: {Fetched: {fields"}, {"contexts:\n", "contexts:\n  van: {views: {Trips: {key: jobId, fields: {jobId: id}, from: [Courier.Fetched]}}}\n"}}, []string{"breaking webhook: Courier", "compatible addition van", "unused event bench"}},
	{"external.key", []edit{{"events: {Fetched: {fields", "key: jobId\n    events: {Fetched: {fields"}}, []string{"unclear webhook: Courier"}},
	{"webhook.signature", []edit{{"events: {Fetched: {fields", "webhook: {signature: Courier-Signature}\n    events: {Fetched: {fields"}}, []string{"unclear webhook: Courier"}},
	{"webhook.tolerance", []edit{{"events: {Fetched: {fields", "webhook: {tolerance: 1m}\n    events: {Fetched: {fields"}}, []string{"unclear webhook: Courier"}},
	{"webhook.id", []edit{{"events: {Fetched: {fields", "webhook: {id: /event/id}\n    events: {Fetched: {fields"}}, []string{"unclear webhook: Courier"}},
	{"webhook.data", []edit{{"events: {Fetched: {fields", "webhook: {data: /event}\n    events: {Fetched: {fields"}}, []string{"unclear webhook: Courier"}},
	{"webhook.unknown", []edit{{"events: {Fetched: {fields", "webhook: {unknown: refuse}\n    events: {Fetched: {fields"}}, []string{"unclear webhook: Courier"}},
	{"webhook.http webhook.type", []edit{{"events: {Fetched: {fields", "webhook: {type: /type}\n    events: {Fetched: {fields"}}, []string{"unclear webhook: Courier", "breaking webhook: Courier"}},
	{"external.webhook external.topic topic.name topic.format", []edit{{"events: {Fetched: {fields", "topic: {name: courier}\n    events: {Fetched: {fields"}}, []string{"unclear webhook: Courier"}},
	{"topic.type topic.id topic.data topic.unknown", []edit{{"events: {Fetched: {fields", "topic: {name: courier, format: json, type: /t, id: /i, data: /d, unknown: refuse}\n    events: {Fetched: {fields"}}, []string{"unclear webhook: Courier"}},
	{"context.grpc", []edit{{"  bench:\n", "  bench:\n    grpc: true\n"}}, []string{"compatible addition bench"}},
	{"field.default", []edit{{"count: {type: int, default: 1}", "count: {type: int, default: 2}"}}, []string{"unclear default bench: Guest, Smith", "unclear default bench: Guest"}},
	{"field.check", []edit{{"count: {type: int, default: 1}", "count: {type: int, default: 1, check: value < 100}"}}, []string{"breaking type bench: Guest", "compatible type bench"}},
	{"aggregate.allow", []edit{{"allow: state.owner == actor.subject", "allow: state.owner == actor.subject && state.price > 0"}}, []string{"unclear condition bench: Guest, Smith"}},
	{"aggregate.plural", []edit{{"lookup: [owner]", "lookup: [owner]\n        plural: Tasks"}}, []string{"breaking route bench: Guest, Smith", "breaking route bench: Guest", "breaking route bench: Smith", "breaking route bench: Smith"}},
	{"view.plural", []edit{{"      Jobs:\n", "      Jobs:\n        plural: JobList\n"}}, []string{"breaking route bench: Smith, gateway (composition desk)", "breaking route bench: Smith"}},
	{"aggregate.lifecycle", []edit{{"Mended: [Handed]", "Mended: [Handed, Taken]"}}, []string{"unclear lifecycle bench: Guest, Smith"}},
	{"aggregate.unique", []edit{{"lookup: [owner]", "lookup: [owner]\n        unique: [owner]"}}, []string{"unclear stored bench: bench (aggregate Job)", "unclear condition bench: Guest", "unclear condition bench: Smith", "unclear condition bench: Smith"}},
	{"let.table row.if", []edit{{"size(input.pieces) > 2", "size(input.pieces) > 3"}}, []string{"unclear value bench: Guest"}},
	{"row.is row.otherwise", []edit{{"otherwise: 10", "otherwise: 12"}}, []string{"unclear value bench: Guest"}},
	{"call.with", []edit{{"with: {jobId: id}", "with: {jobId: input.owner}"}}, []string{"unclear behaviour bench: Guest, Smith"}},
	{"call.attempts", []edit{{"attempts: 2", "attempts: 3"}}, []string{"unclear behaviour bench: Guest, Smith"}},
	{"call.require", []edit{{"NoSlot: ride.slot != ''", "NoSlot: size(ride.slot) > 2"}}, []string{"unclear behaviour bench: Guest, Smith"}},
	{"call.fallback fallback.reply", []edit{{"slot: \"'later'\"", "slot: \"'never'\""}}, []string{"unclear behaviour bench: Guest, Smith"}},
	{"emit.each emit.as emit.if", []edit{{"piece.count > 1", "piece.count > 2"}}, []string{"unclear emit bench: Guest"}},
	{"actor.claims", []edit{{"actors: [Guest, Smith]", "actors: {Guest: {claims: {shop: string, note: optional(string)}}, Smith: {}}"}}, []string{"breaking role bench: Guest", "breaking role bench: Guest", "breaking role bench: Guest", "breaking role bench: Guest"}},
	{"emit.oneOf branch.event branch.with", []edit{{"emit: [JobHanded]", "emit: [{oneOf: [JobHanded, {event: JobReminded, with: {}}]}]"}}, []string{"unclear emit bench: Smith", "unclear emit bench: Smith, Guest"}},
	{"emit.with", []edit{{"sku: piece.sku", "sku: piece.sku + '!'"}}, []string{"unclear value bench"}},
	{"read.view read.where", []edit{{"where: row.day == input.day, sort", "where: row.day != input.day, sort"}}, []string{"unclear behaviour bench: Smith, Guest"}},
	{"read.sort", []edit{{"sort: [-price]", "sort: [price]"}}, []string{"unclear behaviour bench: Smith, Guest"}},
	{"read.missing", []edit{{"missing: NoRate", "missing: Unrated"}}, []string{"breaking refusal bench: Smith", "unclear condition bench: Smith", "unclear behaviour bench: Smith, Guest"}},
	{"aggregate.person", []edit{{"lookup: [owner]", "lookup: [owner]\n        person: owner"}}, []string{"unclear stored bench: bench (aggregate Job)"}},
	{"event.erases", []edit{{"lookup: [owner]", "lookup: [owner]\n        person: owner"}, {"JobHanded: {apply: {stage: Handed}}", "JobHanded: {erases: true, apply: {stage: Handed}}"}}, []string{"unclear stored bench: bench (aggregate Job)", "unclear value bench: Guest, Smith"}},
	{"event.deletes", []edit{{"JobHanded: {apply: {stage: Handed}}", "JobHanded: {deletes: true}"}}, []string{"unclear value bench: Guest, Smith", "unclear value bench: Guest, Smith"}},
	{"version.upcast", []edit{{"upcast: {hours: \"1\"}", "upcast: {hours: \"3\"}"}}, []string{"unclear history bench: bench (view Jobs), bench (policy Late)"}},
	{"policy.cron", []edit{{"0 9 * * *", "0 10 * * *"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.every", []edit{{"cron: \"0 9 * * *\"", "every: 1d"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.zone", []edit{{"cron: \"0 9 * * *\"", "cron: \"0 9 * * *\", zone: Asia/Seoul"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.catchUp", []edit{{"cron: \"0 9 * * *\"", "cron: \"0 9 * * *\", catchUp: skip"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.each each.of each.where", []edit{{"where: row.price > 5", "where: row.price > 6"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"each.sort", []edit{{"sort: [owner]", "sort: [-owner]"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"each.max", []edit{{"max: 10", "max: 20"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.after", []edit{{"after: 2h", "after: 3h"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.after", []edit{{"after: 2h", "after: meta.time + hours(3)"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"value.wire", []edit{{"[Taken, Mended, Handed]", "{Taken: taken, Mended: Mended, Handed: Handed}"}},
		[]string{"breaking enum bench: Guest, Smith", "compatible enum bench", "breaking stored bench: bench (aggregate Job)"}},
	{"let.table", []edit{{"let: {price", "let: {token: uuid(), price"}, {"ride.slot, price: price", "ride.slot + string(token), price: price"}}, []string{"unclear behaviour bench: Guest, Smith", "unclear value bench: Guest"}},
	{"policy.unless", []edit{{"unless: [JobMended]", "unless: [JobMended, JobHanded]"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.since", []edit{{"since: JobTaken, unless: [JobMended]", "since: JobMended"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.by", []edit{{"by: jobId, within", "within"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.within", []edit{{"within: 1d", "within: 2d"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.if", []edit{{"size(window) > 3", "size(window) > 4"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.onRejected", []edit{{", onRejected: Job.Hand", ""}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.target", []edit{{"then: Job.Remind, target: row.jobId", "then: Job.Remind, target: id(row.day)"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.then", []edit{{"then: Job.Remind, target: row.jobId", "then: Job.Hand, target: row.jobId"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.missing", []edit{{"then: Job.Remind, target: row.jobId", "then: Job.Remind, target: row.jobId, missing: skip"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"policy.whenever", []edit{{"whenever: JobReminded, by", "whenever: JobMended, by"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"projection.where", []edit{{"where: row.day == event.day", "where: row.day != event.day"}}, []string{"unclear rows bench: Smith, gateway (composition desk)"}},
	{"projection.set", []edit{{"RateSet: {where: row.day == event.day, set: {price: event.price}}", "RateSet: {where: row.day == event.day, set: {price: event.price + 1}}"}}, []string{"unclear value bench: Smith, gateway (composition desk)"}},
	{"projection.missing", []edit{{"set: {price: event.price}, missing: skip", "set: {price: event.price, owner: meta.actor.subject}"}}, []string{"unclear rows bench: Smith, gateway (composition desk)", "unclear value bench: Smith, gateway (composition desk)"}},
	{"projection.delete", []edit{{"set: {price: event.price}, missing: skip", "delete: true"}}, []string{"unclear rows bench: Smith, gateway (composition desk)", "unclear value bench: Smith, gateway (composition desk)"}},
	{"view.links link.to link.by", []edit{{"links: {rate: {to: Rates, by: {day: row.day}}}", "links: {price: {to: Rates, by: {day: row.day}}}"}}, []string{"unclear rows bench: Smith, gateway (composition desk)"}},
	{"view.changes", []edit{{"        changes: stream\n", ""}}, []string{"unclear rows bench: Smith, gateway (composition desk)"}},
	{"view.mode", []edit{{"      Rates:\n", "      Rates:\n        mode: inline\n"}}, []string{"compatible rows bench"}},
	{"query.search", []edit{{"search: [day], ", ""}}, []string{"breaking input bench: Smith"}},
	{"query.actor", []edit{{"search: [day], actor: Smith", "search: [day], actor: Guest"}}, []string{"breaking role bench: Smith", "compatible role bench"}},
	{"query.allow", []edit{{"allow: row.price > 0", "allow: row.price > 1"}}, []string{"unclear condition bench: Smith"}},
	{"saga.startedBy", []edit{{"startedBy: JobTaken", "startedBy: JobMended"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"saga.timeout", []edit{{"timeout: 1h", "timeout: 2h"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"saga.steps step.do", []edit{{"          - {do: Job.Hand, target: event.jobId, if: event.price > 3, pivot: true}\n", ""}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"step.if", []edit{{"event.price > 3", "event.price > 4"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"step.timeout", []edit{{", pivot: true", ", timeout: 3s, pivot: true"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"step.await step.target", []edit{{"          - {do: Job.Hand, target: event.jobId, if: event.price > 3, pivot: true}\n", "          - {do: Job.Hand, target: event.jobId, if: event.price > 3, pivot: true}\n          - {await: JobMended}\n"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"step.all", []edit{{"          - {do: Job.Hand, target: event.jobId, if: event.price > 3, pivot: true}\n", "          - {do: Job.Hand, target: event.jobId, if: event.price > 3, pivot: true}\n          - {all: [{await: JobMended}, {do: Job.Remind, target: event.jobId}]}\n"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"step.pivot", []edit{{", pivot: true", ""}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"step.target step.with", []edit{{"if: event.price > 3", "if: event.price > 3, target: id('x')"}, {"{do: Job.Hand, target: event.jobId, if", "{do: Job.Hand, if"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"step.compensate compensate.do compensate.target", []edit{{", compensate: {do: Job.Hand, target: event.jobId}", ""}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"saga.onFailure onFailure.do onFailure.target", []edit{{"        onFailure: {do: Job.Remind, target: event.jobId}\n", ""}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"gateway.cors", []edit{{"https://repair.example", "https://bench.example"}}, []string{"unclear gateway: Guest, Smith"}},
	{"gateway.cors", []edit{{"[\"https://repair.example\"]", "[\"https://bench.example\", \"https://repair.example\"]"}}, []string{"compatible gateway"}},
	{"gateway.rate", []edit{{"50/s", "80/s"}}, []string{"compatible gateway"}},
	{"gateway.rate rate.perClient", []edit{{"50/s", "20/s"}}, []string{"unclear gateway: Guest, Smith"}},
	{"gateway.body", []edit{{"64Ki", "32Ki"}}, []string{"unclear gateway: Guest, Smith"}},
	{"gateway.timeout", []edit{{"timeout: 5s", "timeout: 3s"}}, []string{"unclear gateway: Guest, Smith"}},
	{"gateway.routes route.path route.to", []edit{{"/old/**", "/older/**"}}, []string{"unclear gateway: Guest, Smith"}},
	{"route.http", []edit{{"POST /jobs/{jobId}/hand", "POST /jobs/{jobId}/hand-out"}}, []string{"breaking route bench: Smith", "compatible addition bench"}},
	{"route.http", []edit{{`, {http: "POST /jobs/{jobId}/hand", to: Hand}`, `, {http: "POST /jobs/{jobId}/hand", to: Hand}, {http: "POST /given/{jobId}", to: Hand}`}}, []string{"compatible addition bench"}},
	{"route.to", []edit{{"to: Hand}", `to: "http://old:8080"}`}}, []string{"unclear gateway: Guest, Smith"}},
	{"route.to", []edit{{"to: Hand}", "to: Mend}"}}, []string{"unclear condition bench: Smith", "breaking input bench: Smith", "compatible reply bench", "compatible reply bench"}},
	{"route.rewrite", []edit{{"/b/{n}", "/c/{n}"}}, []string{"unclear gateway: Guest, Smith"}},
	{"composition.list", []edit{{"    parts:\n      job: {from: bench.Jobs, key: jobId, required: true}", "    list: bench.Rates\n    parts:\n      job: {from: bench.Jobs, key: jobId}"}}, []string{"breaking composition: Smith", "breaking composition: Smith"}},
	{"composition.parts part.from", []edit{{"      job: {from", "      rates: {from: bench.Rates, key: jobId}\n      job: {from"}}, []string{"compatible addition"}},
	{"part.key", []edit{{"required: true", "required: true, timeout: 1s"}, {"GET /desk/{jobId}", "GET /desk/{owner}"}, {"key: jobId, required", "key: {jobId: owner}, required"}}, []string{"unclear composition: Smith"}},
	{"policy.custom", []edit{{"Late: {after: 2h, since: JobTaken, unless: [JobMended], then: Job.Remind}", "Late: {after: 2h, since: JobTaken, unless: [JobMended], then: Job.Remind, custom: true}"}}, []string{"unclear reaction bench: Guest, Smith"}},
	{"projection.custom", []edit{{"JobMended: {set: {price: event.price}, missing: skip}", "JobMended: {custom: true, missing: skip}"}}, []string{"unclear rows bench: Smith, gateway (composition desk)", "unclear value bench: Smith, gateway (composition desk)"}},
	{"command.custom", []edit{{"Remind: {emit: [JobReminded]}", "Remind: {custom: true}"}}, []string{"unclear behaviour bench: Guest, Smith", "unclear emit bench: Guest, Smith"}},
}

func TestNothingIsSilent(t *testing.T) {
	data, err := os.ReadFile("testdata/repair/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	was := build(t, string(data))
	for _, c := range told {
		t.Run(c.keys, func(t *testing.T) {
			r := compat.Compare(was, build(t, change{edit: c.edit}.edited(t, string(data))))
			var got []string
			for _, f := range r.Findings {
				got = append(got, brief(f))
			}
			if diff := cmp.Diff(c.want, got); diff != "" || len(got) == 0 {
				t.Errorf("-want +got:\n%s", diff)
				for _, f := range r.Findings {
					t.Log(f.Sentence())
				}
			}
		})
	}
}

// shown are the keys of which the table of changes shows what is said.
const shown = `
document.system document.zone document.types document.actors document.contexts document.compositions
type.fields type.enum type.is type.check field.type field.default field.check actor.role
context.aggregates context.policies context.views context.events context.types
aggregate.id aggregate.persistence aggregate.state aggregate.unique aggregate.lifecycle aggregate.invariants aggregate.commands aggregate.events
rule.that rule.status rule.message
command.actor command.creates command.input command.allow command.require command.let command.call command.emit command.http
call.to call.with call.compensate compensate.with emit.event emit.if emit.otherwise emit.with
event.fields event.apply event.deletes event.visibility event.versions version.fields
policy.whenever policy.if policy.then policy.after policy.since policy.missing policy.correlateBy
view.key view.mode view.fields view.from view.actor view.allow view.queries
projection.key projection.set projection.missing projection.delete
query.input query.where query.search query.sort
composition.http composition.actor composition.parts part.from part.required
`

// unseen are the keys that nobody outside of a service sees, by construct or by
// key, and why.
var unseen = map[string]string{
	"document.esgen": "the version of the language", "document.module": "the path of Go packages", "document.include": "where a file is",
	"document.templates": "by which templates files are written", "document.requirements": "for people", "requirement": "for people", "document.relations": "for people", "relation": "for people",
	"document.flows": "for people", "flow": "for people", "document.events": "a big picture: nothing is generated of it", "document.timeline": "as events",
	"context.timeline": "a big picture", "document.scenarios": "examples", "document.rules": "how much check minds",
	"scenario":        "examples",
	"document.deploy": "where services run", "deploy": "where services run",
	"document.externals": "by what asks them", "external.operations": "by their keys", "external.events": "by their keys",
	"external.timeout": "how long somebody waits is promised to nobody", "external.custom": "how it is asked is nobody's business", "call.timeout": "as that of an external", "call.total": "as a timeout",
	"call.breaker": "as a timeout", "breaker": "as a timeout", "call.bulkhead": "as a timeout", "part.timeout": "as a timeout",
	"context.domain": "for people", "context.team": "for people", "context.language": "what a service is written in is nobody's business", "command.sees": "for people", "field.pii": "by the person of the aggregate",
	"aggregate.snapshotEvery": "how fast it is", "aggregate.lookup": "how policies find instances: told of them",
	"call.as": "a name within a command", "call.rejected": "by the refusals of the command", "command.read": "by its keys",
	"call.target": "as that of a policy", "call.correlateBy": "as that of a policy", "read.key": "as where",
	"compensate.correlateBy": "as that of a policy", "onFailure.correlateBy": "as that of a policy", "onFailure.with": "as that of a policy",
	"step.correlateBy": "as that of a policy", "step.save": "by what later steps send", "saga.data": "by what steps send",
	"then": "a command of a policy that gives several: as the keys of the policy", "fallback.emit": "as emit of a command", "policy.with": "as with of a call", "context.sagas": "by their keys", "document.gateway": "by its keys",
}

// Whatever the language can say is heard of when it changes, or there is a
// reason why nobody minds.
func TestEveryKeyIsJudged(t *testing.T) {
	known := strings.Fields(shown)
	for _, c := range told {
		known = append(known, strings.Fields(c.keys)...)
	}
	var all []string
	for _, c := range constructs() {
		name := strings.TrimPrefix(c.Name, "the ")
		for _, k := range c.Keys {
			key := name + "." + k.Name
			all = append(all, key, name)
			if !slices.Contains(known, key) && unseen[name] == "" && unseen[key] == "" {
				t.Errorf("nothing shows what breaking says of %s: add a change of it to the table, or to told, or say in unseen why nobody sees it", key)
			}
		}
	}
	for key := range unseen {
		if !slices.Contains(all, key) {
			t.Errorf("the language has no %s", key)
		}
	}
	for _, key := range known {
		if !slices.Contains(all, key) {
			t.Errorf("the language has no %s", key)
		}
	}
}

// constructs are all kinds of notes that anybody sees something of.
func constructs() []*model.Construct {
	var out []*model.Construct
	seen := map[*model.Construct]bool{}
	var visit func(c *model.Construct)
	var within func(s *model.Shape)
	within = func(s *model.Shape) {
		if s == nil {
			return
		}
		visit(s.Construct)
		within(s.Of)
		for i := range s.Any {
			within(&s.Any[i])
		}
	}
	visit = func(c *model.Construct) {
		if c == nil || seen[c] {
			return
		}
		seen[c] = true
		out = append(out, c)
		if unseen[c.Name] != "" {
			return
		}
		for i := range c.Keys {
			within(&c.Keys[i].Shape)
		}
		within(c.Short)
	}
	visit(model.Language())
	return out
}
