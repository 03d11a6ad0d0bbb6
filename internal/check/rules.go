package check

import "github.com/esgen/esgen/internal/diag"

// Rule is one thing check looks at.
type Rule struct {
	ID       string // stable, kebab-case
	Severity diag.Severity
	Says     string // what it is about, in one line
}

// Rules lists everything this package looks at, by family.
func Rules() []Rule { return rules[:len(rules):len(rules)] }

var rules = []Rule{
	// Names only
	{"incomplete", diag.Warning, "a note is a name only; it is drawn, and takes no part in generation"},
	{"no-type", diag.Error, "a field is listed by its name, and nothing it could come from is called so"},

	// Where values come from
	{"no-source", diag.Error, "a field gets no value: nothing is written, and nothing in scope has its name"},
	{"two-sources", diag.Error, "a field could take its value from two places of the same rank"},
	{"copy-type", diag.Error, "a same-named field has another type"},
	{"copy-optional", diag.Error, "a same-named field may be absent where a value is needed"},
	{"null", diag.Error, "null clears a field that is not optional"},
	{"unknown-field", diag.Error, "a value is given to a field that is not there"},
	{"unset-field", diag.Error, "a new instance or row has a field that nothing sets"},
	{"before-creation", diag.Error, "what does not exist yet is read"},

	// Aggregates and commands
	{"scalar-field", diag.Error, "a field that must hold a single value (key, lookup, unique, sort) holds something else"},
	{"lifecycle-state", diag.Error, "an event puts the aggregate into a state its lifecycle does not know"},
	{"lifecycle-initial", diag.Error, "an instance is created in another state than the first of its lifecycle"},
	{"deletes-apply", diag.Error, "what is deleted is changed as well"},
	{"creates-nothing", diag.Error, "a command creates an instance and deletes it at once"},
	{"never-created", diag.Warning, "no command creates instances of an aggregate"},
	{"never-emitted", diag.Warning, "no command emits an event"},
	{"never-sent", diag.Warning, "a command has no actor, and nothing leads to it"},
	{"unguarded", diag.Note, "an aggregate has neither an invariant nor a lifecycle"},
	{"public-pii", diag.Warning, "personal data leaves its context in an event"},
	{"private-event", diag.Error, "a private event is heard in another context"},
	{"each-list", diag.Error, "each goes through something that is no list"},
	{"table-gap", diag.Error, "a decision table says nothing for some values"},
	{"table-unreachable", diag.Error, "a row of a decision table never comes true"},

	// Calls and targets
	{"no-target", diag.Error, "it is not said which instance a command is for"},
	{"needless-target", diag.Error, "an instance is named where there is none"},
	{"not-generated", diag.Error, "the language has it, and what is generated does not, yet"},
	{"correlate-field", diag.Error, "what instances are found by is not carried, or of another type"},
	{"own-call", diag.Error, "a context calls itself"},
	{"reply-conflict", diag.Error, "a called command answers one field with two types"},
	{"unknown-rejection", diag.Error, "a rejection is renamed that the callee does not have"},
	{"retry-budget", diag.Error, "all tries together have less time than one"},
	{"no-compensation", diag.Warning, "a call to a command is undone by nothing when the caller fails"},

	// Views
	{"no-key", diag.Error, "an event does not say which row it is about"},
	{"key-set", diag.Error, "a key column is set"},
	{"not-sql", diag.Error, "a condition cannot be decided by the database"},
	{"rejected-operation", diag.Error, "a rejection is answered by an external system instead of a command"},
	{"romanised", diag.Note, "names of another script have no code: their identifiers are romanised"},
	{"two-minds", diag.Warning, "a field of a view is set from two aggregates: the last to arrive wins"},

	// Routes
	{"route-conflict", diag.Error, "a request could mean two commands"},
	{"route-method", diag.Error, "a command is reached by GET"},
	{"route-field", diag.Error, "what stands in a path is no single value"},
	{"route-internal", diag.Warning, "a command without an actor has a route"},

	// The whole
	{"policy-cycle", diag.Error, "policies set one another off without a condition"},
	{"call-cycle", diag.Error, "commands wait for one another in a circle"},
	{"call-chain", diag.Warning, "a call waits for a further call"},
	{"core-waits", diag.Warning, "a core context waits for a lesser one without a fallback"},
	{"stale-read", diag.Warning, "a command decides on a view that lags behind its own events"},
	{"correlation-race", diag.Warning, "a correlation skips what may be on its way"},
	{"flow-name", diag.Error, "a story speaks of something that is not on the wall"},
	{"flow-gap", diag.Error, "a step of a story does not follow from the model"},
	{"untouched", diag.Note, "a note on the wall that no requirement and no story speaks of"},
	{"uncovered", diag.Note, "nothing covers a requirement"},
}

// severity is that of the table; of what is not in it, an error.
func severity(id string) diag.Severity {
	for _, r := range rules {
		if r.ID == id {
			return r.Severity
		}
	}
	return diag.Error
}
