package testbrowser

import (
	"fmt"
	"strings"

	"github.com/chromedp/chromedp/kb"
)

// The page on which a model is played, whoever answers for it.

// As makes the player somebody.
func (b *Tab) As(actor, subject string) {
	b.t.Helper()
	b.Press("#tab-play")
	b.Write("#who", actor)
	b.Until(fmt.Sprintf(`document.querySelector("#subject") && game.who.actor === %q`, actor))
	b.Write("#subject", subject)
	b.Until(fmt.Sprintf(`game.who.subject === %q`, subject))
}

// Give gives a command with what is said of its fields, each behind its name ("item."
// before that of a field of the first item of a list), and waits for what comes of it.
func (b *Tab) Give(command string, says ...string) {
	b.t.Helper()
	b.Press(fmt.Sprintf(`[data-command=%q]`, command))
	for i := 0; i < len(says); i += 2 {
		in, field := "form.give", says[i]
		if item, is := strings.CutPrefix(field, "item."); is {
			in, field = "form.give .item", item
		}
		b.Write(fmt.Sprintf(`%s [data-field=%q]`, in, field), says[i+1])
	}
	n := Eval[int](b, "game.state.steps.length")
	b.Press("form.give .main")
	b.Until(fmt.Sprintf("game.state.steps.length === %d", n+1))
	b.Until("!document.querySelector('form.give')")
}

// Delivered is true of the page of food delivery when an order is delivered.
const Delivered = `game.state.views.find(v => v.name === "OrderStatus").rows.some(r => r.includes("Delivered"))`

// PlayDelivery plays food delivery from a restaurant's first day to the delivery of an
// order, and takes the last step back and again.
func (b *Tab) PlayDelivery() {
	b.t.Helper()
	b.As("Owner", "kang")
	b.Give("RegisterRestaurant", "restaurantId", "r1", "name", "김밥천국", "item.menuId", "tuna", "item.name", "참치김밥", "item.price", "4500")
	b.As("Customer", "hong")
	b.Give("PlaceOrder", "orderId", "o1", "customerId", "hong", "restaurantId", "r1", "menuId", "tuna", "quantity", "2", "price", "4500", "address", "서울시 중구 1", "cardNumber", "5500123412341234")
	for _, id := range []string{"command:front/Order/PlaceOrder", "event:front/Order/OrderPlaced", "policy:store/ReceiveOrder", "view:front/OrderStatus"} {
		b.Until(fmt.Sprintf(`document.getElementById(%q).classList.contains("lit")`, id))
	}
	b.Press("#tab-story")
	b.Until(`document.querySelector(".story").innerText.includes("PaymentApproved")`)
	b.Accessible()
	b.As("Owner", "kang")
	for _, command := range []string{"Accept", "StartCooking", "FinishCooking"} {
		b.Give(command, "orderId", "o1")
	}
	b.As("Rider", "rider-1")
	b.Give("PickUp", "orderId", "o1")
	b.Give("Deliver", "orderId", "o1")
	b.Until(Delivered)
	b.Press("#back")
	b.Until("!(" + Delivered + ")")
	b.Give("Deliver", "orderId", "o1")
	b.Until(Delivered)
}

// TabTo presses the tabulator until something has the focus.
func (b *Tab) TabTo(selector string) {
	b.t.Helper()
	for range 120 {
		b.Keys(kb.Tab)
		if Eval[bool](b, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
	}
	b.t.Fatalf("%s cannot be reached by the keyboard", selector)
}

// Looks looks at the page at the width of a laptop and of a phone, light and dark: nothing
// serious may be wrong with it, and it may be no wider than the window. Pictures are kept.
func (b *Tab) Looks(name string) {
	b.t.Helper()
	for _, size := range []struct {
		name  string
		w, h  int64
		theme bool
	}{{"laptop-light", 1366, 768, false}, {"laptop-dark", 1366, 768, true}, {"phone-light", 390, 844, false}, {"phone-dark", 390, 844, true}} {
		b.Size(size.w, size.h)
		b.Dark(size.theme)
		b.Accessible()
		b.Keep(name + "-" + size.name)
		if over := Eval[float64](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
			b.t.Errorf("%s %s: the page is %v pixels wider than the window", name, size.name, over)
		}
	}
	b.Size(1366, 768)
	b.Dark(false)
}
