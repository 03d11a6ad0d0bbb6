package gateway

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestClients(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	c := newClients(2, time.Second)
	c.now = func() time.Time { return now }
	for i, want := range []time.Duration{0, 0, 500 * time.Millisecond, 500 * time.Millisecond} {
		if got := c.take("a"); got != want {
			t.Errorf("request %d waits %s, want %s", i, got, want)
		}
	}
	now = now.Add(500 * time.Millisecond)
	if got := c.take("a"); got != 0 {
		t.Errorf("later: %s", got)
	}
	for i := range 3 * maxClients {
		c.take(fmt.Sprint(i))
		if i%1000 == 0 {
			c.take("a")
		}
	}
	if n := len(c.recent) + len(c.previous); n > 2*maxClients {
		t.Errorf("%d are remembered", n)
	}
	if got := c.take("a"); got == 0 {
		t.Error("who comes all the time is forgotten")
	}
}

func TestAddressOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		proxies int
		told    []string
		want    string
	}{
		{0, []string{"1.1.1.1"}, "192.0.2.1"},
		{1, []string{"forged, 1.1.1.1"}, "1.1.1.1"},
		{1, []string{"forged", "1.1.1.1"}, "1.1.1.1"},
		{2, []string{"forged, 1.1.1.1, 2.2.2.2"}, "1.1.1.1"},
		{2, []string{"2.2.2.2"}, "192.0.2.1"},
		{1, nil, "192.0.2.1"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header["X-Forwarded-For"] = test.told
		if got := addressOf(r, test.proxies); got != test.want {
			t.Errorf("%d proxies, %q: %s, want %s", test.proxies, test.told, got, test.want)
		}
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add([]byte("front http://a http://b\n# x\npay\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		known, err := parseAddresses(data)
		if err != nil {
			return
		}
		for name, urls := range known {
			for _, u := range urls {
				if u.Host == "" || name == "" {
					t.Errorf("%q is at %s", name, u)
				}
			}
		}
	})
}
