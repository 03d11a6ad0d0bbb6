package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// grpcurlVariable names a client that is not ours: grpcurl.
const grpcurlVariable = "ESGEN_TEST_GRPCURL"

// A client that knows nothing of the service but where it is registers a book,
// is refused another, and reads the first.
func (d *doored) thirdParty(t *testing.T) {
	program := os.Getenv(grpcurlVariable)
	if program == "" {
		t.Skipf("set %s to the path of the program grpcurl", grpcurlVariable)
	}
	call := func(header, in string, args ...string) (map[string]any, string) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		all := append([]string{"-plaintext", "-H", "x-actor-id: kim", "-H", "x-actor-roles: librarian", "-H", header, "-d", in, d.GRPC("book")}, args...)
		out, err := exec.CommandContext(ctx, program, all...).Output()
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return nil, string(failed.Stderr)
		}
		if err != nil {
			t.Fatal(err)
		}
		var reply map[string]any
		if err := json.Unmarshal(out, &reply); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return reply, ""
	}
	const service = "library.book.v1.BookService/"
	reply, refused := call("idempotency-key: g-1", `{"bookId": "g1", "title": "DDD", "author": "Evans", "stock": 3}`, service+"RegisterBook")
	if refused != "" || reply["id"] != "g1" || reply["created"] != true {
		t.Errorf("%v %s", reply, refused)
	}
	if _, refused := call("x: y", `{"title": "", "author": "Evans", "stock": 3}`, service+"RegisterBook"); !strings.Contains(refused, "FailedPrecondition") || !strings.Contains(refused, `"TitleMissing"`) {
		t.Error(refused)
	}
	if _, refused := call("x: y", `{"title": "DDD", "author": "Evans"}`, service+"RegisterBook"); !strings.Contains(refused, `"field": "stock"`) {
		t.Error(refused)
	}
	reply, refused = call("x: y", `{"id": "g1"}`, service+"GetBook")
	state, _ := reply["state"].(map[string]any)
	if refused != "" || state["title"] != "DDD" || state["stock"] != "3" || state["status"] != "BOOK_STATUS_LISTED" {
		t.Errorf("%v %s", reply, refused)
	}
}
