package devrun

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// printer prints the lines of many processes to one writer, each line whole
// and behind the name of who printed it.
type printer struct {
	mu    sync.Mutex
	out   io.Writer
	color bool
	width int // of names
}

// of is what a process of the name prints to. Each has its own color, as far
// as they go.
func (p *printer) of(name string, number int) *lines {
	p.mu.Lock()
	p.width = max(p.width, len(name))
	p.mu.Unlock()
	return &lines{printer: p, name: name, paint: nameColors[number%len(nameColors)]}
}

func (p *printer) print(name, paint, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	prefix := fmt.Sprintf("%-*s |", p.width, name)
	if p.color {
		prefix = colored(paint, prefix)
	}
	_, _ = io.WriteString(p.out, prefix+" "+text+"\n") // nobody is left to be told that printing fails
}

// ANSI colors.
const (
	red, yellow, faint = "31", "33", "2"
)

var nameColors = []string{"36", "32", "35", "34", "96", "92", "95", "94"}

func colored(color, text string) string { return "\x1b[" + color + "m" + text + "\x1b[0m" }

// maxLine is as much of a line as is printed at once.
const maxLine = 64 << 10

// lines takes what one process prints, and prints it by the line.
type lines struct {
	printer     *printer
	name, paint string

	mu   sync.Mutex
	rest []byte // of an unfinished line
}

// Write prints the finished lines.
func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, data...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 && len(l.rest) < maxLine {
			return len(data), nil
		}
		next := i + 1
		if i < 0 {
			i, next = len(l.rest), len(l.rest)
		}
		l.printer.print(l.name, l.paint, readable(l.rest[:i], l.printer.color))
		l.rest = l.rest[next:]
	}
}

// say prints a line of our own about the process.
func (l *lines) say(format string, args ...any) {
	l.printer.print(l.name, l.paint, fmt.Sprintf(format, args...))
}

// readable is a line for a person: one of slog's JSON becomes
//
//	15:04:05.000 INFO request method=GET status=200
//
// and any other stays, without what would take over the terminal.
func readable(line []byte, color bool) string {
	r, ok := parseRecord(line)
	if !ok {
		return harmless(strings.TrimRight(string(line), "\r"))
	}
	level := fmt.Sprintf("%-5s", harmless(r.level))
	if paint := levelColors[r.level]; color && paint != "" {
		level = colored(paint, level)
	}
	text := level + " " + harmless(r.message) + r.attributes
	if !r.time.IsZero() {
		text = r.time.Local().Format("15:04:05.000 ") + text
	}
	return text
}

var levelColors = map[string]string{"ERROR": red, "WARN": yellow, "DEBUG": faint}

// record is a line of slog's JSON.
type record struct {
	time           time.Time
	level, message string
	attributes     string // " key=value", in the order they were written
}

func parseRecord(line []byte) (r record, ok bool) {
	if len(line) == 0 || line[0] != '{' {
		return r, false
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	if _, err := dec.Token(); err != nil {
		return r, false
	}
	var attributes strings.Builder
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return r, false
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return r, false
		}
		switch key := fmt.Sprint(key); key {
		case "time":
			r.time, _ = time.Parse(time.RFC3339Nano, text(value)) // without one it is not shown
		case "level":
			r.level = text(value)
		case "msg":
			r.message = text(value)
		case "service", "spanId": // the line begins with the one; nobody looks for the other
		default:
			attributes.WriteString(" " + quoted(key) + "=" + shown(key, value))
		}
	}
	r.attributes = attributes.String()
	return r, r.level != ""
}

// text is a JSON string, or other JSON as it stands.
func text(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return string(value)
	}
	return s
}

// shown is the value of an attribute. slog writes durations as nanoseconds.
func shown(key string, value json.RawMessage) string {
	if n, err := strconv.ParseInt(string(value), 10, 64); err == nil && durations[key] {
		return time.Duration(n).Round(10 * time.Microsecond).String()
	}
	if value[0] != '"' {
		return harmless(string(value))
	}
	return quoted(text(value))
}

var durations = map[string]bool{"took": true, "again": true, "wait": true}

// quoted is a text that is recognised as one.
func quoted(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r == ' ' || r == '"' || r == '=' || !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// harmless is a text without what would take over the terminal.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
