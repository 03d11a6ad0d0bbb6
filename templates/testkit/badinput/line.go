package badinput

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// line is a connection to a listener on which requests go out as they are: a
// proper client would refuse to send most of them.
type line struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string {
	body := string(a.body)
	if len(body) > 500 {
		body = body[:500] + "…"
	}
	return fmt.Sprintf("%d %s", a.status, body)
}

// patience is how long an answer may take.
const patience = 20 * time.Second

// send sends a request, on a new connection if the last one is used up.
func (l *line) send(r Request) (answer, error) {
	fresh := l.conn == nil
	a, err := l.try(r)
	if err != nil && !fresh {
		l.close()
		a, err = l.try(r)
	}
	if err != nil {
		l.close()
	}
	return a, err
}

func (l *line) try(r Request) (answer, error) {
	if l.conn == nil {
		conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", l.address)
		if err != nil {
			return answer{}, err
		}
		l.conn, l.reader = conn, bufio.NewReader(conn)
	}
	if err := l.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return answer{}, err
	}
	// The server may answer, and hang up, before it has read everything.
	sent := make(chan error, 1)
	go func(conn net.Conn) {
		_, err := io.WriteString(conn, r.wire())
		sent <- err
	}(l.conn)
	response, err := http.ReadResponse(l.reader, &http.Request{Method: r.Method})
	if err != nil {
		l.close()
		<-sent //nolint:errcheck // the reading failed; what the writing met says no more
		return answer{}, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	unread := r.Length != 0
	if response.Close || unread {
		l.close()
	}
	if sendErr := <-sent; sendErr != nil {
		l.close()
	}
	return answer{response.StatusCode, response.Header, body}, err
}

func (l *line) close() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
	l.conn, l.reader = nil, nil
}

// wire is the request as HTTP/1.1.
func (r Request) wire() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: service.test\r\n", r.Method, r.Target)
	for _, h := range r.Header {
		b.WriteString(h + "\r\n")
	}
	switch {
	case r.Length != 0:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", r.Length)
	case r.Chunked:
		fmt.Fprintf(&b, "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(r.Body), r.Body)
	case r.Body != "" || r.Method == http.MethodPost:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(r.Body), r.Body)
	default:
		b.WriteString("\r\n")
	}
	return b.String()
}
