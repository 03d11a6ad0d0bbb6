package live

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Where a system is, as variables say it.
const (
	Gateway  = "E2E_GATEWAY"  // URL
	Doors    = "E2E_DOORS"    // front=http://…,pay=http://…
	Standins = "E2E_STANDINS" // URL
	Brokers  = "KAFKA_BROKERS"
	Tokens   = "E2E_TOKENS" // URL that answers ?role=…&sub=…&claim.<name>=… with a token; none: headers are believed
	// Stop is the command that stops a service, and Start the one that starts it
	// again, and ends when it is ready; both are told its name.
	Stop  = "E2E_STOP"
	Start = "E2E_START"
)

// From is the system that variables name.
func From(env func(name string) string) System {
	s := System{Gateway: env(Gateway), Doors: map[string]string{}, Standins: env(Standins), Brokers: strings.Split(env(Brokers), ",")}
	for _, door := range strings.Split(env(Doors), ",") {
		name, address, _ := strings.Cut(door, "=")
		s.Doors[name] = address
	}
	if from := env(Tokens); from != "" {
		s.Token = func(ctx context.Context, subject string, roles []string, claims map[string]string) (string, error) {
			return token(ctx, from, subject, roles, claims)
		}
	}
	if env(Stop) != "" {
		s.Machine = commands{env(Stop), env(Start)}
	}
	return s
}

// token asks an issuer for development.
func token(ctx context.Context, from, subject string, roles []string, claims map[string]string) (string, error) {
	query := url.Values{"sub": {subject}, "role": {strings.Join(roles, ",")}}
	for name, said := range claims {
		query.Set("claim."+name, said)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from+"?"+query.Encode(), nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("no token: %d %s", res.StatusCode, data)
	}
	return strings.TrimSpace(string(data)), err
}

// commands stop and start services: "docker compose stop", for one.
type commands struct{ stop, start string }

// Stop stops a service.
func (m commands) Stop(ctx context.Context, service string) error {
	return command(ctx, m.stop, service)
}

// Start starts a service: the command ends when it is ready.
func (m commands) Start(ctx context.Context, service string, now time.Time) error {
	return command(ctx, m.start, service, "E2E_NOW="+now.UTC().Format(time.RFC3339Nano))
}

func command(ctx context.Context, words, service string, env ...string) error {
	argv := append(strings.Fields(words), service)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, out)
	}
	return nil
}
