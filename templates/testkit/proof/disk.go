package proof

import (
	"context"
	"database/sql/driver"
	"errors"
	"regexp"
	"sync"
	"time"

	"modernc.org/sqlite"

	"github.com/esgen/esgen/templates/chassis/store"
)

// disk is the file of a database, which replicas share.
type disk struct {
	path string
	// turn is held by who writes: SQLite itself would have them sleep in real time.
	turn chan struct{}

	mu    sync.Mutex
	ahead time.Duration // of the database's clock
	eye   *store.DB     // of the world; nil: it has not looked yet
}

// seen is the database as the world looks at it.
func (d *disk) seen() (db *store.DB, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.eye == nil {
		d.eye, err = d.open(nil)
	}
	return d.eye, err
}

// close ends what was looked with.
func (d *disk) close() {
	if d.eye != nil {
		_ = d.eye.Close()
	}
}

func newDisk(path string) *disk { return &disk{path: path, turn: make(chan struct{}, 1)} }

// jump moves the database's clock.
func (d *disk) jump(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ahead += by
}

func (d *disk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Add(d.ahead).UTC()
}

// patience is how long a writer waits for another one.
const patience = 5 * time.Second

// errDead is what a machine that is dead is told.
var errDead = errors.New("the machine is dead")

// open is the database as a machine has it; nil: as the world looks at it.
func (d *disk) open(m *machine) (*store.DB, error) {
	real, err := store.ConnectSQLite(d.path)
	if err != nil {
		return nil, err
	}
	own, ok := real.Driver().(*sqlite.Driver)
	if !ok {
		return nil, errors.New("it is not the driver of SQLite that makes the connections")
	}
	// The one function of the clock, in the two forms in which the chassis uses it.
	err = own.RegisterScalarFunction("strftime", -1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		now := d.now()
		if len(args) == 3 {
			text, _ := args[2].(string)
			by, err := time.ParseDuration(seconds(text))
			if err != nil {
				return nil, err
			}
			now = now.Add(by)
		}
		return now.Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000000Z"), nil
	})
	if err != nil {
		return nil, err
	}
	return store.OverSQLite(&connector{Connector: real, disk: d, machine: m}), nil
}

// seconds makes of a modifier of SQLite, "+12.500000 seconds", what Go reads.
func seconds(modifier string) string {
	var number string
	for _, r := range modifier {
		if r == ' ' {
			break
		}
		number += string(r)
	}
	return number + "s"
}

type connector struct {
	driver.Connector
	disk    *disk
	machine *machine
}

// Connect makes a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	if c.machine != nil {
		if err := c.machine.alive(ctx); err != nil {
			return nil, err
		}
	}
	real, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	raw, ok := real.(rawConn)
	if !ok {
		return nil, errors.New("the connection does less than SQLite's")
	}
	for _, pragma := range []string{"PRAGMA busy_timeout = 0", "PRAGMA synchronous = OFF"} {
		if _, err := raw.ExecContext(ctx, pragma, nil); err != nil {
			return nil, errors.Join(err, real.Close())
		}
	}
	s := &session{rawConn: raw, of: c}
	if c.machine != nil && !c.machine.keep(s) {
		_ = real.Close()
		return nil, errDead
	}
	return s, nil
}

// rawConn is what a connection of SQLite does.
type rawConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
	driver.SessionResetter
	driver.Validator
}

// session is a connection, until its machine dies.
type session struct {
	rawConn
	of *connector

	mu     sync.Mutex // while it works
	gone   bool
	tx     driver.Tx
	leave  func()
	tables map[string]bool // that the transaction has written to
	rung   []rung          // in it
	ready  map[string]*ready
}

// ready is a statement that is prepared: to do that each time is a fourth of all work.
type ready struct {
	driver.Stmt
	busy bool // with rows that are not read yet
}

// again matches the statements that come again and again.
var again = regexp.MustCompile(`(?is)^\s*(SELECT|INSERT|UPDATE|DELETE)\s[^;]*$`)

// prepare is a statement that is prepared; nil: this one is not worth it, or busy.
func (s *session) prepare(ctx context.Context, query string) *ready {
	if r := s.ready[query]; r != nil {
		if r.busy {
			return nil
		}
		return r
	}
	if !again.MatchString(query) {
		return nil
	}
	prepared, err := s.rawConn.PrepareContext(ctx, query)
	if err != nil {
		return nil // it is told when it is run
	}
	if s.ready == nil {
		s.ready = map[string]*ready{}
	}
	s.ready[query] = &ready{Stmt: prepared}
	return s.ready[query]
}

func (s *session) exec(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if r := s.prepare(ctx, query); r != nil {
		if e, ok := r.Stmt.(driver.StmtExecContext); ok {
			return e.ExecContext(ctx, args)
		}
	}
	return s.rawConn.ExecContext(ctx, query, args)
}

func (s *session) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if r := s.prepare(ctx, query); r != nil {
		if q, ok := r.Stmt.(driver.StmtQueryContext); ok {
			rows, err := q.QueryContext(ctx, args)
			if err != nil {
				return nil, err
			}
			r.busy = true
			return &answer{rows, s, r}, nil
		}
	}
	rows, err := s.rawConn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return &answer{rows, s, nil}, nil
}

// die ends the transaction as a database does whose client is gone.
func (s *session) die() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return
	}
	s.gone = true
	if s.tx != nil {
		_ = s.tx.Rollback()
		s.tx = nil
		s.leave()
	}
	_ = s.rawConn.Close()
}

// work has something done while the machine lives.
func (s *session) work(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return errDead
	}
	return do()
}

func (s *session) at(ctx context.Context, point string) error {
	if s.of.machine == nil {
		return nil
	}
	if err := s.of.machine.alive(ctx); err != nil {
		return err
	}
	return s.of.machine.at(point)
}

// take waits for the turn to write, not for ever: SQLite itself says no then.
func (s *session) take(ctx context.Context) (leave func()) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case s.of.disk.turn <- struct{}{}:
		return sync.OnceFunc(func() { <-s.of.disk.turn })
	case <-timer.C:
	case <-ctx.Done():
	}
	return func() {}
}

// BeginTx begins a transaction.
func (s *session) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := s.at(ctx, ""); err != nil {
		return nil, err
	}
	leave := s.take(ctx)
	err := s.work(func() (err error) {
		s.tx, err = s.rawConn.BeginTx(ctx, opts)
		s.leave, s.tables, s.rung = leave, map[string]bool{}, nil
		return err
	})
	if err != nil {
		leave()
		return nil, err
	}
	return s, nil
}

// Commit ends the transaction of the session.
func (s *session) Commit() error {
	before, after := ofCommit(s.tables)
	for _, point := range []string{before, beforeCommit} {
		if len(s.tables) > 0 {
			if err := s.at(context.Background(), point); err != nil {
				return err
			}
		}
	}
	wrote := len(s.tables) > 0
	err := s.work(func() error {
		err := s.tx.Commit()
		if err == nil {
			s.tx = nil
			s.leave()
		}
		return err
	})
	if err != nil || !wrote {
		return err
	}
	if s.of.machine != nil {
		s.of.machine.world.haveRung(s.rung)
	}
	for _, point := range []string{after, afterCommit} {
		if err := s.at(context.Background(), point); err != nil {
			return err // committed, and nobody was told
		}
	}
	return nil
}

// Rollback forgets the transaction of the session.
func (s *session) Rollback() error {
	return s.work(func() error {
		if s.tx == nil {
			return nil
		}
		err := s.tx.Rollback()
		s.tx = nil
		s.leave()
		return err
	})
}

// ExecContext runs a statement.
func (s *session) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	verb, table := written(query)
	if err := s.at(ctx, ofStatement(verb, table)); err != nil {
		return nil, err
	}
	if s.of.machine != nil {
		s.of.machine.world.trace(s.of.machine, verb+" "+table)
	}
	if s.tx == nil {
		defer s.take(ctx)()
	} else if table != "" {
		s.tables[table] = true
	}
	err = s.work(func() (err error) {
		result, err = s.exec(ctx, query, args)
		return err
	})
	if err == nil && isSwitch(verb, table) && s.of.machine != nil {
		s.of.machine.world.switched(s.of.machine.service, args)
	}
	if err == nil && s.tx != nil && s.of.machine != nil {
		if r, is := rings(s.of.machine.service, query, args); is {
			s.rung = append(s.rung, r)
		}
	}
	if err == nil && s.tx == nil && table != "" {
		err = s.at(ctx, afterCommit)
	}
	return result, err
}

// QueryContext asks.
func (s *session) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	verb, table := written(query)
	if err := s.at(ctx, ofStatement(verb, table)); err != nil {
		return nil, err
	}
	if s.tx != nil && table != "" {
		s.tables[table] = true
	}
	err = s.work(func() (err error) {
		rows, err = s.query(ctx, query, args)
		return err
	})
	return rows, err
}

// Close ends the connection.
func (s *session) Close() error {
	return s.work(func() error {
		s.gone = true
		for _, r := range s.ready {
			_ = r.Close()
		}
		return s.rawConn.Close()
	})
}

// answer is what a query found, while the machine lives.
type answer struct {
	driver.Rows
	session *session
	of      *ready // nil: it was not prepared
}

// Next reads a row.
func (a *answer) Next(into []driver.Value) error {
	return a.session.work(func() error { return a.Rows.Next(into) })
}

// Close ends it.
func (a *answer) Close() error {
	return a.session.work(func() error {
		if a.of != nil {
			a.of.busy = false
		}
		return a.Rows.Close()
	})
}
