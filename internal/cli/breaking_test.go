package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/esgen/esgen/internal/compat"
	"github.com/esgen/esgen/internal/schematest"
)

// git runs git as somebody, and notes it.
func (s *session) git(args ...string) {
	s.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("git %v: %v: %s", args, err, out)
	}
	s.log.WriteString("$ git " + strings.Join(args, " ") + "\n\n")
}

// withShop makes a directory of the model that changes are tried on.
func withShop(t *testing.T, dir string) {
	t.Helper()
	data, err := os.ReadFile("../compat/testdata/shop/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "esgen.yaml"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A model is compared with files, directories and git references.
func TestBreaking(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	golden, err := filepath.Abs("testdata/breaking.txt")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	withShop(t, dir)
	t.Chdir(dir)
	s := &session{t: t}
	s.esgen("breaking")
	s.esgen("breaking", "--against", "main")
	s.git("init", "-q")
	s.esgen("breaking", "--against", "main")
	s.git("add", ".")
	s.git("commit", "-q", "-m", "as it was")
	s.esgen("breaking", "--against", "main")
	s.change("esgen.yaml", "/product/{productId}/reprice", "/item/{productId}/reprice")
	s.change("esgen.yaml", "input.customerId == actor.subject", "input.customerId == actor.subject && input.quantity < 9")
	s.change("esgen.yaml", "reserved.price * input.quantity", "decimal(10) * input.quantity")
	s.change("esgen.yaml", "quantity: int, stock: int, price: decimal", "quantity: int, stock: int")
	s.change("esgen.yaml", "          cheap: {input", "          all: {}\n          cheap: {input")
	s.esgen("breaking", "--against", "main")
	s.esgen("breaking", "--against", "main", "--format", "github")
	s.esgen("breaking", "--against", "main", "--format", "markdown")
	s.esgen("breaking", "--against", "main", "--format", "json")
	s.esgen("breaking", "--against", "main", "--context", "order")
	s.esgen("breaking", "--against", "main", "--context", "ordr")
	s.esgen("breaking", "--against", "main", "--format", "xml")
	s.git("checkout", "-q", "esgen.yaml")
	s.change("esgen.yaml", "stock: int, price: decimal}", "stock: int, price: decimal, name: string}")
	s.esgen("breaking", "--against", "main", "--strict")
	s.change("esgen.yaml", "input.quantity <= state.stock", "input.quantity < state.stock")
	s.esgen("breaking", "--against", "HEAD")
	s.esgen("breaking", "--against", "HEAD", "--strict")
	s.change("esgen.yaml", "actor: [Customer, Clerk]", "actor: [Clerk]")
	s.write("breaks.txt", `# Customers were told in November.
the list of view Catalogue is not for the role customer any more => customers have a view of their own
query Catalogue.cheap is not for the role customer any more =>
a row of view Catalogue is gone => it is not
`)
	s.esgen("breaking", "--against", "HEAD")
	s.write("meant.txt", `the list of view Catalogue is not for the role customer any more => customers have a view of their own
query Catalogue.cheap is not for the role customer any more => customers have a view of their own
a row of view Catalogue is not for the role customer any more => customers have a view of their own
`)
	s.esgen("breaking", "--against", "HEAD", "--meant", "meant.txt")
	s.esgen("breaking", "--against", "HEAD", "--meant", "nowhere.txt")
	s.remove("breaks.txt")
	s.git("checkout", "-q", "esgen.yaml")
	s.git("mv", "esgen.yaml", "shop.yaml")
	s.esgen("breaking", "--against", "main", "shop.yaml")
	s.esgen("breaking", "--against", "main:esgen.yaml", "shop.yaml")
	s.esgen("breaking", "--against", "main:", "shop.yaml")
	s.esgen("breaking", "--against", "main:old/esgen.yaml", "shop.yaml")
	s.esgen("breaking", "--against=--output=x", "shop.yaml")
	s.esgen("breaking", "--against", ".", "shop.yaml")
	s.write("pacts/store-product.json", `{"consumer": {"name": "store"}, "provider": {"name": "product"}, "interactions": [
  {"type": "Synchronous/HTTP", "description": "a price", "comments": {"text": ["command Buy"]},
   "request": {"method": "POST", "path": "/internal/commands/product/reserve", "body": {"contentType": "application/json", "encoded": false, "content": {"productId": "p1", "amount": 1}}},
   "response": {"status": 200, "body": {"contentType": "application/json", "encoded": false, "content": {"price": "1", "colour": "red"}}}},
  {"type": "Asynchronous/Messages", "description": "counted", "comments": {"text": ["view Stock"]},
   "contents": {"contentType": "application/json", "encoded": false, "content": {"productId": "p1", "stock": "many"}},
   "metadata": {"ce_type": "product.product.StockCounted", "kafka_topic": "shop.product.product"}}]}
`)
	s.esgen("breaking", "--pacts", "pacts", "shop.yaml")
	s.write("later/pacts/store-product.json", `{"consumer": {"name": "store"}, "provider": {"name": "product"}, "interactions": [
  {"type": "Synchronous/HTTP", "description": "a page", "request": {"method": "GET", "path": "/views/catalogues"}, "response": {"status": 200}}]}
`)
	s.esgen("breaking", "--pacts", "pacts", "--pacts", "later", "shop.yaml")
	s.esgen("breaking", "--pacts", "nowhere", "shop.yaml")
	s.write("none/pacts/other.json", "{}")
	s.esgen("breaking", "--pacts", "none", "shop.yaml")
	s.write("bad/pacts/bad.json", "{")
	s.esgen("breaking", "--pacts", "bad", "shop.yaml")
	compare(t, golden, s.log.String())
}

// What breaking says for machines is what they understand.
func TestBreakingForMachines(t *testing.T) {
	data, err := os.ReadFile("../diag/testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	old, now := t.TempDir(), t.TempDir()
	withShop(t, old)
	withShop(t, now)
	s := &session{t: t}
	s.change(filepath.Join(now, "esgen.yaml"), "/product/{productId}/reprice", "/item/{productId}/reprice")
	s.change(filepath.Join(now, "esgen.yaml"), "OrderCancelled: {fields: [customerId, productId]", "OrderCancelled: {fields: [customerId]")
	print := func(format string) string {
		var out, problems bytes.Buffer
		if code := Run([]string{"breaking", "--against", old, "--format", format, now}, nil, &out, &problems); code != exitNo {
			t.Fatalf("exit %d: %s", code, &problems)
		}
		return out.String()
	}
	log, err := jsonschema.UnmarshalJSON(strings.NewReader(print("sarif")))
	if err != nil {
		t.Fatal(err)
	}
	if err := schematest.Compile(t, data).Validate(log); err != nil {
		t.Error(err)
	}
	d := json.NewDecoder(strings.NewReader(print("json")))
	d.DisallowUnknownFields()
	var doc compat.Document
	if err := d.Decode(&doc); err != nil || doc.Breaking != 2 || doc.Step != compat.Major {
		t.Errorf("%v: %+v", err, doc)
	}
	for line := range strings.Lines(print("github")) {
		if !annotation.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("%q is no annotation", line)
		}
	}
}
