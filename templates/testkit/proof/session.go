package proof

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
)

// patience is how long a writer waits for another one.
const patience = 5 * time.Second

// errDead is what a machine that is dead is told.
var errDead = errors.New("the machine is dead")

// drive is where a machine has its disk.
type drive struct{ disk *disk }

// open is the database as a machine has it; nil: as the world looks at it.
func (d *drive) open(m *machine) *store.DB { return store.OverSQLite(&connector{d, m}) }

type connector struct {
	drive   *drive
	machine *machine
}

// Driver makes no connections by itself.
func (c *connector) Driver() driver.Driver { return nil }

// Connect makes a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	s := &session{drive: c.drive, machine: c.machine}
	if c.machine == nil {
		return s, nil
	}
	if err := c.machine.alive(ctx); err != nil {
		return nil, err
	}
	if !c.machine.keep(s) {
		return nil, errDead
	}
	return s, nil
}

// session is a connection, until its machine dies.
type session struct {
	drive   *drive
	machine *machine // nil: it is the world that looks

	mu   sync.Mutex // while it works
	gone bool
	tx   *transaction // nil: it has none
}

// transaction is one of a session.
type transaction struct {
	disk    *disk
	on      *connection
	real    driver.Tx
	leave   func()          // gives up the turn to write
	tables  map[string]bool // that it has written to
	rung    []rung
	awaited []awaited
}

// end commits it or rolls it back; one that cannot be committed is rolled back.
func (t *transaction) end(how func() error) error {
	err := how()
	if err != nil {
		_ = t.real.Rollback()
	}
	t.disk.wrote()
	t.disk.giveBack(t.on)
	t.leave()
	return err
}

// die ends the transaction as a database does whose client is gone.
func (s *session) die() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
	if s.tx != nil {
		_ = s.tx.end(s.tx.real.Rollback)
		s.tx = nil
	}
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

// at is told a point to which the session has come.
func (s *session) at(ctx context.Context, point string) error {
	if s.machine == nil {
		return ctx.Err()
	}
	s.linger()
	if err := s.machine.alive(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.machine.at(point)
}

// linger now and then has a statement be on its way for a moment, in which others come
// in between.
func (s *session) linger() {
	c := s.machine.world.net.chance
	if c.pick(lingering) == 0 {
		time.Sleep(c.upTo(lingerTime))
	}
}

// One of so many statements takes up to so long.
const (
	lingering  = 8
	lingerTime = 2 * time.Millisecond
)

// take waits for the turn to write, not for ever: SQLite itself says no then.
func (s *session) take(ctx context.Context, d *disk) (leave func()) {
	leave = sync.OnceFunc(func() { <-d.turn })
	select {
	case d.turn <- struct{}{}:
		return leave
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case d.turn <- struct{}{}:
		return leave
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
	t := &transaction{disk: s.drive.disk, tables: map[string]bool{}}
	t.leave = s.take(ctx, t.disk)
	err := s.work(func() (err error) {
		if t.on, err = t.disk.take(); err != nil {
			return err
		}
		if t.real, err = t.on.BeginTx(context.Background(), opts); err != nil {
			t.disk.giveBack(t.on)
			return err
		}
		s.tx = t
		return nil
	})
	if err != nil {
		t.leave()
		return nil, err
	}
	return s, nil
}

// Begin begins a transaction.
func (s *session) Begin() (driver.Tx, error) {
	return s.BeginTx(context.Background(), driver.TxOptions{})
}

// Commit ends the transaction of the session.
func (s *session) Commit() error {
	t := s.tx
	if t == nil {
		return errDead // it died meanwhile
	}
	wrote := len(t.tables) > 0
	before, after := ofCommit(t.tables)
	for _, point := range []string{before, beforeCommit} {
		if wrote {
			if err := s.at(context.Background(), point); err != nil {
				return err
			}
		}
	}
	err := s.work(func() error {
		s.tx = nil
		return t.end(t.real.Commit)
	})
	if err != nil || !wrote {
		return err
	}
	if s.machine != nil {
		s.machine.world.haveRung(t.rung)
		s.machine.world.haveAwaited(t.awaited)
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
		t := s.tx
		s.tx = nil
		return t.end(t.real.Rollback)
	})
}

// ExecContext runs a statement.
func (s *session) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	d := s.drive.disk
	said := d.says(query)
	if err := s.at(ctx, ofStatement(said.verb, said.table)); err != nil {
		return nil, err
	}
	if s.machine != nil {
		s.machine.world.trace(s.machine, said.verb+" "+said.table)
	}
	if s.tx == nil {
		defer s.take(ctx, d)()
	}
	alone := s.tx == nil
	err = s.work(func() error {
		return s.with(d, func(c *connection) (err error) {
			result, err = c.exec(query, said.again, args)
			return err
		})
	})
	if alone {
		d.wrote()
	}
	if err != nil || s.machine == nil {
		return result, err
	}
	s.note(said, query, args)
	if alone && said.table != "" {
		err = s.at(ctx, afterCommit)
	}
	return result, err
}

// note remembers what a statement means that was run.
func (s *session) note(said said, query string, args []driver.NamedValue) {
	m := s.machine
	if isSwitch(said.verb, said.table) {
		m.world.switched(m.service, args)
	}
	t := s.tx
	if t == nil {
		return
	}
	if said.table != "" {
		t.tables[said.table] = true
	}
	if r, is := rings(m.service, query, args); is {
		t.rung = append(t.rung, r)
	}
	if a, is := awaits(m.service, said.verb, said.table, args); is {
		a.at = t.disk.now().Truncate(time.Millisecond)
		t.awaited = append(t.awaited, a)
	}
}

// with has something done with the connection of the transaction, or with any.
func (s *session) with(d *disk, do func(*connection) error) error {
	if s.tx != nil {
		return do(s.tx.on)
	}
	c, err := d.take()
	if err != nil {
		return err
	}
	defer d.giveBack(c)
	return do(c)
}

// QueryContext asks. What has been asked before, and nothing was written since, is known.
func (s *session) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	d := s.drive.disk
	said := d.says(query)
	if err := s.at(ctx, ofStatement(said.verb, said.table)); err != nil {
		return nil, err
	}
	ask := ""
	if s.tx == nil && said.timeless {
		ask = question(query, args)
	}
	var f *reply
	err := s.work(func() error {
		if f = d.knows(ask); f != nil {
			return nil
		}
		return s.with(d, func(c *connection) (err error) {
			f, err = c.ask(query, said.again, args)
			return err
		})
	})
	switch {
	case err != nil:
		return nil, err
	case ask != "":
		d.learns(ask, f)
	case s.tx == nil && !said.reads:
		d.wrote()
	case s.tx != nil && said.table != "":
		s.tx.tables[said.table] = true
	}
	return &answer{reply: f}, nil
}

// Prepare keeps a statement for later.
func (s *session) Prepare(query string) (driver.Stmt, error) { return &kept{s, query}, nil }

// Close ends the connection.
func (s *session) Close() error {
	s.die()
	return nil
}

// kept is a statement for later.
type kept struct {
	*session
	query string
}

// NumInput is not known.
func (k *kept) NumInput() int { return -1 }

// Exec is not asked for.
func (k *kept) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }

// Query is not asked for.
func (k *kept) Query([]driver.Value) (driver.Rows, error) { return nil, driver.ErrSkip }

// ExecContext runs it.
func (k *kept) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return k.session.ExecContext(ctx, k.query, args)
}

// QueryContext asks it.
func (k *kept) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return k.session.QueryContext(ctx, k.query, args)
}

// Close ends it, and not the session.
func (k *kept) Close() error { return nil }
