package rule

// ID is the name of a rule, stable and in kebab-case: models, comments and pages
// speak of it.
type ID string

// Text.
const (
	YAMLSyntax       ID = "yaml-syntax"
	YAMLSplit        ID = "yaml-split"
	YAMLTag          ID = "yaml-tag"
	YAMLAnchor       ID = "yaml-anchor"
	YAMLAlias        ID = "yaml-alias"
	YAMLMerge        ID = "yaml-merge"
	YAMLDuplicateKey ID = "yaml-duplicate-key"
	YAMLKey          ID = "yaml-key"
	YAMLTab          ID = "yaml-tab"
	YAMLBlank        ID = "yaml-blank"
	YAMLColon        ID = "yaml-colon"
	YAMLNFC          ID = "yaml-nfc"
	YAMLEncoding     ID = "yaml-encoding"
	YAMLDocuments    ID = "yaml-documents"
	YAMLEmpty        ID = "yaml-empty"
	YAMLLimit        ID = "yaml-limit"
	Format           ID = "format"
)

// Model.
const (
	Unreadable     ID = "unreadable"
	Include        ID = "include"
	UnknownKey     ID = "unknown-key"
	DuplicateKey   ID = "duplicate-key"
	MissingKey     ID = "missing-key"
	MissingValue   ID = "missing-value"
	WrongKind      ID = "wrong-kind"
	BadValue       ID = "bad-value"
	BadName        ID = "bad-name"
	ReservedName   ID = "reserved-name"
	DuplicateName  ID = "duplicate-name"
	UnknownName    ID = "unknown-name"
	AmbiguousName  ID = "ambiguous-name"
	BadType        ID = "bad-type"
	RecursiveType  ID = "recursive-type"
	ForeignEvent   ID = "foreign-event"
	ForeignCommand ID = "foreign-command"
	ForeignView    ID = "foreign-view"
	NotLookedUp    ID = "not-looked-up"
	ImpliedID      ID = "implied-id"
	Was            ID = "was"
)

// Expressions.
const (
	ExprSyntax   ID = "expr-syntax"
	ExprName     ID = "expr-name"
	ExprType     ID = "expr-type"
	ExprOptional ID = "expr-optional"
	ExprLiteral  ID = "expr-literal"
)

// Names.
const (
	Incomplete     ID = "incomplete"
	EventTense     ID = "event-tense"
	TechnicalEvent ID = "technical-event"
	CommandName    ID = "command-name"
	Romanised      ID = "romanised"
	NameCollision  ID = "name-collision"
	ReservedWord   ID = "reserved-word"
	NameLength     ID = "name-length"
	NoType         ID = "no-type"
)

// Where values come from.
const (
	NoSource       ID = "no-source"
	TwoSources     ID = "two-sources"
	CopyType       ID = "copy-type"
	CopyOptional   ID = "copy-optional"
	Null           ID = "null"
	UnknownField   ID = "unknown-field"
	UnsetField     ID = "unset-field"
	BeforeCreation ID = "before-creation"
)

// Aggregates and commands.
const (
	ScalarField        ID = "scalar-field"
	LifecycleState     ID = "lifecycle-state"
	LifecycleInitial   ID = "lifecycle-initial"
	LifecycleUnreached ID = "lifecycle-unreached"
	LifecycleStuck     ID = "lifecycle-stuck"
	DeletesApply       ID = "deletes-apply"
	CreatesNothing     ID = "creates-nothing"
	NeverCreated       ID = "never-created"
	NeverEmitted       ID = "never-emitted"
	NeverHeard         ID = "never-heard"
	NeverSent          ID = "never-sent"
	Unguarded          ID = "unguarded"
	PublicPII          ID = "public-pii"
	Unerasable         ID = "unerasable"
	PersonalKept       ID = "personal-kept"
	PrivateEvent       ID = "private-event"
	EachList           ID = "each-list"
	TableGap           ID = "table-gap"
	TableUnreachable   ID = "table-unreachable"
)

// Calls and targets.
const (
	NoTarget         ID = "no-target"
	NeedlessTarget   ID = "needless-target"
	CorrelateField   ID = "correlate-field"
	IDType           ID = "id-type"
	OwnCall          ID = "own-call"
	ReplyConflict    ID = "reply-conflict"
	UnknownRejection ID = "unknown-rejection"
	RetryBudget      ID = "retry-budget"
	NoCompensation   ID = "no-compensation"
)

// Timers.
const (
	TimerRepeats ID = "timer-repeats"
)

// Views.
const (
	NoKey             ID = "no-key"
	KeySet            ID = "key-set"
	NeverSet          ID = "never-set"
	NotSQL            ID = "not-sql"
	RejectedOperation ID = "rejected-operation"
	TwoMinds          ID = "two-minds"
	HiddenPart        ID = "hidden-part"
)

// Routes.
const (
	RouteConflict ID = "route-conflict"
	RouteMethod   ID = "route-method"
	RouteField    ID = "route-field"
	RouteInternal ID = "route-internal"
	GatewayPath   ID = "gateway-path"
)

// The whole.
const (
	PolicyCycle       ID = "policy-cycle"
	CallCycle         ID = "call-cycle"
	CallChain         ID = "call-chain"
	CoreWaits         ID = "core-waits"
	StaleRead         ID = "stale-read"
	StaysButEmits     ID = "stays-but-emits"
	CorrelationRace   ID = "correlation-race"
	RelationReversed  ID = "relation-reversed"
	RelationIdle      ID = "relation-idle"
	RelationUnwritten ID = "relation-unwritten"
	SeparateWays      ID = "separate-ways"
	NotGenerated      ID = "not-generated"
	OtherLanguage     ID = "other-language"
)

// Deployment.
const (
	ScaleRange ID = "scale-range"
	LagUnheard ID = "lag-unheard"
)

// Stories and scenarios.
const (
	FlowName      ID = "flow-name"
	FlowGap       ID = "flow-gap"
	GivenCreation ID = "given-creation"
	GivenField    ID = "given-field"
	NeverHappens  ID = "never-happens"
	Untried       ID = "untried"
	Untouched     ID = "untouched"
	Uncovered     ID = "uncovered"
	Hotspot       ID = "hotspot"
)

// Settings.
const (
	UnknownRule  ID = "unknown-rule"
	FirmRule     ID = "firm-rule"
	IgnoreReason ID = "ignore-reason"
	UnusedIgnore ID = "unused-ignore"
)
