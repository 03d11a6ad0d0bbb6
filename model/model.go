// Package model is the event-storming model: what the sticky notes on the wall
// say, read from YAML, with every name resolved and every default filled in.
//
// Each node knows its place in the files, so that whatever is said about it
// later can point there. Expressions are kept as text here; package
// internal/expr gives them types.
package model

import (
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/source"
)

// Node is what every sticky note has.
type Node struct {
	Name        string     // as written on the wall, NFC, any script
	Code        string     // the identifier its author chose; "" leaves it to romanisation
	Was         []Text     // identifiers of before, the oldest first: by that it is known outside of the code
	Title       quote.Text // the name in the language of the business; "" when Name says it
	Description quote.Text // free text
	Hotspots    []Text     // open questions that hang on the note
	Covers      []Text     // ids of the requirements the note covers
	Pos         source.Pos // of the name
}

// Called is what people call the node: its title, or its name.
func (n *Node) Called() quote.Text {
	if n.Title != "" {
		return n.Title
	}
	return quote.Text(n.Name)
}

// Text is a plain text of the model with its place.
type Text struct {
	Value string
	Pos   source.Pos
}

// Expr is a CEL expression as it was written. A nil *Expr is an absent one.
type Expr struct {
	Text string
	Node *source.Node // gives the place of every character: Node.PosAt
}

// Pos is where the expression begins.
func (e *Expr) Pos() source.Pos { return e.Node.Pos }

// System is a whole model.
type System struct {
	Node
	Module       string         // Go module path prefix of the generated services
	Zone         *time.Location // of dates and cron expressions; default UTC
	Requirements []*Requirement
	Types        []*TypeDef // shared by all contexts
	Actors       []*Actor
	Externals    []*External
	Contexts     []*Context
	Relations    []*Relation
	Flows        []*Flow
	Events       []*Event // a big picture: events no context holds yet
	Compositions []*Composition
	Scenarios    []*Scenario
	Gateway      *Gateway     // nil: nothing is said
	Deploy       *Deploy      // nil: nothing is said
	Templates    []Text       // directories of packs, from that of the document
	Rules        []*RuleLevel // how much rules of check matter; of a rule said twice, the last counts
	Deferred     []Deferred
	Files        []*source.File // every file the model was read from, in the order read

	included []string // patterns of files, from the directory of the document
	names    *symbols // for Find

	uses        []Use
	ties        []Tie
	values      []*Value
	expressions []*Expr
}

// Deferred is a construct that is understood but not generated yet.
type Deferred struct {
	Construct string // "saga", "timer policy", "event sourcing", …
	Name      string // of the node it stands on, "" for a section of the document
	Pos       source.Pos
}

// RuleLevel says how much a rule of check matters.
type RuleLevel struct {
	Rule  Text
	Level Level
}

// Level is a severity as it is written, or Off.
type Level string

// Off is the Level of a rule that is not looked at.
const Off Level = "off"

// Requirement is one thing the system is for.
type Requirement struct {
	Node
	Text          quote.Text
	Nonfunctional bool
}

// Actor is somebody who gives commands or looks at views.
type Actor struct {
	Node
	Role   string   // the role a token must carry; default: the name in kebab-case
	Claims []*Field // what else tokens say of who has the role
}

// Domain ranks a context.
type Domain string

// The ranks of a context.
const (
	Core       Domain = "core"
	Supporting Domain = "supporting"
	Generic    Domain = "generic"
)

// WrittenIn is what a service is written in.
type WrittenIn string

// The languages of services.
const (
	InGo     WrittenIn = "go"
	InPython WrittenIn = "python"
)

// Context is a bounded context; it becomes one service.
type Context struct {
	Node
	Domain     Domain // default Core
	Team       quote.Text
	Language   WrittenIn // default InGo
	GRPC       bool      // offered over gRPC, beside HTTP
	Types      []*TypeDef
	Aggregates []*Aggregate
	Policies   []*Policy
	Views      []*View
	Sagas      []*Saga
	Events     []*Event // a big picture: events no aggregate holds yet
	// Translations are what events of others mean here, behind an anticorruption layer.
	Translations []*Translation
}

// TypeDef is a type with a name: a value object, an enum or a constrained
// scalar; exactly one of Fields, Enum and Is is set.
type TypeDef struct {
	Node
	Context *Context // nil: shared
	Fields  []*Field
	Untyped []*Field // further ones of which nothing but the name is known: values are made without them
	Enum    []*EnumValue
	Is      *Type
	Check   *Expr // over `value`, of Is
}

// EnumValue is one value of an enum.
type EnumValue struct {
	Node
	Wire Text // what it is outside of a service; none: its name
}

// Unique is a rule that no two instances have one value in a field, or the same
// values in several fields taken together.
type Unique struct {
	Fields []*FieldRef
	Pos    source.Pos
}

// Text is how the model writes it: "number", or "doctorId, slot".
func (u *Unique) Text() string {
	names := make([]string, len(u.Fields))
	for i, f := range u.Fields {
		names[i] = f.Text
	}
	return strings.Join(names, ", ")
}

// Field is a named, typed slot of a type, state, input, event, view or
// operation.
type Field struct {
	Node
	Type     *Type // nil in a names-only model, and until resolution has found it elsewhere
	Default  *Default
	Check    *Expr // over `value`
	PII      bool
	Declared bool // the type was written here (false: taken from the state or the input by name)
}

// Default is the value of a field nobody sets: a plain value or a computed one.
type Default struct {
	Value *source.Node // plain; nil when Expr is set
	Expr  *Expr        // {cel: "…"}
}

// Aggregate is a consistency boundary: a decider whose state is the fold of
// its events.
type Aggregate struct {
	Node
	Context    *Context
	Plural     string // what several are called; "": the plural of the name
	ID         *Field // of type id; default name: <aggregate>Id
	Events     []*Event
	Commands   []*Command
	State      []*Field
	Lookup     []*FieldRef // fields policies find instances by
	Unique     []*Unique
	Lifecycles []*Lifecycle
	Invariants []*Rule
	Allow      *Expr // narrows who may read the state
	Sourced    bool  // persistence: events
	Snapshot   int   // snapshotEvery
	// Person is whose the personal data of an instance are: its id, or a field of its
	// state; nil: nobody's, and they are not enciphered.
	Person *FieldRef
}

// FieldRef names a field of the node it hangs on.
type FieldRef struct {
	Text  string
	Pos   source.Pos
	Field *Field // nil when unresolved
}

// Lifecycle is a state machine over one enum field of the state.
type Lifecycle struct {
	Field  FieldRef
	States []*LifecycleState // in order; the first is initial
	Pos    source.Pos
}

// LifecycleState is a state and the states that may follow it. A state that
// only follows others has no entry of its own in the file and no To.
type LifecycleState struct {
	Value Text
	To    []Text
}

// Rule rejects: its name is the code of the rejection.
type Rule struct {
	Node
	That    *Expr
	Status  int // HTTP status; 0: the place's default (422, of allow 403, of a lifecycle 409)
	Message quote.Text
}

// Creates says what a command does about the instance it is for.
type Creates string

// The values of Creates.
const (
	Existing Creates = ""       // must exist
	New      Creates = "true"   // must not exist
	Upsert   Creates = "upsert" // either; `isNew` is in scope
)

// Command is an intention an actor, a policy or another context has for an
// aggregate.
type Command struct {
	Node
	Aggregate *Aggregate
	Actors    []*ActorRef // none: internal, no public route
	Sees      *ViewRef
	Creates   Creates
	Input     []*Field // without the aggregate's id
	Allow     *Expr
	Reads     []*Read
	Require   []*Rule
	Lets      []*Let
	Calls     []*Call
	Emits     []*Emit
	Custom    bool
	HTTP      *Route // nil: the default route
}

// Kept are the optional fields of the input that the state has as well: what a
// request to an existing instance leaves out of them stays as it is.
func (m *Command) Kept() []*Field {
	if m.Creates == New {
		return nil
	}
	var kept []*Field
	for _, f := range m.Input {
		if f.Type == nil || f.Type.Kind != Optional || f.Default != nil {
			continue
		}
		for _, s := range m.Aggregate.State {
			if s.Name == f.Name && f.Type.Same(s.Type) {
				kept = append(kept, f)
			}
		}
	}
	return kept
}

// ActorRef names an actor.
type ActorRef struct {
	Text  string
	Pos   source.Pos
	Actor *Actor
}

// ViewRef names a view.
type ViewRef struct {
	Text string
	Pos  source.Pos
	View *View
}

// Route is an HTTP method and path pattern; {name} stands for an input field
// or the aggregate's id.
type Route struct {
	Method string
	Path   string
	Pos    source.Pos

	node *source.Node // it is written in; nil: it is a default
}

// Read brings a row of a view of the same context into a decision: by key, or
// the first of those that match.
type Read struct {
	Node    // Name is the variable
	View    ViewRef
	Keys    []*Assign // by key: one per key column (a single-column key has Name "")
	Where   *Expr
	Sort    []SortKey
	Missing Text // code of the rejection when there is no row; "": <View>NotFound
	Default bool // in place of a rejection: a row of the view's defaults
}

// SortKey is a field to sort by; "-" before the name means descending.
type SortKey struct {
	FieldRef
	Desc bool
}

// Let is a named intermediate value: an expression, or a table.
type Let struct {
	Node
	Expr  *Expr
	Table []*Case // nil unless a decision table
}

// Case is a row of a decision table; the last may be otherwise.
type Case struct {
	If        *Expr
	Is        *Expr
	Otherwise bool // Is holds the value all the same
	Pos       source.Pos
}

// Assign gives a field a value.
type Assign struct {
	Name  string
	Pos   source.Pos // of the name
	Field *Field     // the target field, nil when unresolved
	Value *Expr
}

// Call is a synchronous request to another context or an external system.
type Call struct {
	Node                 // Name is what `as` says; default: the operation's name in lower camel case
	To         Target    // a command, a query or an external operation
	Target     *Expr     // which instance of the called aggregate
	Correlate  *FieldRef // correlateBy
	With       []*Assign
	Require    []*Rule       // over the reply
	Rejected   []*Rename     // rejections of the callee, by other names here
	Timeout    time.Duration // per try; default 2s (an external's own timeout wins)
	Total      time.Duration // of all tries; 0: attempts × timeout
	Attempts   int           // total tries; default 1
	Breaker    *Breaker      // nil: 5 of 10, 10s
	Bulkhead   int           // concurrent calls; 0: 64
	Compensate *Compensation
	Fallback   *Fallback

	written bool // its name, with as
}

// Rename gives a rejection of a callee another code.
type Rename struct {
	From, To Text
}

// Breaker opens after Failures of the last Of calls failed, for Open.
type Breaker struct {
	Failures, Of int
	Open         time.Duration
	Pos          source.Pos
}

// Compensation undoes a call.
type Compensation struct {
	Do        Target
	Target    *Expr // default: the instance the call was for
	Correlate *FieldRef
	With      []*Assign
	Pos       source.Pos
}

// Fallback says how a command goes on when its call fails technically.
type Fallback struct {
	Emits []*Emit   // instead of the command's own emit
	Reply []*Assign // instead of the reply
	Pos   source.Pos
}

// Target is the far end of an arrow: exactly one of Command, Query and
// Operation is set once resolved.
type Target struct {
	Text      string
	Pos       source.Pos
	Command   *Command
	Query     *Query
	Operation *Operation
}

// Node is the node of the model that the arrow leads to; nil: it was not found.
func (t *Target) Node() any {
	switch {
	case t.Command != nil:
		return t.Command
	case t.Query != nil:
		return t.Query
	case t.Operation != nil:
		return t.Operation
	}
	return nil
}

// Emit says which event a command emits, and when.
type Emit struct {
	Event     EventRef
	If        *Expr
	Otherwise bool // when no If above held
	Each      *Expr
	As        string     // name of the element of Each
	AsPos     source.Pos // of that name; nowhere: it is the default
	With      []*Assign
	Choice    *Choice // one of several outcomes, on conditions that nobody knows yet; nil: it is none
	Pos       source.Pos
}

// Sure reports whether the event is emitted whenever a command comes to its emits.
func (e *Emit) Sure() bool { return e.If == nil && !e.Otherwise && e.Each == nil && e.Choice == nil }

// Choice is what a wall knows of a decision whose conditions it does not know: one
// of its outcomes comes about.
type Choice struct {
	Outcomes []*Emit
	Pos      source.Pos
}

// EventRef names an event.
type EventRef struct {
	Text  string
	Pos   source.Pos
	Event *Event
}

// Event is something that happened.
type Event struct {
	Node
	Aggregate *Aggregate // nil on a big picture, and of an external's
	Context   *Context   // nil on the document's big picture, and of an external's
	External  *External  // of an external's
	ToldAs    Text       // of an external's: what it calls it; default: its name
	HTTP      *Route     // of a webhook; default POST /webhooks/<external>/<event> in kebab-case
	Drawn     []*Drawn   // of an external's: where fields are in what it sends; default: same-named
	Fields    []*Field   // without the aggregate's id
	Apply     []*Assign
	Deletes   bool
	Erases    bool // the person is erased whose data the aggregate has
	Private   bool
	Version   int        // of Fields: 1 unless older versions are declared
	Versions  []*Version // the older ones, ascending and without gaps
}

// Home is the context that tells of an event: that of its aggregate or, of an
// external's, the one that takes it in; nil: none does.
func (e *Event) Home() *Context {
	if e.External != nil {
		return e.External.Receiver
	}
	if e.Aggregate == nil {
		return nil
	}
	return e.Aggregate.Context
}

// Owner is what an event is one of: an aggregate or an external; nil: of neither.
func (e *Event) Owner() *Node {
	switch {
	case e.External != nil:
		return &e.External.Node
	case e.Aggregate != nil:
		return &e.Aggregate.Node
	}
	return nil
}

// Carries are the fields of an event, the id of its aggregate included.
func (e *Event) Carries() []*Field {
	if e.Aggregate == nil {
		return e.Fields
	}
	return append([]*Field{e.Aggregate.ID}, e.Fields...)
}

// Version is an older shape of an event. Its upcast makes the next one of it:
// what Upcast does not set is copied by name.
type Version struct {
	Event  *Event
	Number int
	Fields []*Field  // without the aggregate's id
	Upcast []*Assign // fields of the next version, over `old` and `meta`
	Pos    source.Pos
}

// OnMissing says what happens when the instance or row is not there.
type OnMissing string

// The values of OnMissing.
const (
	Retry  OnMissing = "retry"
	Skip   OnMissing = "skip"
	Create OnMissing = "create" // of views: from the defaults
)

// Policy reacts: whenever an event, then a command.
type Policy struct {
	Node
	Context  *Context
	Whenever []*EventRef
	If       *Expr
	Each     *Each
	Then     []*Reaction // in order, each in a transaction of its own
	Custom   bool        // what is given, and to which instances, is decided in Go
	Timer    *Timer      // nil: at once
	Window   *Window     // nil: over the event alone

	only *Reaction // while it is read: the one of a then that is a name
}

// Reaction is one thing that a policy does.
type Reaction struct {
	Do         Target
	Target     *Expr
	Correlate  *FieldRef // a lookup field of the target's aggregate, and a field of the event
	Missing    OnMissing // default Retry
	With       []*Assign
	OnRejected *Target
}

// Timer makes a policy act when its time has come: exactly one of Every, Cron,
// After and Due is set. With After and Due, `event` and `meta` are those of
// Since; with the others there is no event.
type Timer struct {
	Every   time.Duration
	Cron    *Cron
	CatchUp CatchUp // of Every and Cron: times missed while nothing ran
	After   time.Duration
	Due     *Expr // in place of After: when, over event and meta
	Since   *EventRef
	Unless  []*EventRef // call it off: events of Since's aggregate, or that carry a field named like its id
	Pos     source.Pos
}

// Waits reports whether it waits from an event on, and for no time of the clock.
func (t *Timer) Waits() bool { return t.After > 0 || t.Due != nil }

// Cron is a schedule of five fields: minute, hour, day, month, weekday.
type Cron struct {
	Text string
	Zone *time.Location
	Next func(after time.Time) time.Time
	Pos  source.Pos
}

// CatchUp says what becomes of the times a timer missed.
type CatchUp string

// The values of CatchUp.
const (
	CatchUpOnce CatchUp = "once" // the default
	CatchUpSkip CatchUp = "skip"
	CatchUpAll  CatchUp = "all"
)

// Window lets a policy look at the events before: `window` in its conditions is
// the list of Whenever's events of the last Within with the same value of By,
// oldest first, the one at hand the last.
type Window struct {
	By     *FieldRef // of the event; nil: of all events together
	Within time.Duration
	Pos    source.Pos
}

// Saga is an orchestrated story: steps in order; when one of them is rejected or
// takes too long before the pivot, what was done is compensated in reverse.
type Saga struct {
	Node
	Context   *Context
	StartedBy EventRef
	Data      []*Field // `saga` in expressions; optional or with a default, set by Save
	Steps     []*Step
	OnFailure *Compensation // given when all is compensated; nil: nothing
	Timeout   time.Duration // of all steps before the pivot; 0: none
}

// Step is a command of a saga, or an event that it waits for. In its expressions
// event and meta (of StartedBy) and saga can be named, in Save also reply: of
// what is waited for, the event.
type Step struct {
	Saga       *Saga
	Do         Target   // a command or an external's operation; or
	Await      EventRef // an event, of the instance that Target says
	Beside     bool     // it begins together with the step before it
	If         *Expr
	Target     *Expr
	Correlate  *FieldRef
	With       []*Assign
	Save       []*Assign // fields of Data
	Compensate *Compensation
	Pivot      bool          // from here on there is no way back: later steps are retried until they succeed
	Timeout    time.Duration // 0: none of its own
	Pos        source.Pos

	all []*Step // as it is written: steps that begin together
}

// Awaits reports whether a step waits for an event.
func (s *Step) Awaits() bool { return s.Await.Text != "" }

// Text is what a step does, as the model has it.
func (s *Step) Text() string {
	if s.Awaits() {
		return s.Await.Text
	}
	return s.Do.Text
}

// Each makes a policy act on every matching row or instance.
type Each struct {
	Of        Text
	View      *View // exactly one of View and Aggregate
	Aggregate *Aggregate
	Where     *Expr
	Sort      []SortKey
	Max       int // 0: no limit
	Pos       source.Pos
}

// View is a read model: rows kept by a projection of events.
type View struct {
	Node
	Context *Context
	Plural  string      // what its rows are called; "": the plural of the name
	Key     []*FieldRef // of Fields
	Inline  bool        // mode: inline
	Fields  []*Field
	From    []*Projection
	Actors  []*ActorRef // none: internal
	Allow   *Expr       // over row and actor
	Queries []*Query
	Links   []*Link
	Stream  bool // changes: stream
}

// Link is hypermedia from a row to rows of another view.
type Link struct {
	Node
	To ViewRef
	By []*Assign // fields of To, over row
}

// Projection says what one event does to a view.
type Projection struct {
	Event   EventRef
	Key     []*Assign // overrides: key column <- expression over event and meta
	Where   *Expr     // over row and event: acts on every matching row instead of one
	Set     []*Assign
	Custom  bool      // what the row is to be is decided in Go, in place of Set
	Missing OnMissing // default Create
	Delete  bool
	Pos     source.Pos
}

// Query is a named question to a view.
type Query struct {
	Node
	View   *View
	Input  []*Field
	Where  *Expr
	Search []*FieldRef // text fields the `search` parameter looks into
	Sort   []SortKey
	Actors []*ActorRef // default: the view's
	Allow  *Expr       // default: the view's
}

// Takes are the fields a query can be given: its input, and the words to search
// for, unless a field of its own is called so.
func (q *Query) Takes() []*Field {
	if len(q.Search) == 0 || slices.ContainsFunc(q.Input, func(f *Field) bool { return f.Name == "search" }) {
		return q.Input
	}
	search := &Field{Node: Node{Name: "search", Pos: q.Pos}, Type: &Type{Kind: String}}
	return append(slices.Clip(q.Input), search)
}

// External is a system of somebody else.
type External struct {
	Node
	Timeout    time.Duration // 0: the caller's
	Custom     bool          // how it is asked is Go
	Operations []*Operation
	Receiver   *Context // whose service takes its events in; default: the one that hears of them
	Key        Text     // the field that orders its events; "": those of a topic by their records' keys
	Webhook    *Webhook // how it tells of its events: this, or
	Topic      *Topic   // this; nil: as webhooks do by default
	Events     []*Event
}

// Webhook is how requests of an external system become events.
type Webhook struct {
	Pos       source.Pos
	HTTP      *Route        // of all its events, which Type tells apart
	Signature string        // the header; default Webhook-Signature
	Tolerance time.Duration // how far its clock may be from ours; default 5m
	Told
}

// Topic is a topic of somebody else, whose records become events.
type Topic struct {
	Pos    source.Pos
	Name   Text
	Format Format
	Told
}

// Format says how records are written.
type Format uint8

// The formats.
const (
	CloudEvents Format = iota // 1.0, binary or structured
	PlainJSON
)

// Told says where in what is told something stands.
type Told struct {
	Type   Spot // what kind of event it is; none: a way of its own leads to each, or there is one kind only
	ID     Spot // what it is known by when it is told again
	Data   Spot // what holds the fields; none: all of it
	Refuse bool // what is of none of the types
}

// Spot is a place in what is told: a JSON Pointer, or of a record also the
// name of a header, or RecordKey.
type Spot struct{ Text }

// RecordKey is where a record's key is.
const RecordKey = "key"

// IsPointer reports whether it is a place in the value.
func (s Spot) IsPointer() bool { return strings.HasPrefix(s.Value, "/") }

// Drawn says where a field of an event comes from.
type Drawn struct {
	Field FieldRef
	From  Spot
}

// Operation is a request an external system answers.
type Operation struct {
	Node
	External *External
	HTTP     *Route // default POST /<operation in kebab-case>
	Input    []*Field
	Reply    []*Field
	// Further ones of which nothing but the name is known: it is asked without them.
	UntypedInput, UntypedReply []*Field
}

// Relation is an arrow of the context map.
type Relation struct {
	Upstream, Downstream *Context // or
	Between              []*Context
	Kind                 string
	Roles                []Text
	Translate            []*Translation // events of Upstream, as Downstream understands them
	Pos                  source.Pos
}

// Translation is what an event of another context means in one that keeps its own
// language: what makes the one of the other is Go, by hand.
type Translation struct {
	Event  EventRef
	Fields []*Field // beside the id of the event's aggregate
	Means  *Event   // the event with these fields, as what hears it here sees it; nil: it is not there
	Pos    source.Pos
}

// Translation is that of an event in the context; nil: it means what it says.
func (c *Context) Translation(of *Event) *Translation {
	for _, t := range c.Translations {
		if t.Event.Event == of && of != nil {
			return t
		}
	}
	return nil
}

// Means is an event as what hears it in the context sees it.
func (c *Context) Means(e *Event) *Event {
	if t := c.Translation(e); t != nil {
		return t.Means
	}
	return e
}

// Flow is a story: names whose neighbours follow from one another.
type Flow struct {
	Node
	Steps []Text
}

// Composition is one answer of the gateway made of rows of several views,
// fetched in parallel; of a list, for each of its rows.
type Composition struct {
	Node
	HTTP   *Route
	Actors []*ActorRef
	List   *ViewRef // whose rows the parts belong to; nil: it is about one thing
	Parts  []*Part
}

// Part is one view's share of a composition. A part that is down is left out,
// unless it is required.
type Part struct {
	Node
	From     ViewRef
	Keys     []*PathKey
	Required bool
	Timeout  time.Duration // 0: the gateway's
}

// PathKey takes a key column of a view from a parameter of a path or, in a
// list, from a column of its rows.
type PathKey struct {
	Column FieldRef
	Param  Text
	Of     *Field // the column of the list's row; nil: Param is one of the path
}

// Scenario is an example of what must happen.
type Scenario struct {
	Node
	At    time.Time // when it begins; zero: not said, see Begins
	Given []*Given  // history
	Steps []*ScenarioStep

	only *ScenarioStep // while it is read: the one of the short form
}

// Begins is the instant at which a scenario begins: one that does not say it,
// at the same instant every time.
func (s *Scenario) Begins() time.Time {
	if s.At.IsZero() {
		return FirstDay
	}
	return s.At
}

// FirstDay is when stories begin that do not say when.
var FirstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Given is history, or how an external system answers: exactly one of Event and
// External is set.
type Given struct {
	Event    *EventRef
	Version  int       // of the event; 0: the newest
	At       time.Time // when the event happened; zero: when the scenario begins
	With     []*Value  // fields of the event (the aggregate's id included)
	External *Double
	Pos      source.Pos

	ago time.Duration // while it is read: before the scenario begins
}

// Double scripts an external system's operation from here on: it replies, is
// slow, or fails. Of several that match, the last counts.
type Double struct {
	Operation Target
	With      []*Value // for requests with these values only
	Reply     []*Value
	Fails     bool
	Slow      time.Duration
	Pos       source.Pos
}

// ScenarioStep is played in the order of its fields. The short form of a
// scenario (when, then, eventually beside given) is one step.
type ScenarioStep struct {
	Faults     []*Fault
	Late       []*Late  // who hears nothing in this step
	Given      []*Given // doubles only
	When       *When
	Then       *Then
	Recover    []*Fault
	Advance    time.Duration
	Eventually []*Expectation // once the flow has come to rest
	Pos        source.Pos
}

// Fault takes a context (or an external system) down or brings it up again:
// exactly one of Context and External is set.
type Fault struct {
	Up       bool
	Text     string
	Context  *Context
	External *External
	Pos      source.Pos
}

// Late is somebody who hears nothing until a step does not name it any more.
type Late struct {
	Text string
	Who  any           // *Policy, *View or *Saga
	Of   *AggregateRef // whose events alone are not heard
	Step *Step         // of a saga: that alone is not taken; nil, as Of: nothing is heard and done
	Pos  source.Pos
}

// IsLate reports whether somebody hears late in a scenario: such an order is one
// that a running system cannot be told to take.
func (s *Scenario) IsLate() bool {
	return slices.ContainsFunc(s.Steps, func(x *ScenarioStep) bool { return len(x.Late) > 0 })
}

// HasLateView reports whether a view is behind in a scenario.
func (s *Scenario) HasLateView() bool {
	return slices.ContainsFunc(s.Steps, func(x *ScenarioStep) bool {
		return slices.ContainsFunc(x.Late, func(l *Late) bool {
			_, view := l.Who.(*View)
			return view
		})
	})
}

// When is what somebody does: a command, a question to a view or an aggregate,
// or an external system's webhook. Exactly one of Do.Command, Do.Query, View,
// State and Event is set.
type When struct {
	Do    Target
	View  *View      // do: front.OrderStatus, every row
	State *Aggregate // do: front.Order, the state of the instance whose id With holds
	Event *EventRef
	With  []*Value
	By    *ActorRef // nil: the first actor of what is done, else the system
	Who   string    // the actor's subject; default: the actor's name in kebab-case
	Says  []*Value  // the claims of the actor's token
	Pos   source.Pos
}

// Then is the answer: exactly one of Events, Rejected and Rows is said. Events
// is exact and in order; so is Rows.
type Then struct {
	Events   []*Expectation // of Event; not nil: these and no others
	Rejected Text
	Rows     []*Row // not nil: these and no others
	Pos      source.Pos
}

// Row lists values of a row; others are not compared.
type Row struct {
	Values []*Value
	Pos    source.Pos
}

// Expectation is something that must have happened in this step, or be so after
// it: exactly one of Event, View, State and Called is set.
type Expectation struct {
	Event  *EventRef
	View   *ViewRef      // there is such a row
	State  *AggregateRef // there is such an instance
	Called *Target       // an external's operation was called so
	With   []*Value      // with, row or is; what is not listed is not compared
	Times  *int          // exactly so often; nil: at least once
	Pos    source.Pos
}

// AggregateRef names an aggregate.
type AggregateRef struct {
	Text      string
	Pos       source.Pos
	Aggregate *Aggregate
}

// Value gives a field of a scenario a plain value: as YAML has it, read by the
// field's type.
type Value struct {
	Name  string
	Pos   source.Pos
	Field *Field // nil when unresolved
	Node  *source.Node
}
