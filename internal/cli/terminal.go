package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// terminal is where a command reads and prints.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	begun    *beginning // nil: nobody can end the command
}

// beginning is a command's word that from here on it is waited for.
type beginning struct {
	sync.Mutex // held by the command that is waited for, or by who has ended it
	once       sync.Once
}

// waitedFor says that from here on a signal does not end the program before the
// command has ended: it has begun what must not be left half-done, or knows by
// its context that it is to end. It does not return when there was a signal
// before.
func (t terminal) waitedFor() {
	if t.begun != nil {
		t.begun.once.Do(t.begun.Lock)
	}
}

// fail prints an error, and the way out of it where there is one.
func (t terminal) fail(err error) {
	fmt.Fprintf(t.err, "%s %v\n", paint(t.err, red, "error:"), err)
	var u *usageError
	if errors.As(err, &u) && u.help != "" {
		fmt.Fprintf(t.err, "%s %s\n", paint(t.err, green, "help:"), u.help)
	}
}

// progress shows what is being done, to somebody who watches: a line that is
// written over by the next one, and at last by nothing.
func (t terminal) progress(doing string) {
	if isTerminal(t.err) {
		fmt.Fprint(t.err, "\r\x1b[K"+doing)
	}
}

// ANSI colours.
const (
	red   = "1;31"
	green = "1;32"
	cyan  = "36"
)

// paint colours a text where colours are shown.
func paint(w io.Writer, colour, text string) string {
	if !colours(w) {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// colours reports whether a stream shows colours: it is a terminal, and
// NO_COLOR is not set (https://no-color.org).
func colours(w io.Writer) bool { return isTerminal(w) && os.Getenv("NO_COLOR") == "" }

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}
