package live_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/aggregate"
	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/policy"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/standin"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/telemetry"
	"github.com/esgen/esgen/templates/chassis/timer"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/testkit/given"
	"github.com/esgen/esgen/templates/testkit/live"
)

// The service of these tests takes orders, tells a mailbox of them, and lets them
// expire after an hour. Of gifts the post is told before, and told otherwise when
// there is nothing to be given.

type order struct {
	ID      values.ID `json:"orderId"`
	Expired bool      `json:"expired"`
}

type orderEvent interface{ aggregate.Event }

type placed struct {
	ID values.ID `json:"orderId"`
}

type expired struct {
	ID values.ID `json:"orderId"`
}

func (placed) Event() values.Event {
	return values.Event{Type: "front.order.Placed", Version: 1, Topic: "shop.front.order"}
}

func (expired) Event() values.Event {
	return values.Event{Type: "front.order.Expired", Version: 1, Topic: "shop.front.order"}
}

type place struct {
	ID values.ID `json:"orderId"`
}

type expire struct {
	ID values.ID `json:"orderId"`
}

func (c place) Command() values.Command {
	return values.Command{Name: "Order.Place", Actors: []string{"customer"}, Mode: values.New, ID: c.ID, IDField: "orderId"}
}

func (c expire) Command() values.Command {
	return values.Command{Name: "Order.Expire", ID: c.ID, IDField: "orderId"}
}

func decode(name string, data []byte) (orderEvent, error) {
	if name == "Placed" {
		var e placed
		return e, json.Unmarshal(data, &e)
	}
	var e expired
	return e, json.Unmarshal(data, &e)
}

// shop is the service, where it runs, and what it is told.
type shop struct {
	t        *testing.T
	config   service.Config
	mail     string // URL of the mailbox
	post     string // URL of the post
	database string // URL; "": of its own
	wrong    bool   // it does what it should not
	stop     context.CancelFunc
	finished chan error
}

func (s *shop) start(now string) {
	s.t.Setenv("E2E_NOW", now)
	ctx, cancel := context.WithCancel(context.Background())
	s.stop, s.finished = cancel, make(chan error, 1)
	go func() { s.finished <- s.run(ctx) }()
	deadline := time.Now().Add(time.Minute)
	for {
		response, err := http.Get("http://" + s.config.InternalAddr + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			s.t.Fatal("the service is not ready")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (s *shop) run(ctx context.Context) error {
	tel, err := telemetry.Start(ctx, s.config.Telemetry("front"))
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, s.config.DatabaseURL)
	if err != nil {
		return err
	}
	orders := aggregate.NewRepository(db, aggregate.Spec[order, orderEvent]{
		Aggregate: "Order", Source: "/shop/front", Type: "front.order", Table: "order", Topic: "shop.front.order", Decode: decode,
		New: func(id values.ID) order { return order{ID: id} }, Calls: aggregate.Undoable{},
		Evolve: func(o order, e orderEvent, _ values.Meta) order {
			_, over := e.(expired)
			o.Expired = o.Expired || over
			return o
		},
	}, aggregate.Options{})
	mail, err := client.New("mail", s.mail, client.Policy{Breaker: client.Breaker{Open: time.Second}}, client.Options{})
	if err != nil {
		return err
	}
	post, err := client.New("post", s.post, client.Policy{Breaker: client.Breaker{Failures: 100, Of: 100}}, client.Options{})
	if err != nil {
		return err
	}
	announced := command.Call[placed, struct{}]{
		Name: "announced", Undo: "Post.cancel",
		Undoing: func(_ string, _ *struct{}) (values.ID, any) { return "", struct{}{} },
		Do: func(ctx context.Context, cause command.Cause, of placed) (struct{}, error) {
			return client.Command[struct{}](ctx, mail, "/send", of, cause)
		},
	}
	timers := timer.New(db, "/shop/front", "shop.front.timers")
	router := rest.NewRouter(s.config.Rest(tel.Log))
	rest.Command(router, rest.CommandRoute[place]{
		Pattern: "POST /orders", Internal: "/internal/commands/order/place",
		Do: func(ctx context.Context, req command.Request, in place) (command.Outcome, error) {
			return orders.Run(ctx, req.Of(in), func(ctx context.Context, d *command.Attempt[order]) ([]orderEvent, error) {
				if strings.HasPrefix(string(d.ID), "gift") {
					if _, err := command.Ask(ctx, d, announced, placed{d.ID}); err != nil {
						return nil, err
					}
					return nil, values.Reject(values.Rule, "NothingToGive", "there is nothing left")
				}
				if strings.HasPrefix(string(d.ID), "bad") && !s.wrong {
					return nil, values.Reject(values.Rule, "BadOrder", "this is none")
				}
				return []orderEvent{placed{d.ID}}, nil
			})
		},
	})
	over := func(ctx context.Context, req command.Request, in expire) (command.Outcome, error) {
		return orders.Run(ctx, req.Of(in), func(_ context.Context, d *command.Attempt[order]) ([]orderEvent, error) {
			return []orderEvent{expired{d.ID}}, nil
		})
	}
	return assembly.Run(ctx, assembly.Parts{
		Name: "front", Config: s.config, Telemetry: tel, DB: db, Router: router, Doors: given.OpenDoors, Prepare: []store.Preparer{orders, timers},
		Has: []assembly.Part{
			assembly.Hearing("shop.front", s.config, db, tel, func(c *kafka.Consumer) {
				timer.After(c, timers, "Expire", func(_ placed, meta values.Meta) time.Time { return meta.Time.Add(time.Hour) },
					func(ctx context.Context, e placed, m message.Envelope) error {
						return policy.Give(ctx, policy.Because{Policy: "Expire", Message: m, Log: tel.Log}, over, expire(e))
					})
				kafka.React(c, "Tell", func(ctx context.Context, e placed, m message.Envelope) error {
					_, err := client.Command[struct{}](ctx, mail, "/send", e, command.Cause{Key: string(m.ID)})
					return err
				})
			}),
			assembly.Timing(timers),
			assembly.Undoing(db, tel, map[string]func(context.Context, command.Intent) error{
				"Post.cancel": func(ctx context.Context, i command.Intent) error {
					_, err := client.Command[struct{}](ctx, post, "/cancel", placed{i.Instance}, command.Cause{Key: i.UndoKey()})
					return err
				},
			}),
		},
		Topics: []string{"shop.front.order", "shop.front.timers"}, Dependencies: []service.Dependency{mail, post},
	})
}

// Stop and Start make it a machine.
func (s *shop) Stop(context.Context, string) error {
	s.stop()
	return <-s.finished
}

func (s *shop) Start(_ context.Context, _ string, now time.Time) error {
	s.start(now.UTC().Format(time.RFC3339Nano))
	return nil
}

func free(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	socket, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	return socket.Addr().String()
}

// open starts the shop, with all that is around it.
func open(t *testing.T, s *shop, table live.Table) *live.Player {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "shop.front.order", "shop.front.timers"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	box, err := standin.New([]standin.Route{
		{External: "Mail", Operation: "send", Method: "POST", Path: "/send"},
		{External: "Post", Operation: "cancel", Method: "POST", Path: "/cancel"},
	}, standin.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	mailbox := httptest.NewServer(box)
	t.Cleanup(mailbox.Close)
	s.t, s.mail, s.post = t, mailbox.URL, mailbox.URL+"/Post"
	door := free(t)
	t.Setenv("E2E_ADDR", door)
	s.config, err = service.LoadFrom[service.Config](map[string]string{
		"DATABASE_URL": cmp.Or(s.database, "sqlite:"+filepath.Join(t.TempDir(), "shop.db")), "KAFKA_BROKERS": strings.Join(cluster.ListenAddrs(), ","), "AUTH": "dev",
		"HTTP_ADDR": free(t), "INTERNAL_ADDR": free(t), "LOG_LEVEL": "error",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.start("")
	t.Cleanup(func() {
		s.stop()
		if err := <-s.finished; err != nil {
			t.Error(err)
		}
	})
	to, err := url.Parse("http://" + s.config.HTTPAddr)
	if err != nil {
		t.Fatal(err)
	}
	gateway := httptest.NewServer(http.StripPrefix("/front", httputil.NewSingleHostReverseProxy(to)))
	t.Cleanup(gateway.Close)
	player, err := live.Open(t.Context(), live.System{
		Gateway: gateway.URL, Doors: map[string]string{"front": "http://" + door}, Standins: mailbox.URL, Brokers: cluster.ListenAddrs(), Machine: s,
	}, table)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(player.Close)
	return player
}

// story is a table of scenarios, as JSON has it.
func story(t *testing.T, scenarios ...string) live.Table {
	t.Helper()
	text := `{"services":[{"name":"front","topics":["shop.front.order"]}],"history":[
		{"type":"front.order.Placed","subject":"o1","sequence":1,"time":"2026-01-01T08:30:00Z","data":{"orderId":"o1"}},
		{"type":"front.order.Placed","subject":"old","sequence":1,"time":"2026-01-01T07:00:00Z","data":{"orderId":"old"}}],
		"scenarios":[` + strings.Join(scenarios, ",") + `]}`
	var table live.Table
	if err := json.Unmarshal([]byte(text), &table); err != nil {
		t.Fatal(err)
	}
	return table
}

const place1 = `"when":{"at":"3:1","does":"Place","service":"front","method":"POST","path":"/orders","body":{"orderId":"o1"},"subject":"kim","roles":["customer"],"events":"front.order.","instance":"orderId"}`

func scenario(name string, history string, steps ...string) string {
	return fmt.Sprintf(`{"name":%q,"at":"shop.yaml:1:1","begins":"2026-01-01T09:00:00Z","history":[%s],"steps":[{"at":"2:1",%s}]}`, name, history, strings.Join(steps, `},{"at":"2:1",`))
}

func holds(t *testing.T, s *shop, scenarios ...string) {
	t.Helper()
	table := story(t, scenarios...)
	player := open(t, s, table)
	for i := range table.Scenarios {
		failures, err := player.Play(t.Context(), &table.Scenarios[i])
		if err != nil || len(failures) > 0 {
			t.Errorf("%s: %v %+v", table.Scenarios[i].Name, err, failures)
		}
	}
}

func TestScenariosHold(t *testing.T) {
	testservers.OnBoth(t, func(t *testing.T, url string) { scenariosHold(t, &shop{database: url}) })
}

func scenariosHold(t *testing.T, s *shop) {
	t.Helper()
	const (
		happened = `"then":{"at":"4:1","happened":[{"at":"5:1","text":"Placed","event":"front.order.Placed","with":{"orderId":"o1"}}]}`
		told     = `{"at":"6:1","text":"Mail.send","called":"Mail send","with":{"orderId":"o1"},"times":1}`
		never    = `{"at":"6:1","text":"Expired","event":"front.order.Expired","times":0}`
		over     = `{"at":"6:1","text":"Expired","event":"front.order.Expired","with":{"orderId":"o1"},"times":1}`
		state    = `{"at":"6:1","text":"Order","state":"front Order","with":{"orderId":"o1","expired":true},"times":1}`
		hour     = int64(time.Hour)
	)
	bad := strings.Replace(place1, `"orderId":"o1"`, `"orderId":"bad1"`, 1)
	gift := strings.Replace(place1, `"orderId":"o1"`, `"orderId":"gift1"`, 1) + `,"then":{"at":"4:1","rejected":"NothingToGive"}`
	cancelled := func(times int) string {
		return fmt.Sprintf(`{"at":"6:1","text":"Post.cancel","called":"Post cancel","times":%d}`, times)
	}
	holds(t, s,
		scenario("what is in vain is undone", "", gift+`,"eventually":[`+cancelled(1)+`]`),
		scenario("who is away is told of it when he is back", "", `"faults":[{"external":"Post"}],`+gift+`,"eventually":[`+cancelled(0)+`]`, fmt.Sprintf(`"advance":%d`, hour),
			`"recover":[{"external":"Post","up":true}],"eventually":[`+cancelled(1)+`]`),
		scenario("what could not be undone is, before another story", "", `"faults":[{"external":"Post"}],`+gift+`,"eventually":[`+cancelled(0)+`]`),
		scenario("which hears nothing of it", "", `"eventually":[`+cancelled(0)+`]`, `"eventually":[`+cancelled(0)+`]`),
		scenario("placed, told, expired", "", place1+`,`+happened+`,"eventually":[`+told+`,`+never+`]`, fmt.Sprintf(`"advance":%d,"eventually":[%s]`, hour-1, never), `"advance":1,"eventually":[`+over+`,`+state+`]`),
		scenario("the same again", "", place1+`,`+happened+`,"eventually":[`+told+`]`),
		scenario("there already", "0", place1+`,"then":{"at":"4:1","rejected":"AlreadyExists"}`),
		scenario("a rule says no", "", bad+`,"then":{"at":"4:1","rejected":"BadOrder"}`),
		scenario("history waits as well", "0,1", fmt.Sprintf(`"advance":%d,"eventually":[%s]`, hour/2-1, never), `"advance":1,"eventually":[`+over+`,{"at":"6:1","text":"Expired","event":"front.order.Expired","times":1}]`),
		scenario("who is away hears of it later", "", `"faults":[{"external":"Mail"}],`+place1+`,`+happened+`,"eventually":[{"at":"6:1","text":"Mail.send","called":"Mail send","times":0}]`,
			`"recover":[{"external":"Mail","up":true}],"eventually":[`+told+`]`),
		scenario("a night in which nothing ran", "0", fmt.Sprintf(`"faults":[{"service":"front"}],"advance":%d,"eventually":[%s,{"at":"6:1","text":"Order","state":"front Order","with":{"expired":false},"times":1}]`, 5*hour, never),
			`"recover":[{"service":"front","up":true}],"eventually":[`+over+`,`+state+`]`),
		scenario("and nothing is left of it", "", `"eventually":[`+never+`,{"at":"6:1","text":"Order","state":"front Order","times":0}]`),
	)
}

// What does not hold is told with the place, what was expected and what came.
func TestScenariosFail(t *testing.T) {
	bad := strings.Replace(place1, `"orderId":"o1"`, `"orderId":"bad1"`, 1)
	table := story(t,
		scenario("a rule is gone", "", bad+`,"then":{"at":"4:1","rejected":"BadOrder"}`),
		scenario("another event", "", place1+`,"then":{"at":"4:1","happened":[]}`),
		scenario("nothing of the kind", "", place1+`,"eventually":[{"at":"6:1","text":"Order {orderId: o2}","state":"front Order","with":{"orderId":"o2"}}]`),
		scenario("not told", "", `"faults":[{"external":"Mail"}],`+place1, `"recover":[{"external":"Mail","up":true}],"eventually":[{"at":"6:1","text":"Mail.send never","called":"Mail send","times":0}]`),
	)
	player := open(t, &shop{wrong: true}, table)
	want := []live.Failure{
		{At: live.Place{File: "shop.yaml", Line: 4, Column: 1}, Message: "Place was not rejected", Expected: "rejected: BadOrder", Actual: "Placed {orderId: bad1}", Chain: "event front.order.Placed {orderId: bad1}\ncall Mail.send {orderId: bad1}\n"},
		{At: live.Place{File: "shop.yaml", Line: 4, Column: 1}, Message: "other events happened", Expected: "no events", Actual: "Placed {orderId: o1}", Chain: "event front.order.Placed {orderId: o1}\ncall Mail.send {orderId: o1}\n"},
		{At: live.Place{File: "shop.yaml", Line: 6, Column: 1}, Message: "there is no such Order", Expected: "Order {orderId: o2}", Actual: "{orderId: o1, expired: false}", Chain: "event front.order.Placed {orderId: o1}\ncall Mail.send {orderId: o1}\n"},
		{At: live.Place{File: "shop.yaml", Line: 6, Column: 1}, Message: "Mail.send was called so once", Expected: "Mail.send never", Actual: "{orderId: o1}", Chain: "call Mail.send {orderId: o1}\n"},
	}
	for i := range table.Scenarios {
		failures, err := player.Play(t.Context(), &table.Scenarios[i])
		if err != nil || len(failures) != 1 || failures[0] != want[i] {
			t.Errorf("%s: %v\n%+v, want\n%+v", table.Scenarios[i].Name, err, failures, want[i])
		}
	}
}

// A table of another system cannot be played, and that is said.
func TestNoSystem(t *testing.T) {
	player := open(t, &shop{}, story(t))
	player.Doors["pay"] = "http://" + free(t)
	s := story(t, scenario("none", "", place1)).Scenarios[0]
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := player.Play(ctx, &s); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Error("it is played:", err)
	}
}
