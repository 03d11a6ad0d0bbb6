package compat_test

// change is one change of the model in testdata/shop, and what is to be said of
// it.
type change struct {
	does string // in words, for the page
	edit []edit
	// want are the findings: verdict, rule without "breaking-", service, and the
	// consumers it names.
	want []string
	step string // of the system
	// because says why the contract tests that fail are others (tests) than those
	// of the contexts whose consumers break; "": they are the same.
	because string
	tests   []string
}

// edit replaces a text wherever it stands in the model.
type edit struct{ old, new string }

// changes is the table. Its order is that of the page docs/changes.md.
var changes = []change{
	{
		does: "the path of a route is renamed",
		edit: []edit{
			{"/product/{productId}/reprice", "/item/{productId}/reprice"},
		},
		want: []string{
			"breaking route product: Clerk",
		},
		step: "major",
	},
	{
		does: "a second route is offered beside the first, by another command",
		edit: []edit{
			{`          Reserve:
`, `          RepriceItem:
            actor: Clerk
            http: "POST /item/{productId}/reprice"
            input: {price: decimal}
            emit: [ProductRepriced]
          Reserve:
`},
		},
		want: []string{
			"compatible addition product",
		},
		step: "minor",
	},
	{
		does: "the method of a route changes",
		edit: []edit{
			{"POST /product/", "PUT /product/"},
		},
		want: []string{
			"breaking route product: Clerk",
		},
		step: "major",
	},
	{
		does: "a command is renamed, and its route stays",
		edit: []edit{
			{"Reprice:", "ChangePrice:"},
			{"product.Reprice,", "product.ChangePrice,"},
		},
		step: "patch",
	},
	{
		does: "a command is renamed, and its default route with it",
		edit: []edit{
			{"CancelOrder:", "Revoke:"},
			{"order.CancelOrder", "order.Revoke"},
		},
		want: []string{
			"breaking route order: Customer",
		},
		step: "major",
	},
	{
		does: "a command that another context calls is renamed, there as well",
		edit: []edit{
			{"          Reserve:", "          Claim:"},
			{"product.Reserve", "product.Claim"},
		},
		want: []string{
			"breaking route product: order (command PlaceOrder)",
			"compatible order order",
		},
		step: "major",
	},
	{
		does: "a command that another context compensates with is renamed",
		edit: []edit{
			{"          Release:", "          PutBack:"},
			{"product.Release", "product.PutBack"},
		},
		want: []string{
			"breaking route product: order (command PlaceOrder)",
			"compatible order order",
		},
		step: "major",
	},
	{
		does: "a command that only its own context gives is renamed",
		edit: []edit{
			{"          Stop: {", "          Halt: {"},
			{"Parcel.Stop", "Parcel.Halt"},
		},
		step: "patch",
	},
	{
		does: "a command is gone",
		edit: []edit{
			{`          Count:
            actor: Clerk
            input: {stock: int}
            emit: [StockCounted]
`, ""},
			{`  a clerk counts:
    given:
      - {event: product.ProductRegistered, with: {productId: p1, name: Tea, price: 10, stock: 5, size: Large}}
    when: {do: product.Count, with: {productId: p1, stock: 4}, by: {Clerk: c1}}
    then: [{event: StockCounted, with: {stock: 4}}]
`, ""},
		},
		want: []string{
			"breaking operation product: Clerk",
		},
		step: "major",
	},
	{
		does: "a view is renamed",
		edit: []edit{
			{"      Catalogue:", "      Shelf:"},
			{"product.Catalogue", "product.Shelf"},
		},
		want: []string{
			"breaking route product: Customer, Clerk",
			"breaking route product: Customer, Clerk",
			"breaking route product: Customer, Clerk",
		},
		step: "major",
	},
	{
		does: "a query is renamed",
		edit: []edit{
			{"          cheap: {", "          inexpensive: {"},
			{"Catalogue.cheap", "Catalogue.inexpensive"},
		},
		want: []string{
			"breaking route product: Customer, Clerk",
		},
		step: "major",
	},
	{
		does: "a query is gone",
		edit: []edit{
			{`        queries:
          cheap: {input: {below: decimal}, where: row.price < input.below, sort: [price]}
`, ""},
			{`  a customer looks for what is cheap:
    given:
      - {event: product.ProductRegistered, with: {productId: p1, name: Tea, price: 10, stock: 5, size: Large}}
    when: {do: product.Catalogue.cheap, with: {below: 20.5}, by: {Customer: u1}}
    then: {rows: [{productId: p1, price: 10}]}
`, ""},
		},
		want: []string{
			"breaking operation product: Customer, Clerk",
		},
		step: "major",
	},
	{
		does: "a query is added",
		edit: []edit{
			{`          cheap: {`, `          large: {where: row.size == Size.Large}
          cheap: {`},
		},
		want: []string{
			"compatible addition product",
		},
		step: "minor",
	},
	{
		does: "a query finds other rows",
		edit: []edit{
			{"row.price < input.below", "row.price <= input.below"},
		},
		want: []string{
			"unclear condition product: Customer, Clerk",
		},
		step:    "minor",
		because: "of what only a person can judge an example tells something: one finds other rows",
		tests:   []string{"product"},
	},
	{
		does: "a view is offered to no actor any more",
		edit: []edit{
			{`        actor: [Customer, Clerk]
`, ""},
			{`by: {Customer: u1}}
    then: {rows`, `}
    then: {rows`},
		},
		want: []string{
			"breaking route product: Customer, Clerk",
			"breaking route product: Customer, Clerk",
			"breaking route product: Customer, Clerk",
		},
		step: "major",
	},
	{
		does: "an actor is not let in any more",
		edit: []edit{
			{`        actor: [Customer, Clerk]
`, `        actor: [Clerk]
`},
			{"with: {below: 20.5}, by: {Customer: u1}", "with: {below: 20.5}, by: {Clerk: u1}"},
		},
		want: []string{
			"breaking role product: Customer",
			"breaking role product: Customer",
			"breaking role product: Customer",
		},
		step: "major",
	},
	{
		does: "an actor is let in, too",
		edit: []edit{
			{`            actor: Customer
            creates: true`, `            actor: [Customer, Clerk]
            creates: true`},
		},
		want: []string{
			"compatible role order",
			"compatible role order",
		},
		step: "minor",
	},
	{
		does: "an actor has another role",
		edit: []edit{
			{"role: clerk", "role: staff"},
		},
		want: []string{
			"breaking role product: Clerk",
		},
		step: "major",
	},
	{
		does: "an allow is narrower",
		edit: []edit{
			{"allow: input.customerId == actor.subject", "allow: input.customerId == actor.subject && input.quantity < 100"},
		},
		want: []string{
			"breaking condition order: Customer",
		},
		step:    "major",
		because: "no example is refused by it",
	},
	{
		does: "an allow is gone",
		edit: []edit{
			{`            allow: input.customerId == actor.subject
`, ""},
		},
		want: []string{
			"compatible condition order",
		},
		step: "minor",
	},
	{
		does: "an input field must be sent that was not there",
		edit: []edit{
			{"input: {price: decimal, reason", "input: {price: decimal, by: string, reason"},
			{"price: 12, reason: frost", "price: 12, by: me, reason: frost"},
		},
		want: []string{
			"breaking input product: Clerk",
		},
		step: "major",
	},
	{
		does: "an input field may be sent that was not there",
		edit: []edit{
			{"input: {price: decimal, reason", "input: {price: decimal, by: optional(string), reason"},
		},
		want: []string{
			"compatible input product",
		},
		step: "minor",
	},
	{
		does: "an input field with a default is added",
		edit: []edit{
			{"input: {price: decimal, reason", "input: {price: decimal, by: {type: string, default: nobody}, reason"},
		},
		want: []string{
			"compatible input product",
		},
		step: "minor",
	},
	{
		does: "a command that another context calls wants a new field, which that sends at once",
		edit: []edit{
			{"input: {quantity: Quantity, memo", "input: {quantity: Quantity, until: int, memo"},
			{`with: {quantity: input.quantity}
              rejected`, `with: {quantity: input.quantity, until: "3"}
              rejected`},
		},
		want: []string{
			"breaking input product: order (command PlaceOrder)",
			"compatible order order",
		},
		step: "major",
	},
	{
		does: "a command that another context calls takes a new optional field, which that sends at once",
		edit: []edit{
			{"input: {quantity: Quantity, memo", "input: {quantity: Quantity, until: optional(int), memo"},
			{`with: {quantity: input.quantity}
              rejected`, `with: {quantity: input.quantity, until: "3"}
              rejected`},
		},
		want: []string{
			"compatible input product",
			"compatible order order",
		},
		step: "minor",
	},
	{
		does: "an input field is gone",
		edit: []edit{
			{"reason: optional(string), urgent", "urgent"},
			{"fields: {price: decimal, reason: optional(string)}", "fields: {price: decimal}"},
			{", reason: frost", ""},
		},
		want: []string{
			"breaking input product: Clerk",
			"breaking reply product: Clerk",
			"unused payload product",
		},
		step: "major",
	},
	{
		does: "an input field is gone that no consumer sends",
		edit: []edit{
			{", memo: optional(string)", ""},
		},
		want: []string{
			"unused input product",
		},
		step: "major",
	},
	{
		does: "an input field is renamed",
		edit: []edit{
			{"input: {quantity: Quantity, memo", "input: {amount: Quantity, memo"},
			{"that: input.quantity <= state.stock", "that: input.amount <= state.stock"},
			{"with: {stock: state.stock - input.quantity}", "with: {quantity: input.amount, stock: state.stock - input.amount}"},
			{`with: {quantity: input.quantity}
              rejected`, `with: {amount: input.quantity}
              rejected`},
		},
		want: []string{
			"breaking input product: order (command PlaceOrder)",
			"breaking input product: order (command PlaceOrder)",
			"compatible order order",
		},
		step: "major",
	},
	{
		does: "an input field is narrowed to another type",
		edit: []edit{
			{"below: decimal", "below: int"},
			{"below: 20.5", "below: 20"},
		},
		want: []string{
			"breaking type product: Customer, Clerk",
		},
		step: "major",
	},
	{
		does: "an input field is widened to another type",
		edit: []edit{
			{"days: optional(int)", "days: optional(decimal)"},
		},
		want: []string{
			"compatible type product",
		},
		step: "minor",
	},
	{
		does: "an input field gets a condition that some values break",
		edit: []edit{
			{"input: {price: decimal, reason", "input: {price: {type: decimal, check: value < 10}, reason"},
			{"price: 12", "price: 9"},
		},
		want: []string{
			"breaking type product: Clerk",
		},
		step: "major",
	},
	{
		does: "an input field gets a condition that no scenario breaks",
		edit: []edit{
			{"input: {price: decimal, reason", "input: {price: {type: decimal, check: value < 1000}, reason"},
		},
		want: []string{
			"breaking type product: Clerk",
		},
		step:    "major",
		because: "no example breaks the condition",
	},
	{
		does: "an input field loses a condition",
		edit: []edit{
			{"input: {quantity: Quantity, memo", "input: {quantity: int, memo"},
		},
		want: []string{
			"compatible type product",
		},
		step: "minor",
	},
	{
		does: "the condition of a type is narrowed",
		edit: []edit{
			{"check: value > 0", "check: value > 2"},
			{"quantity: 2", "quantity: 3"},
			{"stock: 3}", "stock: 2}"},
			{"total: 20,", "total: 30,"},
			{"total: 20}", "total: 30}"},
		},
		want: []string{
			"breaking type product: order (command PlaceOrder)",
			"breaking type order: Customer",
			"unclear stored order: order (aggregate Order)",
		},
		step: "major",
	},
	{
		does: "an input field must be sent that could be left out",
		edit: []edit{
			{"reason: optional(string), urgent", "reason: string, urgent"},
		},
		want: []string{
			"breaking input product: Clerk",
		},
		step: "major",
	},
	{
		does: "an input field loses its default",
		edit: []edit{
			{"urgent: {type: bool, default: false}", "urgent: bool"},
			{"reason: frost}", "reason: frost, urgent: false}"},
		},
		want: []string{
			"breaking input product: Clerk",
		},
		step: "major",
	},
	{
		does: "an input field gets another default",
		edit: []edit{
			{"urgent: {type: bool, default: false}", "urgent: {type: bool, default: true}"},
		},
		want: []string{
			"unclear default product: Clerk",
		},
		step: "minor",
	},
	{
		does: "a value of an enum is gone",
		edit: []edit{
			{"enum: [Small, Large]", "enum: [Large]"},
			{"size: Small", "size: Large"},
		},
		want: []string{
			"breaking enum product: Clerk, Customer",
			"breaking enum order: Customer",
			"breaking stored product: product (aggregate Product)",
			"breaking stored order: order (aggregate Order)",
		},
		step:    "major",
		because: "the examples that are chosen have the other value",
	},
	{
		does: "a value of an enum is renamed",
		edit: []edit{
			{"enum: [Small, Large]", "enum: [Small, Big]"},
			{"Size.Large", "Size.Big"},
			{"size: Large", "size: Big"},
		},
		want: []string{
			"breaking enum product: Clerk, Customer",
			"breaking enum order: Customer, delivery (policy PrepareLarge)",
			"compatible enum product",
			"compatible enum order",
			"breaking stored product: product (aggregate Product)",
			"breaking stored order: order (aggregate Order)",
		},
		step: "major",
	},
	{
		does: "a value of an enum has another name, and the old one on the wire",
		edit: []edit{
			{"enum: [Small, Large]", "enum: {Small: , Big: Large}"},
			{"Size.Large", "Size.Big"},
			{"size: Large", "size: Big"},
		},
		step: "patch",
	},
	{
		does: "a value of an enum is added",
		edit: []edit{
			{"enum: [Small, Large]", "enum: [Small, Large, Huge]"},
		},
		want: []string{
			"compatible enum product",
			"compatible enum order",
		},
		step: "minor",
	},
	{
		does: "a command that only made new instances is for those that are there, too",
		edit: []edit{
			{`            actor: Clerk
            creates: true`, `            actor: Clerk
            creates: upsert`},
		},
		want: []string{
			"breaking input product: Clerk",
			"compatible condition product",
		},
		step:    "major",
		because: "the examples name the id",
	},
	{
		does: "a rule refuses what was taken",
		edit: []edit{
			{"require: {FreeGift: input.price > 0}", "require: {FreeGift: input.price > 0, TooDear: input.price < 1000}"},
		},
		want: []string{
			"breaking condition product: Clerk",
		},
		step:    "major",
		because: "no example is refused by it",
	},
	{
		does: "a rule is renamed",
		edit: []edit{
			{"FreeGift: input", "NoGift: input"},
			{"rejected: FreeGift", "rejected: NoGift"},
		},
		want: []string{
			"breaking refusal product: Clerk",
			"compatible condition product",
		},
		step: "major",
	},
	{
		does: "a rule is renamed that a caller tells apart",
		edit: []edit{
			{"OutOfStock: {that", "NotEnough: {that"},
			{"OutOfStock: SoldOut", "NotEnough: SoldOut"},
		},
		want: []string{
			"breaking refusal product: order (command PlaceOrder)",
			"compatible condition product",
			"compatible order order",
		},
		step:    "major",
		because: "order passes on what product refused before: product is released first",
		tests:   []string{"order", "product"},
	},
	{
		does: "a rule is gone",
		edit: []edit{
			{`            require: {FreeGift: input.price > 0}
`, ""},
			{`price: 0, stock: 5, size: Large}, by: {Clerk: c1}}
    then: {rejected: FreeGift}`, `price: 0, stock: 5, size: Large}, by: {Clerk: c1}}
    then: [ProductRegistered]`},
		},
		want: []string{
			"breaking refusal product: Clerk",
		},
		step: "major",
	},
	{
		does: "a refusal has another status",
		edit: []edit{
			{"require: {FreeGift: input.price > 0}", "require: {FreeGift: {that: input.price > 0, status: 409}}"},
		},
		want: []string{
			"breaking refusal product: Clerk",
		},
		step: "major",
	},
	{
		does: "a rule has another condition",
		edit: []edit{
			{"FreeGift: input.price > 0", "FreeGift: input.price > 1"},
		},
		want: []string{
			"breaking condition product: Clerk",
		},
		step:    "major",
		because: "no example is refused by it",
	},
	{
		does: "a field of a reply is gone that the caller reads",
		edit: []edit{
			{"StockReserved: {fields: {quantity: int, stock: int, price: decimal}}", "StockReserved: {fields: {quantity: int, stock: int}}"},
			{"let: {total: reserved.price * input.quantity}", "let: {total: decimal(10) * input.quantity}"},
		},
		want: []string{
			"breaking reply product: order (command PlaceOrder)",
			"unused payload product",
			"unclear value order: Customer",
		},
		step: "major",
	},
	{
		does: "a field of a reply is gone that no caller reads",
		edit: []edit{
			{"StockReserved: {fields: {quantity: int, stock: int, price: decimal}}", "StockReserved: {fields: {stock: int, price: decimal}}"},
			{"{event: StockReserved, with: {quantity: 2, stock: 3}}", "{event: StockReserved, with: {stock: 3}}"},
		},
		want: []string{
			"unused reply product",
			"unused payload product",
		},
		step: "major",
	},
	{
		does: "a decimal of a reply is an int",
		edit: []edit{
			{"StockReserved: {fields: {quantity: int, stock: int, price: decimal}}", "StockReserved: {fields: {quantity: int, stock: int, price: int}}"},
			{"with: {stock: state.stock - input.quantity}", `with: {stock: state.stock - input.quantity, price: "10"}`},
		},
		want: []string{
			"unclear value product: Clerk",
			"unused type product",
			"unused type product",
			"compatible order order",
		},
		step:    "major",
		because: "what was answered before, order cannot read as it does now: product is released first",
		tests:   []string{"order"},
	},
	{
		does: "a field of a reply is of a type that the caller cannot read",
		edit: []edit{
			{"StockReserved: {fields: {quantity: int, stock: int, price: decimal}}", "StockReserved: {fields: {quantity: int, stock: int, price: bool}}"},
			{"with: {stock: state.stock - input.quantity}", `with: {stock: state.stock - input.quantity, price: "true"}`},
			{"StockReserved: {fields: {quantity: int, stock: int, price: bool}}", "StockReserved: {fields: {quantity: int, stock: int, price: bool}, apply: {price: state.price}}"},
			{"let: {total: reserved.price * input.quantity}", `let: {total: "reserved.price ? decimal(20) : decimal(0)"}`},
		},
		want: []string{
			"unclear value product: Clerk",
			"breaking type product: order (command PlaceOrder)",
			"unused type product",
			"compatible order order",
			"unclear value order: Customer",
		},
		step:    "major",
		because: "what was answered before, order cannot read as it does now: product is released first",
		tests:   []string{"order", "product"},
	},
	{
		does: "a field of a reply is added",
		edit: []edit{
			{"StockReserved: {fields: {quantity: int, stock: int, price: decimal}}", "StockReserved: {fields: {quantity: int, stock: int, price: decimal, name: string}}"},
		},
		want: []string{
			"compatible payload product",
			"compatible reply product",
		},
		step: "minor",
	},
	{
		does: "a field of an aggregate's state is gone",
		edit: []edit{
			{", onShelf: {type: bool, default: true}", ""},
		},
		want: []string{
			"breaking reply product: Clerk",
			"breaking stored product: product (aggregate Product)",
		},
		step: "major",
	},
	{
		does: "a field of a view is gone",
		edit: []edit{
			{"fields: {productId: id, name: string, price: decimal, size: Size}", "fields: {productId: id, name: string, price: decimal}"},
		},
		want: []string{
			"breaking reply product: Customer, Clerk",
		},
		step: "major",
	},
	{
		does: "a field of a view may be missing",
		edit: []edit{
			{"fields: {productId: id, name: string, price: decimal, size: Size}", "fields: {productId: id, name: string, price: decimal, size: optional(Size)}"},
		},
		want: []string{
			"breaking reply product: Customer, Clerk",
		},
		step:    "major",
		because: "the examples have the value",
	},
	{
		does: "a field of a view is of another type",
		edit: []edit{
			{"fields: {productId: id, name: string, price: decimal, size: Size}", "fields: {productId: id, name: string, price: int, size: Size}"},
			{`          ProductRegistered: {}
          ProductRepriced: {set: {price: event.price}, missing: skip}`, `          ProductRegistered: {set: {price: "10"}}
          ProductRepriced: {set: {price: "12"}, missing: skip}`},
			{"row.price < input.below", "row.name == string(input.below)"},
		},
		want: []string{
			"breaking type product: Customer, Clerk",
			"compatible stored product: product (view Catalogue)",
			"unclear condition product: Customer, Clerk",
		},
		step: "major",
	},
	{
		does: "an optional field of a view is added",
		edit: []edit{
			{"fields: {productId: id, name: string, price: decimal, size: Size}", "fields: {productId: id, name: string, price: decimal, size: Size, reason: optional(string)}"},
		},
		want: []string{
			"compatible reply product",
		},
		step: "minor",
	},
	{
		does: "a field of a view is added that always is there",
		edit: []edit{
			{"fields: {productId: id, name: string, price: decimal, size: Size}", "fields: {productId: id, name: string, price: decimal, size: Size, stock: int}"},
		},
		want: []string{
			"unclear stored product: product (view Catalogue)",
			"compatible reply product",
		},
		step: "minor",
	},
	{
		does: "a view has another key",
		edit: []edit{
			{`        key: orderId
`, `        key: [customerId, orderId]
`},
			{`    http: "GET /orders/{orderId}/page"`, `    http: "GET /orders/{customerId}/{orderId}/page"`},
			{"key: orderId, required: true", "key: {customerId: customerId, orderId: orderId}, required: true"},
			{"OrderCancelled: {delete: true}", "OrderCancelled: {delete: true, key: {customerId: event.customerId}}"},
		},
		want: []string{
			"breaking route order: Customer, gateway (composition orderPage)",
			"compatible stored order: order (view MyOrders)",
			"breaking composition: Customer",
		},
		step: "major",
	},
	{
		does: "an event is gone",
		edit: []edit{
			{`          OrderCancelled: {fields: [customerId, productId], deletes: true}
`, `          OrderRevoked: {deletes: true}
`},
			{"emit: [OrderCancelled]", "emit: [OrderRevoked]"},
			{`          OrderCancelled: {delete: true}
`, ""},
			{`      StopParcel:
        whenever: order.OrderCancelled
        then: Parcel.Stop
        correlateBy: orderId
`, ""},
			{`    then: [OrderCancelled]
    eventually:
      - ParcelStopped
`, `    then: [OrderRevoked]
`},
		},
		want: []string{
			"breaking event order: delivery (policy StopParcel)",
			"breaking reply order: Customer",
			"breaking reply order: Customer",
			"compatible addition order",
			"unclear reaction delivery",
		},
		step: "major",
	},
	{
		does: "an event is renamed",
		edit: []edit{
			{"OrderPlaced", "OrderMade"},
		},
		want: []string{
			"breaking event order: delivery (policy PrepareLarge)",
			"breaking history order: delivery (policy PrepareLarge), order (view MyOrders)",
		},
		step: "major",
	},
	{
		does: "an event is renamed, and keeps its code",
		edit: []edit{
			{"OrderPlaced", "OrderMade"},
			{"OrderMade: {fields: [customerId", "OrderMade: {code: OrderPlaced, fields: [customerId"},
		},
		step: "patch",
	},
	{
		does: "a second event is emitted beside the first",
		edit: []edit{
			{"emit: [OrderPlaced]", "emit: [OrderPlaced, OrderTaken]"},
			{"          OrderCancelled: {fields", `          OrderTaken: {fields: [customerId, total]}
          OrderCancelled: {fields`},
			{`{event: OrderPlaced, with: {total: 20, size: Large}}
`, `{event: OrderPlaced, with: {total: 20, size: Large}}
      - OrderTaken
`},
		},
		want: []string{
			"compatible addition order",
		},
		step: "minor",
	},
	{
		does: "an event is private now, and others listen",
		edit: []edit{
			{"OrderCancelled: {fields: [customerId, productId], deletes: true}", "OrderCancelled: {fields: [customerId, productId], deletes: true, visibility: private}"},
			{`      StopParcel:
        whenever: order.OrderCancelled
        then: Parcel.Stop
        correlateBy: orderId
`, ""},
			{`    then: [OrderCancelled]
    eventually:
      - ParcelStopped
`, `    then: [OrderCancelled]
`},
		},
		want: []string{
			"breaking topic order: order (view MyOrders)",
			"breaking event order: delivery (policy StopParcel)",
			"unclear reaction delivery",
		},
		step: "major",
	},
	{
		does: "an event is private now, and nobody listened",
		edit: []edit{
			{"StockCounted: {fields: [stock]}", "StockCounted: {fields: [stock], visibility: private}"},
		},
		want: []string{
			"breaking topic product: product (view Catalogue), product (view Standing)",
			"unused event product",
		},
		step: "major",
	},
	{
		does: "an event is public that was private",
		edit: []edit{
			{"ParcelFiled: {visibility: private}", "ParcelFiled: {}"},
		},
		want: []string{
			"compatible addition delivery",
		},
		step: "minor",
	},
	{
		does: "a field of an event is gone that a consumer reads",
		edit: []edit{
			{"OrderPlaced: {fields: [customerId, productId, quantity, total, size, to, note]}", "OrderPlaced: {fields: [customerId, productId, quantity, total, to, note], apply: {size: Size.Large}}"},
			{`        if: event.size == Size.Large
`, ""},
			{"with: {total: 20, size: Large}", "with: {total: 20}"},
			{"total: 20, size: Large, to", "total: 20, to"},
		},
		want: []string{
			"breaking reply order: Customer",
			"breaking payload order: delivery (policy PrepareLarge)",
			"unclear value order: Customer",
			"unclear reaction delivery",
		},
		step: "major",
	},
	{
		does: "a field of an event is gone that nobody reads",
		edit: []edit{
			{"fields: [customerId, productId], deletes: true", "fields: [customerId], deletes: true"},
		},
		want: []string{
			"breaking reply order: Customer",
			"unused payload order",
		},
		step: "major",
	},
	{
		does: "a field of an event is renamed",
		edit: []edit{
			{"ProductRepriced: {fields: {price: decimal, reason: optional(string)}}", "ProductRepriced: {fields: {newPrice: decimal, reason: optional(string)}, apply: {price: event.newPrice}}"},
			{"emit: [ProductRepriced]", "emit: [{event: ProductRepriced, with: {newPrice: input.price}}]"},
			{"ProductRepriced: {set: {price: event.price}", "ProductRepriced: {set: {price: event.newPrice}"},
			{"{event: ProductRepriced, with: {price: 12}}", "{event: ProductRepriced, with: {newPrice: 12}}"},
		},
		want: []string{
			"breaking history product: order (view Prices), product (view Catalogue)",
			"breaking payload product: order (view Prices)",
			"breaking reply product: Clerk",
			"compatible payload product",
			"compatible reply product",
			"compatible order order",
		},
		step: "major",
	},
	{
		does: "a field of an event is of another type",
		edit: []edit{
			{"ProductRepriced: {fields: {price: decimal, reason: optional(string)}}", "ProductRepriced: {fields: {price: int, reason: optional(string)}, apply: {price: decimal(event.price)}}"},
			{"emit: [ProductRepriced]", `emit: [{event: ProductRepriced, with: {price: "12"}}]`},
			{"set: {price: event.price}", "set: {price: decimal(event.price)}"},
		},
		want: []string{
			"breaking history product: order (view Prices), product (view Catalogue)",
			"breaking type product: Clerk",
			"unused type product",
			"compatible order order",
		},
		step: "major",
	},
	{
		does: "a field of an event may be missing",
		edit: []edit{
			{"ProductRepriced: {fields: {price: decimal, reason: optional(string)}}", `ProductRepriced: {fields: {price: optional(decimal), reason: optional(string)}, apply: {price: "has(event.price) ? event.price : state.price"}}`},
			{"ProductRepriced: {set: {price: event.price}, missing: skip}", `ProductRepriced: {set: {price: "has(event.price) ? event.price : row.price"}, missing: skip}`},
			{"product.ProductRepriced: {set: {price: event.price}}", `product.ProductRepriced: {set: {price: "has(event.price) ? event.price : 0"}}`},
		},
		want: []string{
			"unclear value product: Clerk",
			"breaking payload product: order (view Prices)",
			"breaking reply product: Clerk",
			"unclear value product: Customer, Clerk",
			"unclear value order",
		},
		step:    "major",
		because: "the examples have the value",
	},
	{
		does: "a field of an event is added that nobody reads yet",
		edit: []edit{
			{"StockCounted: {fields: [stock]}", "StockCounted: {fields: [stock, name]}"},
		},
		want: []string{
			"compatible payload product",
			"compatible reply product",
		},
		step: "minor",
	},
	{
		does: "a field of an event is added, and read at once",
		edit: []edit{
			{"ProductRepriced: {fields: {price: decimal, reason: optional(string)}}", "ProductRepriced: {fields: {price: decimal, reason: optional(string), stock: int}}"},
			{`        fields: {productId: id, price: decimal}
`, `        fields: {productId: id, price: decimal, stock: {type: int, default: 0}}
`},
			{"product.ProductRepriced: {set: {price: event.price}}", "product.ProductRepriced: {set: {price: event.price, stock: event.stock}}"},
		},
		want: []string{
			"breaking history product: order (view Prices)",
			"compatible payload product",
			"compatible reply product",
			"compatible order order",
		},
		step: "major",
	},
	{
		does: "an optional field of an event is added, and read at once",
		edit: []edit{
			{`        fields: {productId: id, price: decimal}
`, `        fields: {productId: id, price: decimal, hint: optional(string)}
`},
			{"ProductRepriced: {fields: {price: decimal, reason: optional(string)}}", "ProductRepriced: {fields: {price: decimal, reason: optional(string), hint: optional(string)}}"},
			{"product.ProductRepriced: {set: {price: event.price}}", "product.ProductRepriced: {set: {price: event.price, hint: event.hint}}"},
		},
		want: []string{
			"compatible payload product",
			"compatible reply product",
		},
		step: "minor",
	},
	{
		does: "an event has a new version that old ones are read as, and others listen",
		edit: []edit{
			{"ProductRepriced: {fields: {price: decimal, reason: optional(string)}}", `ProductRepriced: {fields: {price: decimal, reason: optional(string), stock: int}, versions: {1: {fields: {price: decimal, reason: optional(string)}, upcast: {stock: "0"}}}}`},
		},
		want: []string{
			"breaking version product: order (view Prices)",
			"compatible reply product",
		},
		step: "major",
	},
	{
		does: "an event has a new version that old ones are read as, and nobody else listens",
		edit: []edit{
			{"StockCounted: {fields: [stock]}", `StockCounted: {fields: [stock, name], versions: {1: {fields: {stock: int}, upcast: {name: "'unknown'"}}}}`},
		},
		want: []string{
			"unused version product",
			"compatible reply product",
		},
		step: "major",
	},
	{
		does: "a field of a value object is gone",
		edit: []edit{
			{"Address: {fields: {street: string, city: string}}", "Address: {fields: {street: string}}"},
			{"{street: Sejong 1, city: Seoul}", "{street: Sejong 1}"},
		},
		want: []string{
			"breaking reply order: Customer",
			"breaking stored order: order (aggregate Order)",
			"breaking input order: Customer",
			"breaking payload order: delivery (policy PrepareLarge)",
			"breaking stored delivery: delivery (aggregate Parcel)",
			"unused payload delivery",
		},
		step: "major",
	},
	{
		does: "an optional field of a value object is added",
		edit: []edit{
			{"Address: {fields: {street: string, city: string}}", "Address: {fields: {street: string, city: string, floor: optional(int)}}"},
		},
		want: []string{
			"compatible input order",
			"compatible payload order",
			"compatible payload delivery",
			"compatible reply order",
		},
		step: "minor",
	},
	{
		does: "an aggregate is renamed",
		edit: []edit{
			{`      Product:
`, `      Article:
`},
		},
		want: []string{
			"breaking history product: order (view Prices), product (view Catalogue), product (view Standing)",
			"breaking route product: Clerk",
			"breaking stored product: product (aggregate Article)",
			"breaking topic product: order (view Prices)",
			"breaking route product: Clerk",
			"breaking route product: order (command PlaceOrder)",
			"breaking route product: order (command PlaceOrder)",
			"breaking route product: Clerk",
			"breaking route product: Clerk",
			"breaking route product: Clerk",
			"breaking route product: Clerk",
			"compatible order order",
		},
		step: "major",
	},
	{
		does: "an aggregate is renamed, and keeps its code",
		edit: []edit{
			{`      Product:
`, `      Article:
        code: Product
`},
		},
		step: "patch",
	},
	{
		does: "an aggregate has another id",
		edit: []edit{
			{`        id: productId
`, `        id: sku
`},
			{"/product/{productId}/", "/product/{sku}/"},
			{`key: productId
        fields: {productId: id, name`, `key: sku
        fields: {sku: id, name`},
			{"{productId: p1, name", "{sku: p1, name"},
			{"with: {productId: p1}", "with: {sku: p1}"},
			{"{productId: p1, grade", "{sku: p1, grade"},
			{"{productId: p1, shelf", "{sku: p1, shelf"},
			{"row: {productId: p1}", "row: {sku: p1}"},
			{"{productId: p1, price", "{sku: p1, price"},
			{"{productId: p1, stock", "{sku: p1, stock"},
			{"product.ProductRegistered: {set: {price", "product.ProductRegistered: {key: {productId: event.sku}, set: {price"},
			{"product.ProductRepriced: {set: {price", "product.ProductRepriced: {key: {productId: event.sku}, set: {price"},
			{"order.Prices, row: {sku", "order.Prices, row: {productId"},
		},
		want: []string{
			"breaking key product: Clerk, order (command PlaceOrder), order (view Prices)",
			"breaking key product: Customer, Clerk",
			"compatible stored product: product (view Catalogue)",
			"breaking reply product: Customer, Clerk",
			"compatible reply product",
			"breaking key product: Clerk",
			"compatible stored product: product (view Standing)",
			"breaking reply product: Clerk",
			"compatible reply product",
			"compatible order order",
		},
		step: "major",
	},
	{
		does: "a context is renamed that others rely on",
		edit: []edit{
			{`  product:
`, `  goods:
`},
			{"product.", "goods."},
		},
		want: []string{
			"breaking context goods: order (command PlaceOrder)",
			"breaking history goods: order (view Prices), goods (view Catalogue), goods (view Standing)",
			"breaking topic goods: order (view Prices)",
		},
		step:    "major",
		because: "the contracts name the context as it was, and nobody is called so any more: breaking --pacts says it",
	},
	{
		does: "a context is renamed, and keeps its code",
		edit: []edit{
			{`  product:
`, `  goods:
    code: product
`},
			{"product.", "goods."},
		},
		step: "patch",
	},
	{
		does: "a context is renamed that nobody relies on",
		edit: []edit{
			{`  delivery:
`, `  shipping:
`},
			{"delivery.", "shipping."},
		},
		want: []string{
			"unused context shipping",
			"unused topic shipping",
		},
		step: "major",
	},
	{
		does: "the system is renamed",
		edit: []edit{
			{"system: shop", "system: mall"},
		},
		want: []string{
			"breaking history product: order (view Prices), product (view Catalogue), product (view Standing)",
			"breaking topic product: order (view Prices)",
			"breaking history order: delivery (policy PrepareLarge), order (view MyOrders), delivery (policy StopParcel)",
			"breaking topic order: delivery (policy PrepareLarge), delivery (policy StopParcel)",
			"unused topic delivery",
			"breaking history warehouse: returns (policy RemindOfGoods), returns (saga TakeBack)",
			"breaking topic warehouse: returns (policy RemindOfGoods), returns (saga TakeBack)",
			"breaking route warehouse: returns (saga TakeBack)",
			"breaking route warehouse: returns (saga TakeBack)",
			"breaking history returns: returns (saga TakeBack)",
			"unused topic returns",
		},
		step: "major",
	},
	{
		does: "the first private event of an aggregate whose own context listens",
		edit: []edit{
			{"emit: [OrderPlaced]", "emit: [OrderPlaced, Noted]"},
			{"          OrderCancelled: {fields", `          Noted: {fields: [note], visibility: private}
          OrderCancelled: {fields`},
			{`{event: OrderPlaced, with: {total: 20, size: Large}}
`, `{event: OrderPlaced, with: {total: 20, size: Large}}
      - Noted
`},
		},
		want: []string{
			"breaking topic order: order (view MyOrders)",
		},
		step: "major",
	},
	{
		does: "an aggregate is stored as its events",
		edit: []edit{
			{`        id: orderId
`, `        id: orderId
        persistence: events
`},
		},
		want: []string{
			"unclear stored order: order (aggregate Order)",
		},
		step: "minor",
	},
	{
		does: "a field of a state is added without a default",
		edit: []edit{
			{"state: {orderId: id, to: Address, heavy: bool}", "state: {orderId: id, to: Address, heavy: bool, note: string}"},
			{"ParcelPrepared: {fields: [orderId, to, heavy]}", `ParcelPrepared: {fields: [orderId, to, heavy], apply: {note: "'none'"}}`},
		},
		want: []string{
			"breaking stored delivery: delivery (aggregate Parcel)",
		},
		step: "major",
	},
	{
		does: "a field of a state is added with a default",
		edit: []edit{
			{"state: {orderId: id, to: Address, heavy: bool}", "state: {orderId: id, to: Address, heavy: bool, note: {type: string, default: none}}"},
		},
		step: "patch",
	},
	{
		does: "a field of a state must be unique",
		edit: []edit{
			{`        lookup: [orderId]
`, `        lookup: [orderId]
        unique: [orderId]
`},
		},
		want: []string{
			"unclear stored delivery: delivery (aggregate Parcel)",
		},
		step: "minor",
	},
	{
		does: "a composition of the gateway is answered elsewhere",
		edit: []edit{
			{"GET /orders/{orderId}/page", "GET /pages/{orderId}"},
		},
		want: []string{
			"breaking composition: Customer",
		},
		step: "major",
	},
	{
		does: "a part of a composition is gone",
		edit: []edit{
			{`      order: {from: order.MyOrders, key: orderId, required: true}
`, `      mine: {from: order.MyOrders, key: orderId, required: true}
`},
		},
		want: []string{
			"breaking composition: Customer",
			"compatible addition",
		},
		step: "major",
	},
	{
		does: "a part of a composition may be missing",
		edit: []edit{
			{"key: orderId, required: true", "key: orderId"},
		},
		want: []string{
			"breaking composition: Customer",
		},
		step: "major",
	},
	{
		does: "a context is added",
		edit: []edit{
			{`
compositions:
`, `
  stats:
    views:
      Sales: {key: productId, fields: {productId: id, orders: {type: int, default: 0}}, from: {order.OrderPlaced: {set: {orders: row.orders + 1}}}}

compositions:
`},
		},
		want: []string{
			"compatible addition stats",
		},
		step: "minor",
	},
	{
		does: "a context is gone that nobody relies on",
		edit: []edit{
			{`  delivery:
    aggregates:
      Parcel:
        id: parcelId
        state: {orderId: id, to: Address, heavy: bool}
        lookup: [orderId]
        commands:
          Prepare:
            creates: true
            input: {orderId: id, to: Address}
            emit: [{event: ParcelPrepared, with: {heavy: "true"}}]
          Stop: {emit: [ParcelFiled, ParcelStopped]}
        events:
          ParcelPrepared: {fields: [orderId, to, heavy]}
          ParcelFiled: {visibility: private}
          ParcelStopped: {deletes: true}
    policies:
      PrepareLarge:
        whenever: order.OrderPlaced
        if: event.size == Size.Large
        then: Parcel.Prepare
      StopParcel:
        whenever: order.OrderCancelled
        then: Parcel.Stop
        correlateBy: orderId
`, ""},
			{`      - ParcelPrepared
`, ""},
			{`    eventually:
      - ParcelStopped
`, ""},
			{`      - {event: delivery.ParcelPrepared, with: {parcelId: d1, orderId: o1, to: {street: Sejong 1, city: Seoul}, heavy: true}}
`, ""},
		},
		want: []string{
			"unused context delivery",
		},
		step: "major",
	},
	{
		does: "only titles and descriptions change",
		edit: []edit{
			{`      Product:
`, `      Product:
        title: 상품
`},
		},
		step: "patch",
	},
	{
		does: "days begin in another zone",
		edit: []edit{
			{"module: example.com/shop", `module: example.com/shop
zone: Asia/Seoul`},
		},
		want: []string{
			"unclear condition",
		},
		step: "minor",
	},
	{
		does: "the bound of a type is widened",
		edit: []edit{
			{"value <= 5", "value <= 9"},
		},
		want: []string{
			"unclear type product: Clerk",
		},
		step: "minor",
	},
	{
		does: "the bound of a type is narrowed",
		edit: []edit{
			{"value <= 5", "value <= 4"},
		},
		want: []string{
			"breaking type product: Clerk",
		},
		step:    "major",
		because: "no example is refused by it",
	},
	{
		does: "the bounds of a type are written in another way",
		edit: []edit{
			{"value >= 1 && value <= 5", "6 > value && value > 0"},
		},
		step: "patch",
	},
	{
		does: "the bounds of a type are others, and some values are in both",
		edit: []edit{
			{"value >= 1 && value <= 5", "value >= 3 && value <= 9"},
			{"grade: 1}", "grade: 3}"},
			{"then: [ProductBlamed]", "then: [ProductRated]"},
		},
		want: []string{
			"breaking type product: Clerk",
		},
		step: "major",
	},
	{
		does: "a type has another name",
		edit: []edit{
			{"Grade", "Mark"},
		},
		step: "patch",
	},
	{
		does: "the condition of a type stands at the field now",
		edit: []edit{
			{"input: {quantity: Quantity, memo", "input: {quantity: {type: int, check: value > 0}, memo"},
		},
		step: "patch",
	},
	{
		does: "the pattern of a type takes more",
		edit: []edit{
			{"{2,8}$", "{2,9}$"},
		},
		want: []string{
			"unclear type product: Clerk",
		},
		step: "minor",
	},
	{
		does: "the pattern of a type takes less",
		edit: []edit{
			{"{2,8}$", "{2,7}$"},
		},
		want: []string{
			"breaking type product: Clerk",
			"unclear stored product: product (aggregate Product)",
		},
		step:    "major",
		because: "no example is refused by it",
	},
	{
		does: "the pattern of a type is written in another way",
		edit: []edit{
			{"^[a-z]{2,8}$", "^[a-z][a-z]{1,7}$"},
		},
		step: "patch",
	},
	{
		does: "the pattern of a type takes other values",
		edit: []edit{
			{"^[a-z]{2,8}$", "^[a-y]{1,8}$"},
		},
		want: []string{
			"breaking type product: Clerk",
			"unclear stored product: product (aggregate Product)",
		},
		step:    "major",
		because: "no example is refused by it",
	},
	{
		does: "the pattern of a type is a bound of lengths now",
		edit: []edit{
			{`"value.matches(r'^[a-z]{2,8}$')"`, "size(value) >= 2 && size(value) <= 8"},
		},
		want: []string{
			"unclear type product: Clerk",
		},
		step: "minor",
	},
	{
		does: "the condition of a type is one of which nobody can tell",
		edit: []edit{
			{`"value.matches(r'^[a-z]{2,8}$')"`, "lower(value) == value && size(value) <= 8"},
		},
		want: []string{
			"unclear stored product: product (aggregate Product)",
			"unclear type product: Clerk",
		},
		step: "minor",
	},
	{
		does: "an input field may be longer",
		edit: []edit{
			{"size(value) <= 50", "size(value) <= 60"},
		},
		want: []string{
			"compatible type product",
		},
		step: "minor",
	},
	{
		does: "an input field must be shorter",
		edit: []edit{
			{"size(value) <= 50", "size(value) <= 40"},
		},
		want: []string{
			"breaking type product: Clerk",
		},
		step:    "major",
		because: "no example is refused by it",
	},
	{
		does: "the length of an input field is written in another way",
		edit: []edit{
			{"size(value) <= 50", "51 > size(value)"},
		},
		step: "patch",
	},
	{
		does: "the sides of an allow change places",
		edit: []edit{
			{"allow: input.customerId == actor.subject", "allow: actor.subject == input.customerId"},
		},
		step: "patch",
	},
	{
		does: "an allow is wider",
		edit: []edit{
			{"allow: input.customerId == actor.subject", "allow: input.customerId == actor.subject || 'helper' in actor.roles"},
		},
		want: []string{
			"compatible condition order",
		},
		step: "minor",
	},
	{
		does: "the allow of a view is narrower",
		edit: []edit{
			{"allow: row.customerId == actor.subject", "allow: row.customerId == actor.subject && row.total > 0"},
		},
		want: []string{
			"unclear condition order: Customer, gateway (composition orderPage)",
			"unclear condition order: Customer",
		},
		step: "minor",
	},
	{
		does: "a rule takes more",
		edit: []edit{
			{"FreeGift: input.price > 0", "FreeGift: input.price > -1"},
			{`price: 0, stock: 5, size: Large}, by: {Clerk: c1}}
    then: {rejected: FreeGift}`, `price: -1, stock: 5, size: Large}, by: {Clerk: c1}}
    then: {rejected: FreeGift}`},
		},
		want: []string{
			"compatible condition product",
		},
		step:    "minor",
		because: "the example of a refusal is taken now",
		tests:   []string{"product"},
	},
	{
		does: "a rule is written in another way",
		edit: []edit{
			{"FreeGift: input.price > 0", "FreeGift: 0.0 < input.price"},
		},
		step: "patch",
	},
	{
		does: "a rule about the state asks for more",
		edit: []edit{
			{"that: input.quantity <= state.stock", "that: input.quantity < state.stock"},
		},
		want: []string{
			"unclear condition product: order (command PlaceOrder)",
		},
		step: "minor",
	},
	{
		does: "a rule about the state is written in another way",
		edit: []edit{
			{"that: input.quantity <= state.stock", "that: state.stock - input.quantity >= 0"},
		},
		step: "patch",
	},
	{
		does: "a rule about the state asks for less",
		edit: []edit{
			{"that: input.quantity <= state.stock", "that: input.quantity <= state.stock + 1 || state.price > 100"},
		},
		want: []string{
			"compatible condition product",
		},
		step:    "minor",
		because: "the example of a refusal is taken now",
		tests:   []string{"product"},
	},
	{
		does: "a rule that was implied already is added",
		edit: []edit{
			{"Undecided: input.grade != 2}", "Undecided: input.grade != 2, Low: input.grade > 0}"},
		},
		want: []string{
			"compatible condition product",
		},
		step: "minor",
	},
	{
		does: "rules are asked for in another order",
		edit: []edit{
			{"{NotShown: state.shelf == Shelf.Shown, Undecided: input.grade != 2}", "{Undecided: input.grade != 2, NotShown: state.shelf == Shelf.Shown}"},
		},
		want: []string{
			"unclear refusal product: Clerk",
		},
		step: "minor",
	},
	{
		does: "a rule has another message",
		edit: []edit{
			{"status: 409}}", "status: 409, message: there is not enough}}"},
		},
		want: []string{
			"compatible refusal product",
		},
		step: "minor",
	},
	{
		does: "an invariant asks for more",
		edit: []edit{
			{"NegativeTotal: state.total >= 0", "NegativeTotal: state.total > 0"},
		},
		want: []string{
			"unclear condition order: Customer",
		},
		step: "minor",
	},
	{
		does: "an invariant asks for less",
		edit: []edit{
			{"NegativeTotal: state.total >= 0", "NegativeTotal: state.total >= -1"},
		},
		want: []string{
			"unclear condition order: Customer",
		},
		step: "minor",
	},
	{
		does: "an invariant is written in another way",
		edit: []edit{
			{"NegativeTotal: state.total >= 0", `NegativeTotal: "!(0 > state.total)"`},
		},
		step: "patch",
	},
	{
		does: "a field of a state need not be unique any more",
		edit: []edit{
			{`        unique: [name]
`, ""},
		},
		want: []string{
			"breaking refusal product: Clerk",
			"breaking refusal product: Clerk",
			"unused refusal product",
			"unused refusal product",
			"breaking refusal product: Clerk",
			"breaking refusal product: Clerk",
			"breaking refusal product: Clerk",
			"breaking refusal product: Clerk",
		},
		step:    "major",
		because: "no example takes a value twice",
	},
	{
		does: "a state does not follow another any more",
		edit: []edit{
			{"Hidden: [Shown, Gone]", "Hidden: [Gone]"},
			{"then: [ProductShown]", "then: {rejected: IllegalTransition}"},
		},
		want: []string{
			"breaking lifecycle product: Clerk",
		},
		step: "major",
	},
	{
		does: "a state may follow another that it could not",
		edit: []edit{
			{"{Shown: [Hidden]", "{Shown: [Hidden, Gone]"},
		},
		want: []string{
			"unclear lifecycle product: Clerk",
		},
		step: "minor",
	},
	{
		does: "states are written down in another order",
		edit: []edit{
			{"Hidden: [Shown, Gone]", "Hidden: [Gone, Shown]"},
		},
		step: "patch",
	},
	{
		does: "instances begin in another state",
		edit: []edit{
			{"{shelf: {Shown: [Hidden], Hidden: [Shown, Gone]}}", "{shelf: {Hidden: [Shown, Gone], Shown: [Hidden]}}"},
			{`grade: 3, label: fine, remark: well}, by: {Clerk: c1}}
    then: [{event: ProductRated, with: {grade: 3}}]`, `grade: 3, label: fine, remark: well}, by: {Clerk: c1}}
    then: {rejected: NotShown}`},
			{`grade: 1}, by: {Clerk: c1}}
    then: [ProductBlamed]`, `grade: 1}, by: {Clerk: c1}}
    then: {rejected: NotShown}`},
			{`      - {view: product.Standing, row: {productId: p1}}
`, ""},
			{`    eventually:
  a clerk blames`, "  a clerk blames"},
		},
		want: []string{
			"unclear lifecycle product: Clerk, order (command PlaceOrder)",
		},
		step:    "minor",
		because: "the examples give a command that wants the old state",
		tests:   []string{"product"},
	},
	{
		does: "a lifecycle is gone",
		edit: []edit{
			{`        lifecycle: {shelf: {Shown: [Hidden], Hidden: [Shown, Gone]}}
`, ""},
			{"shelf: Shelf,", "shelf: {type: Shelf, default: Shown},"},
		},
		want: []string{
			"breaking refusal product: Clerk",
			"breaking refusal product: Clerk",
			"unused refusal product",
			"unused refusal product",
			"breaking refusal product: Clerk",
			"breaking refusal product: Clerk",
			"breaking refusal product: Clerk",
			"breaking refusal product: Clerk",
		},
		step:    "major",
		because: "no example goes a way that was not open",
	},
	{
		does: "a field of an event gets another value",
		edit: []edit{
			{"let: {points: input.grade * 10}", "let: {points: input.grade * 20}"},
		},
		want: []string{
			"unclear value product: Clerk",
		},
		step: "minor",
	},
	{
		does: "the value of a field of an event is written in another way",
		edit: []edit{
			{"let: {points: input.grade * 10}", "let: {tenfold: 10 * input.grade, points: tenfold}"},
		},
		step: "patch",
	},
	{
		does: "a value is worked out that nothing is made of",
		edit: []edit{
			{"let: {points: input.grade * 10}", "let: {points: input.grade * 10, spare: input.grade + 1}"},
		},
		step: "patch",
	},
	{
		does: "an event puts another value into the state",
		edit: []edit{
			{"StockCounted: {fields: [stock]}", "StockCounted: {fields: [stock], apply: {onShelf: event.stock > 0}}"},
		},
		want: []string{
			"unclear value product: Clerk",
		},
		step: "minor",
	},
	{
		does: "an event puts another value into a row",
		edit: []edit{
			{"ProductRated: {set: {points: event.points}", "ProductRated: {set: {points: row.points + event.points}"},
		},
		want: []string{
			"unclear value product: Clerk",
		},
		step: "minor",
	},
	{
		does: "a field of a view begins with another value",
		edit: []edit{
			{"points: {type: int, default: 0}", "points: {type: int, default: 1}"},
		},
		want: []string{
			"unclear default product: Clerk",
		},
		step: "minor",
	},
	{
		does: "the value that a field of a view begins with is written in another way",
		edit: []edit{
			{"points: {type: int, default: 0}", `points: {type: int, default: {cel: "5 - 5"}}`},
		},
		step: "patch",
	},
	{
		does: "a field of a state begins with another value",
		edit: []edit{
			{"onShelf: {type: bool, default: true}", "onShelf: {type: bool, default: false}"},
		},
		want: []string{
			"unclear default product: Clerk",
		},
		step: "minor",
	},
	{
		does: "an event does not end an instance any more",
		edit: []edit{
			{"fields: [customerId, productId], deletes: true", "fields: [customerId, productId]"},
		},
		want: []string{
			"unclear value order: Customer",
		},
		step: "minor",
	},
	{
		does: "an event ends an instance",
		edit: []edit{
			{"ProductBlamed: {}", "ProductBlamed: {deletes: true}"},
		},
		want: []string{
			"unclear value product: Clerk",
		},
		step: "minor",
	},
	{
		does: "a view does not follow an event any more",
		edit: []edit{
			{`          ProductHidden: {set: {shelf: Hidden}, missing: skip}
`, ""},
			{"row: {productId: p1, shelf: Hidden}", "row: {productId: p1}"},
		},
		want: []string{
			"unclear rows product: Clerk",
		},
		step: "minor",
	},
	{
		does: "a view follows another event, too",
		edit: []edit{
			{`          ProductHidden: {set: {shelf: Hidden}, missing: skip}
`, `          ProductHidden: {set: {shelf: Hidden}, missing: skip}
          ProductShown: {set: {shelf: Shown}, missing: skip}
`},
		},
		want: []string{
			"unclear rows product: Clerk",
		},
		step: "minor",
	},
	{
		does: "a view deletes a row that it changed",
		edit: []edit{
			{"ProductHidden: {set: {shelf: Hidden}, missing: skip}", "ProductHidden: {delete: true}"},
			{`    eventually:
      - {view: product.Standing, row: {productId: p1, shelf: Hidden}}
`, ""},
		},
		want: []string{
			"unclear rows product: Clerk",
			"unclear value product: Clerk",
		},
		step: "minor",
	},
	{
		does: "a view lets pass what it has no row for",
		edit: []edit{
			{"product.ProductRepriced: {set: {price: event.price}}", "product.ProductRepriced: {set: {price: event.price}, missing: skip}"},
		},
		want: []string{
			"unclear rows order",
		},
		step: "minor",
	},
	{
		does: "a view is kept together with its events",
		edit: []edit{
			{`      Standing:
`, `      Standing:
        mode: inline
`},
		},
		want: []string{
			"compatible rows product",
		},
		step: "minor",
	},
	{
		does: "a query sorts the other way round",
		edit: []edit{
			{"sort: [price]", "sort: [-price]"},
		},
		want: []string{
			"unclear rows product: Customer, Clerk",
		},
		step: "minor",
	},
	{
		does: "a query sorts by something else",
		edit: []edit{
			{"sort: [price]", "sort: [name]"},
		},
		want: []string{
			"unclear rows product: Customer, Clerk",
		},
		step: "minor",
	},
	{
		does: "a query does not sort any more",
		edit: []edit{
			{"sort: [price]}", "sort: [productId]}"},
		},
		want: []string{
			"unclear rows product: Customer, Clerk",
		},
		step: "minor",
	},
	{
		does: "a query finds fewer rows",
		edit: []edit{
			{"where: row.price < input.below", "where: row.price < input.below && row.price > 0"},
		},
		want: []string{
			"unclear condition product: Customer, Clerk",
		},
		step: "minor",
	},
	{
		does: "what a query asks is written in another way",
		edit: []edit{
			{"where: row.price < input.below", "where: input.below > row.price"},
		},
		step: "patch",
	},
	{
		does: "a query cannot be searched any more",
		edit: []edit{
			{"find: {search: [name], sort", "find: {sort"},
		},
		want: []string{
			"breaking input product: Clerk",
		},
		step:    "major",
		because: "no example searches",
	},
	{
		does: "a query can be searched",
		edit: []edit{
			{"below: decimal}, where", "below: decimal}, search: [name], where"},
		},
		want: []string{
			"compatible rows product",
		},
		step: "minor",
	},
	{
		does: "an event is emitted besides that others have heard of",
		edit: []edit{
			{"Hide: {actor: Clerk, emit: [ProductHidden]}", "Hide: {actor: Clerk, emit: [ProductHidden, StockCounted]}"},
			{"then: [ProductHidden]", "then: [ProductHidden, StockCounted]"},
		},
		want: []string{
			"unclear emit product: Clerk",
			"compatible reply product",
		},
		step: "minor",
	},
	{
		does: "an event is not emitted any more, and others wait for it",
		edit: []edit{
			{`          OrderCancelled: {fields: [customerId, productId], deletes: true}
`, `          OrderCancelled: {fields: [customerId, productId], deletes: true}
          OrderRevoked: {fields: [customerId, productId], deletes: true}
`},
			{"emit: [OrderCancelled]", "emit: [OrderRevoked]"},
			{`    then: [OrderCancelled]
    eventually:
      - ParcelStopped
`, `    then: [OrderRevoked]
`},
		},
		want: []string{
			"unclear emit order: delivery (policy StopParcel), Customer",
			"breaking emit order: delivery (policy StopParcel)",
			"compatible addition order",
		},
		step: "major",
	},
	{
		does: "an event is emitted more often",
		edit: []edit{
			{"if: input.grade > 1", "if: input.grade > 0"},
			{"then: [ProductBlamed]", "then: [ProductRated]"},
		},
		want: []string{
			"unclear emit product: Clerk",
		},
		step: "minor",
	},
	{
		does: "an event is emitted less often",
		edit: []edit{
			{"if: input.grade > 1", "if: input.grade > 2"},
		},
		want: []string{
			"unclear emit product: Clerk",
		},
		step: "minor",
	},
	{
		does: "the condition of an event is written in another way",
		edit: []edit{
			{"if: input.grade > 1", `if: "!(input.grade < 2)"`},
		},
		step: "patch",
	},
	{
		does: "events are emitted in another order",
		edit: []edit{
			{"Stop: {emit: [ParcelFiled, ParcelStopped]}", "Stop: {emit: [ParcelStopped, ParcelFiled]}"},
		},
		want: []string{
			"unclear emit delivery",
		},
		step: "minor",
	},
	{
		does: "a policy acts on another condition",
		edit: []edit{
			{"if: event.size == Size.Large", "if: event.size == Size.Large || event.quantity > 5"},
		},
		want: []string{
			"unclear reaction delivery",
		},
		step: "minor",
	},
	{
		does: "the condition of a policy is written in another way",
		edit: []edit{
			{"if: event.size == Size.Large", "if: Size.Small != event.size"},
		},
		step: "patch",
	},
	{
		does: "a policy is renamed",
		edit: []edit{
			{"      StopParcel:", "      HaltParcel:"},
		},
		step: "patch",
	},
	{
		does: "a policy is gone",
		edit: []edit{
			{`      StopParcel:
        whenever: order.OrderCancelled
        then: Parcel.Stop
        correlateBy: orderId
`, ""},
			{`    eventually:
      - ParcelStopped
`, ""},
		},
		want: []string{
			"unclear reaction delivery",
		},
		step: "minor",
	},
	{
		does: "a policy is new, and gives a command that is there",
		edit: []edit{
			{"      StopParcel:", `      StopGoods:
        whenever: product.ProductHidden
        then: Parcel.Stop
        target: id('none')
        missing: skip
      StopParcel:`},
		},
		want: []string{
			"compatible addition delivery",
		},
		step: "minor",
	},
	{
		does: "a policy waits before it acts",
		edit: []edit{
			{`      StopParcel:
        whenever: order.OrderCancelled
`, `      StopParcel:
        after: 15m
        since: order.OrderCancelled
`},
			{`    eventually:
      - ParcelStopped
`, ""},
		},
		want: []string{
			"unclear reaction delivery",
		},
		step: "minor",
	},
	{
		does: "a policy lets pass what it cannot find",
		edit: []edit{
			{`        correlateBy: orderId
`, `        correlateBy: orderId
        missing: skip
`},
		},
		want: []string{
			"unclear reaction delivery",
		},
		step: "minor",
	},
	{
		does: "a command asks another context for something else",
		edit: []edit{
			{`with: {quantity: input.quantity}
              rejected`, `with: {quantity: input.quantity + 1}
              rejected`},
			{"{event: StockReserved, with: {quantity: 2, stock: 3}}", "{event: StockReserved, with: {quantity: 3, stock: 2}}"},
		},
		want: []string{
			"unclear behaviour order: Customer, delivery (policy PrepareLarge)",
		},
		step: "minor",
	},
	{
		does: "a call is not undone any more",
		edit: []edit{
			{`              compensate: {do: product.Release, with: {quantity: input.quantity}}
`, ""},
		},
		want: []string{
			"unclear behaviour order: Customer, delivery (policy PrepareLarge)",
		},
		step: "minor",
	},
	{
		does: "a call is given more time",
		edit: []edit{
			{`              as: reserved
`, `              as: reserved
              timeout: 5s
`},
		},
		step: "patch",
	},
	{
		does: "a reply goes by another name within a command",
		edit: []edit{
			{"as: reserved", "as: taken"},
			{"reserved.price", "taken.price"},
		},
		step: "patch",
	},
	{
		does: "the gateway lets less through",
		edit: []edit{
			{`
compositions:
`, `
gateway: {rate: {perClient: 50/s}}

compositions:
`},
		},
		want: []string{
			"unclear gateway: Clerk, Customer, Packer",
		},
		step: "minor",
	},
	{
		does: "what a service answers gets a path of the gateway's own",
		edit: []edit{
			{`
compositions:
`, `
gateway: {routes: [{http: "GET /item/{productId}", to: product.Catalogue}]}

compositions:
`},
		},
		want: []string{
			"compatible addition product",
		},
		step: "minor",
	},
	{
		does: "values of an enum are written down in another order",
		edit: []edit{
			{"enum: [Small, Large]", "enum: [Large, Small]"},
		},
		step: "patch",
	},
	{
		does: "fields are written down in another order",
		edit: []edit{
			{"input: {name: string, price: decimal, stock: int, size: Size}", "input: {size: Size, stock: int, price: decimal, name: string}"},
		},
		step: "patch",
	},
	{
		does: "an actor sees a view before a command",
		edit: []edit{
			{`            actor: Clerk
            http:`, `            actor: Clerk
            sees: Catalogue
            http:`},
		},
		step: "patch",
	},
	{
		does: "an input field that had to be sent gets a default",
		edit: []edit{
			{"input: {stock: int}\n", "input: {stock: {type: int, default: 0}}\n"},
		},
		want: []string{
			"compatible input product",
		},
		step: "minor",
	},
	{
		does: "a command that a saga gives wants another field",
		edit: []edit{
			{"input: {returnId: id, shelfNo: int}, emit", "input: {returnId: id, shelfNo: int, grams: int}, emit"},
			{"shelfNo: 7}", "shelfNo: 7, grams: 100}"},
		},
		want: []string{
			"breaking input warehouse: returns (saga TakeBack)",
			"compatible order returns",
		},
		step: "major",
	},
	{
		does: "a command that a saga gives takes another field, too",
		edit: []edit{
			{"input: {returnId: id, shelfNo: int}, emit", "input: {returnId: id, shelfNo: int, grams: optional(int)}, emit"},
		},
		want: []string{
			"compatible input warehouse",
		},
		step: "minor",
	},
	{
		does: "the answer to a saga lacks what it keeps",
		edit: []edit{
			{"with: {number: input.shelfNo, wear: Wear.Fresh}", "with: {place: input.shelfNo, wear: Wear.Fresh}"},
			{"SpotKept: {fields: [returnId, number, wear]}", "SpotKept: {fields: {returnId: id, place: int, wear: Wear}, apply: {number: event.place}}"},
			{"number: reply.number", "number: reply.place"},
		},
		want: []string{
			"breaking reply warehouse: returns (saga TakeBack)",
			"unused payload warehouse",
			"compatible payload warehouse",
			"compatible reply warehouse",
			"compatible order returns",
		},
		step: "major",
	},
	{
		does: "a field that a saga keeps of an answer gets another type",
		edit: []edit{
			{"state: {returnId: id, number: int, wear: Wear,", "state: {returnId: id, number: string, wear: Wear,"},
			{"with: {number: input.shelfNo, wear: Wear.Fresh}", "with: {number: string(input.shelfNo), wear: Wear.Fresh}"},
			{"number: reply.number", "number: 7"},
		},
		want: []string{
			"breaking stored warehouse: warehouse (aggregate Spot)",
			"breaking type warehouse: Packer",
			"breaking type warehouse: returns (saga TakeBack)",
			"unused type warehouse",
			"unclear reaction returns: Customer, returns (policy RemindOfGoods), Packer",
		},
		step: "major",
	},
	{
		does: "what undoes a step of a saga goes",
		edit: []edit{
			{"            compensate: warehouse.Spot.Free\n", ""},
			{"          Free: {input: {why: optional(string)}, emit: [SpotFreed]}\n", ""},
			{"          SpotFreed: {}\n", ""},
		},
		want: []string{
			"breaking operation warehouse: returns (saga TakeBack)",
			"unused event warehouse",
			"unclear reaction returns: Customer, returns (policy RemindOfGoods), Packer",
		},
		step: "major",
	},
	{
		does: "what undoes a step of a saga is called otherwise",
		edit: []edit{
			{"          Free: {input: {why", "          GiveFree: {input: {why"},
			{"warehouse.Spot.Free", "warehouse.Spot.GiveFree"},
		},
		want: []string{
			"breaking route warehouse: returns (saga TakeBack)",
			"compatible order returns",
		},
		step: "major",
	},
	{
		does: "an event that a saga waits for lacks what it keeps",
		edit: []edit{
			{"GoodsCame: {fields: {returnId: id, wear: Wear, worth: decimal}", "GoodsCame: {fields: {returnId: id, wear: Wear}"},
			{"Unpack: {actor: Packer, input: {wear: Wear, worth: decimal}", "Unpack: {actor: Packer, input: {wear: Wear}"},
			{"worth: reply.worth", "worth: 5"},
		},
		want: []string{
			"breaking input warehouse: Packer",
			"breaking reply warehouse: Packer",
			"breaking payload warehouse: returns (saga TakeBack)",
			"unclear reaction returns: Customer, returns (policy RemindOfGoods), Packer",
		},
		step: "major",
	},
	{
		does: "an event that a timer waits since lacks what it needs",
		edit: []edit{
			{"SpotKept: {fields: [returnId, number, wear]}", "SpotKept: {fields: {handback: id, number: int, wear: Wear}, apply: {returnId: event.handback}}"},
			{"with: {number: input.shelfNo, wear: Wear.Fresh}", "with: {handback: input.returnId, number: input.shelfNo, wear: Wear.Fresh}"},
			{"then: {do: Return.Remind, target: event.returnId}", "then: {do: Return.Remind, target: event.handback}"},
		},
		want: []string{
			"breaking history warehouse: returns (policy RemindOfGoods)",
			"breaking payload warehouse: returns (policy RemindOfGoods)",
			"unused reply warehouse",
			"compatible payload warehouse",
			"compatible reply warehouse",
			"compatible order returns",
		},
		step: "major",
	},
	{
		does: "an event that calls a timer off is not there any more",
		edit: []edit{
			{"        unless: warehouse.GoodsCame\n", ""},
			{"          - {await: warehouse.GoodsCame, target: saga.spotId, save: {worth: reply.worth}}\n", ""},
			{"          Unpack: {actor: Packer, input: {wear: Wear, worth: decimal}, emit: [GoodsCame]}\n", ""},
			{"          GoodsCame: {fields: {returnId: id, wear: Wear, worth: decimal}, apply: {wear: event.wear, came: \"true\"}}\n", ""},
		},
		want: []string{
			"breaking event warehouse: returns (policy RemindOfGoods), returns (saga TakeBack)",
			"breaking operation warehouse: Packer",
			"breaking route warehouse: Packer",
			"unclear reaction returns: Customer, returns (policy RemindOfGoods), Packer",
			"unclear reaction returns: Customer",
		},
		step: "major",
	},
	{
		does: "a saga does not undo a step any more, although it could",
		edit: []edit{
			{"            compensate: warehouse.Spot.Free\n", ""},
		},
		want: []string{
			"breaking route warehouse: returns (saga TakeBack)",
			"unclear reaction returns: Customer, returns (policy RemindOfGoods), Packer",
		},
		step: "major",
	},
	{
		does: "a saga sends another value",
		edit: []edit{
			{"with: {returnId: event.returnId, shelfNo: 7}", "with: {returnId: event.returnId, shelfNo: 8}"},
		},
		want: []string{
			"unclear reaction returns: Customer, returns (policy RemindOfGoods), Packer",
		},
		step: "minor",
	},
	{
		does: "a saga gets a time",
		edit: []edit{
			{"        onFailure: Return.GiveUp\n", "        onFailure: Return.GiveUp\n        timeout: 30d\n"},
		},
		want: []string{
			"unclear reaction returns: Customer, returns (policy RemindOfGoods), Packer",
		},
		step: "minor",
	},
}
