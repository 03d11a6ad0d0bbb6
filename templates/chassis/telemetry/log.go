package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/otel/trace"
	"golang.org/x/term"
)

// Redacted is what a log shows of personal data.
const Redacted = "[redacted]"

// PII is an attribute whose value is personal: the log shows that there was one.
func PII(key string, _ any) slog.Attr { return slog.String(key, Redacted) }

func newLogger(config Config) (*slog.Logger, error) {
	out := config.Out
	if out == nil {
		out = os.Stderr
	}
	level := slog.LevelInfo
	if config.Level != "" {
		if err := level.UnmarshalText([]byte(config.Level)); err != nil {
			return nil, fmt.Errorf("telemetry: log level %q is none of debug, info, warn, error", config.Level)
		}
	}
	return slog.New(traced{newHandler(out, level)}).With("service", config.Service), nil
}

func newHandler(out io.Writer, level slog.Level) slog.Handler {
	options := &slog.HandlerOptions{Level: level}
	if isTerminal(out) {
		return slog.NewTextHandler(out, options)
	}
	return slog.NewJSONHandler(out, options)
}

// inUTC makes the logs of services comparable, wherever they run.
func inUTC(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// traced adds the ids of the trace and the span to every record, whose times it
// has in UTC.
type traced struct{ slog.Handler }

// Handle adds the ids.
func (h traced) Handle(ctx context.Context, record slog.Record) error {
	record.Time = inUTC(record.Time)
	if hasTimes(record) {
		record = timesInUTC(record)
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("traceId", span.TraceID().String()), slog.String("spanId", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

// hasTimes tells the few records with times among their attributes from the
// others: to have the handler look at each attribute of each costs more than
// writing them.
func hasTimes(record slog.Record) (found bool) {
	record.Attrs(func(a slog.Attr) bool {
		found = a.Value.Kind() == slog.KindTime
		return !found
	})
	return found
}

func timesInUTC(record slog.Record) slog.Record {
	changed := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	record.Attrs(func(a slog.Attr) bool {
		if a.Value.Kind() == slog.KindTime {
			a.Value = slog.TimeValue(inUTC(a.Value.Time()))
		}
		changed.AddAttrs(a)
		return true
	})
	return changed
}

// WithAttrs keeps the ids in derived handlers.
func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }

// WithGroup keeps the ids in derived handlers.
func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }
