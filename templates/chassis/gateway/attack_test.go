package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/gateway"
)

// witness is a service that remembers what reached it.
type witness struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string // "POST /orders {}": with the whole body
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	s := &witness{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // half a request is none
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen = append(s.seen, r.Method+" "+r.RequestURI+" "+string(body))
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return s
}

// taken is what reached it since it was asked last.
func (s *witness) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

// patient is the configuration of a gateway that waits for those whose machine is busy.
func patient() gateway.Config {
	c := config()
	c.ReadHeaderTimeout = patience
	return c
}

// served waits until a good request is answered.
func served(t *testing.T, at string) {
	t.Helper()
	for deadline := time.Now().Add(3 * patience); ; {
		status := say(t, at, "GET /front/orders/1 HTTP/1.1\r\n"+who+"\r\n", false)
		if status == http.StatusNoContent {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("others are answered %d", status)
		}
	}
}

// say sends bytes as they are, and is the status of the answer; 0: there is none.
// Some hang up then.
func say(t *testing.T, at, text string, hangUp bool) (status int) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(at, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.WriteString(conn, text)
		if hangUp {
			_ = conn.(*net.TCPConn).CloseWrite()
		}
	}()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode
}

// who is a customer, and whom the request is for.
const who = "Host: shop\r\nX-Actor-Id: c-1\r\nX-Actor-Roles: customer\r\n"

// What two could read in two ways is read in one way, or refused: nothing that was
// hidden in it reaches a service.
func TestRequestsThatAreNone(t *testing.T) {
	t.Parallel()
	front := newWitness(t)
	at := run(t, gateway.Parts{Config: patient(), Table: gateway.Table{Routes: routes}, Services: map[string][]string{"front": {front.URL}, "pay": nil}})
	post := func(lines, body string) string {
		return "POST /front/orders HTTP/1.1\r\n" + who + lines + "\r\n" + body
	}
	hidden := "GET /front/orders/hidden HTTP/1.1\r\nHost: shop\r\n\r\n" // of nobody: 401 where it is read as a request
	for name, test := range map[string]struct {
		text   string
		status int
		reach  []string
	}{
		"nothing wrong":                    {post("Content-Length: 2\r\n", "{}"), 204, []string{"POST /orders {}"}},
		"nothing wrong, in chunks":         {post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"), 204, []string{"POST /orders {}"}},
		"a length and chunks":              {post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+hidden), 204, []string{"POST /orders "}},
		"two lengths":                      {post("Content-Length: 2\r\nContent-Length: 30\r\n", "{}"+hidden), 400, nil},
		"two lengths in one line":          {post("Content-Length: 2, 30\r\n", "{}"+hidden), 400, nil},
		"a length with a sign":             {post("Content-Length: +2\r\n", "{}"), 400, nil},
		"a length below zero":              {post("Content-Length: -2\r\n", "{}"), 400, nil},
		"a length that is none":            {post("Content-Length: 0x2\r\n", "{}"), 400, nil},
		"a length in other digits":         {post("Content-Length: ２\r\n", "{}"), 400, nil},
		"chunks, twice":                    {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 501, nil},
		"chunks of something":              {post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501, nil},
		"chunks and something":             {post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 501, nil},
		"chunks behind a tab":              {post("Transfer-Encoding:\tchunked\r\n", "2\r\n{}\r\n0\r\n\r\n"), 204, []string{"POST /orders {}"}},
		"chunks behind a blank in a name":  {post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400, nil},
		"chunks in a line that goes on":    {post("X-A: b\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 204, []string{"POST /orders "}},
		"a size that is none":              {post("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"), 400, nil},
		"a size below zero":                {post("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"), 400, nil},
		"a size larger than numbers are":   {post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"), 400, nil},
		"a chunk longer than it says":      {post("Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"), 400, nil},
		"a header behind the chunks":       {post("Transfer-Encoding: chunked\r\nTrailer: X-Actor-Roles\r\n", "2\r\n{}\r\n0\r\nX-Actor-Roles: owner\r\n\r\n"), 204, []string{"POST /orders {}"}},
		"a line feed in a header":          {"GET /front/orders/1 HTTP/1.1\r\n" + who + "X-A: b\nX-B: c\r\n\r\n", 204, []string{"GET /orders/1 "}},
		"a zero byte in a header":          {"GET /front/orders/1 HTTP/1.1\r\n" + who + "X-A: b\x00c\r\n\r\n", 400, nil},
		"a header without a name":          {"GET /front/orders/1 HTTP/1.1\r\n" + who + ": b\r\n\r\n", 400, nil},
		"two hosts":                        {"GET /front/orders/1 HTTP/1.1\r\n" + who + "Host: evil\r\n\r\n", 400, nil},
		"no host":                          {"GET /front/orders/1 HTTP/1.1\r\n\r\n", 400, nil},
		"a host that is none":              {"GET /front/orders/1 HTTP/1.1\r\nHost: a b\r\n\r\n", 400, nil},
		"an address of elsewhere":          {"GET http://evil/front/orders/1 HTTP/1.1\r\n" + who + "\r\n", 204, []string{"GET /orders/1 "}},
		"a tunnel":                         {"CONNECT evil:443 HTTP/1.1\r\n" + who + "\r\n", 404, nil},
		"a path out of the service":        {"GET /front/orders/..%2f..%2finternal HTTP/1.1\r\n" + who + "\r\n", 204, []string{"GET /orders/..%2f..%2finternal "}},
		"a path out of the service, plain": {"GET /front/../internal/parked HTTP/1.1\r\n" + who + "\r\n", 404, nil},
		"a blank in the path":              {"GET /front/orders/1 2 HTTP/1.1\r\n" + who + "\r\n", 400, nil},
		"a method that is none":            {"G@T /front/orders/1 HTTP/1.1\r\n" + who + "\r\n", 400, nil},
		"a version that is none":           {"GET /front/orders/1 HTTP/1.7x\r\n" + who + "\r\n", 400, nil},
		"the other protocol":               {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404, nil},
		"no protocol":                      {"\x16\x03\x01\x00\xa5\x01\x00\x00\r\n\r\n", 400, nil},
		"headers without end":              {"GET /front/orders/1 HTTP/1.1\r\n" + who + strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 2000) + "\r\n", 431, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := say(t, at, test.text, false); got != test.status {
				t.Errorf("answered %d, want %d", got, test.status)
			}
			if reached := front.taken(); !slices.Equal(reached, test.reach) {
				t.Errorf("the service was asked %q, want %q", reached, test.reach)
			}
		})
	}
}

// Half a request reaches nobody: it is none when who sends it hangs up.
func TestHalfRequests(t *testing.T) {
	t.Parallel()
	front := newWitness(t)
	at := run(t, gateway.Parts{Config: patient(), Table: gateway.Table{Routes: routes}, Services: map[string][]string{"front": {front.URL}, "pay": nil}})
	for _, half := range []string{
		"Content-Length: 30\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "Transfer-Encoding: chunked\r\n\r\n8\r\n{}\r\n0\r\n\r\n", "Content-Length: 30\r\n",
	} {
		if status := say(t, at, "POST /front/orders HTTP/1.1\r\n"+who+half, true); status >= 500 || status != 0 && status < 400 {
			t.Errorf("%q is answered %d", half, status)
		}
	}
	if reached := front.taken(); len(reached) > 0 {
		t.Errorf("the service was asked %q", reached)
	}
}

// Who says a request bit by bit, or never ends it, is not waited for; others are
// answered meanwhile.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	front := newWitness(t)
	c := config()
	c.ReadHeaderTimeout, c.ReadTimeout = 300*time.Millisecond, 500*time.Millisecond
	at := run(t, gateway.Parts{Config: c, Table: gateway.Table{Routes: routes}, Services: map[string][]string{"front": {front.URL}, "pay": nil}})
	var conns []net.Conn
	for i := range 3 * c.MaxInFlight {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(at, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		begun := "POST /front/orders HTTP/1.1\r\nHost: shop\r\n"
		if i%2 == 0 {
			begun = "POST /front/orders HTTP/1.1\r\n" + who + "Content-Length: 50\r\n\r\n{"
		}
		if _, err := io.WriteString(conn, begun); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	served(t, at)
	for i, conn := range conns {
		if err := conn.SetReadDeadline(time.Now().Add(3 * patience)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Fatalf("connection %d is still there", i)
		}
	}
	if reached := front.taken(); slices.ContainsFunc(reached, func(r string) bool { return r != "GET /orders/1 " }) {
		t.Errorf("the service was asked %q", reached)
	}
}

// Who hangs up in the middle is forgotten: places for requests are there again.
func TestResets(t *testing.T) {
	t.Parallel()
	front := newWitness(t)
	c := patient()
	at := run(t, gateway.Parts{Config: c, Table: gateway.Table{Routes: routes}, Services: map[string][]string{"front": {front.URL}, "pay": nil}})
	for i := range 4 * c.MaxInFlight {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(at, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /front/orders HTTP/1.1\r\n%sContent-Length: 50\r\n\r\n%s", who, strings.Repeat("{", i%50))
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close() // as a reset
	}
	served(t, at)
	if reached := front.taken(); slices.ContainsFunc(reached, func(r string) bool { return r != "GET /orders/1 " }) {
		t.Errorf("the service was asked %q", reached)
	}
}
