package model

import (
	"regexp"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

var externalForm = &form[External]{
	what: "external",
	doc:  "A system of somebody else.",
	keys: []key[External]{
		at("timeout", "How long one request may take.", duration, func(x *External) *time.Duration { return &x.Timeout }),
		at("custom", "true: how it is asked is Go in files of yours, in place of HTTP.", trueOrFalse, func(x *External) *bool { return &x.Custom }),
		section("operations", "Requests it answers.", operationForm, func(x *External) *[]*Operation { return &x.Operations }),
		at("receiver", "The context whose service takes its events in; default: the one that hears of them.", contextRef, func(x *External) **Context { return &x.Receiver }),
		at("key", "The field, of all its events, by which they are kept in order.", plainName, func(x *External) *Text { return &x.Key }),
		at("webhook", "How its requests are known, and what is where in them.", pointer(one(webhookForm)), func(x *External) **Webhook { return &x.Webhook }),
		at("topic", "A topic of its own, whose records become the events.", pointer(one(topicForm)), func(x *External) **Topic { return &x.Topic }),
		section("events", "What it tells, by webhooks or in its topic; it becomes events.", toldForm, func(x *External) *[]*Event { return &x.Events }),
	},
	note:  func(x *External) *Node { return &x.Node },
	enter: func(d *decoder, x *External) { d.external = x },
	done:  doneExternal,
}

var operationForm = &form[Operation]{
	what: "operation",
	doc:  "A request an external system answers.",
	keys: []key[Operation]{
		at("http", "Method and path; default POST /<name in kebab-case>.", pointer(route), func(o *Operation) **Route { return &o.HTTP }),
		section("input", "What it is given.", fieldForm, func(o *Operation) *[]*Field { return &o.Input }),
		section("reply", "What it answers.", fieldForm, func(o *Operation) *[]*Field { return &o.Reply }),
	},
	note:  func(o *Operation) *Node { return &o.Node },
	enter: func(d *decoder, o *Operation) { o.External = d.external },
	done: func(d decoder, o *Operation, _ *source.Node) {
		if o.HTTP == nil {
			o.HTTP = &Route{Method: "POST", Path: "/" + kebab(o.identifierOf()), Pos: o.Pos}
		}
		d.checkParams(o.HTTP, o.Input, nil)
	},
}

// toldForm is an event that an external system tells of.
var toldForm = &form[Event]{
	what: "event",
	doc:  "Something that an external system tells.",
	keys: []key[Event]{
		at("http", "Of a webhook: method and path; default POST /webhooks/<external>/<event> in kebab-case.", pointer(route), func(e *Event) **Route { return &e.HTTP }),
		at("type", "What the external system calls it; default: its name.", typeOfTold, func(e *Event) *Text { return &e.ToldAs }),
		section("fields", "What it carries.", fieldForm, func(e *Event) *[]*Field { return &e.Fields }),
		at("from", "Where its fields are in what is sent; default: those of the same name.", drawn, func(e *Event) *[]*Drawn { return &e.Drawn }),
	},
	note:  func(e *Event) *Node { return &e.Node },
	enter: func(d *decoder, e *Event) { e.External, e.Version = d.external, 1 },
	done: func(d decoder, e *Event, _ *source.Node) {
		for _, x := range e.Drawn {
			d.resolveField(&x.Field, e.Fields, "event "+e.Name)
		}
	},
}

var webhookForm = &form[Webhook]{
	what: "webhook",
	doc:  "How the requests of an external system are known, and what is where in them.",
	keys: append([]key[Webhook]{
		at("http", "Method and path of all its events, which type tells apart; default POST /webhooks/<external>.", pointer(route), func(w *Webhook) **Route { return &w.HTTP }),
		at("signature", "The header with time and signature; default Webhook-Signature.", headerName, func(w *Webhook) *string { return &w.Signature }),
		at("tolerance", "How far the time of a request may be from ours; default 5m.", duration, func(w *Webhook) *time.Duration { return &w.Tolerance }),
	}, toldKeys(func(w *Webhook) *Told { return &w.Told })...),
	done: func(d decoder, w *Webhook, n *source.Node) {
		w.Pos = n.Pos
		for _, s := range w.spots() {
			d.checkSigned(s)
		}
	},
}

var topicForm = &form[Topic]{
	what: "topic",
	doc:  "A topic of an external system.",
	keys: append([]key[Topic]{
		must(at("name", "Its name at the broker.", topicName, func(t *Topic) *Text { return &t.Name })),
		at("format", "cloudevents (the default), binary or structured, or json.",
			choice(word[Format]{"cloudevents", CloudEvents}, word[Format]{"json", PlainJSON}), func(t *Topic) *Format { return &t.Format }),
	}, toldKeys(func(t *Topic) *Told { return &t.Told })...),
	done: func(d decoder, t *Topic, n *source.Node) {
		t.Pos = n.Pos
		if t.Format != CloudEvents {
			return
		}
		for _, name := range []string{"type", "id", "data"} {
			if v := n.Get(name); v != nil {
				d.badValue(v.Pos, "%s of %s: a CloudEvent says itself where it is", name, d.about).With(diag.Fix("leave it out, or write format: json"))
			}
		}
	},
}

// toldKeys say where in what is told something stands.
func toldKeys[T any](of func(*T) *Told) []key[T] {
	return []key[T]{
		at("type", "Where it says what kind of event it is: /type.", spot, func(t *T) *Spot { return &of(t).Type }),
		at("id", "Where it says what it is known by when it is told again.", spot, func(t *T) *Spot { return &of(t).ID }),
		at("data", "Where the fields are; default: at the top.", spot, func(t *T) *Spot { return &of(t).Data }),
		at("unknown", "What is of no type of the model: ignore (the default) or refuse.",
			choice(word[bool]{"ignore", false}, word[bool]{"refuse", true}), func(t *T) *bool { return &of(t).Refuse }),
	}
}

// spots are the places that are written.
func (t *Told) spots() []Spot {
	var out []Spot
	for _, s := range []Spot{t.Type, t.ID, t.Data} {
		if s.Value != "" {
			out = append(out, s)
		}
	}
	return out
}

// checkSigned makes sure that what decides about a request is signed.
func (d decoder) checkSigned(s Spot) {
	if !s.IsPointer() {
		d.badValue(s.Pos, "%q of %s is outside of the body, and only the body is signed", s.Value, d.about).
			With(diag.Fix("write where it is in the body, like /id"))
	}
}

// spot reads a place in what is told.
var spot = scalar("a place", TextShape, func(d decoder, v *Spot, n *source.Node) bool {
	if !isPointer(n.Value) && !isHeaderName(n.Value) {
		d.badValue(n.Pos, "%s: %q is no place", d.place(), n.Value).
			With(diag.Fix("write where it is in the JSON, like /data/id; of a record the name of a header, or key, will do"))
		return false
	}
	*v = Spot{Text{nfc(n.Value), n.Pos}}
	return true
})

// isPointer reports whether a text is a JSON Pointer (RFC 6901) below the top.
func isPointer(s string) bool {
	plain := strings.NewReplacer("~0", "", "~1", "").Replace(s)
	return strings.HasPrefix(s, "/") && isOneLine(s) && !strings.Contains(plain, "~")
}

var (
	isHeaderName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`).MatchString
	headerName   = matching("the name of a header", isHeaderName, "letters, digits and hyphens will do, like Webhook-Signature")
	isTopicName  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,249}$`).MatchString
)

var topicName = scalar("the name of a topic", TextShape, func(d decoder, v *Text, n *source.Node) bool {
	if !isTopicName(n.Value) || strings.Trim(n.Value, ".") == "" {
		d.badValue(n.Pos, "%s: %q is no name of a topic", d.place(), n.Value).With(diag.Fix("Kafka takes letters, digits and ._- in it"))
		return false
	}
	*v = Text{n.Value, n.Pos}
	return true
})

// typeOfTold reads what somebody else calls an event.
var typeOfTold = scalar("what it is called there", TextShape, func(d decoder, v *Text, n *source.Node) bool {
	if !isOneLine(n.Value) {
		d.badValue(n.Pos, "%s must be some words on one line", d.place())
		return false
	}
	*v = Text{n.Value, n.Pos}
	return true
})

// drawn reads a map of fields and places.
var drawn = reader[[]*Drawn]{
	shape: Shape{Kind: EntriesShape, Says: "a map of fields and places", Of: &spot.shape},
	read: func(d decoder, v *[]*Drawn, n *source.Node) bool {
		if n.Kind != source.Mapping {
			d.wrongKind(n, "a map of fields and places")
			return false
		}
		for i := range n.Pairs {
			x := &Drawn{}
			if fieldRef.read(d, &x.Field, n.Pairs[i].Key) && spot.read(d, &x.From, n.Pairs[i].Value) {
				*v = append(*v, x)
			}
		}
		return true
	},
}

// doneExternal settles how an external system tells of its events.
func doneExternal(d decoder, x *External, n *source.Node) {
	switch {
	case x.Webhook != nil && x.Topic != nil:
		d.badValue(x.Topic.Pos, "%s tells its events by webhooks or in a topic, not both", x.Name).
			With(diag.At(x.Webhook.Pos, "webhook"), diag.Fix("make two externals of it"))
	case x.Topic != nil:
		d.inTopic(x)
	default:
		d.byWebhook(x)
	}
	called := map[string]*Event{}
	for _, e := range x.Events {
		if e.ToldAs.Value == "" {
			e.ToldAs = Text{e.Name, e.Pos}
		}
		if first := called[e.ToldAs.Value]; first != nil {
			d.diags.Errorf(rule.DuplicateName, e.ToldAs.Pos, "%s and %s of %s are of the same type, %q", first.Name, e.Name, x.Name, e.ToldAs.Value).
				With(diag.At(first.ToldAs.Pos, "the first"), diag.Fix("write what the other is called there: type: …"))
		}
		called[e.ToldAs.Value] = e
	}
	d.settle(func() { d.orderedBy(x) })
}

// byWebhook gives the events of an external system the requests that tell them.
func (d decoder) byWebhook(x *External) {
	if x.Webhook == nil {
		if len(x.Events) == 0 {
			return
		}
		x.Webhook = &Webhook{Pos: x.Pos}
	}
	w, path := x.Webhook, "/webhooks/"+kebab(x.identifierOf())
	if w.Signature == "" {
		w.Signature = "Webhook-Signature"
	}
	if w.Tolerance == 0 {
		w.Tolerance = 5 * time.Minute
	}
	if w.ID.Value == "" {
		w.ID = Spot{Text{"/id", w.Pos}}
	}
	if w.HTTP == nil && w.Type.Value != "" {
		w.HTTP = &Route{Method: "POST", Path: path, Pos: w.Pos}
	}
	if w.HTTP != nil {
		d.checkHook(w.HTTP)
	}
	if w.HTTP != nil && w.Type.Value == "" && len(x.Events) > 1 {
		d.diags.Errorf(rule.MissingKey, w.Pos, "the webhook of %s needs the key \"type\": all its events come to one path", x.Name).
			With(diag.Fix("write where a request says what it is: type: /type"))
	}
	for _, e := range x.Events {
		for _, f := range e.Drawn {
			d.about = "event " + e.Name
			d.checkSigned(f.From)
		}
		switch {
		case w.HTTP != nil && e.HTTP != nil:
			d.badValue(e.HTTP.Pos, "%s has no path of its own: all events of %s come to %s", e.Name, x.Name, w.HTTP.Path).
				With(diag.At(w.Pos, "the webhook"), diag.Fix("leave one of the two out"))
		case w.HTTP != nil:
			e.HTTP = w.HTTP
		case e.HTTP == nil:
			e.HTTP = &Route{Method: "POST", Path: path + "/" + kebab(e.identifierOf()), Pos: e.Pos}
		default:
			d.checkHook(e.HTTP)
		}
	}
}

// checkHook judges where a webhook comes to: what is signed is a body, and
// nothing else.
func (d decoder) checkHook(r *Route) {
	if r.Method != "POST" && r.Method != "PUT" {
		d.badValue(r.Pos, "a webhook is sent by POST or PUT, not %s: its body is signed", r.Method)
	}
	if len(r.Params()) > 0 {
		d.badValue(r.Pos, "the path of a webhook has no parameters: only the body is signed").With(diag.Fix("take the field from the body: from: {…: /…}"))
	}
}

// inTopic judges the events of a topic.
func (d decoder) inTopic(x *External) {
	for _, e := range x.Events {
		if e.HTTP != nil {
			d.badValue(e.HTTP.Pos, "%s comes in the topic %s, and not by a request", e.Name, x.Topic.Name.Value).With(diag.At(x.Topic.Pos, "the topic"))
			e.HTTP = nil
		}
	}
	if x.Topic.Format == PlainJSON && x.Topic.Type.Value == "" && len(x.Events) > 1 {
		d.diags.Errorf(rule.MissingKey, x.Topic.Pos, "the topic of %s needs the key \"type\": it has events of several kinds", x.Name).
			With(diag.Fix("write where a record says what it is: type: /type, or the name of a header"))
	}
}

// orderedBy makes sure that all events of an external system say what they are
// kept in order by.
func (d decoder) orderedBy(x *External) {
	if x.Key.Value == "" {
		return
	}
	for _, e := range x.Events {
		if len(e.Fields) == 0 {
			continue
		}
		d.offerFields(x.Key.Value, e.Fields)
		f := fieldNamed(e.Fields, x.Key.Value)
		d.useField(x.Key.Pos, x.Key.Value, f)
		switch {
		case f == nil:
			d.diags.Errorf(rule.UnknownName, x.Key.Pos, "event %s has no field %s to be kept in order by", e.Name, x.Key.Value).
				With(diag.At(e.Pos, "the event"), near(x.Key.Value, fieldNames(e.Fields)))
		case f.Type != nil && (f.Type.Kind == Optional || !namesInstances(f.Type)):
			d.diags.Errorf(rule.BadType, x.Key.Pos, "%s of %s is %s, by which nothing is kept in order", f.Name, e.Name, f.Type).
				With(diag.At(f.Pos, "the field"), diag.Fix("make it an id or a string"))
		}
	}
}

// receive finds out whose service takes in what external systems tell: where it
// is not written, the one context that hears of it does.
func (l *loader) receive() {
	hearers := map[*External][]*Context{}
	hear := func(c *Context, refs ...*EventRef) {
		for _, r := range refs {
			if r.Event == nil || r.Event.External == nil {
				continue
			}
			x := r.Event.External
			if all := hearers[x]; len(all) == 0 || all[len(all)-1] != c {
				hearers[x] = append(all, c)
			}
		}
	}
	for _, c := range l.sys.Contexts {
		for _, p := range c.Policies {
			hear(c, p.Whenever...)
			if t := p.Timer; t != nil {
				hear(c, t.Unless...)
				if t.Since != nil {
					hear(c, t.Since)
				}
			}
		}
		for _, g := range c.Sagas {
			hear(c, &g.StartedBy)
		}
		for _, v := range c.Views {
			for _, p := range v.From {
				hear(c, &p.Event)
			}
		}
	}
	for _, x := range l.sys.Externals {
		l.receiver(x, hearers[x])
	}
}

func (l *loader) receiver(x *External, hearers []*Context) {
	switch c := x.Receiver; {
	case c != nil && len(c.Aggregates)+len(c.Views)+len(c.Policies)+len(c.Sagas) == 0:
		l.diags.Errorf(rule.BadValue, x.Pos, "%s cannot take in what %s tells: it has nothing to run", c.Name, x.Name).
			With(diag.At(c.Pos, "the context"))
	case c != nil || len(hearers) == 0:
	case len(hearers) > 1:
		l.diags.Errorf(rule.MissingKey, x.Pos, "%s and %s hear of what %s tells: whose service takes it in?", hearers[0].Name, hearers[1].Name, x.Name).
			With(diag.Fix("write receiver: %s", hearers[0].Name))
	default:
		x.Receiver = hearers[0]
	}
}
