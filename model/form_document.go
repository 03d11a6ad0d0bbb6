package model

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the same time zones on every machine

	"golang.org/x/mod/module"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// documentForm is the document itself.
var documentForm = &form[System]{
	what: "the document",
	doc:  "What the sticky notes of an event storming say.",
	keys: slices.Concat([]key[System]{
		must(judged[System]("esgen", "The version of the language: v1.", oneOfWords("v1"))),
		must(at("system", "The system's name; it prefixes topics, images and namespaces.", systemName, func(s *System) *Node { return &s.Node })),
		at("module", "Go module path prefix of the generated services.", modulePath, func(s *System) *string { return &s.Module }),
		at("templates", "Packs of templates of one's own: directories, from that of the document.", oneOrMore(packDirectory), func(s *System) *[]Text { return &s.Templates }),
	}, sharedKeys),
	note: func(s *System) *Node { return &s.Node },
}

// includedForm is a file that a document includes.
var includedForm = &form[System]{
	what: "the included file",
	doc:  "A part of a document.",
	keys: slices.Concat([]key[System]{rootOnly("esgen"), rootOnly("system"), rootOnly("module"), rootOnly("templates")}, sharedKeys),
	note: func(s *System) *Node { return &s.Node },
}

// sharedKeys may stand in the document and in the files it includes.
var sharedKeys = []key[System]{
	at("zone", "Time zone of dates and cron expressions; default UTC.", timeZone, func(s *System) **time.Location { return &s.Zone }),
	judged[System]("include", "Files that hold parts of the document, relative to it: contexts/*.yaml.", includes),
	section("requirements", "What the system is for.", requirementForm, func(s *System) *[]*Requirement { return &s.Requirements }),
	section("types", "Types that all contexts share.", typeForm, func(s *System) *[]*TypeDef { return &s.Types }),
	section("actors", "Who gives commands and looks at views.", actorForm, func(s *System) *[]*Actor { return &s.Actors }),
	section("externals", "Systems of somebody else.", externalForm, func(s *System) *[]*External { return &s.Externals }),
	section("contexts", "Bounded contexts; each becomes a service.", contextForm, func(s *System) *[]*Context { return &s.Contexts }),
	{name: "relations", doc: "The context map, to be compared with what the model says.", shape: relations.shape, read: readRelations},
	section("flows", "Stories: names whose neighbours follow from one another.", flowForm, func(s *System) *[]*Flow { return &s.Flows }),
	section("events", "A big picture: events no context holds yet.", eventForm, func(s *System) *[]*Event { return &s.Events }),
	timeline[System](),
	section("compositions", "What the gateway composes of several views.", compositionForm, func(s *System) *[]*Composition { return &s.Compositions }),
	section("scenarios", "Examples of what must happen.", scenarioForm, func(s *System) *[]*Scenario { return &s.Scenarios }),
	at("gateway", "The single way in from outside.", pointer(one(gatewayForm)), func(s *System) **Gateway { return &s.Gateway }),
	at("deploy", "How the system runs in a cluster.", pointer(one(deployForm)), func(s *System) **Deploy { return &s.Deploy }),
	rulesKey,
}

// rootOnly is a key that a file must leave to the document that includes it.
func rootOnly(name string) key[System] {
	return key[System]{name: name, doc: "Belongs in the document.", shape: anything, misplaced: true, read: func(d decoder, _ *System, n *source.Node) {
		d.diags.Errorf(rule.Include, n.Pos, "%q belongs in the document, not in a file it includes", name).
			With(diag.At(d.sys.Pos, "the system"), diag.Fix("remove the line"))
	}}
}

// timeline is a list of events in the order they happen. It may repeat events
// that are held elsewhere.
func timeline[T any]() key[T] {
	return key[T]{name: "timeline", doc: "A big picture: events in the order they happen.", shape: namesOf(eventForm),
		read: func(d decoder, _ *T, n *source.Node) { readNamed(d, eventForm, d.timelineOf(d.context), n) }}
}

// systemName reads the name of the system.
var systemName = scalar("a name", NameShape, func(d decoder, v *Node, n *source.Node) bool {
	v.Name, v.Pos = n.Value, n.Pos
	if !isSystemName(n.Value) {
		d.diags.Errorf(rule.BadName, n.Pos, "the system's name is %q", n.Value).
			With(diag.Fix("small letters, digits and hyphens, a letter first and no hyphen last: it prefixes topics, images and namespaces"))
	}
	return true
})

var modulePath = scalar("a Go module path", TextShape, func(d decoder, v *string, n *source.Node) bool {
	if !isModulePath(n.Value) {
		d.badValue(n.Pos, "%q is no Go module path", n.Value).With(diag.Fix("write it like example.com/fooddelivery"))
		return false
	}
	*v = n.Value
	return true
})

// isModulePath reports whether a text is an import path that commands take for
// one: no element of it is an option.
func isModulePath(s string) bool {
	return module.CheckImportPath(s) == nil && !strings.Contains("/"+s, "/-")
}

// packDirectory reads where a pack is. A model stays in its directory.
var packDirectory = scalar("a directory", TextShape, func(d decoder, v *Text, n *source.Node) bool {
	*v = Text{Value: path.Clean(n.Value), Pos: n.Pos}
	if path.IsAbs(n.Value) || !fs.ValidPath(v.Value) || strings.Contains(n.Value, `\`) {
		d.badValue(n.Pos, "%s leaves the directory of the document", n.Value).
			With(diag.Fix("name a directory below it, with slashes between names: packs/docs; --pack takes one from anywhere"))
		return false
	}
	return true
})

var timeZone = scalar("a time zone", TextShape, func(d decoder, v **time.Location, n *source.Node) bool {
	zone, err := time.LoadLocation(n.Value)
	if err != nil || n.Value == "Local" {
		d.badValue(n.Pos, "%q is no time zone", n.Value).With(diag.Fix("write it like Asia/Seoul or UTC"))
		return false
	}
	*v = zone
	return true
})

// includes reads the include globs; the files have been read before.
var includes = oneOrMore(placedText)

var requirementForm = &form[Requirement]{
	what: "requirement",
	doc:  "One thing the system is for; notes name the requirements they cover.",
	keys: []key[Requirement]{
		must(at("text", "What is required.", text, func(r *Requirement) *quote.Text { return &r.Text })),
		at("kind", "functional (the default) or nonfunctional.",
			choice(word[bool]{"functional", false}, word[bool]{"nonfunctional", true}),
			func(r *Requirement) *bool { return &r.Nonfunctional }),
	},
	short: short(text, func(r *Requirement) *quote.Text { return &r.Text }),
	note:  func(r *Requirement) *Node { return &r.Node },
	name:  checkLabel,
}

var actorForm = &form[Actor]{
	what: "actor",
	doc:  "Somebody who gives commands or looks at views.",
	keys: []key[Actor]{
		at("role", "The role a token must carry; default: the name in kebab-case.", roleName, func(a *Actor) *string { return &a.Role }),
		section("claims", "What else a token must say of who has the role: actor.claims in expressions.", fieldForm, func(a *Actor) *[]*Field { return &a.Claims }),
	},
	note: func(a *Actor) *Node { return &a.Node },
	done: func(d decoder, a *Actor, _ *source.Node) {
		if a.Role == "" {
			a.Role = kebab(a.identifierOf())
		}
		d.settle(func() {
			for _, f := range a.Claims {
				d.checkClaim(a, f)
			}
		})
	},
}

// checkClaim reports a claim that no token could have, or one that another actor
// has as something else.
func (d decoder) checkClaim(a *Actor, f *Field) {
	switch {
	case f.Type == nil:
		d.diags.Errorf(rule.MissingKey, f.Pos, "the claim %s of %s has no type", f.Name, a.Name).With(diag.Fix("write %s: string", f.Name))
		return
	case !isClaim(f.Type.Value()):
		d.diags.Errorf(rule.BadType, f.Pos, "the claim %s of %s is %s", f.Name, a.Name, f.Type).
			With(diag.Fix("a token says a string, an id, an int, a bool or a list(string)"))
		return
	case f.Default != nil || f.Check != nil:
		d.badValue(f.Pos, "the claim %s of %s has more than a type", f.Name, a.Name).
			With(diag.Fix("make it optional(%s), and say in a condition what must hold of it", f.Type.Value()))
	}
	for _, other := range d.sys.Actors {
		if o := fieldNamed(other.Claims, f.Name); o != nil && o != f && o.Type != nil && !o.Type.Value().Same(f.Type.Value()) && o.Pos.Compare(f.Pos) < 0 {
			d.diags.Errorf(rule.BadType, f.Pos, "the claim %s is %s of %s, and %s of %s", f.Name, f.Type, a.Name, o.Type, other.Name).
				With(diag.At(o.Pos, "%s here", o.Type), diag.Fix("a token says one thing by one name: give both one type"))
		}
	}
}

// isClaim reports whether a token can say something of a type.
func isClaim(t *Type) bool {
	switch t.Kind {
	case String, ID, Int, Bool:
		return true
	case List:
		return t.Elem.Kind == String
	}
	return false
}

var contextForm = &form[Context]{
	what: "context",
	doc:  "A bounded context; it becomes one service.",
	keys: []key[Context]{
		at("domain", "How much the business lives by it; default core.",
			choice(word[Domain]{"core", Core}, word[Domain]{"supporting", Supporting}, word[Domain]{"generic", Generic}),
			func(c *Context) *Domain { return &c.Domain }),
		at("team", "Who owns it.", text, func(c *Context) *quote.Text { return &c.Team }),
		at("language", "What its service is written in; default go.",
			choice(word[WrittenIn]{"go", InGo}, word[WrittenIn]{"python", InPython}), func(c *Context) *WrittenIn { return &c.Language }),
		at("grpc", "true: its public commands and views are offered over gRPC, too.", trueOrFalse, func(c *Context) *bool { return &c.GRPC }),
		section("types", "Types of this context.", typeForm, func(c *Context) *[]*TypeDef { return &c.Types }),
		section("aggregates", "Consistency boundaries.", aggregateForm, func(c *Context) *[]*Aggregate { return &c.Aggregates }),
		section("policies", "Whenever an event, then a command.", policyForm, func(c *Context) *[]*Policy { return &c.Policies }),
		section("views", "Read models.", viewForm, func(c *Context) *[]*View { return &c.Views }),
		section("events", "A big picture: events no aggregate holds yet.", eventForm, func(c *Context) *[]*Event { return &c.Events }),
		timeline[Context](),
		section("sagas", "Orchestrated stories with compensation.", sagaForm, func(c *Context) *[]*Saga { return &c.Sagas }),
	},
	note:  func(c *Context) *Node { return &c.Node },
	enter: func(d *decoder, c *Context) { d.context = c; c.Domain, c.Language = Core, InGo },
}

var relationForm = &form[Relation]{
	what: "relation",
	doc:  "An arrow of the context map.",
	keys: []key[Relation]{
		at("upstream", "The context that decides.", contextRef, func(r *Relation) **Context { return &r.Upstream }),
		at("downstream", "The context that follows.", contextRef, func(r *Relation) **Context { return &r.Downstream }),
		at("between", "Two contexts on one level.", listOf(contextRef), func(r *Relation) *[]*Context { return &r.Between }),
		at("kind", "How two contexts on one level live together.", oneOfWords("partnership", "shared-kernel", "separate-ways"), func(r *Relation) *string { return &r.Kind }),
		at("roles", "How upstream and downstream treat one another.", oneOrMore(relationRole), func(r *Relation) *[]Text { return &r.Roles }),
		at("translate", "Of an anticorruption layer: what events of upstream mean downstream. A file of yours says in Go how.", translations, func(r *Relation) *[]*Translation { return &r.Translate }),
	},
	done: func(d decoder, r *Relation, n *source.Node) {
		r.Pos = n.Pos
		arrow := n.Get("upstream") != nil && n.Get("downstream") != nil && n.Get("between") == nil
		pair := n.Get("between") != nil && n.Get("upstream") == nil && n.Get("downstream") == nil
		switch {
		case n.Kind != source.Mapping: // reported
		case !arrow && !pair:
			d.diags.Errorf(rule.MissingKey, n.Pos, "a relation needs upstream and downstream, or between")
		case pair && (len(n.Get("between").Items) < 2 || n.Get("kind") == nil):
			d.diags.Errorf(rule.MissingKey, n.Pos, "a relation between contexts needs two of them and a kind")
		}
		d.translates(r, n)
	},
}

const anticorruption = "anticorruption-layer"

// translates tells the context downstream what events of upstream mean there.
func (d decoder) translates(r *Relation, n *source.Node) {
	at := n.Get("translate")
	if at == nil {
		return
	}
	if !slices.ContainsFunc(r.Roles, func(role Text) bool { return role.Value == anticorruption }) {
		d.badValue(at.Pos, "a relation translates events only where it says that there is an anticorruption layer").
			With(diag.Fix("write roles: [%s]", anticorruption))
	}
	d.resolve(func() {
		for _, t := range r.Translate {
			d.translate(r, t)
		}
	})
}

func (d decoder) translate(r *Relation, t *Translation) {
	e := t.Event.Event
	switch {
	case e == nil || r.Upstream == nil || r.Downstream == nil:
	case e.Aggregate == nil || e.Aggregate.Context != r.Upstream:
		d.badValue(t.Pos, "%s is no event of an aggregate of %s, which is upstream", t.Event.Text, r.Upstream.Name).With(diag.At(e.Pos, "the event"))
	case r.Downstream.Translation(e) != nil:
		d.diags.Errorf(rule.DuplicateName, t.Pos, "it is said twice what %s means in %s", t.Event.Text, r.Downstream.Name).
			With(diag.At(r.Downstream.Translation(e).Pos, "the first"), diag.Fix("leave one out"))
	default:
		t.Fields = d.withoutID(e.Aggregate, t.Fields)
		t.Means = &Event{Node: e.Node, Aggregate: e.Aggregate, Context: e.Context, Private: e.Private, Fields: t.Fields, Version: 1}
		r.Downstream.Translations = append(r.Downstream.Translations, t)
	}
}

// translations reads {pay.PaymentApproved: {fields: …}}.
var translations = reader[[]*Translation]{
	shape: Shape{Kind: EntriesShape, Says: "a map of events", Of: &Shape{Kind: MapShape, Says: translationForm.wants(), Construct: translationForm.describe()}},
	read: func(d decoder, v *[]*Translation, n *source.Node) bool {
		if n.Kind != source.Mapping {
			d.wrongKind(n, "a map of events")
			return false
		}
		for i := range n.Pairs {
			t := &Translation{Pos: n.Pairs[i].Key.Pos}
			if !eventRef.read(d, &t.Event, n.Pairs[i].Key) {
				continue
			}
			d := d
			d.about = "translation of " + t.Event.Text
			translationForm.readInto(d, t, n.Pairs[i].Value)
			*v = append(*v, t)
		}
		return true
	},
}

var translationForm = &form[Translation]{
	what: "translation",
	doc:  "What an event of upstream means downstream.",
	keys: []key[Translation]{
		must(section("fields", "What it says there, besides the aggregate's id; types come from the event.", fieldForm, func(t *Translation) *[]*Field { return &t.Fields })),
	},
}

var relations = listOf(pointer(one(relationForm)))

// readRelations keeps the relations whose contexts are known.
func readRelations(d decoder, s *System, n *source.Node) {
	var read []*Relation
	relations.read(d, &read, n)
	d.settle(func() {
		for _, r := range read {
			whole := r.Upstream != nil && r.Downstream != nil || len(r.Between) > 1 && !slices.Contains(r.Between, nil)
			if whole {
				s.Relations = append(s.Relations, r)
			}
		}
	})
}

var relationRole = scalar("a role", ChoiceShape, func(d decoder, v *Text, n *source.Node) bool {
	var role string
	if !relationRoles.read(d, &role, n) {
		return false
	}
	*v = Text{Value: role, Pos: n.Pos}
	return true
})

var relationRoles = oneOfWords("customer-supplier", "conformist", "anticorruption-layer", "open-host-service", "published-language")

// oneOfWords reads one of a few words as it stands.
func oneOfWords(words ...string) reader[string] {
	pairs := make([]word[string], len(words))
	for i, w := range words {
		pairs[i] = word[string]{w, w}
	}
	return choice(pairs...)
}

var flowForm = &form[Flow]{
	what: "flow",
	doc:  "A story in one line; every neighbour must follow from the model.",
	keys: []key[Flow]{
		must(at("steps", "The names of the story, in order.", listOf(reference), func(f *Flow) *[]Text { return &f.Steps })),
	},
	short: short(listOf(reference), func(f *Flow) *[]Text { return &f.Steps }),
	note:  func(f *Flow) *Node { return &f.Node },
	name:  checkLabel,
}
