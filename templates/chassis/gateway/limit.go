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
)

// CodeTooMany is the code of a request that came too soon after others: 429.
const CodeTooMany = "too-many-requests"

// PerClient lets each client make so many requests in a time; as many may come
// at once.
func PerClient(count int, per time.Duration) Rate { return newClients(count, per) }

// maxClients is how many clients are remembered at least; twice as many at
// most. Who is forgotten begins anew.
const maxClients = 20_000

// clients count the requests of each client.
type clients struct {
	count   int
	per     time.Duration
	proxies int // that are believed
	now     func() time.Time

	mu       sync.Mutex
	recent   map[string]*rate.Limiter
	previous map[string]*rate.Limiter // those who have not come since recent was begun
}

func newClients(count int, per time.Duration) *clients {
	return &clients{count: count, per: per, now: time.Now, recent: map[string]*rate.Limiter{}}
}

// take counts a request. It is how long the client has to wait; 0: not at all.
func (c *clients) take(client string) time.Duration {
	now := c.now()
	reserved := c.limiter(client).ReserveN(now, 1)
	wait := reserved.DelayFrom(now)
	if wait > 0 {
		reserved.CancelAt(now) // who comes too soon is not kept away for longer
	}
	return wait
}

func (c *clients) limiter(client string) *rate.Limiter {
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
		known = rate.NewLimiter(rate.Every(c.per/time.Duration(c.count)), c.count)
	}
	c.recent[client] = known
	return known
}

func (c *clients) of(by inbound.Authenticator, proxies int) inbound.Authenticator {
	c.proxies = proxies
	return &limited{by, c}
}

func (c *clients) stranger(r *http.Request) error { return c.refusal(c.address(r)) }

// address is the client that a stranger is.
func (c *clients) address(r *http.Request) string { return "address " + addressOf(r, c.proxies) }

// refusal is the error of a client that asks too often.
func (c *clients) refusal(client string) error {
	wait := c.take(client)
	if wait <= 0 {
		return nil
	}
	p := inbound.NewProblem(http.StatusTooManyRequests, CodeTooMany, "too many requests in a short time")
	p.RetryAfter = wait
	return p
}

// limited finds out who asks, and how often they have. A client is who its token
// says or, where that proves nothing, an address: nobody spends what is
// another's.
type limited struct {
	inbound.Authenticator
	clients *clients
}

// Authenticate finds out who asks.
func (l *limited) Authenticate(r *http.Request) (inbound.Actor, error) {
	actor, err := l.Authenticator.Authenticate(r)
	client := "actor " + string(actor.Subject)
	if err != nil {
		client = l.clients.address(r)
	}
	if over := l.clients.refusal(client); over != nil {
		return inbound.Actor{}, over
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

// addressOf is where a request comes from: the one who connected or, behind
// proxies that are trusted, the one who connected to the first of them.
func addressOf(r *http.Request, proxies int) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	told := inbound.SplitList(strings.Join(r.Header.Values("X-Forwarded-For"), ","))
	if proxies > 0 && proxies <= len(told) {
		return told[len(told)-proxies]
	}
	return host
}
