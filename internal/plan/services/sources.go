package services

import (
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Source is an external system whose events a service takes in, by webhooks or in
// a topic.
type Source struct {
	Service  *Service
	Name     names.Name
	Title    quote.Text
	Go       string // variable of the adapter
	Topic    string // where its events are told
	Key      string // JSON name of the field that orders its events; "": none does
	Type, ID string // places in what it tells
	Data     string
	Strict   bool
	Events   []*Told
	Foreign  *ForeignTopic // where it tells them; nil: by webhooks
	Webhook  *Webhook      // how it tells them; nil: in a topic
}

// Told is an event that an external system tells.
type Told struct {
	*Event
	Called string // by the external system
	From   []Drawn
}

// Drawn is where a field of an event comes from.
type Drawn struct{ JSON, Spot string }

// ForeignTopic is a topic of somebody else.
type ForeignTopic struct {
	Name   string
	Format string // function of package foreign
}

// Webhook is how requests of an external system are known.
type Webhook struct {
	Signature string // header
	Tolerance string // Go duration
	Env       string // variable with the secret
	Config    string // field of the configuration
	Paths     []Hook
}

// Hook is a path that webhooks come to.
type Hook struct {
	Method, Path string
	Title        quote.Text
	Told         []*Told
	Called       string // the one event that comes there; "": what is sent says which
	Event        string // its Go name
}

// sources plans what a service takes in.
func (b *builder) sources(s *Service) {
	for _, x := range b.model.Externals {
		if x.Receiver == s.Context && len(x.Events) > 0 {
			s.Sources = append(s.Sources, b.source(s, x))
		}
	}
}

func (b *builder) source(s *Service, x *model.External) *Source {
	n := names.Of(&x.Node)
	out := &Source{Service: s, Name: n, Title: x.Called(), Topic: naming.ExternalTopic(b.model.System, x)}
	events := map[*model.Event]*Told{}
	for _, u := range s.Upstreams {
		for _, e := range u.Events {
			if e.Model.External != x {
				continue
			}
			t := &Told{Event: e, Called: e.Model.ToldAs.Value}
			for _, d := range e.Model.Drawn {
				t.From = append(t.From, Drawn{names.Of(&d.Field.Field.Node).JSON, d.From.Value})
			}
			out.Events, events[e.Model] = append(out.Events, t), t
			if x.Key.Value != "" {
				out.Key = orderedBy(e.Model, x.Key.Value)
			}
		}
	}
	if t := x.Topic; t != nil {
		out.Foreign = &ForeignTopic{Name: t.Name.Value, Format: formats[t.Format]}
		out.Go = s.space(naming.Go, "internal/adapters/kafka").Take(n.Local+"Topic", "Of", naming.By(&x.Node))
		out.says(t.Told)
		return out
	}
	out.Go = s.space(naming.Go, "internal/adapters/rest").Take(n.Go+"Webhook", "Of", naming.By(&x.Node))
	out.Webhook = webhook(b.model.System, x, events)
	out.says(x.Webhook.Told)
	return out
}

func (s *Source) says(t model.Told) {
	s.Type, s.ID, s.Data, s.Strict = t.Type.Value, t.ID.Value, t.Data.Value, t.Refuse
}

var formats = map[model.Format]string{model.CloudEvents: "CloudEvent", model.PlainJSON: "JSON"}

func orderedBy(e *model.Event, name string) string {
	for _, f := range e.Fields {
		if f.Name == name {
			return names.Of(&f.Node).JSON
		}
	}
	return ""
}

func webhook(sys *model.System, x *model.External, events map[*model.Event]*Told) *Webhook {
	w := x.Webhook
	out := &Webhook{
		Signature: w.Signature, Tolerance: Duration(w.Tolerance), Env: naming.WebhookSecret(sys, x),
		Config: names.OfText(naming.WebhookSecret(sys, x)).Go,
	}
	for _, e := range x.Events {
		t := events[e]
		if t == nil {
			continue // a name only
		}
		if w.Type.Value == "" {
			out.Paths = append(out.Paths, Hook{e.HTTP.Method, e.HTTP.Path, e.Called(), []*Told{t}, t.Called, t.Name})
			continue
		}
		if len(out.Paths) == 0 {
			out.Paths = []Hook{{Method: w.HTTP.Method, Path: w.HTTP.Path, Title: x.Called()}}
		}
		out.Paths[0].Told = append(out.Paths[0].Told, t)
	}
	return out
}

// DevelopmentSecret is what its webhooks are signed with on a developer's machine.
func (s *Source) DevelopmentSecret() string { return "development-secret-of-" + s.Name.Kebab }

// Webhooks are the external systems that tell of their events by requests.
func (s *Service) Webhooks() []*Source {
	return s.told(func(x *Source) bool { return x.Webhook != nil })
}

// ForeignTopics are the external systems that tell of their events in a topic.
func (s *Service) ForeignTopics() []*Source {
	return s.told(func(x *Source) bool { return x.Foreign != nil })
}

func (s *Service) told(which func(*Source) bool) []*Source {
	var out []*Source
	for _, x := range s.Sources {
		if which(x) {
			out = append(out, x)
		}
	}
	return out
}
