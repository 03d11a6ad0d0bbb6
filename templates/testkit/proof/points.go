package proof

import (
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
)

// The points at which a machine may die. They are seen from outside, by what the
// service says to its database and over the network: it has no say in it.
const (
	beforeCommit     = "before a commit"
	afterCommit      = "after a commit"
	beforePublishing = "before it publishes"
	published        = "published, and not told"
	marking          = "before it marks what is published"
	beforeOffsets    = "before it commits offsets"
	afterOffsets     = "offsets committed, and not told"
	inStory          = "in the transaction of a saga's step"
	afterStory       = "after the transaction of a saga's step"
	claimingTimer    = "in the transaction of a timer"
	afterTimer       = "after the transaction of a timer"
	parking          = "before it parks"
	afterIntent      = "an intent stored, and no call made"
	answering        = "before it answers a saga"
	atInbox          = "before it notes a message"
	switching        = "before it switches a view"
	undone           = "what it called undone, and not noted"
)

// pointsOf are those that a service can come to.
func pointsOf(v *Service) []string {
	list := []string{beforeCommit, afterCommit, beforePublishing, published, marking}
	has := func(suffix string) bool {
		return slices.ContainsFunc(v.Topics, func(topic string) bool { return strings.HasSuffix(topic, suffix) })
	}
	if len(v.Topics) > 0 {
		list = append(list, beforeOffsets, afterOffsets, atInbox)
	}
	if has(".replies") {
		list = append(list, inStory, afterStory)
	}
	if v.waits() {
		list = append(list, claimingTimer, afterTimer)
	}
	if has(".commands") {
		list = append(list, answering)
	}
	if len(v.Asks) > 0 {
		list = append(list, afterIntent, parking, undone)
	}
	if len(v.Views) > 0 {
		list = append(list, switching)
	}
	return list
}

// storyPoints are those that it comes to because of stories.
func storyPoints(v *Service) []string {
	return slices.DeleteFunc(pointsOf(v), func(point string) bool { return !slices.Contains([]string{inStory, afterStory, answering}, point) })
}

// asked remembers what a connection was asked last.
type asked struct{ last string }

// Keys of requests to the broker.
const (
	produce      = 0
	offsetCommit = 8
)

// ofBroker is the point that a request to the broker is; "": none.
func (a *asked) ofBroker(b []byte) string {
	a.last = ""
	if len(b) < 6 {
		return ""
	}
	switch binary.BigEndian.Uint16(b[4:6]) { // behind its length
	case produce:
		a.last = published
		return beforePublishing
	case offsetCommit:
		a.last = afterOffsets
		return beforeOffsets
	}
	return ""
}

// answered is the point that an answer is.
func (a *asked) answered() string {
	point := a.last
	a.last = ""
	return point
}

// statement is what the first words of a statement say.
var statement = regexp.MustCompile(`(?is)^\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?([a-z0-9_]+)"?`)

// written is the table that a statement writes to, and how; "": to none.
func written(query string) (verb, table string) {
	m := statement.FindStringSubmatch(query)
	if m == nil {
		return "", ""
	}
	verb, _, _ = strings.Cut(strings.ToUpper(m[1]), " ")
	return verb, m[2]
}

// ofStatement is the point that a statement is, before it is run; "": none.
func ofStatement(verb, table string) string {
	switch {
	case verb == "DELETE" && table == "platform_outbox":
		return marking
	case verb == "UPDATE" && table == "platform_sagas":
		return inStory
	case verb != "INSERT" && table == timers:
		return claimingTimer
	case verb == "INSERT" && table == "platform_parked":
		return parking
	case verb == "INSERT" && table == "platform_inbox":
		return atInbox
	case isSwitch(verb, table):
		return switching
	case verb == "DELETE" && table == "platform_intents":
		return undone
	}
	return ""
}

// isSwitch tells whether a statement is the one by which a view that was rebuilt is read.
func isSwitch(verb, table string) bool { return verb == "UPDATE" && table == "platform_views" }

// ofCommit is what else a commit is, by the tables that it is about.
func ofCommit(tables map[string]bool) (before, after string) {
	switch {
	case tables["platform_sagas"]:
		return "", afterStory
	case tables[timers]:
		return "", afterTimer
	case tables["platform_intents"]:
		return "", afterIntent
	case len(tables) == 1 && tables["platform_outbox"]:
		return answering, ""
	}
	return "", ""
}
