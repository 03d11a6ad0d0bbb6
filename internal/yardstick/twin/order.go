package main

import (
	"errors"
	"time"

	"github.com/shopspring/decimal"
)

// item is a line of an order.
type item struct {
	SKU      string          `json:"sku"`
	Price    decimal.Decimal `json:"price"`
	Quantity int64           `json:"quantity"`
}

type status string

const (
	placed    status = "Placed"
	cancelled status = "Cancelled"
)

// order is the state of the aggregate.
type order struct {
	OrderID    string          `json:"orderId"`
	CustomerID string          `json:"customerId"`
	Items      []item          `json:"items"`
	Total      decimal.Decimal `json:"total"`
	Status     status          `json:"status"`
	Note       *string         `json:"note,omitempty"`
}

// placeOrder is the command that creates one.
type placeOrder struct {
	OrderID    string  `json:"orderId"`
	CustomerID string  `json:"customerId"`
	Items      []item  `json:"items"`
	Note       *string `json:"note"`
}

type orderPlaced struct {
	OrderID    string          `json:"orderId"`
	CustomerID string          `json:"customerId"`
	Items      []item          `json:"items"`
	Total      decimal.Decimal `json:"total"`
	Note       *string         `json:"note,omitempty"`
}

type orderCancelled struct {
	OrderID    string `json:"orderId"`
	CustomerID string `json:"customerId"`
}

// The rules.
var (
	errEmptyOrder = errors.New("an order needs items")
	errTransition = errors.New("the order is cancelled already")
)

// place decides what placing an order means.
func place(c placeOrder) (order, orderPlaced, error) {
	if len(c.Items) == 0 {
		return order{}, orderPlaced{}, errEmptyOrder
	}
	total := decimal.Zero
	for _, i := range c.Items {
		total = total.Add(i.Price.Mul(decimal.NewFromInt(i.Quantity)))
	}
	event := orderPlaced{OrderID: c.OrderID, CustomerID: c.CustomerID, Items: c.Items, Total: total, Note: c.Note}
	state := order{OrderID: c.OrderID, CustomerID: c.CustomerID, Items: c.Items, Total: total, Status: placed, Note: c.Note}
	return state, event, nil
}

// cancel decides what cancelling it means.
func (o order) cancel() (order, orderCancelled, error) {
	if o.Status == cancelled {
		return o, orderCancelled{}, errTransition
	}
	o.Status = cancelled
	return o, orderCancelled{OrderID: o.OrderID, CustomerID: o.CustomerID}, nil
}

// stamps are when and by whom something was created and last changed.
type stamps struct {
	CreatedAt time.Time `json:"createdAt"`
	CreatedBy *string   `json:"createdBy,omitempty"`
	ChangedAt time.Time `json:"changedAt"`
	ChangedBy *string   `json:"changedBy,omitempty"`
}

// instance is a stored order.
type instance struct {
	order
	version int64
	meta    stamps
}
