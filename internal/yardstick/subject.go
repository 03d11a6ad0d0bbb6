package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// subject is a process that is measured.
type subject struct {
	name           string
	generated      bool
	http, internal string
	database       string
	cmd            *exec.Cmd
	pool           *pgxpool.Pool
	view           bool
	ids            []string // of orders that nobody cancelled
}

// start runs a program on a database and topics of its own. What is said of it
// is its kind and variables: "twin TRACES=off".
func start(ctx context.Context, o options, programs programs, tokens *issuer, of, what string, place int) (*subject, error) {
	words := strings.Fields(what)
	if len(words) == 0 || words[0] != "service" && words[0] != "twin" {
		return nil, fmt.Errorf("%q is neither a service nor a twin", what)
	}
	s := &subject{name: what, generated: words[0] == "service", view: of == "shop"}
	// The generated one has the model's name; two of the same kind would share topics.
	system, program := "yard", programs["service/"+of]
	if !s.generated {
		system, program = fmt.Sprintf("twin%d", place), programs["twin"]
	} else if place == 1 {
		return nil, errors.New("a service can be measured, not measured against")
	}
	database := fmt.Sprintf("yardstick_%s_%d", of, place)
	address, err := fresh(ctx, o, database, system, of)
	if err != nil {
		return nil, err
	}
	s.database = database
	if s.http, err = free(); err != nil {
		return nil, err
	}
	if s.internal, err = free(); err != nil {
		return nil, err
	}
	// Logs are written, and read by nobody: a file in memory at most.
	log, err := os.Create(filepath.Join(filepath.Dir(program), database+".log"))
	if err != nil {
		return nil, err
	}
	s.cmd = exec.Command(program)
	s.cmd.Stderr = log
	s.cmd.Env = append(os.Environ(), "HTTP_ADDR="+s.http, "INTERNAL_ADDR="+s.internal, "DATABASE_URL="+address, "KAFKA_BROKERS="+o.brokers,
		"AUTH=jwt", "OIDC_ISSUER="+tokens.url, "OIDC_AUDIENCE="+audience, "JWKS_URL="+tokens.url, "SYSTEM="+system, "CONTEXT="+of)
	if o.profiles != "" {
		s.cmd.Env = append(s.cmd.Env, "PROFILES=true")
	}
	s.cmd.Env = append(s.cmd.Env, words[1:]...)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if s.pool, err = pgxpool.New(ctx, address); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	if err := s.ready(ctx); err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, errors.Join(fmt.Errorf("%s: %w\n%s", what, err, text[max(0, len(text)-4000):]), s.stop())
	}
	return s, nil
}

// fresh makes a database, and forgets the topics of an earlier run.
func fresh(ctx context.Context, o options, database, system, of string) (address string, err error) {
	conn, err := pgx.Connect(ctx, o.postgres)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + database + " WITH (FORCE)", "CREATE DATABASE " + database, "CHECKPOINT"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(o.brokers))
	if err != nil {
		return "", err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if _, err := admin.DeleteGroups(ctx, system+"."+of); err != nil {
		return "", err
	}
	if _, err := admin.DeleteTopics(ctx, system+"."+of+".order"); err != nil {
		return "", err
	}
	u, err := url.Parse(o.postgres)
	if err != nil {
		return "", err
	}
	u.Path = "/" + database
	return u.String(), nil
}

func free() (string, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return socket.Addr().String(), socket.Close()
}

// patience is how long something may take that should take a moment.
const patience = 60 * time.Second

// until asks again and again.
func until(ctx context.Context, every time.Duration, what string, ask func() bool) error {
	for deadline := time.Now().Add(patience); !ask(); time.Sleep(every) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(deadline) {
			return errors.New(what)
		}
	}
	return nil
}

func (s *subject) ready(ctx context.Context) error {
	return until(ctx, 50*time.Millisecond, "it does not become ready", func() bool {
		answer, err := http.Get("http://" + s.internal + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// drained waits until what was asked for has all its effects.
func (s *subject) drained(ctx context.Context) error {
	question := `SELECT NOT EXISTS (SELECT FROM platform_outbox)`
	if s.view {
		question = `SELECT NOT EXISTS (SELECT FROM platform_outbox) AND
			(SELECT count(*) FROM platform_inbox) = (SELECT COALESCE(sum(_version), 0) FROM "order")`
	}
	return until(ctx, 50*time.Millisecond, "the outbox or the view does not follow", func() (done bool) {
		return s.pool.QueryRow(ctx, question).Scan(&done) == nil && done
	})
}

// ticks of the kernel's clock in a second, as /proc counts.
const ticks = 100

// processor is the time that the process has used.
func (s *subject) processor() time.Duration { return processor(strconv.Itoa(s.cmd.Process.Pid)) }

// served is the time that the processes have used that PostgreSQL has for the
// subject's connections, where it runs on this machine. The pool keeps those
// for longer than a round.
func (s *subject) served() (sum time.Duration) {
	titles, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, title := range titles {
		text, _ := os.ReadFile(title)
		if strings.HasPrefix(string(text), "postgres: ") && strings.Contains(string(text), " "+s.database+" ") {
			sum += processor(filepath.Base(filepath.Dir(title)))
		}
	}
	return sum
}

// processor is the time that a process has used.
func processor(pid string) time.Duration {
	data, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	user, _ := strconv.Atoi(fields[11]) // utime and stime, by proc(5)
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticks
}

// resident is the memory that the process has, and peak the most it had.
func (s *subject) resident() int { return s.status("VmRSS:") }
func (s *subject) peak() int     { return s.status("VmHWM:") }

func (s *subject) status(name string) (kilobytes int) {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(data), name)
	_, _ = fmt.Sscan(rest, &kilobytes)
	return kilobytes
}

// profile keeps a profile of the processor while it is asked.
func (s *subject) profile(duration time.Duration, file string) error {
	answer, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", s.internal, max(1, int(duration.Seconds()))))
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("profile: %s", answer.Status))
	}
	return os.WriteFile(file, data, 0o644)
}

func (s *subject) stop() error {
	if s.pool != nil {
		s.pool.Close()
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	return s.cmd.Wait()
}
