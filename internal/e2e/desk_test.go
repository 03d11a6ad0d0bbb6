package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testbrowser"
)

// TestDesk takes an order to its delivery on the running system, by the page alone,
// sees it all happen, and has a parked message handled again.
func TestDesk(t *testing.T) {
	tab := testbrowser.Open(t)
	f := buildFood(t).runWith(t, platforms[0], func(o *devrun.Options) { o.Traces = "http://localhost:16686/trace/{id}" })
	refusesStrangers(t, f.Desk())
	tab.Go(f.Desk())
	as := func(actor, subject string) {
		tab.Press("#tab-act")
		tab.Write("#who", actor)
		tab.Write("#subject", subject)
		tab.Until(fmt.Sprintf("desk.who.actor === %q && desk.who.subject === %q", actor, subject))
	}
	fill := func(command string, says ...string) {
		t.Helper()
		tab.Press(fmt.Sprintf("[data-command=%q]", command))
		for i := 0; i < len(says); i += 2 {
			in, field := "form.give", says[i]
			if item, is := strings.CutPrefix(field, "item."); is {
				in, field = "form.give .item", item
			}
			tab.Write(fmt.Sprintf("%s [data-field=%q]", in, field), says[i+1])
		}
	}
	give := func(command string, says ...string) {
		t.Helper()
		fill(command, says...)
		tab.Press("form.give .main")
		tab.Until("!document.querySelector('form.give')")
	}
	happens := func(event string) {
		t.Helper()
		tab.Until(fmt.Sprintf("desk.events.some(e => e.type.endsWith(%q))", event))
	}
	order := func(id string) {
		as("Customer", "hong")
		give("PlaceOrder", "orderId", id, "customerId", "hong", "restaurantId", "r1", "item.menuId", "tuna", "item.quantity", "2", "item.price", "4500", "address", "서울시 중구 1", "cardNumber", "5500123412341234")
	}
	status := func(id, says string) {
		t.Helper()
		as("Customer", "hong")
		tab.Press("#tab-views")
		tab.Until(fmt.Sprintf(`[...document.querySelectorAll("#panel-views tr")].some(r => r.innerText.includes(%q) && r.innerText.includes(%q))`, id, says))
	}
	tab.Until(`document.querySelector("[data-command=PlaceOrder]")`)
	as("Owner", "kang")
	give("RegisterRestaurant", "restaurantId", "r1", "name", "김밥천국", "item.menuId", "tuna", "item.name", "참치김밥", "item.price", "4500")
	as("Customer", "hong")
	tab.Press("#tab-views")
	tab.Until(`document.querySelector("#panel-views").innerText.includes("김밥천국")`)
	tab.Press("[data-query=openNow]")
	tab.Write("form.ask [data-field=search]", "없는집")
	tab.Press("form.ask .main")
	tab.Until(`document.querySelector("#rows").innerText.includes("No row")`)
	tab.Write("form.ask [data-field=search]", "김밥")
	tab.Press("form.ask .main")
	tab.Until(`document.querySelector("#rows table")?.innerText.includes("김밥천국")`)
	tab.Keep("desk-query")
	order("o1")
	happens("OrderReceived")
	tab.Until(`desk.events.some(e => /^[0-9a-f]{32}$/.test(e.trace))`)
	tab.Until(`document.querySelector("#panel-events a[href^='http://localhost:16686/trace/']")`)
	tab.Until(`document.getElementById("event:store/Ticket/OrderReceived").classList.contains("lit")`)
	// What is refused is told in words, beside the field that it is about.
	as("Customer", "hong")
	fill("PlaceOrder", "orderId", "o9", "customerId", "hong", "restaurantId", "r1", "item.menuId", "tuna", "item.quantity", "2", "item.price", "4500", "cardNumber", "5500123412341234")
	tab.Press("form.give .main")
	tab.Until(`document.querySelector("#answer .bad")?.textContent.includes("refused") && document.querySelector("#answer ul li")`)
	tab.Until(`document.querySelector("form.give [data-field=address][aria-invalid=true]")`)
	tab.Accessible()
	tab.Keep("desk-refused")
	tab.Press("form.give .row button[type=button]")
	for _, panel := range []string{"act", "events", "views", "system"} {
		tab.Press("#tab-" + panel)
		tab.Looks("desk-" + panel)
	}
	as("Owner", "kang")
	for _, command := range []string{"Accept", "StartCooking", "FinishCooking"} {
		give(command, "orderId", "o1")
	}
	happens("CookingFinished")
	as("Rider", "rider-1")
	give("PickUp", "orderId", "o1")
	give("Deliver", "orderId", "o1")
	status("o1", "Delivered")
	tab.Press("#tab-calls")
	tab.Until(`document.querySelector("#panel-calls").innerText.includes("KakaoTalk")`)

	// What is heard of an order that is not there is parked; when it is there, it is handled.
	f.again(t, ticketTopic, "OrderAccepted", "o1", "o2")
	tab.Press("#tab-parked")
	tab.Until(`document.querySelector("[data-replay]")`)
	tab.Accessible()
	tab.Keep("desk-parked")
	order("o2")
	status("o2", "Placed")
	tab.Press("#tab-parked")
	deadline := time.Now().Add(foodPatience)
	for testbrowser.Eval[bool](tab, `Boolean(document.querySelector("[data-replay]"))`) {
		if time.Now().After(deadline) {
			t.Fatal("it is still parked")
		}
		testbrowser.Eval[bool](tab, `(document.querySelector("[data-replay]")?.click(), true)`)
		time.Sleep(100 * time.Millisecond) // between two looks
	}
	status("o2", "Accepted")
}

// again tells once more what was told of one instance, as of another one.
func (f *food) again(t *testing.T, topic, event, from, to string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), foodPatience)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(f.kafka...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for ctx.Err() == nil {
		for _, r := range client.PollFetches(ctx).Records() {
			i := slices.IndexFunc(r.Headers, func(h kgo.RecordHeader) bool {
				return h.Key == "ce_type" && strings.HasSuffix(string(h.Value), "."+event)
			})
			if i < 0 || string(r.Key) != from {
				continue
			}
			copied := &kgo.Record{Topic: topic, Key: []byte(to), Value: bytes.ReplaceAll(r.Value, []byte(`"`+from+`"`), []byte(`"`+to+`"`))}
			for _, h := range r.Headers {
				switch {
				case h.Key == "ce_id":
					h.Value = []byte(uuid.NewString())
				case string(h.Value) == from:
					h.Value = []byte(to)
				}
				copied.Headers = append(copied.Headers, h)
			}
			if err := client.ProduceSync(ctx, copied).FirstErr(); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("no %s of %s", event, from)
}

// refusesStrangers: nobody but the page itself drives the desk.
func refusesStrangers(t *testing.T, desk string) {
	t.Helper()
	for _, header := range []map[string]string{{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}} {
		for _, path := range []string{"/ask/do", "/ask/replay", "/ask/model"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, desk+path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			for k, v := range header {
				r.Header.Set(k, v)
			}
			r.Host = header["Host"]
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %v: %d", path, header, answer.StatusCode)
			}
		}
	}
}
