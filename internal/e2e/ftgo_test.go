package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
)

const (
	ftgoModel         = "../../examples/ftgo/esgen.yaml"
	choreographyModel = "../../testdata/models/ftgo-choreography/esgen.yaml"
)

// TestFTGO has orders created, cancelled and revised by sagas over three
// contexts, and looks at what becomes of them from all sides.
func TestFTGO(t *testing.T) {
	onBoth(t, build(t, ftgoModel, nil), takeaway)
}

// takeaways are the services of a system that takes orders.
type takeaways struct {
	*system
	order, consumer, kitchen, accounting, restaurant, delivery, history *process
}

var (
	cook       = actor{"raj", "restaurateur"}
	accountant = actor{"ann", "accountant"}
)

// eater is a consumer.
func eater(id string) actor { return actor{id, "consumer"} }

// rider is a courier.
func rider(id string) actor { return actor{id, "courier"} }

const approves, declines = `{"reply": {"approved": true, "paymentId": "pi"}}`, `{"reply": {"approved": false, "paymentId": "pi"}}`

func takeaway(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	f := &takeaways{s, s.services["order"], s.services["consumer"], s.services["kitchen"], s.services["accounting"], s.services["restaurant"], s.services["delivery"], s.services["history"]}
	s.script(t, "Stripe.authorize", approves)
	f.restaurant.ask(t, cook, 201, "POST /restaurants", `{"restaurantId": "ajanta", "name": "Ajanta", "address": "1 High Street",
		"menu": [{"menuItemId": "m1", "name": "Vindaloo", "price": "12.50"}, {"menuItemId": "m2", "name": "Naan", "price": 3}]}`)
	for _, p := range []*process{f.order, f.kitchen} {
		p.becomes(t, actor{"x", "consumer,restaurateur"}, "GET /views/restaurants/ajanta", map[string]any{"name": "Ajanta"})
	}

	t.Run("created", func(t *testing.T) { f.created(t) })
	t.Run("refused", func(t *testing.T) { f.refused(t) })
	t.Run("cancelled", func(t *testing.T) { f.cancelled(t) })
	t.Run("revised", func(t *testing.T) { f.revised(t) })
	t.Run("delivered", func(t *testing.T) { f.delivered(t) })
	t.Run("history", func(t *testing.T) { f.lookedBack(t) })
	t.Run("away", func(t *testing.T) { f.away(t) })
	f.over(t)
	for _, p := range []*process{f.order, f.kitchen, f.accounting, f.delivery, f.history} { // the others hear nothing of the broker
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s has parked: %v", p.name, parked)
		}
	}
	t.Run("history that comes in disorder", func(t *testing.T) { f.disordered(t) })
	if parked := f.history.parked(t); len(parked) > 0 {
		t.Errorf("the history has parked: %v", parked)
	}
}

// disordered has news of three contexts come to the history as they never came: those of
// orders after all that followed from them, and mixed, each more than once. The others are stopped: they have told it
// already.
func (f *takeaways) disordered(t *testing.T) {
	for _, p := range []*process{f.order, f.kitchen, f.delivery, f.accounting, f.consumer, f.restaurant} {
		p.stop(t)
	}
	told := map[string][]*kgo.Record{}
	topics := []string{"ftgo.kitchen.ticket", "ftgo.delivery.delivery", "ftgo.order.order"}
	for _, topic := range topics {
		seen := map[string]bool{}
		for _, r := range f.records(t, topic) {
			if id := header(r, "ce_id"); string(r.Key) == "a1" && !seen[id] { // they were sent twice
				seen[id] = true
				told[topic] = append(told[topic], r)
			}
		}
		if len(told[topic]) == 0 {
			t.Fatalf("%s tells nothing of a1", topic)
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(f.brokers()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	random := rand.New(rand.NewPCG(testsample.Seed(t), 0))
	want := f.history.ask(t, eater("dee"), 200, "GET /views/order-history/a1", "").body
	for i := range 4 {
		id := fmt.Sprint("z", i)
		next := map[string]int{}
		for left := slices.Clone(topics); len(left) > 0; {
			at := 0 // of the first one: all of a topic, those of orders last
			if i > 0 {
				at = random.IntN(len(left))
			}
			topic := left[at]
			sent := told[topic][:next[topic]+1] // the next one, and perhaps once more some of before
			next[topic]++
			for _, r := range append(slices.Clone(sent[random.IntN(len(sent)):]), sent[random.IntN(len(sent))]) {
				if err := client.ProduceSync(t.Context(), retold(r, "a1", id)).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			f.handled(t, "ftgo.history", topic)
			if next[topic] == len(told[topic]) {
				left = slices.Delete(left, at, at+1)
			}
		}
		got := f.history.ask(t, eater("dee"), 200, "GET /views/order-history/"+id, "").body
		for name, value := range want {
			if name != "orderId" && name != "_links" && !reflect.DeepEqual(got[name], value) {
				t.Errorf("%s of %s is %v, and of a1 %v", name, id, got[name], value)
			}
		}
	}
}

// retold is a record of one instance as that of another.
func retold(r *kgo.Record, was, is string) *kgo.Record {
	replaced := func(data []byte) []byte { return bytes.ReplaceAll(data, []byte(`"`+was+`"`), []byte(`"`+is+`"`)) }
	out := &kgo.Record{Topic: r.Topic, Key: []byte(is), Value: replaced(r.Value)}
	for _, h := range r.Headers {
		switch h.Key {
		case "ce_subject":
			h.Value = []byte(is)
		case "ce_id":
			h.Value = []byte(is + "/" + string(h.Value))
		}
		out.Headers = append(out.Headers, h)
	}
	return out
}

// header is one of a record.
func header(r *kgo.Record, name string) string {
	for _, h := range r.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}

// TestChoreography has the same order come about without anybody who leads.
func TestChoreography(t *testing.T) {
	onBoth(t, build(t, choreographyModel, nil), func(t *testing.T, opts devrun.Options) {
		s := start(t, opts)
		order, consumer, kitchen := s.services["order"], s.services["consumer"], s.services["kitchen"]
		s.script(t, "Stripe.authorize", `{"reply": {"approved": true}}`)
		consumer.ask(t, eater("ada"), 201, "POST /consumers", `{"consumerId": "ada", "limit": 500}`)
		create := func(id, total, becomes string, ticket ...string) {
			t.Helper()
			order.ask(t, eater("ada"), 201, "POST /orders", fmt.Sprintf(`{"orderId": %q, "consumerId": "ada", "total": %q}`, id, total))
			order.becomes(t, eater("ada"), "GET /orders/"+id, map[string]any{"status": becomes, "version": 2})
			s.hears(t, "ftgo-choreography.kitchen.ticket", id, ticket...)
		}
		create("fine", "25", "APPROVED", "TicketCreationBegun", "TicketCreated")
		create("much", "501", "REJECTED")
		create("unlucky", "13", "REJECTED")
		s.script(t, "Stripe.authorize", `{"reply": {"approved": false}}`)
		create("poor", "25", "REJECTED", "TicketCreationBegun", "TicketCancelled")
		s.script(t, "Stripe.authorize", `{"reply": {"approved": true}}`)
		kitchen.stop(t)
		order.ask(t, eater("ada"), 201, "POST /orders", `{"orderId": "late", "consumerId": "ada", "total": 25}`)
		kitchen.start(t)
		order.becomes(t, eater("ada"), "GET /orders/late", map[string]any{"status": "APPROVED"})
	})
}

func (f *takeaways) created(t *testing.T) {
	f.registers(t, "ada")
	f.orders(t, "ada", "o1", 2, "APPROVED")
	f.kitchen.becomes(t, cook, "GET /views/tickets/o1", map[string]any{"status": "AWAITING_ACCEPTANCE", "consumerId": "ada"})
	f.accounting.becomes(t, eater("ada"), "GET /views/bills/o1", map[string]any{"amount": "25", "reversed": false})
	f.hears(t, "ftgo.order.order", "o1", "OrderCreated", "OrderApproved")
	f.hears(t, "ftgo.kitchen.ticket", "o1", "TicketCreationBegun", "TicketCreated")
	if calls := f.calls(t, "Stripe.authorize", "orderId", "o1"); len(calls) != 1 {
		t.Errorf("the card is asked %d times", len(calls))
	}
	eventually(t, "the mail", func() error {
		if mails := f.calls(t, "Ses.mail", "to", "ada"); len(mails) != 1 {
			return fmt.Errorf("%d mails", len(mails))
		}
		return nil
	})
	// everything about it in one answer; what is away is left out, what is not there is not
	f.delivery.becomes(t, eater("ada"), "GET /views/deliveries/o1", map[string]any{"status": "PENDING"})
	details := func(who actor, id string) answer {
		t.Helper()
		a, err := ask(t.Context(), http.MethodGet, f.URL()+"/orders/"+id, request{who: who})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	parts := func(a answer) []string {
		var out []string
		for _, part := range []string{"order", "ticket", "delivery", "bill"} {
			if _, ok := a.body[part].(map[string]any); ok {
				out = append(out, part)
			}
		}
		return out
	}
	if got := parts(details(eater("ada"), "o1")); len(got) != 4 {
		t.Errorf("together there are %v", got)
	}
	f.accounting.stop(t)
	f.kitchen.stop(t)
	if got := parts(details(eater("ada"), "o1")); !slices.Equal(got, []string{"order", "delivery"}) {
		t.Errorf("without kitchen and accounting there are %v", got)
	}
	f.kitchen.start(t)
	f.accounting.start(t)
	for id, who := range map[string]actor{"o0": eater("ada"), "o1": eater("bob")} {
		if a := details(who, id); a.status != http.StatusNotFound {
			t.Errorf("%s of %s: %d %s", id, who.id, a.status, a.text)
		}
	}
}

func (f *takeaways) refused(t *testing.T) {
	for _, x := range []struct {
		who   string
		by    func(t *testing.T)
		after func(t *testing.T)
		makes []string // of the ticket
	}{
		{"blocked", func(t *testing.T) {
			f.consumer.ask(t, accountant, 200, "POST /consumers/blocked/block-consumer", `{"blocked": true}`)
		}, nil, []string{}},
		{"closed", func(t *testing.T) {
			f.restaurant.ask(t, cook, 200, "POST /restaurants/ajanta/close-restaurant", "")
			f.kitchen.becomes(t, cook, "GET /views/restaurants/ajanta", map[string]any{"open": false})
		}, func(t *testing.T) {
			f.restaurant.ask(t, cook, 200, "POST /restaurants/ajanta/reopen-restaurant", "")
			f.kitchen.becomes(t, cook, "GET /views/restaurants/ajanta", map[string]any{"open": true})
		}, []string{}},
		{"declined", func(t *testing.T) { f.script(t, "Stripe.authorize", declines) },
			func(t *testing.T) { f.script(t, "Stripe.authorize", approves) }, []string{"TicketCreationBegun", "TicketCreationCancelled"}},
		{"disabled", func(t *testing.T) {
			f.accounting.ask(t, accountant, 200, "POST /accounts/disabled/disable-account", `{"disabled": true}`)
		}, nil, []string{"TicketCreationBegun", "TicketCreationCancelled"}},
	} {
		t.Run(x.who, func(t *testing.T) {
			f.registers(t, x.who)
			x.by(t)
			f.orders(t, x.who, "of-"+x.who, 2, "REJECTED")
			if x.after != nil {
				x.after(t)
			}
			f.hears(t, "ftgo.order.order", "of-"+x.who, "OrderCreated", "OrderRejected")
			f.hears(t, "ftgo.kitchen.ticket", "of-"+x.who, x.makes...)
			f.accounting.ask(t, eater(x.who), 404, "GET /views/bills/of-"+x.who, "")
			f.delivery.becomes(t, eater(x.who), "GET /views/deliveries/of-"+x.who, map[string]any{"status": "CANCELLED"})
		})
	}
	f.order.refused(t, eater("ada"), 422, "BelowMinimum", "POST /orders", `{"orderId": "cheap", "consumerId": "ada", "restaurantId": "ajanta", "ordered": [{"menuItemId": "m2", "quantity": 3}], "address": "x"}`)
	f.order.refused(t, eater("ada"), 422, "NotOnTheMenu", "POST /orders", `{"orderId": "odd", "consumerId": "ada", "restaurantId": "ajanta", "ordered": [{"menuItemId": "m3", "quantity": 3}], "address": "x"}`)
}

func (f *takeaways) cancelled(t *testing.T) {
	f.registers(t, "cy")
	f.orders(t, "cy", "c1", 2, "APPROVED")
	f.order.refused(t, eater("ada"), 403, "Forbidden", "POST /orders/c1/cancel-order", "")
	f.order.ask(t, eater("cy"), 200, "POST /orders/c1/cancel-order", "")
	f.becomesOrder(t, "cy", "c1", "CANCELLED")
	f.hears(t, "ftgo.order.order", "c1", "OrderCreated", "OrderApproved", "OrderCancelRequested", "OrderCancelled")
	f.hears(t, "ftgo.kitchen.ticket", "c1", "TicketCreationBegun", "TicketCreated", "TicketCancelBegun", "TicketCancelled")
	f.accounting.becomes(t, eater("cy"), "GET /views/bills/c1", map[string]any{"reversed": true})
	f.delivery.becomes(t, eater("cy"), "GET /views/deliveries/c1", map[string]any{"status": "CANCELLED"})
	f.order.refused(t, eater("cy"), 409, "OrderLocked", "POST /orders/c1/cancel-order", "")

	// undone, the ticket is what it was before
	f.orders(t, "cy", "c2", 2, "APPROVED")
	f.orders(t, "cy", "c3", 2, "APPROVED")
	f.accepts(t, "c3")
	f.accounting.ask(t, accountant, 200, "POST /accounts/cy/disable-account", `{"disabled": true}`)
	for id, status := range map[string]string{"c2": "AWAITING_ACCEPTANCE", "c3": "ACCEPTED"} {
		f.order.ask(t, eater("cy"), 200, "POST /orders/"+id+"/cancel-order", "")
		f.becomesOrder(t, "cy", id, "APPROVED")
		f.kitchen.becomes(t, cook, "GET /views/tickets/"+id, map[string]any{"status": status})
		events := f.events(t, "ftgo.kitchen.ticket")
		if got := kinds(events, id); !slices.Equal(got[len(got)-2:], []string{"TicketCancelBegun", "TicketCancelUndone"}) {
			t.Errorf("ticket %s: %v", id, got)
		}
		f.accounting.ask(t, eater("cy"), 200, "GET /views/bills/"+id, "").has(t, map[string]any{"reversed": false})
	}

	// dishes that are being prepared are not called off any more
	f.kitchen.ask(t, cook, 200, "POST /tickets/c3/start-preparing", "")
	f.order.ask(t, eater("cy"), 200, "POST /orders/c3/cancel-order", "")
	f.becomesOrder(t, "cy", "c3", "APPROVED")
	f.kitchen.becomes(t, cook, "GET /views/tickets/c3", map[string]any{"status": "PREPARING"})
}

func (f *takeaways) revised(t *testing.T) {
	f.registers(t, "rae")
	f.orders(t, "rae", "r1", 2, "APPROVED")
	const less = `{"ordered": [{"menuItemId": "m1", "quantity": 1}, {"menuItemId": "m2", "quantity": 2}]}`
	f.order.refused(t, eater("rae"), 422, "BelowMinimum", "POST /orders/r1/revise-order", `{"ordered": [{"menuItemId": "m2", "quantity": 3}]}`)
	f.script(t, "Stripe.authorize", declines)
	f.order.ask(t, eater("rae"), 200, "POST /orders/r1/revise-order", less)
	f.order.becomes(t, eater("rae"), "GET /orders/r1", map[string]any{"status": "APPROVED", "total": "25", "version": 4})
	f.kitchen.becomes(t, cook, "GET /views/tickets/r1", map[string]any{"status": "AWAITING_ACCEPTANCE"})
	f.script(t, "Stripe.authorize", `{"reply": {"approved": true, "paymentId": "second"}}`)
	f.order.ask(t, eater("rae"), 200, "POST /orders/r1/revise-order", less)
	f.script(t, "Stripe.authorize", `{"reply": {"approved": true, "paymentId": "second"}}`)
	f.order.becomes(t, eater("rae"), "GET /orders/r1", map[string]any{"status": "APPROVED", "total": "18.5", "version": 6})
	f.kitchen.becomes(t, cook, "GET /tickets/r1", map[string]any{"status": "AWAITING_ACCEPTANCE", "items": []map[string]any{
		{"menuItemId": "m1", "name": "Vindaloo", "price": "12.5", "quantity": 1}, {"menuItemId": "m2", "name": "Naan", "price": "3", "quantity": 2}}})
	f.accounting.becomes(t, eater("rae"), "GET /views/bills/r1", map[string]any{"amount": "18.5", "reversed": false})
	f.hears(t, "ftgo.kitchen.ticket", "r1", "TicketCreationBegun", "TicketCreated", "TicketRevisionBegun", "TicketRevisionUndone", "TicketRevisionBegun", "TicketRevised")
	f.script(t, "Stripe.authorize", approves)
}

// A courier who comes is given the first delivery, by its id, of those that wait.
func (f *takeaways) delivered(t *testing.T) {
	f.registers(t, "dee")
	for _, id := range []string{"a1", "a2"} {
		f.orders(t, "dee", id, 1, "APPROVED")
		f.delivery.becomes(t, rider("w"), "GET /views/deliveries/"+id, map[string]any{"status": "PENDING"})
	}
	f.kitchen.refused(t, cook, 422, "ReadyInThePast", "POST /tickets/a1/accept-ticket", `{"readyBy": "2020-01-01T00:00:00Z"}`)
	f.accepts(t, "a1")
	f.delivery.becomes(t, rider("w"), "GET /views/deliveries/a1", map[string]any{"status": "FAILED"})
	f.delivery.ask(t, rider("w1"), http.StatusCreated, "POST /couriers", `{"courierId": "w1", "available": true}`)
	f.delivery.becomes(t, rider("w"), "GET /views/couriers/w1", map[string]any{"available": true, "busy": true})
	eventually(t, "the message to the courier", func() error {
		if n := len(f.calls(t, "Twilio.message", "to", "w1")); n != 1 {
			return fmt.Errorf("%d messages", n)
		}
		return nil
	})
	f.accepts(t, "a2")
	f.delivery.becomes(t, rider("w"), "GET /views/deliveries/a2", map[string]any{"status": "FAILED"})
	f.delivery.refused(t, rider("w2"), 403, "Forbidden", "POST /deliveries/a1/deliver", "")
	for _, step := range []string{"start-preparing", "finish-preparing", "hand-over"} {
		f.kitchen.ask(t, cook, 200, "POST /tickets/a1/"+step, "")
	}
	f.delivery.ask(t, rider("w1"), 200, "POST /deliveries/a1/deliver", "")
	f.delivery.becomes(t, rider("w"), "GET /views/deliveries/a1", map[string]any{"status": "DELIVERED"})
	f.delivery.becomes(t, rider("w"), "GET /views/deliveries/a2", map[string]any{"status": "SCHEDULED", "courierId": "w1"})
	f.delivery.ask(t, rider("w1"), 200, "POST /deliveries/a2/give-up-delivery", `{"reason": "nobody at home"}`)
	f.delivery.becomes(t, rider("w"), "GET /views/deliveries/a2", map[string]any{"status": "FAILED", "courierId": absent})
	f.history.becomes(t, eater("dee"), "GET /views/order-history/a1", map[string]any{"ticket": "PICKED_UP", "delivery": "DELIVERED", "status": "APPROVED"})
}

func (f *takeaways) lookedBack(t *testing.T) {
	f.registers(t, "hal")
	var ids []any
	for i := range 5 {
		id := "h" + strconv.Itoa(i)
		f.orders(t, "hal", id, 1+i%2, "APPROVED")
		ids = slices.Insert(ids, 0, any(id))
	}
	const mine = "GET /views/order-history/queries/of-consumer?consumerId=hal"
	f.history.willList(t, eater("hal"), mine, "orderId", ids...)
	var paged []any
	for cursor, pages := "", 0; pages == 0 || cursor != "" && pages < 5; pages++ {
		page := f.history.ask(t, eater("hal"), 200, mine+"&limit=2&cursor="+cursor, "")
		paged = append(paged, page.items("orderId")...)
		cursor, _ = page.body["next"].(string)
	}
	if !reflect.DeepEqual(paged, ids) {
		t.Errorf("page by page: %v", paged)
	}
	f.order.ask(t, eater("hal"), 200, "POST /orders/h3/cancel-order", "")
	f.history.willList(t, eater("hal"), mine+"&status=CANCELLED", "orderId", "h3")
	f.history.lists(t, eater("hal"), mine+"&q=vindaloo", "orderId", ids...)
	f.history.lists(t, eater("hal"), mine+"&q=dosa", "orderId")
	f.history.lists(t, eater("hal"), mine+"&since="+time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "orderId")
	f.history.lists(t, eater("hal"), mine+"&since="+time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), "orderId", ids...)
	f.history.lists(t, eater("ada"), mine, "orderId")

	// all again, and the news of tickets before those of orders: it is the same
	before := f.history.ask(t, eater("hal"), 200, mine, "").items("status")
	for _, topic := range []string{"ftgo.kitchen.ticket", "ftgo.delivery.delivery", "ftgo.order.order"} {
		f.again(t, topic, "ftgo.history")
	}
	f.history.lists(t, eater("hal"), mine, "status", before...)
	f.history.ask(t, inside, 202, "POST /views/OrderHistory/rebuild", "")
	f.history.willList(t, eater("hal"), mine, "status", before...)
}

func (f *takeaways) away(t *testing.T) {
	f.registers(t, "kay")
	f.kitchen.stop(t)
	f.orders(t, "kay", "k1", 2, "APPROVAL_PENDING")
	f.order.refused(t, eater("kay"), 409, "OrderLocked", "POST /orders/k1/cancel-order", "")
	f.order.refused(t, eater("kay"), 409, "OrderLocked", "POST /orders/k1/revise-order", `{"ordered": [{"menuItemId": "m1", "quantity": 1}]}`)
	f.order.kill(t)
	f.kitchen.start(t)
	f.order.start(t)
	f.becomesOrder(t, "kay", "k1", "APPROVED")
	f.hears(t, "ftgo.kitchen.ticket", "k1", "TicketCreationBegun", "TicketCreated")
}

func (f *takeaways) registers(t *testing.T, id string) {
	t.Helper()
	f.consumer.ask(t, eater(id), 201, "POST /consumers", fmt.Sprintf(`{"consumerId": %q, "name": "N. N."}`, id))
	f.accounting.becomes(t, accountant, "GET /accounts/"+id, map[string]any{"disabled": false})
}

// orders orders so much of a dish, and waits for what becomes of it.
func (f *takeaways) orders(t *testing.T, who, id string, quantity int, becomes string) {
	t.Helper()
	f.order.ask(t, eater(who), 201, "POST /orders", fmt.Sprintf(`{"orderId": %q, "consumerId": %q, "restaurantId": "ajanta", "ordered": [{"menuItemId": "m1", "quantity": %d}], "address": "2 Low Street"}`, id, who, quantity))
	f.becomesOrder(t, who, id, becomes)
}

func (f *takeaways) becomesOrder(t *testing.T, who, id, status string) {
	t.Helper()
	f.order.becomes(t, eater(who), "GET /orders/"+id, map[string]any{"status": status})
}

func (f *takeaways) accepts(t *testing.T, id string) {
	t.Helper()
	f.kitchen.ask(t, cook, 200, "POST /tickets/"+id+"/accept-ticket", fmt.Sprintf(`{"readyBy": %q}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
}

// over waits until no saga goes on.
func (f *takeaways) over(t *testing.T) {
	t.Helper()
	eventually(t, "no sagas", func() error {
		a, err := f.order.try(t.Context(), request{who: inside, route: "GET /internal/sagas"})
		if list, ok := a.body["items"].([]any); err == nil && (!ok || len(list) > 0) {
			err = fmt.Errorf("%s", a.text)
		}
		return err
	})
}
