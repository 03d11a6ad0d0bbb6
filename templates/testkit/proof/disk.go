package proof

import (
	"database/sql/driver"
	"errors"
	"regexp"
	"sync"
	"time"

	"modernc.org/sqlite"

	"github.com/esgen/esgen/templates/chassis/store"
)

// disk is the database of a service, which replicas share. They share its connections
// as well: to open one, and to prepare statements for it, is more work than most
// statements are.
type disk struct {
	path string
	// turn is held by who writes: SQLite itself would have them sleep in real time.
	turn chan struct{}

	mu     sync.Mutex
	ahead  time.Duration     // of the database's clock
	eye    *store.DB         // of the world; nil: it has not looked yet
	driver *sqlite.Driver    // nil: nobody has asked for a connection yet
	idle   []*connection     // that nobody uses at the moment
	known  map[string]*reply // answers, as long as nothing is written
	said   map[string]said   // statements
}

func newDisk(path string) *disk {
	return &disk{path: path, turn: make(chan struct{}, 1), known: map[string]*reply{}, said: map[string]said{}}
}

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

// seen is the database as the world looks at it.
func (d *disk) seen() *store.DB {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.eye == nil {
		d.eye = (&drive{d}).open(nil)
	}
	return d.eye
}

// close ends all connections.
func (d *disk) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	if d.eye != nil {
		errs = append(errs, d.eye.Close())
	}
	for _, c := range d.idle {
		errs = append(errs, c.close())
	}
	d.eye, d.idle = nil, nil
	return errors.Join(errs...)
}

// options of connections: one process has the file for itself, and keeps nothing for
// the time after it.
const options = "?vfs=unix-excl&_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=foreign_keys(1)&_pragma=busy_timeout(0)"

// take is a connection that nobody else uses until it is given back.
func (d *disk) take() (*connection, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.idle); n > 0 {
		c := d.idle[n-1]
		d.idle = d.idle[:n-1]
		return c, nil
	}
	if d.driver == nil {
		if err := d.load(); err != nil {
			return nil, err
		}
	}
	opened, err := d.driver.Open("file:" + d.path + options)
	if err != nil {
		return nil, err
	}
	real, ok := opened.(rawConn)
	if !ok {
		return nil, errors.New("the connection does less than SQLite's")
	}
	return &connection{rawConn: real, ready: map[string]prepared{}}, nil
}

func (d *disk) giveBack(c *connection) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, c)
}

// load makes a driver of SQLite whose clock is that of the disk.
func (d *disk) load() error {
	connector, err := store.ConnectSQLite(d.path)
	if err != nil {
		return err
	}
	own, ok := connector.Driver().(*sqlite.Driver)
	if !ok {
		return errors.New("it is not the driver of SQLite that makes the connections")
	}
	d.driver = own
	// The one function of the clock, in the two forms in which the chassis uses it.
	return own.RegisterScalarFunction(clock, -1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
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
}

// clock is the function of SQLite that tells the time.
const clock = "strftime"

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

// said is what a statement says.
type said struct {
	verb, table string // that it writes to; "": it writes nothing
	again       bool   // it comes again and again
	reads       bool   // it does nothing else
	timeless    bool   // the clock has no say in what it finds
}

var (
	repeated = regexp.MustCompile(`(?is)^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE TABLE IF NOT EXISTS)\s[^;]*$`)
	reads    = regexp.MustCompile(`(?is)^\s*SELECT\s`)
	timely   = regexp.MustCompile(`(?i)` + clock)
)

// says is what a statement says.
func (d *disk) says(query string) said {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, known := d.said[query]
	if !known {
		s.verb, s.table = written(query)
		s.again = repeated.MatchString(query)
		s.reads = reads.MatchString(query)
		s.timeless = s.reads && !timely.MatchString(query)
		d.said[query] = s
	}
	return s
}

// knows is the answer to a question, if it was asked since something was written;
// nil: it was not.
func (d *disk) knows(question string) *reply {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known[question]
}

// learns keeps an answer until something is written.
func (d *disk) learns(question string, f *reply) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known[question] = f
}

// wrote has all answers be forgotten.
func (d *disk) wrote() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.known)
}
