package gateway

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
)

// CodeTooMany is the code of a request that came too soon after others: 429.
const CodeTooMany = "too-many-requests"

// Rate is so many requests in a time; as many may come at once.
type Rate struct {
	Count int
	Per   time.Duration
}

// maxClients is how many clients are remembered at least; twice as many at
// most. Who is forgotten begins anew.
const maxClients = 20_000

// clients count the requests of each client.
type clients struct {
	rate Rate
	now  func() time.Time

	mu       sync.Mutex
	recent   map[string]*rate.Limiter
	previous map[string]*rate.Limiter // those who have not come since recent was begun
}

func newClients(r Rate) *clients {
	return &clients{rate: r, now: time.Now, recent: map[string]*rate.Limiter{}}
}

// take counts a request. It is how long the client has to wait; 0: not at all.
func (c *clients) take(client string) time.Duration {
	if c.rate.Count <= 0 {
		return 0
	}
	now := c.now()
	reserved := c.of(client).ReserveN(now, 1)
	wait := reserved.DelayFrom(now)
	if wait > 0 {
		reserved.CancelAt(now) // who comes too soon is not kept away for longer
	}
	return wait
}

func (c *clients) of(client string) *rate.Limiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.recent[client]; known != nil {
		return known
	}
	if len(c.recent) >= maxClients {
		c.previous, c.recent = c.recent, map[string]*rate.Limiter{}
	}
	known := c.previous[client]
	if known == nil {
		known = rate.NewLimiter(rate.Every(c.rate.Per/time.Duration(c.rate.Count)), c.rate.Count)
	}
	c.recent[client] = known
	return known
}

// limited finds out who asks, and how often they have. A client is who its token
// says or, where that proves nothing, an address: nobody spends what is
// another's.
type limited struct {
	rest.Authenticator
	gateway *gateway
}

// Authenticate finds out who asks.
func (l *limited) Authenticate(r *http.Request) (rest.Actor, error) {
	actor, err := l.Authenticator.Authenticate(r)
	client := "actor " + string(actor.Subject)
	if err != nil {
		client = "address " + l.gateway.addressOf(r)
	}
	if over := l.gateway.limit(client); over != nil {
		return rest.Actor{}, over
	}
	return actor, err
}

// Ready reports whether it can be found out who asks.
func (l *limited) Ready(ctx context.Context) error {
	if a, ok := l.Authenticator.(interface {
		Ready(ctx context.Context) error
	}); ok {
		return a.Ready(ctx)
	}
	return nil
}

// limit is the error of a client that asks too often.
func (g *gateway) limit(client string) error {
	wait := g.clients.take(client)
	if wait <= 0 {
		return nil
	}
	p := inbound.NewProblem(http.StatusTooManyRequests, CodeTooMany, "too many requests in a short time")
	p.RetryAfter = wait
	return p
}

// addressOf is where a request comes from: the one who connected or, behind
// proxies that are trusted, the one who connected to the first of them.
func (g *gateway) addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	told := inbound.SplitList(strings.Join(r.Header.Values("X-Forwarded-For"), ","))
	if n := g.config.TrustedProxies; n > 0 && n <= len(told) {
		return told[len(told)-n]
	}
	return host
}
