package externals

import (
	"context"

	"example.com/bindery/platform/values"
)

var _ TanneryQuoteFunc = AskTanneryQuote // has the compiler hold it against the model

// AskTanneryQuote asks Tannery.quote. This file is yours: what you write stays, and what changes
// around it is merged.
//
// The url is where the service is told that it is; what is asked again under one key is to have one
// effect. A no of the other one is values.Reject(values.Rule, code, message), any other error is trouble:
// the time, the tries and the breaker are taken care of.
func AskTanneryQuote(
	ctx context.Context, url string, ask TanneryQuoteRequest, key string,
) (
	TanneryQuoteReply, error,
) {
	if ask.Pages > 1000 {
		return TanneryQuoteReply{}, values.Reject(values.Rule, "NoHide", "no hide is so large")
	}
	price, err := values.ParseDecimal("0.05")
	return TanneryQuoteReply{Price: price.Mul(values.Int(ask.Pages))}, err
}
