package check

import "testing"

func TestHasHappened(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"OrderPlaced": true, "BookLent": true, "MoneyWithdrawn": true, "Overpaid": true, "StockRebuilt": true,
		"PaidByCard": true, "DeliveryReady": true, "OutOfStock": false, "PlaceOrder": false, "NewsFeed": false,
		"Payment": false, "Bed": false, "InvoiceSent": true, "SeatTaken": true, "CustomerMoved": true, "SeedsNeed": false,
	} {
		if got := hasHappened(wordsOf(name)); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
	for name, want := range map[string]bool{
		"주문됨": true, "결제취소함": true, "주문했음": true, "주문했다": true, "주문되었습니다": true, "배달완료": true, "재고가부족해짐": true,
		"쿠폰발행됨2": true, "주문": false, "주문하다": false, "배달시작": false, "결제요청": false, "가": false,
	} {
		if got := isKoreanPast(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestTechnical(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ButtonClicked": "a screen", "PopupShown": "a screen", "ScreenReserved": "", "TableReserved": "", "ServerAssigned": "", "TabOpened": "",
		"CatalogueSearched": "a question", "RowPersisted": "a machine", "DatabaseUpdated": "a machine", "OrderPlaced": "",
		"버튼클릭됨": "a screen", "주문조회됨": "a question", "데이터베이스갱신됨": "a machine", "주문됨": "", "注文された": "",
	} {
		if got := technical(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// The first word of a command decides; what is written alike in both tenses is a
// verb there.
func TestCommandsAreNoEvents(t *testing.T) {
	t.Parallel()
	for name, done := range map[string]bool{
		"Put": false, "Set": false, "Cut": false, "Read": false, "Split": false, "Hit": false, "Let": false, "Quit": false, "Reset": false, "Offset": false,
		"Forecast": false, "AddForecast": false, "Broadcast": false, "BroadcastNews": false, "ReviewBid": false, "PlaceBid": false, "PutItem": false,
		"SplitShipment": false, "ReadMeter": false, "SpreadCost": false, "OutputReport": false, "OverrunBudget": false, "RecastVote": false, "BidOnLot": false,
		"MarkPaid": false, "CancelRejected": false, "SetPriceAgreed": false, "FoundCompany": false, "GrindCoffee": false, "FeedAnimals": false, "ShredFile": false,
		"ProceedToGate": false, "EmbedWidget": false, "PlaceOrder": false, "CloseBid": false, "RunReport": false, "Input": false, "LayTable": false,
		"OrderPlaced": true, "Paid": true, "PaidInvoice": true, "PlacedOrder": true, "InvoiceSent": true, "LoanOverdrawn": true, "Rebuilt": true,
		"SeatTaken": true, "Sold": true, "GoodsWithdrawn": true, "PaymentResent": false,
	} {
		if got := isDone(wordsOf(name)); got != done {
			t.Errorf("%s: %t", name, got)
		}
	}
	for name, want := range map[string]bool{"BidPlaced": true, "PriceCut": true, "DemandForecast": true, "MeterRead": true, "JobRun": true, "FileShred": false, "PriceSet": true} {
		if got := hasHappened(wordsOf(name)); got != want {
			t.Errorf("event %s: %t", name, got)
		}
	}
}
