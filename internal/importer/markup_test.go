package importer

import "testing"

func TestUntagged(t *testing.T) {
	for markup, want := range map[string]string{
		"<p>Place<br/>order</p>":                "Place order",
		"Or<b>der</b> placed":                   "Order placed",
		"<div>주문</div><div>완료</div>":            "주문 완료",
		"5 &lt; 6 &amp; more":                   "5 < 6 & more",
		"Stock < 5 & empty":                     "Stock < 5 & empty",
		"if a<b then":                           "if a<b then",
		"&nbsp;<span style=\"a:b\">Paid</span>": "Paid",
		"<script>x</script>Sent":                "x Sent",
	} {
		if got := plain(untagged(markup)); got != want {
			t.Errorf("%s: %q, not %q", markup, got, want)
		}
	}
}
