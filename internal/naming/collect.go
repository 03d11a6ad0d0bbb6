package naming

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// collector enters the names of a system.
type collector struct {
	*Registry
	sys       *model.System
	generated func(*model.Node) bool
	columns   func(*model.Aggregate) []*model.Field
	public    []Entry // routes of services, as the gateway has them
}

// Of returns the registry of a system. What is not generated, a mere name on
// the wall, has no names but its own; generated tells. Columns are the fields of an
// aggregate that have columns of their own.
func Of(sys *model.System, generated func(*model.Node) bool, columns func(*model.Aggregate) []*model.Field) *Registry {
	c := &collector{Registry: NewRegistry(), sys: sys, generated: generated, columns: columns}
	c.deployment()
	for _, x := range sys.Contexts {
		if IsService(x) {
			c.context(x)
		}
	}
	for _, x := range sys.Externals {
		c.external(x)
	}
	c.gateway()
	return c.Registry
}

// GatewayRoutes is the namespace of the paths of the gateway. No context can be
// called so.
const GatewayRoutes = "the gateway"

// gateway enters the paths of the gateway: those below the names of contexts, and
// those of one's own choosing.
func (c *collector) gateway() {
	space := c.In(Route, GatewayRoutes)
	for _, e := range c.public {
		space.Declare(e.Name, e.Owner)
	}
	for _, x := range c.sys.Compositions {
		if x.HTTP != nil && len(x.Actors) > 0 {
			space.Declare(CompositionRoute(x).String(), owner("composition", &x.Node).at(x.HTTP))
		}
	}
	if c.sys.Gateway == nil {
		return
	}
	for _, x := range c.sys.Gateway.Routes {
		by := owner("route", &x.Node)
		switch {
		case x.HTTP != nil:
			space.Declare(GatewayPath(x).String(), by)
		case x.Path.Pos.IsValid():
			if x.Path.Value != "" {
				space.Declare(x.Path.Value, by)
			}
			if x.Below {
				space.Declare(x.Path.Value+Below, by)
			}
		}
	}
}

// route enters a public route of a service, which is below its name at the gateway.
func (c *collector) route(dir, method, path string, by Owner) {
	c.In(Route, dir).Declare(method+" "+path, by)
	c.public = append(c.public, Entry{Name: method + " /" + dir + path, Owner: by})
}

// routes enters a route with those that it had before.
func (c *collector) routes(dir string, list []*Path, by Owner) {
	for _, p := range list {
		c.route(dir, p.Method, p.Path, by)
	}
}

// external enters the requests that a system of somebody else answers, or its
// stand-in, and those it makes.
func (c *collector) external(x *model.External) {
	space := c.In(Route, "external "+x.Name)
	for _, o := range x.Operations {
		by := owner("operation", &o.Node)
		if o.HTTP != nil {
			by = by.at(o.HTTP)
		}
		space.Declare(Operation(o).String(), by)
	}
	c.told(x)
}

// told enters what a context takes in of an external system.
func (c *collector) told(x *model.External) {
	if x.Receiver == nil {
		return // nobody takes it in
	}
	dir, by := Dir(x.Receiver), owner("external system", &x.Node)
	c.In(Topic, "").Declare(ExternalTopic(c.sys, x), by)
	if x.Topic != nil {
		c.In(Topic, "").Declare(x.Topic.Name.Value, by.as("topic"))
	} else {
		c.In(Variable, Services).Declare(WebhookSecret(c.sys, x), by)
		c.In(Object, "secret").Declare(Webhooks(HostOf(c.sys, x.Receiver)), owner("webhooks of context", &x.Receiver.Node))
	}
	seen := map[*model.Route]bool{}
	for _, e := range x.Events {
		if !c.generated(&e.Node) {
			continue
		}
		event := owner("event", &e.Node)
		c.In(Type, "").Declare(EventType(e), event)
		c.In(File, dir).Room(names.Of(&x.Node).Go+"."+names.Of(&e.Node).Go+".event.json", event)
		if r := e.HTTP; r != nil && !seen[r] {
			seen[r] = true
			c.route(dir, r.Method, r.Path, event.at(r))
		}
	}
}

// IsService reports whether a context has something to run.
func IsService(x *model.Context) bool {
	return len(x.Aggregates)+len(x.Views)+len(x.Policies)+len(x.Sagas) > 0
}

func owner(what string, n *model.Node) Owner {
	return Owner{Node: n, What: what + " " + n.Name, Pos: n.Pos}
}

// of is an owner of routes that are called after the plural of a note.
func (o Owner) of(n *model.Node) Owner {
	o.Of = n
	return o
}

// at is an owner whose route is written somewhere.
func (o Owner) at(r *model.Route) Owner {
	o.Pos = r.Pos
	return o
}

// as is an owner of one of several names.
func (o Owner) as(what string) Owner {
	o.As = what
	return o
}

// context enters the names of a service.
func (c *collector) context(x *model.Context) {
	by := owner("context", &x.Node)
	dir := Dir(x)
	c.In(Directory, Services).Declare(dir, by)
	c.In(Group, "").Declare(GroupOf(c.sys, x), by)
	c.objects(x, by)
	c.In(Route, dir).Add("GET /openapi.yaml")
	for _, a := range x.Aggregates {
		c.aggregate(a)
	}
	for _, v := range x.Views {
		if c.generated(&v.Node) {
			c.view(v)
		}
	}
	c.proto(x)
	if HasTimers(x) || len(x.Sagas) > 0 {
		c.In(Topic, "").Declare(TimersTopic(c.sys, x), owner("timers of context", &x.Node))
	}
	if len(x.Sagas) > 0 {
		c.In(Topic, "").Declare(RepliesTopic(c.sys, x), owner("sagas of context", &x.Node))
	}
	if c.asked(x) {
		c.In(Topic, "").Declare(CommandsTopic(c.sys, x), owner("what sagas ask of context", &x.Node))
	}
	for _, p := range x.Policies {
		if c.generated(&p.Node) {
			c.In(Listener, dir).Declare(ListenerName(&p.Node), owner("policy", &p.Node))
			if p.Custom {
				c.In(Go, dir+"/internal/policies").Declare(PolicyDecision(p), owner("decision of", &p.Node))
			}
		}
	}
}

// asked reports whether some saga asks a context for something.
func (c *collector) asked(x *model.Context) bool {
	for _, from := range c.sys.Contexts {
		for _, g := range from.Sagas {
			var to []model.Target
			for _, s := range g.Steps {
				to = append(to, s.Do)
				if s.Compensate != nil {
					to = append(to, s.Compensate.Do)
				}
			}
			if g.OnFailure != nil {
				to = append(to, g.OnFailure.Do)
			}
			if slices.ContainsFunc(to, func(t model.Target) bool {
				return t.Command != nil && t.Command.Aggregate.Context == x || t.Operation != nil && from == x
			}) {
				return true
			}
		}
	}
	return false
}

func (c *collector) aggregate(a *model.Aggregate) {
	by := owner("aggregate", &a.Node)
	dir := Dir(a.Context)
	c.tables(dir).Declare(TableOf(a), by)
	if a.Sourced {
		c.tables(dir).Declare(EventsTable(a), by)
	}
	c.In(Topic, "").Declare(TopicOf(c.sys, a), by)
	if HasPrivate(a) {
		c.In(Topic, "").Declare(PrivateTopic(c.sys, a), by)
	} else {
		c.In(Topic, "").Room(PrivateTopic(c.sys, a), by) // a private event must not ask for another name
	}
	files := c.In(File, dir)
	files.Room(names.Of(&a.Node).Snake+"_repository.go", by)
	for _, f := range c.columns(a) {
		c.column(by, dir, f)
	}
	read := false
	for _, m := range a.Commands {
		if !c.generated(&m.Node) {
			continue
		}
		read = read || len(m.Actors) > 0
		command := owner("command", &m.Node)
		at := command.of(&a.Node)
		if m.HTTP != nil {
			at = command.at(m.HTTP)
		}
		c.routes(dir, CommandRoutes(m), at)
		c.internal(dir).Declare("POST "+InternalCommand(m), command)
		files.Room(names.Of(&m.Node).Snake+"_"+names.Of(&a.Node).Snake+"_handler.go", command)
	}
	if read {
		c.routes(dir, StateRoutes(a), by.of(&a.Node))
		if a.Sourced {
			c.routes(dir, EventsRoutes(a), by.of(&a.Node))
		}
	}
	for _, e := range a.Events {
		if c.generated(&e.Node) {
			event := owner("event", &e.Node)
			c.In(Type, "").Declare(EventType(e), event)
			files.Room(names.Kept(&a.Node).Go+"."+names.Kept(&e.Node).Go+".event.json", event)
		}
	}
	c.custom(a)
}

// custom enters the functions of an aggregate that its author writes. They are
// told in the documentation, so they do not give way.
func (c *collector) custom(a *model.Aggregate) {
	space := c.In(Go, Dir(a.Context)+"/"+names.Of(&a.Node).Kebab)
	for _, e := range a.Events {
		if c.generated(&e.Node) {
			space.Declare(names.Of(&e.Node).Go, owner("event", &e.Node))
		}
	}
	for _, m := range a.Commands {
		if c.generated(&m.Node) && !space.Has(names.Of(&m.Node).Go) {
			space.Declare(names.Of(&m.Node).Go, owner("command", &m.Node))
		}
	}
	for _, m := range a.Commands {
		if c.generated(&m.Node) && m.Custom {
			space.Declare(CustomDecision(m), owner("decision of", &m.Node))
		}
	}
}

func (c *collector) view(v *model.View) {
	by := owner("view", &v.Node)
	dir := Dir(v.Context)
	c.tables(dir).Declare(ViewTable(v), by)
	c.tables(dir).Room(ViewTable(v)+generationRoom, by)
	for _, f := range v.Fields {
		c.column(by, dir, f)
	}
	c.In(Listener, dir).Declare(ListenerName(&v.Node), by)
	if len(v.Actors) > 0 {
		c.routes(dir, RowsRoutes(v), by.of(&v.Node))
		c.routes(dir, RowRoutes(v), by.of(&v.Node))
		if v.Stream {
			c.routes(dir, ChangesRoutes(v), by.of(&v.Node))
		}
	}
	c.internal(dir).Declare("GET "+InternalView(v), by)
	c.internal(dir).Declare("GET "+InternalRow(v), by)
	for _, q := range v.Queries {
		query := owner("query", &q.Node)
		if len(q.Actors) > 0 || len(v.Actors) > 0 {
			c.routes(dir, QueryRoutes(q), query.of(&v.Node))
		}
		c.internal(dir).Declare("GET "+InternalQuery(q), query)
		c.internal(dir).Declare("POST "+InternalQuery(q), query)
	}
}

// column enters the column of a field of a note.
func (c *collector) column(of Owner, dir string, f *model.Field) {
	c.In(Column, dir+"/"+of.What).Declare(ColumnOf(f), owner("field", &f.Node))
}

// generationRoom is what a table is called besides, of a later version of a view and
// while it is rebuilt.
const generationRoom = "__v99__9999"

// platformTables are those that every service has.
var platformTables = []string{
	"platform_outbox", "platform_inbox", "platform_commands", "platform_intents", "platform_parked", "platform_views", "platform_leases",
	"platform_migrations", "platform_leftovers", serviceMigrations,
}

func (c *collector) tables(dir string) *Space { return c.In(Table, dir).Add(platformTables...) }

// internal are the routes that other services ask at.
func (c *collector) internal(dir string) *Space {
	return c.In(Route, dir+" internal").Add("GET /livez", "GET /readyz", "GET /metrics", "GET /internal/parked",
		"POST /internal/parked/replay", "POST /internal/parked/skip", "POST /views/{view}/rebuild")
}

// objects enters what goes with a service in a cluster.
func (c *collector) objects(x *model.Context, by Owner) {
	host := HostOf(c.sys, x)
	space := c.In(Object, "")
	hosts := c.In(Host, "")
	for _, s := range []*Space{space, hosts} {
		s.Declare(host, by.as("service"))
		s.Declare(Database(host), by.as("database"))
	}
	if c.sys.Deployment(x).Scale != nil {
		hosts.Room(kedaBeginning+host, by.as("scaling by KEDA"))
	}
	space.Declare(Files(host), by.as("volume"))
	space.Declare(BrokerAccess(host), by.as("access to the broker"))
	space.Declare(AsksStandins(host), by.as("way to the stand-ins"))
	c.In(Object, "broker").Declare(BrokerUser(c.sys, host), by.as("user at the broker"))
	c.In(Image, "").Declare(ImageOf(c.sys, host), by)
}

// kedaBeginning begins what KEDA calls the scaling of a service, in a label.
const kedaBeginning = "keda-hpa-"

// deployment enters what every system has.
func (c *collector) deployment() {
	space := c.In(Object, "").Add(slices.Sorted(maps.Keys(parts))...)
	for _, ending := range systemEndings {
		space.Add(c.sys.Name + ending)
	}
	c.In(Image, "").Add(ImageOf(c.sys, Gateway), ImageOf(c.sys, Standins))
	c.environment()
}

// serverVariables are what every program is told, and serviceVariables what
// every service is told besides.
var (
	serverVariables = []string{
		"HTTP_ADDR", "INTERNAL_ADDR", "LOG_LEVEL", "AUTH", "OIDC_ISSUER", "OIDC_AUDIENCE", "JWKS_URL", "ROLES_CLAIM",
		"OTEL_EXPORTER_OTLP_ENDPOINT", "SHUTDOWN_GRACE", "SHUTDOWN_DELAY", "MAX_IN_FLIGHT", "MAX_BODY_BYTES", "MAX_JSON_DEPTH",
		"REQUEST_TIMEOUT", "READ_HEADER_TIMEOUT", "READ_TIMEOUT", "IDLE_TIMEOUT",
	}
	serviceVariables = []string{
		"DATABASE_URL", "KAFKA_BROKERS", "KAFKA_SESSION_TIMEOUT", "KAFKA_USERNAME", "KAFKA_PASSWORD", "KAFKA_CA_FILE", "GRPC_ADDR", "FILES_DIR",
	}
	gatewayVariables = []string{"UPSTREAMS_FILE", "TRUSTED_PROXIES"}
)

// environment enters the variables of the services and of the gateway. What
// services are told of external systems is told to all of them, and the
// address of a service may be told to any other.
func (c *collector) environment() {
	services := c.In(Variable, Services).Add(serverVariables...).Add(serviceVariables...)
	gateway := c.In(Variable, Gateway).Add(serverVariables...).Add(gatewayVariables...)
	for _, x := range c.sys.Contexts {
		by, address := owner("context", &x.Node), ContextAddress(c.sys, x)
		services.Declare(address, by)
		gateway.Declare(address, by)
	}
	for _, x := range LegacySystems(c.sys) {
		gateway.Add(LegacyAddress(x.Name))
	}
	for _, x := range c.sys.Externals {
		services.Declare(ExternalAddress(c.sys, x), owner("external system", &x.Node))
	}
}
