package externals

import (
	"context"

	"example.com/bindery/platform/values"
)

var _ TanneryQuoteFunc = AskTanneryQuote

// AskTanneryQuote knows the prices of the tannery by heart.
func AskTanneryQuote(_ context.Context, _ string, ask TanneryQuoteRequest, _ string) (TanneryQuoteReply, error) {
	if ask.Pages > 1000 {
		return TanneryQuoteReply{}, values.Reject(values.Rule, "NoHide", "no hide is so large")
	}
	price, err := values.ParseDecimal("0.05")
	return TanneryQuoteReply{Price: price.Mul(values.Int(ask.Pages))}, err
}
