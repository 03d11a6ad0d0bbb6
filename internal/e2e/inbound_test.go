package e2e

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/signature"
)

const depotModel = "../../testdata/models/depot/esgen.yaml"

// TestInbound has a carrier and a bank send webhooks, and other systems write into
// topics of theirs.
func TestInbound(t *testing.T) {
	opts := build(t, depotModel, nil)
	t.Run("embedded", func(t *testing.T) {
		inbound(t, opts, foreignTopics{"legacy.warehouse.v1", "scale.readings", "sensors"})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		inbound(t, opts, foreignTopics{"legacy.warehouse.v1", "scale.readings", "sensors"})
	})
	t.Run("Kafka", func(t *testing.T) {
		brokers := testservers.Kafka(t)
		text, err := os.ReadFile(depotModel)
		if err != nil {
			t.Fatal(err)
		}
		topics := foreignTopics{testservers.Unique("warehouse"), testservers.Unique("scale"), testservers.Unique("sensors")}
		modelFile := filepath.Join(t.TempDir(), "esgen.yaml")
		own := strings.NewReplacer("system: depot", "system: "+testservers.Unique("depot"), "legacy.warehouse.v1", topics.warehouse,
			"scale.readings", topics.scale, "{name: sensors}", "{name: "+topics.sensors+"}").Replace(string(text))
		if err := os.WriteFile(modelFile, []byte(own), 0o600); err != nil {
			t.Fatal(err)
		}
		opts := generateInto(t, t.TempDir(), modelFile)
		if err := devrun.Build(t.Context(), opts, nil); err != nil {
			t.Fatal(err)
		}
		opts.Kafka = strings.Join(brokers, ",")
		makeTopics(t, brokers, topics)
		inbound(t, opts, topics)
	})
}

// foreignTopics are those that belong to others.
type foreignTopics struct{ warehouse, scale, sensors string }

// makeTopics makes topics as those would to whom they belong.
func makeTopics(t *testing.T, brokers []string, topics foreignTopics) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopics(t.Context(), 3, 1, nil, topics.warehouse, topics.scale, topics.sensors); err != nil {
		t.Fatal(err)
	}
}

func inbound(t *testing.T, opts devrun.Options, topics foreignTopics) {
	s := start(t, opts)
	t.Run("webhooks", func(t *testing.T) { webhooks(t, s) })
	t.Run("stand-ins", func(t *testing.T) { toldByStandins(t, s) })
	t.Run("topics", func(t *testing.T) { inTopics(t, s, topics) })
}

// carla is a clerk, who looks at everything.
var carla = actor{"carla", "clerk"}

// hook is a webhook on its way.
type hook struct {
	body   string
	secret string        // "": the right one
	ago    time.Duration // that it was signed
	header string        // in place of the signature
	none   bool          // it has none
}

// send sends it to a service, and expects a status.
func (h hook) send(t *testing.T, p *process, route, header, secret string, status int) answer {
	t.Helper()
	signed := cmp.Or(h.header, signature.Sign(cmp.Or(h.secret, secret), []byte(h.body), time.Now().Add(-h.ago)))
	r := request{route: route, body: h.body, who: actor{id: "nobody"}, header: map[string]string{header: signed}}
	if h.none {
		r.header = nil
	}
	a := p.do(t, r)
	if a.status != status {
		t.Fatalf("%s %s: status %d, want %d: %s", route, h.body, a.status, status, a.text)
	}
	return a
}

func scanned(id, parcel, city string) string {
	return fmt.Sprintf(`{"id": %q, "type": "parcel.scanned", "api": 3, "data": {"object": {"tracking": {"no": %q, "by": "x"}, "stops": [{"city": %q, "postcode": "12345", "lat": 1.5}], "mood": "fine"}}}`, id, parcel, city)
}

func webhooks(t *testing.T, s *system) {
	delivery, billing := s.services["delivery"], s.services["billing"]
	const secret = "development-secret-of-carrier"
	send := func(t *testing.T, status int, h hook) answer {
		t.Helper()
		return h.send(t, delivery, "POST /webhooks/carrier", "Carrier-Signature", secret, status)
	}
	scans := func(t *testing.T, parcel string, n int) {
		t.Helper()
		delivery.becomes(t, carla, "GET /views/trackings/"+parcel, map[string]any{"scans": n})
	}

	t.Run("become events, once", func(t *testing.T) {
		delivery.ask(t, carla, 201, "POST /parcels", `{"parcelId": "p1", "invoiceNo": "i1"}`)
		for range 3 {
			send(t, 204, hook{body: scanned("s1", "p1", "Seoul")})
		}
		send(t, 204, hook{body: scanned("s2", "p1", "Busan")})
		delivery.becomes(t, carla, "GET /views/trackings/p1", map[string]any{"scans": 2, "city": "Busan", "delivered": false})
		delivered := `{"id": 7, "type": "parcel.delivered", "data": {"object": {"tracking": {"no": "p1"}, "weight": 120}}}` // ids may be numbers
		send(t, 204, hook{body: delivered})
		send(t, 204, hook{body: delivered})
		delivery.becomes(t, carla, "GET /parcels/p1", map[string]any{"status": "Arrived", "weight": 120, "version": 2})
		billing.becomes(t, carla, "GET /views/deliveries/p1", map[string]any{"weight": 120})
		delivery.becomes(t, carla, "GET /views/trackings/p1", map[string]any{"scans": 2, "delivered": true})
		s.hears(t, s.opts.System.ID+".delivery.carrier", "p1", "ParcelScanned", "ParcelScanned", "ParcelDelivered")
	})
	t.Run("many at once", func(t *testing.T) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { send(t, 204, hook{body: scanned("s3", "p3", "Jeju")}) })
		}
		all.Wait()
		scans(t, "p3", 1)
	})
	t.Run("through the gateway", func(t *testing.T) {
		body := scanned("s4", "p4", "Ulsan")
		tell := func(header string) int {
			a, err := ask(t.Context(), http.MethodPost, s.Addr(devrun.Gateway)+"/delivery/webhooks/carrier", request{
				body: body, header: map[string]string{"Carrier-Signature": header},
			})
			if err != nil {
				t.Fatal(err)
			}
			return a.status
		}
		if status := tell("t=1,v1=00"); status != 401 {
			t.Errorf("status %d of one that is not signed", status)
		}
		if status := tell(signature.Sign(secret, []byte(body), time.Now())); status != 204 {
			t.Errorf("status %d", status)
		}
		scans(t, "p4", 1)
	})
	t.Run("are refused", func(t *testing.T) {
		body := scanned("s5", "p5", "Daegu")
		for name, h := range map[string]hook{
			"no signature":     {none: true},
			"another secret":   {secret: "another-secret-of-16"},
			"another body":     {header: signature.Sign(secret, []byte(body+" "), time.Now())},
			"no form":          {header: "sha256=00"},
			"no time":          {header: "v1=00"},
			"old":              {ago: 3 * time.Minute},
			"of the future":    {ago: -3 * time.Minute},
			"another time":     {header: strings.Replace(signature.Sign(secret, []byte(body), time.Now().Add(-time.Hour)), "t=", fmt.Sprintf("t=%d,x=", time.Now().Unix()), 1)},
			"two times":        {header: fmt.Sprintf("t=%d,", time.Now().Unix()) + signature.Sign(secret, []byte(body), time.Now().Add(-time.Hour))},
			"nothing, plainly": {header: " "},
		} {
			h.body = body
			if a := send(t, 401, h); a.body["code"] != "unauthorized" {
				t.Errorf("%s: %s", name, a.text)
			}
		}
		for want, body := range map[string]string{
			"/id":     strings.Replace(body, `"id"`, `"ID"`, 1),
			"/type":   strings.Replace(body, `"parcel.scanned"`, `[]`, 1),
			"":        body + "}",
			"/data":   `{"id": "x", "type": "parcel.scanned", "data": {}}`,
			"/weight": `{"id": "x", "type": "parcel.delivered", "data": {"object": {"tracking": {"no": "p5"}, "weight": "heavy"}}}`,
			"/worth":  `{"id": "x", "type": "parcel.lost", "data": {"object": {"tracking": {"no": "p5"}, "worth": -1}}}`,
			"/at":     strings.Replace(body, "12345", "1", 1),
		} {
			a := send(t, 400, hook{body: body})
			errors, _ := a.body["errors"].([]any)
			if a.body["code"] != "invalid" || len(errors) == 0 || !strings.HasPrefix(errors[0].(map[string]any)["pointer"].(string), want) {
				t.Errorf("%s: %s", want, a.text)
			}
		}
		if a := send(t, 413, hook{body: `{"id": "` + strings.Repeat("x", 2<<20) + `"}`}); a.body["code"] != "too-large" {
			t.Error(a.text)
		}
		send(t, 204, hook{body: `{"id": "u1", "type": "parcel.painted", "data": {"object": {}}}`}) // of no type that is known here
		delivery.ask(t, carla, 404, "GET /views/trackings/p5", "")
	})
	t.Run("by an old secret and a new one", func(t *testing.T) {
		s.SetEnv("delivery", "CARRIER_WEBHOOK_SECRET", "the-secret-of-tomorrow "+secret)
		delivery.stop(t)
		delivery.start(t)
		send(t, 204, hook{body: scanned("s6", "p6", "Daegu"), secret: "the-secret-of-tomorrow"})
		send(t, 204, hook{body: scanned("s7", "p6", "Daegu")})
		send(t, 204, hook{body: scanned("s6", "p6", "Daegu")}) // it is known after a restart, too
		scans(t, "p6", 2)
	})
	t.Run("start a saga", func(t *testing.T) {
		delivery.ask(t, carla, 201, "POST /parcels", `{"parcelId": "p8", "invoiceNo": "i1"}`)
		send(t, 204, hook{body: `{"id": "l1", "type": "parcel.lost", "data": {"object": {"tracking": {"no": "p8"}, "worth": 50}}}`})
		delivery.becomes(t, carla, "GET /parcels/p8", map[string]any{"status": "Gone"})
		billing.willList(t, carla, "GET /views/credits?parcelNo=p8", "amount", "50")
	})
}

// toldByStandins has the stand-ins send what the bank tells, each kind to a path of
// its own.
func toldByStandins(t *testing.T, s *system) {
	billing := s.services["billing"]
	tell := func(path, body string, status int) {
		t.Helper()
		a, err := ask(t.Context(), http.MethodPost, s.Standins()+"/_webhooks/Bank/"+path, request{body: body})
		if err != nil || a.status != status {
			t.Fatalf("%s: %v, status %d, want %d: %s", path, err, a.status, status, a.text)
		}
	}
	billing.ask(t, carla, 201, "POST /invoices", `{"invoiceId": "b1", "amount": 100}`)
	tell("TransferSettled", `{"id": "t1", "invoiceId": "b1", "amount": "60.5"}`, 204)
	tell("TransferSettled", `{"id": "t1", "invoiceId": "b1", "amount": "60.5"}`, 204)
	billing.becomes(t, carla, "GET /invoices/b1", map[string]any{"paid": "60.5", "version": 2})
	tell("TransferBounced?ago=10m", `{"id": "t2", "invoiceId": "b1", "reason": "closed"}`, 401)
	tell("TransferBounced", `{"id": "t2", "invoiceId": "b1", "reason": "closed"}`, 204)
	billing.becomes(t, carla, "GET /invoices/b1", map[string]any{"paid": "0", "version": 3})
	tell("TransferSettled", `{"id": "t3", "amount": 1}`, 400)
}

// write writes records as those would to whom the topics belong.
func (s *system) write(t *testing.T, records ...*kgo.Record) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers()...), kgo.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// foreignRecord is a record of somebody else.
func foreignRecord(topic, key, value string, headers ...string) *kgo.Record {
	r := &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(value)}
	for i := 0; i < len(headers); i += 2 {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: headers[i], Value: []byte(headers[i+1])})
	}
	return r
}

func inTopics(t *testing.T, s *system, topics foreignTopics) {
	stock := s.services["stock"]
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	write := func(t *testing.T, records ...*kgo.Record) {
		t.Helper()
		if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	counted := func(id, sku string, qty int) *kgo.Record {
		return foreignRecord(topics.warehouse, sku, fmt.Sprintf(`{"header": {"message": %q, "to": 1}, "body": {"qty": %d, "shelves": ["a"], "unit": "PCS"}}`, id, qty), "kind", "CNT")
	}

	t.Run("plain JSON", func(t *testing.T) {
		write(t, counted("m1", "bolt", 3), counted("m1", "bolt", 3), counted("m2", "bolt", 5),
			foreignRecord(topics.warehouse, "bolt", `{"header": {"message": 3}, "body": {"shelf": "c"}}`, "kind", "MOV"))
		stock.becomes(t, carla, "GET /views/stocks/bolt", map[string]any{"pieces": 5, "counts": 2, "shelf": "c"})
		write(t, counted("m1", "bolt", 3), counted("m4", "bolt", 6))
		stock.becomes(t, carla, "GET /views/stocks/bolt", map[string]any{"pieces": 6, "counts": 3})
		s.hears(t, s.opts.System.ID+".stock.warehouse", "bolt", "GoodsCounted", "GoodsCounted", "GoodsMoved", "GoodsCounted")
	})
	t.Run("plain JSON without ids", func(t *testing.T) {
		for range 3 {
			write(t, foreignRecord(topics.scale, "d1", `{"dock": 1, "grams": 500}`)) // what they count is a text here
		}
		stock.becomes(t, carla, "GET /views/docks/1", map[string]any{"grams": 500, "times": 3})
		stock.kill(t)
		write(t, foreignRecord(topics.scale, "", `{"dock": "1", "grams": 700}`))
		stock.start(t)
		stock.becomes(t, carla, "GET /views/docks/1", map[string]any{"grams": 700, "times": 4})
	})
	t.Run("CloudEvents", func(t *testing.T) {
		binary := func(id, source, data string) *kgo.Record {
			return foreignRecord(topics.sensors, "k", data, "ce_specversion", "1.0", "ce_id", id, "ce_source", source, "ce_type", "com.sensors.temperature",
				"ce_time", "2026-11-30T10:00:00+09:00", "content-type", "application/json; charset=utf-8")
		}
		write(t, binary("1", "/north", `{"sensor": "n", "zone": "cold-room", "degrees": 9.5}`),
			binary("1", "/north", `{"sensor": "n", "zone": "cold-room", "degrees": 9.5}`), // the same again
			binary("1", "/south", `{"sensor": "s", "zone": "cold-room", "degrees": 12}`),  // another, of another source
			foreignRecord(topics.sensors, "k", `{"specversion": "1.0", "id": "2", "source": "/north", "type": "com.sensors.humidity", "data": {}}`, "content-type", "application/cloudevents+json"),
			foreignRecord(topics.sensors, "k", `{"specversion": "1.0", "id": "3", "source": "/north", "type": "com.sensors.temperature", "time": "2026-11-30T10:30:00+09:00", "data": {"sensor": "n", "zone": "cold-room", "degrees": "11", "battery": 4}}`,
				"content-type", "application/cloudevents+json; charset=UTF-8"))
		stock.willList(t, carla, "GET /views/alarms", "degrees", "11")
		events := s.hears(t, s.opts.System.ID+".stock.sensors", "n", "TemperatureRead", "TemperatureRead")
		if got := events[0].header["ce_time"]; got != "2026-11-30T01:00:00Z" {
			t.Errorf("it happened at %s", got)
		}
	})
	t.Run("what cannot be read", func(t *testing.T) {
		if parked := stock.parked(t); len(parked) > 0 {
			t.Fatalf("parked before: %v", parked)
		}
		bad := map[string]*kgo.Record{
			"no JSON":         foreignRecord(topics.warehouse, "nut", "<xml/>", "kind", "CNT"),
			"no id":           foreignRecord(topics.warehouse, "nut", `{"body": {"qty": 1, "shelves": []}}`, "kind", "CNT"),
			"no kind":         foreignRecord(topics.warehouse, "nut", `{"header": {"message": "x"}, "body": {}}`),
			"an unknown kind": foreignRecord(topics.warehouse, "nut", `{"header": {"message": "x"}, "body": {}}`, "kind", "XYZ"),
			"a wrong type":    foreignRecord(topics.warehouse, "nut", `{"header": {"message": "x"}, "body": {"qty": "many", "shelves": []}}`, "kind", "CNT"),
			"a missing field": foreignRecord(topics.warehouse, "nut", `{"header": {"message": "x"}, "body": {"shelves": []}}`, "kind", "CNT"),
			"no key":          foreignRecord(topics.warehouse, "", `{"header": {"message": "x"}, "body": {"qty": 1, "shelves": []}}`, "kind", "CNT"),
			"a broken key":    foreignRecord(topics.warehouse, "\xff", `{"header": {"message": "x"}, "body": {"qty": 1, "shelves": []}}`, "kind", "CNT"),
			"no CloudEvent":   foreignRecord(topics.sensors, "nut", `{"sensor": "n", "zone": "cold-room", "degrees": 1}`),
			"an unknown zone": foreignRecord(topics.sensors, "nut", `{"sensor": "n", "zone": "Cold", "degrees": 1}`, "ce_specversion", "1.0", "ce_id", "9", "ce_source", "/x", "ce_type", "com.sensors.temperature"),
			"a batch":         foreignRecord(topics.sensors, "nut", `[]`, "content-type", "application/cloudevents-batch+json"),
		}
		for _, r := range bad {
			write(t, r)
		}
		write(t, &kgo.Record{Topic: topics.warehouse, Key: []byte("nut")}, counted("m9", "nut", 4)) // without a value it says nothing
		stock.becomes(t, carla, "GET /views/stocks/nut", map[string]any{"pieces": 4, "counts": 1})
		eventually(t, "parked", func() error {
			if parked := stock.parked(t); len(parked) != len(bad) {
				return fmt.Errorf("parked: %s", strings.Join(parked, "\n"))
			}
			return nil
		})
		for _, p := range stock.parked(t) {
			if !strings.HasPrefix(p, ": undecodable: ") {
				t.Error(p)
			}
		}
		// It cannot be read later, either, until the model knows better.
		stock.ask(t, inside, 200, "POST /internal/parked/replay?all=true", "")
		if parked := stock.parked(t); len(parked) != len(bad) {
			t.Errorf("parked after a replay: %v", parked)
		}
		stock.ask(t, inside, 200, "POST /internal/parked/skip?all=true", "")
	})
	t.Run("rebuilt", func(t *testing.T) {
		stock.ask(t, inside, 202, "POST /views/Stock/rebuild", "")
		stock.becomes(t, carla, "GET /views/stocks/bolt", map[string]any{"pieces": 6, "counts": 3, "shelf": "c"})
	})
	for _, p := range s.services {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s parked: %v", p.name, parked)
		}
	}
}
