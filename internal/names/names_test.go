package names

import (
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/model"
)

// TestOf spells names of the wall in every way.
func TestOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		node         model.Node
		want         Name
		plural, many string
	}{
		{
			model.Node{Name: "PlaceOrder"},
			Name{Go: "PlaceOrder", Local: "placeOrder", JSON: "PlaceOrder", Snake: "place_order", Kebab: "place-order", Env: "PLACE_ORDER"},
			"place-orders", "PlaceOrders",
		},
		{
			model.Node{Name: "customerId"},
			Name{Go: "CustomerID", Local: "customerID", JSON: "customerId", Snake: "customer_id", Kebab: "customer-id", Env: "CUSTOMER_ID"},
			"customer-ids", "CustomerIDs",
		},
		{
			model.Node{Name: "HTTPServerURL"},
			Name{Go: "HTTPServerURL", Local: "httpServerURL", JSON: "HTTPServerURL", Snake: "http_server_url", Kebab: "http-server-url", Env: "HTTP_SERVER_URL"},
			"http-server-urls", "HTTPServerURLs",
		},
		{
			model.Node{Name: "KakaoTalk2_id"},
			Name{Go: "KakaoTalk2ID", Local: "kakaoTalk2ID", JSON: "KakaoTalk2_id", Snake: "kakao_talk2_id", Kebab: "kakao-talk2-id", Env: "KAKAO_TALK2_ID"},
			"kakao-talk2-ids", "KakaoTalk2IDs",
		},
		{
			model.Node{Name: "food-delivery"},
			Name{Go: "FoodDelivery", Local: "foodDelivery", JSON: "foodDelivery", Snake: "food_delivery", Kebab: "food-delivery", Env: "FOOD_DELIVERY"},
			"food-deliveries", "FoodDeliveries",
		},
		{
			model.Node{Name: "주문"},
			Name{Go: "Jumun", Local: "jumun", JSON: "jumun", Snake: "jumun", Kebab: "jumun", Env: "JUMUN"},
			"jumuns", "Jumuns",
		},
		{
			model.Node{Name: "주문_취소됨", Code: "OrderCancelled"},
			Name{Go: "OrderCancelled", Local: "orderCancelled", JSON: "OrderCancelled", Snake: "order_cancelled", Kebab: "order-cancelled", Env: "ORDER_CANCELLED"},
			"order-cancelleds", "OrderCancelleds",
		},
		{
			model.Node{Name: "Übersicht"},
			Name{Go: "Ubersicht", Local: "ubersicht", JSON: "ubersicht", Snake: "ubersicht", Kebab: "ubersicht", Env: "UBERSICHT"},
			"ubersichts", "Ubersichts",
		},
		{
			model.Node{Name: "注文"},
			Name{Go: "ZhuWen", Local: "zhuWen", JSON: "zhuWen", Snake: "zhu_wen", Kebab: "zhu-wen", Env: "ZHU_WEN"},
			"zhu-wens", "ZhuWens",
		},
		{
			model.Node{Name: "2층"},
			Name{Go: "N2ceung", Local: "n2ceung", JSON: "n2ceung", Snake: "n2ceung", Kebab: "n2ceung", Env: "N2CEUNG"},
			"n2ceungs", "N2ceungs",
		},
		{
			model.Node{Name: "…"},
			Name{Go: "X", Local: "x", JSON: "x", Snake: "x", Kebab: "x", Env: "X"},
			"xes", "Xes",
		},
		{
			model.Node{Name: "Person"},
			Name{Go: "Person", Local: "person", JSON: "Person", Snake: "person", Kebab: "person", Env: "PERSON"},
			"people", "People",
		},
	} {
		got := Of(&c.node)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.node.Name, diff)
		}
		if got.Plural().Kebab != c.plural || got.Plural().Go != c.many {
			t.Errorf("%s: %s and %s, want %s and %s", c.node.Name, got.Plural().Kebab, got.Plural().Go, c.plural, c.many)
		}
	}
}

// TestLocal keeps variables off keywords and off what generated code imports.
func TestLocal(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Type": "typeValue", "Range": "rangeValue", "Order": "order", "Context": "contextValue", "Err": "errValue", "Values": "valuesValue",
		"Len": "lenValue", "orderType": "orderType",
	} {
		if got := OfText(name).Local; got != want {
			t.Errorf("%s is the variable %s, want %s", name, got, want)
		}
	}
	for keyword := range goKeywords {
		if got := OfText(keyword).Local; token.IsKeyword(got) {
			t.Errorf("%s is the variable %s, a keyword", keyword, got)
		}
	}
}

func TestPackage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ node, code, want string }{
		{"Order", "", "order"}, {"OrderItem", "", "orderitem"}, {"주문", "", "jumun"}, {"주문", "Order", "order"}, {"Type", "", "typeaggregate"},
		{"Message", "", "messageaggregate"}, {"HTTP", "", "httpaggregate"}, {"Policy", "", "policyaggregate"},
	} {
		if got := Package(&model.Node{Name: c.node, Code: c.code}, "aggregate"); got != c.want {
			t.Errorf("%s is package %s, want %s", c.node, got, c.want)
		}
	}
}

// TestUnique hands each name out once.
func TestUnique(t *testing.T) {
	t.Parallel()
	u := Unique{"State": true}
	var got []string
	for range 4 {
		got = append(got, u.Take("State", "Type"))
	}
	got = append(got, u.Take("Order", "Type"))
	if diff := cmp.Diff([]string{"StateType", "StateType2", "StateType3", "StateType4", "Order"}, got); diff != "" {
		t.Error(diff)
	}
}

var (
	label      = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	identifier = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
)

// FuzzOf makes sure that every name of the wall has spellings that the places
// they stand in accept.
func FuzzOf(f *testing.F) {
	for _, name := range []string{"PlaceOrder", "주문_취소", "Straße", "2층", "…", "order-id", "ÀÉÎ", "__", "a1B2", "IDs", "URLs2", "日本語テスト", "Ⅷ"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		n := OfText(name)
		if !label.MatchString(n.Kebab) || n.Snake != strings.ReplaceAll(n.Kebab, "-", "_") || n.Env != strings.ToUpper(n.Snake) {
			t.Errorf("%q: kebab %q, snake %q, env %q", name, n.Kebab, n.Snake, n.Env)
		}
		if !identifier.MatchString(n.Go) || !identifier.MatchString(n.Plural().Go) {
			t.Errorf("%q: Go %q, %q", name, n.Go, n.Plural().Go)
		}
		if !token.IsIdentifier(n.Local) || token.IsExported(n.Local) {
			t.Errorf("%q: Go variable %q", name, n.Local)
		}
		if again := OfText(n.Kebab); again.Kebab != n.Kebab || again.Go != n.Go {
			t.Errorf("%q: %q and %q, but %q and %q when spelled again", name, n.Kebab, n.Go, again.Kebab, again.Go)
		}
	})
}

// BenchmarkOf spells an ordinary name: plans do it for every mention of a field.
func BenchmarkOf(b *testing.B) {
	n := &model.Node{Name: "deliveryAddressId"}
	b.ReportAllocs()
	for b.Loop() {
		Of(n)
	}
}
