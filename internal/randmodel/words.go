package randmodel

import "strings"

// Names that go well, by what they are for.
var (
	nounWords    = strings.Fields("Order Cart Shipment Customer Driver Book Room Ticket Parcel Meter Lease Invoice Claim Seat Garden Tool Recipe Plant Vessel Permit Course Match Voucher Route Sample")
	verbWords    = strings.Fields("Open Place Cancel Assign Move Close Change Approve Refuse Renew Extend Collect Weigh Sign Pack Check Settle Reserve Release Grant")
	fieldWords   = strings.Fields("amount price note dueOn count label weight openedAt code address wait rate kind level tags lines colour phone reason remark share limitOf position volume quantity")
	contextWords = strings.Fields("front sales stock billing shipping desk garage claims rooms lab office depot market yard")
	enumWords    = strings.Fields("Open Paid Closed Lost Ready Done Waiting Red Green Blue North South Small Large")
	actorWords   = strings.Fields("Clerk Guest Manager Driver Operator Nurse Teacher Seller")
)

// Names that mean something somewhere in what is generated, or are written in
// ways that fall together.
var (
	nastyNotes = append(strings.Fields(`State New Decide App Event Events Command Error Errors Context Values Time List Map Type Func String Order Orders News New Series Sheep
		Check Evolve Transition DecodeEvent Row View Views UserView User Users Person People Projections Repository Option ID Id Meta Zone Date Decimal Duration Handler Server Client
		Test Main Init Internal Platform Vendor Testdata Outbox Inbox Sequence Select Table Group Where Index Default Any Nil Len Append Range Interface Struct Chan Go
		Request Response Problem Policy Policies Routes Upstream Readmodel Domain Types Config Env Json Http Sql Rest Grpc Kafka Proto Message Service Services Aggregate Public
		X_Y XY Xy X1 A ABC AbcDef ABCDef URL UrlOf Stream Page Cursor Link Links Queries Actors ActorID Subject Reply Catalogue Book_test Linux Windows Amd64 Order_test
		주문 注文 Παραγγελία Données Größe Заказ Ñandú ألف İstanbul Straße ﬁsh ǅ Ａ`),
		"Supercalifragilisticexpialidocious", strings.Repeat("VeryLong", 9), strings.Repeat("Langer", 14), strings.Repeat("긴이름", 12), strings.Repeat("N", 200))
	nastyFields = append(strings.Fields(`state type func select order_id orderId orderID id ID version value errors context new string len search now meta event key
		table data time date size has map from where group user created_at createdAt created row rows input actor reply saga window old isNew err ctx if tx db e s d m t r w c x a
		event_id aggregate_id payload headers position owner index nil any error int bool float64 byte rune make append copy close panic print range return interface struct chan go
		defer default switch case goto fallthrough primary references unique check constraint values json fmt strings slices command app store view views
		이름 名前 όνομα größe имя naïve ﬁeld total_ total__x total_x totalX TotalX x1 x_1 x2 aB ab AB ifMatch etag location authorization host page next prev self links _links`),
		strings.Repeat("long", 16), strings.Repeat("field", 40), strings.Repeat("필드", 15))
	nastyContexts = append(strings.Fields(`gateway kafka jaeger identity postgres prometheus grafana standins platform main internal test types app domain view views store values errors context time
		database jwks default func go vendor migrate topics 주문 注文 κατάστημα café notification_service kube_system localhost collector otel broker redpanda zookeeper namespace service services
		docs deploy contracts api tools topic user users admin system public health healthz metrics live ready internal_ x a esgen desk secret secrets config redis mail pay Pay order orders book books`),
		strings.Repeat("longcontext", 5), strings.Repeat("context", 9))
	nastyEnums  = strings.Fields(`String Type Unknown UNSPECIFIED None Nil True False Yes No On Off A a B b in_progress InProgress inProgress x1 발행 済 Κίτρινο Größe Values New default func select Zero Valid`)
	nastyActors = strings.Fields(`System Admin admin User Users Public Actor Role Everyone Internal 손님 客 Πελάτης Guest_2 FooBar Foo Nobody Anonymous Gateway Kafka`)
)

// scopeWords are names of variables that expressions keep for themselves.
var scopeWords = strings.Fields("state input id now actor event meta row reply saga isNew value window old true false null in if for as")

// plainTexts read well everywhere.
var plainTexts = []string{"An order is placed", "Total in won", "Bestellung", "주문한다", "what the guest wants", "Due date"}

// NastyTexts mean something in some language that is generated.
var NastyTexts = []string{
	`"`, `'`, "`", `\`, `\\`, "a\nb", "a\r\nb", "\n", "\t", "a\tb", `*/`, `/* x */`, `// x`, `{{.Name}}`, `{{`, `}}`, `{{/*`, `${HOME}`, `$(id)`, "`id`", `$$`, `$x`, `%s%d%!`, `100%`,
	`-->`, `<!-- x`, `</script><script>alert(1)</script>`, `<b>x</b>`, `<img src=x onerror=y>`, `&amp;`, `a & b < c > d`, `]]>`, `<?xml`,
	`a: b`, `a #b`, `- x`, `? x`, `|`, `>-`, `!x`, `&x`, `*x`, `@x`, `%YAML 1.2`, `---`, `...`, "x\n---\ny: z", `{"a": 1}`, `[1, 2]`, `, `, `~`, `null`, `yes`, `0x1f`, `1e3`, `.inf`, `2026-01-01`, `=1+1`,
	`'; DROP TABLE orders; --`, `x' OR '1'='1`, `?`, `$1`, `:name`, `"; }`, "x\nfunc init() { panic(1) }", "x\n}\nfunc init() {}\n//", "x */ func f() {}", "x`+`y", "`\"'\\", `"""`, `'''`,
	"# Title", "| a | b |", "a|b", "[x](y)", "![x](y)", "```", "x\n```\ny", "~~~", "1. x", "    code", "* x", "> x", "x  \ny", "x\n\n## y", "x\n===", "_x_ **y**", "<details>",
	`\n`, `\u0041`, `\x41`, `%00`, `a\`, `x\'`, `x\"`, `; rm -rf /`, "x\nexit 1", "&& exit 1", `| cat`, `> x`, `#!`, "x\n\texit 1", "x\nall: ; exit", `$(shell exit 1)`, "EOF", "x\nEOF\nexit 1",
	"🎉", "👩‍👩‍👧‍👦", "مرحبا بالعالم", "שלום", "\u202Egnp.exe", "a\u200Bb", "\uFEFFx", "\u2028", "\u2029x", "\u0085", "\u00a0x", "e\u0301", "ﬀ", "İi", "ẞß", "\x00", "a\x00b", "\x01\x1b[31mred", "\x7f", "\u009f", "\U000E0001",
	"", " ", "  x  ", "x\n", "\nx", strings.Repeat("long ", 400), strings.Repeat("x", 3000), strings.Repeat("가", 500), strings.Repeat("a\n", 50),
	"Code generated by esgen. DO NOT EDIT.", "//go:build ignore", "x\n//go:build ignore", "+build ignore", "//go:embed x", "x\n//go:generate y", "package x", "import \"os\"", "option go_package = \"x\";",
	"https://example.com/x?y=1&z=2#f", "mailto:a@b.example", "a/b", "../../x", "C:\\x", "a;b,c", "@here", "#1", "TODO", "nolint", "//nolint", "FROM scratch", "x\nRUN y", "\\", "x \\",
}
