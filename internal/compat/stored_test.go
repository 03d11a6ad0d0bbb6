package compat_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What lies in the database no contract test sees, because it begins with an
// empty one. Here a service of the system as it was keeps something, and the
// one that it has become looks for it in a copy of its database.
func TestStoredAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("generates systems and runs their services on a database")
	}
	if os.Getenv(everyChange) != "all" {
		t.Skipf("generates many systems and runs their services; %s=all asks for it", everyChange)
	}
	tea := keep{"product", `{"type":"product.product.ProductRegistered","subject":"p1","sequence":1,"time":"2026-01-01T00:00:00Z",
		"data":{"productId":"p1","name":"Tea","price":"10","stock":5,"size":"Large"}}`}
	order := keep{"order", `{"type":"order.order.OrderPlaced","subject":"o1","sequence":1,"time":"2026-01-01T00:00:00Z",
		"data":{"orderId":"o1","customerId":"u1","productId":"p1","quantity":2,"total":"20","size":"Large","to":{"street":"s","city":"c"}}}`}
	parcel := keep{"delivery", `{"type":"delivery.parcel.ParcelPrepared","subject":"d1","sequence":1,"time":"2026-01-01T00:00:00Z",
		"data":{"parcelId":"d1","orderId":"o1","to":{"street":"s","city":"c"},"heavy":true}}`}
	dir := t.TempDir()
	was := filepath.Join(dir, "was")
	generate(t, base(t), was)
	for _, k := range []keep{tea, order, parcel} {
		k.keeps(t, was, dir)
	}
	later := edit{"to: Address, note: optional(string)}\n        invariants", "to: Address, note: optional(string), gift: {type: bool, default: false}}\n        invariants"}
	for _, c := range []struct {
		does string
		then []edit // what changes after it
		kept keep
		find find
		says string // what becomes of what was kept
	}{
		{"a query is added", nil, tea, find{"Products", "Catalogues", "p1"}, `"name":"Tea","price":"10"`}, // nothing breaks
		{"an aggregate is renamed", nil, tea, find{"Articles", "Catalogues", "p1"}, "is not there"},
		{"an aggregate is stored as its events", []edit{later}, order, find{"Orders", "MyOrders", "o1"}, `"customerId":"u1"`}, // which its history begins with
		{"a value of an enum is renamed", nil, order, find{"Orders", "MyOrders", "o1"}, `"size":"Large"`},                     // which is no Size any more
		{"a field of a state is added without a default", nil, parcel, find{"Parcels", "", "d1"}, `"note":""`},
		{"a field of a state is added with a default", nil, parcel, find{"Parcels", "", "d1"}, `"note":"none"`},
	} {
		t.Run(c.does, func(t *testing.T) {
			is := filepath.Join(dir, "is")
			generate(t, change{edit: c.then}.edited(t, named(t, c.does).edited(t, base(t))), is)
			if said := c.kept.finds(t, is, dir, c.find); !strings.Contains(said, c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, said)
			} else {
				t.Log(said)
			}
		})
	}
}

// keep is an event of a context that is kept.
type keep struct{ context, event string }

// find is what is looked for: an instance by its repository, and a view.
type find struct{ repository, view, id string }

// keeping is a test of a generated service that has an event happen, and keeps
// a copy of the database; finding one that prepares what the service has become
// on that copy, writes a row, and tells of the instance.
const (
	keeping = `
import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"example.com/shop/services/CONTEXT/internal/servicetest"
)

func TestKept(t *testing.T) {
	service := servicetest.Given(t)
	told(t, service.Make(t.Context(), "kept", json.RawMessage(EVENT)))
	_, err := service.DB.Exec(t.Context(), "VACUUM INTO '"+os.Getenv("KEPT")+"'")
	told(t, err)
}
`
	finding = `
import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"example.com/shop/platform/aggregate"
	"example.com/shop/platform/store"
	"example.com/shop/platform/values"
	sqladapter "example.com/shop/services/CONTEXT/internal/adapters/sql"
)

func TestKept(t *testing.T) {
	db, err := store.Open(t.Context(), "sqlite:"+os.Getenv("KEPT"))
	told(t, err)
	told(t, db.Migrate(t.Context()))
	kept := sqladapter.New(db, aggregate.Options{})
	repository := kept.REPOSITORY
	told(t, repository.Prepare(t.Context()))
	told(t, write(t, db, kept, values.Meta{}))
	instance, err := repository.Load(t.Context(), "ID")
	told(t, err)
	state, err := json.Marshal(instance.State)
	told(t, err)
	fmt.Println(string(state))
}

func write(t *testing.T, db *store.DB, kept *sqladapter.Store, meta values.Meta) error { ROW }
`
	telling = `
func told(t *testing.T, err error) {
	if err != nil {
		fmt.Println(err)
		t.SkipNow()
	}
}
`
)

// keeps has the service of a tree keep the event.
func (k keep) keeps(t *testing.T, tree, dir string) {
	t.Helper()
	event := "`{\"history\":[" + k.event + "]}`"
	said := k.run(t, tree, filepath.Join(dir, k.context+".db"), strings.NewReplacer("CONTEXT", k.context, "EVENT", event).Replace(keeping))
	if _, err := os.Stat(filepath.Join(dir, k.context+".db")); err != nil {
		t.Fatal(said)
	}
}

// finds has the service of a tree look for it, in a copy of its own, and
// returns what it says.
func (k keep) finds(t *testing.T, tree, dir string, f find) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, k.context+".db"))
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(kept, data, 0o644); err != nil {
		t.Fatal(err)
	}
	row := "return nil"
	if f.view != "" {
		row = "return put(t, db, meta, kept." + f.view + ")"
	}
	code := strings.NewReplacer("CONTEXT", k.context, "REPOSITORY", f.repository, "ID", f.id, "ROW", row).Replace(finding)
	if f.view != "" {
		code = strings.Replace(code, `"example.com/shop/platform/values"`, `"example.com/shop/platform/values"
	"example.com/shop/platform/table"`, 1) + `
func put[R any](t *testing.T, db *store.DB, meta values.Meta, rows *table.Table[R]) error {
	if err := rows.Prepare(t.Context()); err != nil {
		return err
	}
	var row R
	return db.InTx(t.Context(), func(tx *store.Tx) error { return rows.Put(t.Context(), tx, meta, row) })
}
`
	}
	return k.run(t, tree, kept, code)
}

// run puts a test into a generated service, runs it, and returns what it says.
func (k keep) run(t *testing.T, tree, kept, code string) string {
	t.Helper()
	into := filepath.Join(tree, "services", k.context, "internal", "adapters", "kept")
	if err := os.MkdirAll(into, 0o755); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(into) }()
	if err := os.WriteFile(filepath.Join(into, "kept_test.go"), []byte("package kept\n"+code+telling), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-ldflags=-s -w", "-v", "-count=1", "./services/"+k.context+"/internal/adapters/kept")
	cmd.Dir = tree
	cmd.Env = append(os.Environ(), "KEPT="+kept)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	return string(out)
}
