package kafka

import (
	"context"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/wait"
)

// clientLog passes on what the Kafka client warns about.
type clientLog struct{ log *slog.Logger }

func (clientLog) Level() kgo.LogLevel { return kgo.LogLevelWarn }

func (l clientLog) Log(level kgo.LogLevel, text string, fields ...any) {
	slogLevel := slog.LevelWarn
	if level == kgo.LogLevelError {
		slogLevel = slog.LevelError
	}
	l.log.Log(context.Background(), slogLevel, "kafka: "+text, fields...)
}

// sleep waits, and tells whether it was not cut short.
func sleep(ctx context.Context, d time.Duration) bool { return wait.For(ctx, d) == nil }
