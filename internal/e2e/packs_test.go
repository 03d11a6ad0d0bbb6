package e2e

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"
)

const kioskModel = "../../testdata/models/kiosk/esgen.yaml"

// TestPack builds and runs what a pack of a model's own adds to a system, which was
// written from its guide: Go in the service, and a client that a program uses.
func TestPack(t *testing.T) {
	opts := build(t, kioskModel, nil)
	goes(t, opts.Dir, nil, "vet", "./services/counter/...")
	goes(t, opts.Dir, nil, "test", "./services/counter/internal/...")
	s := start(t, opts)
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node to run the client")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, node, "--input-type=module", "-e", `
const { CounterClient } = await import(process.argv[1]);
const client = new CounterClient(process.argv[2], { "X-Actor-Id": "ann", "X-Actor-Roles": "guest" });
const sold = await client.sellSale({ snacks: [{ name: "nuts", price: "2.5" }] });
await client.paySale({ saleId: sold.saleId });
try {
  await client.paySale({ saleId: sold.saleId });
} catch (err) {
  console.log(err.message.slice(0, 3), err.message.includes("PaidAlready"));
}
for (let tries = 0; tries < 600; tries++) {
  const row = (await client.sales()).items.find((row) => row.saleId === sold.saleId);
  if (row?.paid) {
    console.log(row.guest);
    break;
  }
  await new Promise((again) => setTimeout(again, 100));
}
`, "file://"+filepath.ToSlash(filepath.Join(opts.Dir, "clients", "counter.mjs")), s.Addr("counter")).CombinedOutput()
	if err != nil || string(out) != "422 true\nann\n" {
		t.Errorf("the client: %v\n%s", err, out)
	}
}
