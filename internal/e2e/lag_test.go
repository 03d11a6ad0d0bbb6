package e2e

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// lag stands before a service, and keeps from others what it answers to
// requests of one path.
type lag struct {
	*httptest.Server
	target string
	path   string

	mu   sync.Mutex
	hold chan struct{} // requests are passed on when it is closed; nil: at once
	work sync.WaitGroup
}

// newLag returns a lag before a service for a path.
func newLag(t *testing.T, target, path string) *lag {
	t.Helper()
	l := &lag{target: target, path: path}
	l.Server = httptest.NewServer(l)
	t.Cleanup(func() {
		l.release()
		l.work.Wait()
		l.Close()
	})
	return l
}

// delay holds back requests of the path from now on.
func (l *lag) delay() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hold = make(chan struct{})
}

// release passes on what was held back, and waits until it was answered.
func (l *lag) release() {
	l.mu.Lock()
	if l.hold != nil {
		close(l.hold)
		l.hold = nil
	}
	l.mu.Unlock()
	l.work.Wait()
}

// ServeHTTP passes a request on, whether its sender waits or not.
func (l *lag) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if !strings.HasSuffix(r.URL.Path, l.path) {
		l.pass(w, r, body)
		return
	}
	l.mu.Lock()
	hold := l.hold
	l.mu.Unlock()
	l.work.Go(func() {
		if hold != nil {
			<-hold
		}
		l.pass(httptest.NewRecorder(), r, body) // the answer is lost
	})
	<-r.Context().Done()
}

func (l *lag) pass(w http.ResponseWriter, r *http.Request, body []byte) {
	req, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, l.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	req.Header = r.Header.Clone()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = res.Body.Close() }()
	for name := range res.Header {
		w.Header().Set(name, res.Header.Get(name))
	}
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body) // who asked may be gone
}
