package compat

import "github.com/esgen/esgen/internal/rule"

// Ids of the kinds of changes.
const (
	BreakingAddition    rule.ID = "breaking-addition"
	BreakingBehaviour   rule.ID = "breaking-behaviour"
	BreakingComposition rule.ID = "breaking-composition"
	BreakingCondition   rule.ID = "breaking-condition"
	BreakingContext     rule.ID = "breaking-context"
	BreakingDefault     rule.ID = "breaking-default"
	BreakingEmit        rule.ID = "breaking-emit"
	BreakingEnum        rule.ID = "breaking-enum"
	BreakingEvent       rule.ID = "breaking-event"
	BreakingExternal    rule.ID = "breaking-external"
	BreakingGateway     rule.ID = "breaking-gateway"
	BreakingHistory     rule.ID = "breaking-history"
	BreakingInput       rule.ID = "breaking-input"
	BreakingKey         rule.ID = "breaking-key"
	BreakingLifecycle   rule.ID = "breaking-lifecycle"
	BreakingMeant       rule.ID = "breaking-meant"
	BreakingOperation   rule.ID = "breaking-operation"
	BreakingOrder       rule.ID = "breaking-order"
	BreakingPact        rule.ID = "breaking-pact"
	BreakingPayload     rule.ID = "breaking-payload"
	BreakingProto       rule.ID = "breaking-proto"
	BreakingReaction    rule.ID = "breaking-reaction"
	BreakingRefusal     rule.ID = "breaking-refusal"
	BreakingReply       rule.ID = "breaking-reply"
	BreakingRole        rule.ID = "breaking-role"
	BreakingRoute       rule.ID = "breaking-route"
	BreakingRows        rule.ID = "breaking-rows"
	BreakingStored      rule.ID = "breaking-stored"
	BreakingTopic       rule.ID = "breaking-topic"
	BreakingType        rule.ID = "breaking-type"
	BreakingValue       rule.ID = "breaking-value"
	BreakingVersion     rule.ID = "breaking-version"
	BreakingWebhook     rule.ID = "breaking-webhook"
)

// Rule is a kind of change that can break somebody.
type Rule struct {
	ID   rule.ID
	Says string // what it is about, in a sentence without a full stop
	How  string // to make such a change so that nobody is hurt
}

// Rules are all kinds of changes, as the page about contracts lists them.
func Rules() []Rule { return append([]Rule(nil), rules...) }

var rules = []Rule{
	{BreakingContext, "a context is gone, or goes by another name",
		"keep its code (code: <the old name>) and change the title; to take it away, take away first what others need of it"},
	{BreakingOperation, "a command, a view or a query is gone",
		"leave it until nobody asks for it any more, beside what replaces it"},
	{BreakingRoute, "a request is answered at another place",
		"answer at both places for a while: keep the old one as it is and add another command or view beside it; what has a new name says the old one (was: <the old name>)"},
	{BreakingInput, "an input field is gone, or must be sent",
		"add fields as optional or with a default; leave a field that is to go, unused, until nobody sends it"},
	{BreakingReply, "a field of an answer is gone, or may be missing",
		"answer the old field beside the new one until nobody reads it"},
	{BreakingPayload, "a field of an event is gone, or may be missing",
		"send the old field beside the new one until nobody reads it, or a second event beside this one"},
	{BreakingType, "a field holds another kind of value, or fewer values",
		"add a field of the new type beside the old one, and take that away when nobody uses it"},
	{BreakingEnum, "an enum has other values",
		"add values, and take them away when nobody sends or compares them"},
	{BreakingRefusal, "a refusal has another code or status",
		"keep code and status; what is refused for a new reason gets a code of its own"},
	{BreakingCondition, "a command, a query or an allow asks for something else",
		"only a person can tell: talk to who is named here; a new command beside the old one hurts nobody"},
	{BreakingRole, "a role is let in no more",
		"let both roles in (actor: [old, new]) until all tokens carry the new one"},
	{BreakingEvent, "an event is gone, is private, or goes by another name",
		"emit the old event beside the new one until nobody waits for it; a new name says the old one (was: <the old name>)"},
	{BreakingTopic, "events lie on another topic",
		"keep the code of system, context and aggregate: topics go by it; or emit on both until nobody listens to the old one and history is not needed"},
	{BreakingKey, "instances or rows go by another key",
		"add a new view or a new event with the other key beside the old one"},
	{BreakingVersion, "an event has a version that consumers do not know",
		"release the consumers first: they read both versions; or emit a second event beside this one"},
	{BreakingHistory, "messages that lie on a topic cannot be read as the event is now",
		"make new fields optional or give them a default, or count the event's version up and say how an older one is read (versions: {1: {fields: …, upcast: …}}); what is renamed says what it was (was: <the old name>)"},
	{BreakingStored, "what lies in the database cannot be read as the model is now",
		"make new fields optional or give them a default; keep old fields and values, and events that instances are made of; what has another name says the old one (was: <the old name>); what nobody needs may be lost (generate --allow)"},
	{BreakingProto, "a method, a field or a value is not there over gRPC any more, or is another",
		"add a method or a field beside the old one; what has another name says the old one (was: <the old name>); keep the .proto of the output, which has the numbers"},
	{BreakingEmit, "a command emits more, fewer or other events",
		"only a person can tell: talk to who is named here; a new event beside the old one hurts nobody"},
	{BreakingValue, "a field of an event, of a state or of a row is given another value",
		"only a person can tell: a field of its own for the new value hurts nobody"},
	{BreakingLifecycle, "a state may follow another that it could not, or not any more",
		"leave the old way open until nobody takes it; a new state beside the old ones"},
	{BreakingBehaviour, "a command reads or asks something else before it decides",
		"only a person can tell: talk to who is named here; a new command beside the old one hurts nobody"},
	{BreakingRows, "a view keeps, finds or sorts its rows otherwise",
		"add a view or a query beside the old one"},
	{BreakingReaction, "a policy or a saga acts otherwise",
		"only a person can tell: talk to who is named here, who relies on what follows"},
	{BreakingComposition, "an answer of the gateway has other parts",
		"add a composition beside the old one"},
	{BreakingWebhook, "an external system is to send something else",
		"take both, until the other system has followed"},
	{BreakingExternal, "an external system is asked for something else",
		"see that the other system answers it already"},
	{BreakingGateway, "the gateway lets through something else",
		"talk to those whose programs come from outside"},
	{BreakingDefault, "what is left out means something else",
		"only a person can tell: who leaves the field out gets the new value"},
	{BreakingPact, "an expectation that a consumer has written down is not met",
		"see what the consumer relies on, and offer it until its expectation is gone"},
	{BreakingMeant, "a change is listed as meant, and nothing changes so, or nobody says why",
		"remove the line; or write => and the reason behind it"},
	{BreakingAddition, "something is offered that was not there", ""},
	{BreakingOrder, "one service needs what another one only offers from now on", ""},
}

func ruleOf(id rule.ID) Rule {
	for _, r := range rules {
		if r.ID == id {
			return r
		}
	}
	return Rule{ID: id}
}
