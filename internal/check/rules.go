package check

import "github.com/esgen/esgen/internal/diag"

// Rule is one thing check looks at.
type Rule struct {
	ID string // stable, kebab-case
	level
	Says string // what it is about, in one line
}

// level is how much a rule matters.
type level struct {
	Severity diag.Severity // unless the model says otherwise
	Firm     bool          // what is generated relies on it: the model has no say in it
}

var (
	firm    = level{diag.Error, true}
	failure = level{Severity: diag.Error}
	warning = level{Severity: diag.Warning}
	note    = level{Severity: diag.Note}
)

// Rules lists everything this package looks at, by family.
func Rules() []Rule { return rules[:len(rules):len(rules)] }

var rules = []Rule{
	// Names
	{"incomplete", warning, "a note is a name only; it is drawn, and takes no part in generation"},
	{"event-tense", warning, "an event is not named as something that has happened"},
	{"technical-event", warning, "an event tells of a screen, a question or a machine instead of the business"},
	{"command-name", warning, "a command is not named as something to do"},
	{"romanised", note, "names of another script have no code: their identifiers are romanised"},
	{"name-collision", firm, "two names are one when they are written as identifiers"},
	{"reserved-word", note, "a name is a word of Go, SQL or the network: it is altered or quoted"},
	{"name-length", firm, "a name is longer than Kubernetes or Kafka take it"},
	{"no-type", firm, "a field is listed by its name, and nothing it could come from is called so"},

	// Where values come from
	{"no-source", firm, "a field gets no value: nothing is written, and nothing in scope has its name"},
	{"two-sources", firm, "a field could take its value from two places of the same rank"},
	{"copy-type", firm, "a same-named field has another type"},
	{"copy-optional", firm, "a same-named field may be absent where a value is needed"},
	{"null", firm, "null clears a field that is not optional"},
	{"unknown-field", firm, "a value is given to a field that is not there"},
	{"unset-field", firm, "a new instance, row or saga has a field that nothing sets"},
	{"before-creation", firm, "what does not exist yet is read"},

	// Aggregates and commands
	{"scalar-field", firm, "a field that must hold a single value (key, lookup, unique, sort) holds something else"},
	{"lifecycle-state", firm, "an event puts the aggregate into a state its lifecycle does not know"},
	{"lifecycle-initial", firm, "an instance is created in another state than the first of its lifecycle"},
	{"lifecycle-unreached", warning, "no event brings the aggregate into a state of its lifecycle"},
	{"lifecycle-stuck", warning, "a state of the lifecycle leads to none of its ends"},
	{"deletes-apply", firm, "what is deleted is changed as well"},
	{"creates-nothing", firm, "a command creates an instance and deletes it at once"},
	{"never-created", warning, "no command creates instances of an aggregate"},
	{"never-emitted", warning, "no command emits an event"},
	{"never-heard", note, "an event changes nothing, and nobody hears it"},
	{"never-sent", warning, "a command has no actor, and nothing leads to it"},
	{"unguarded", note, "an aggregate has neither an invariant nor a lifecycle"},
	{"public-pii", warning, "personal data leaves its context in an event"},
	{"private-event", firm, "a private event is heard in another context"},
	{"each-list", firm, "each goes through something that is no list"},
	{"table-gap", firm, "a decision table says nothing for some values"},
	{"table-unreachable", firm, "a row of a decision table never comes true"},

	// Calls and targets
	{"no-target", firm, "it is not said which instance a command is for"},
	{"needless-target", firm, "an instance is named where there is none"},
	{"not-generated", firm, "the language has it, and what is generated does not, yet"},
	{"correlate-field", firm, "what instances are found by is not carried, or of another type"},
	{"id-type", warning, "a field is called like the id of an aggregate, and is no id"},
	{"own-call", firm, "a context calls itself"},
	{"reply-conflict", firm, "a called command answers one field with two types"},
	{"unknown-rejection", firm, "a rejection is named that the command does not have"},
	{"retry-budget", firm, "all tries together have less time than one"},
	{"no-compensation", warning, "a call or a step of a saga is undone by nothing when the rest fails"},

	// Timers
	{"timer-repeats", warning, "a timer finds the same instances again and again"},

	// Views
	{"no-key", firm, "an event does not say which row it is about"},
	{"key-set", firm, "a key column is set"},
	{"never-set", warning, "nothing sets a field of a view"},
	{"not-sql", firm, "a condition cannot be decided by the database"},
	{"rejected-operation", firm, "a rejection is answered by an external system instead of a command"},
	{"two-minds", warning, "a field of a view is set from two aggregates: the last to arrive wins"},
	{"hidden-part", warning, "who asks for a composition may not see a part of it"},

	// Routes
	{"route-conflict", firm, "a request could mean two commands"},
	{"route-method", firm, "a command is reached by GET"},
	{"route-field", firm, "what stands in a path is no single value"},
	{"route-internal", warning, "a command without an actor has a route"},
	{"gateway-path", firm, "a path of the gateway leads to two places"},

	// The whole
	{"policy-cycle", failure, "policies and sagas set one another off without a condition"},
	{"call-cycle", failure, "commands wait for one another in a circle"},
	{"call-chain", warning, "a call waits for a further call"},
	{"core-waits", warning, "a core context waits for a lesser one without a fallback"},
	{"stale-read", warning, "a command decides on a view that lags behind its own events"},
	{"correlation-race", warning, "a correlation skips what may be on its way"},
	{"relation-reversed", warning, "the context map has an arrow the wrong way round"},
	{"relation-idle", warning, "the context map has an arrow where nothing goes"},
	{"relation-unwritten", note, "the context map lacks an arrow"},
	{"separate-ways", warning, "contexts that go separate ways do not"},

	// Deployment
	{"scale-range", firm, "the numbers of replicas of a service contradict one another"},
	{"lag-unheard", warning, "a service that hears no events scales by how far it is behind"},

	// Stories and scenarios
	{"flow-name", failure, "a story speaks of something that is not on the wall"},
	{"flow-gap", failure, "a step of a story does not follow from the model"},
	{"given-field", failure, "the history of a scenario leaves out what an event must carry"},
	{"never-happens", failure, "a scenario expects an event that nothing in it brings about"},
	{"untried", warning, "no scenario gives a command"},
	{"untouched", note, "a note on the wall that no requirement, story or scenario speaks of"},
	{"uncovered", note, "nothing covers a requirement"},
	{"hotspot", note, "a question is open"},

	// Settings
	{"unknown-rule", firm, "a rule is weighed or ignored that does not exist"},
	{"firm-rule", firm, "a rule is weighed or ignored that generation relies on"},
	{"ignore-reason", warning, "a rule is ignored without a reason"},
	{"unused-ignore", note, "a rule is ignored where it has nothing to say"},
}

// find finds a rule.
func find(id string) (Rule, bool) {
	for _, r := range rules {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}
