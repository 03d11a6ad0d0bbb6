package devrun

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"time"
)

// colors of the names, as ANSI codes.
var colors = []int{36, 33, 35, 32, 34, 96, 93, 95, 92, 94}

// prefixer writes lines behind the name of who printed them. A line of JSON
// as slog writes it is shortened for people.
type prefixer struct {
	mu     sync.Mutex
	out    io.Writer
	prefix string
	rest   []byte // of an unfinished line
}

func newPrefixer(out io.Writer, name string, at int, color bool) *prefixer {
	prefix := fmt.Sprintf("%-10s| ", name)
	if color {
		prefix = fmt.Sprintf("\x1b[%dm%s\x1b[0m", colors[at%len(colors)], prefix)
	}
	return &prefixer{out: out, prefix: prefix}
}

// Write prints the finished lines.
func (p *prefixer) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, data...)
	for {
		i := bytes.IndexByte(p.rest, '\n')
		if i < 0 {
			return len(data), nil
		}
		line := p.rest[:i]
		// one call for one line: the writer below is shared by all processes
		if _, err := io.WriteString(p.out, p.prefix+shorten(line)+"\n"); err != nil {
			return len(data), err
		}
		p.rest = p.rest[i+1:]
	}
}

// say prints a line of our own about the process.
func (p *prefixer) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprintf(p.out, "%s"+format+"\n", append([]any{p.prefix}, args...)...)
}

// shorten turns a line of slog's JSON into "15:04:05 INFO what key=value".
func shorten(line []byte) string {
	var fields map[string]any
	if len(line) == 0 || line[0] != '{' || json.Unmarshal(line, &fields) != nil {
		return string(line)
	}
	var b strings.Builder
	if t, err := time.Parse(time.RFC3339Nano, fmt.Sprint(fields["time"])); err == nil {
		b.WriteString(t.Local().Format("15:04:05.000 "))
	}
	fmt.Fprintf(&b, "%v %v", fields["level"], fields["msg"])
	keys := make([]string, 0, len(fields))
	for k := range fields {
		switch k {
		case "time", "level", "msg", "service":
		default:
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		value := fields[k]
		if n, ok := value.(float64); ok && k == "took" {
			value = time.Duration(n).Round(time.Microsecond) // slog writes nanoseconds
		}
		fmt.Fprintf(&b, " %s=%v", k, value)
	}
	return b.String()
}

// lockedWriter lets many processes share a writer.
type lockedWriter struct {
	mu  sync.Mutex
	out io.Writer
}

// Shared makes a writer safe for use by many at once.
func Shared(out io.Writer) io.Writer { return &lockedWriter{out: out} }

func (w *lockedWriter) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(data)
}
