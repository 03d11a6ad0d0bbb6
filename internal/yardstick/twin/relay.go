package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// relay publishes the outbox: of all replicas one at a time, so that its order
// is that of the topic.
type relay struct {
	pool   *pgxpool.Pool
	client *kgo.Client
	log    *slog.Logger
	stored chan struct{}
}

const (
	relayBatch = 500
	relayPoll  = 100 * time.Millisecond // for what other replicas stored
)

func newRelay(pool *pgxpool.Pool, brokers []string, log *slog.Logger) (*relay, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerLinger(0),
		kgo.MaxBufferedRecords(relayBatch+1))
	return &relay{pool: pool, client: client, log: log, stored: make(chan struct{}, 1)}, err
}

func (r *relay) wake() {
	select {
	case r.stored <- struct{}{}:
	default:
	}
}

// run publishes until ctx is done, whenever it has the lock.
func (r *relay) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := r.own(ctx); err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "the outbox is not published", "error", err)
			time.Sleep(time.Second)
		}
	}
	return nil
}

func (r *relay) own(ctx context.Context) error {
	conn, err := r.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtextextended('relay', 0))"); err != nil {
		return err
	}
	defer conn.Conn().Close(context.WithoutCancel(ctx)) //nolint:errcheck // the end of the session frees the lock
	poll := time.NewTicker(relayPoll)
	defer poll.Stop()
	for {
		n, err := r.round(ctx, conn)
		if err != nil {
			return err
		}
		if n == relayBatch {
			continue
		}
		select {
		case <-r.stored:
		case <-poll.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// round publishes a batch.
func (r *relay) round(ctx context.Context, conn *pgxpool.Conn) (int, error) {
	rows, err := conn.Query(ctx, "SELECT seq, topic, key, headers, data FROM platform_outbox ORDER BY seq LIMIT $1", relayBatch)
	if err != nil {
		return 0, err
	}
	var seqs []int64
	var records []*kgo.Record
	for rows.Next() {
		var seq int64
		var headers []byte
		var record kgo.Record
		if err := rows.Scan(&seq, &record.Topic, &record.Key, &headers, &record.Value); err != nil {
			rows.Close()
			return 0, err
		}
		if err := json.Unmarshal(headers, &record.Headers); err != nil {
			rows.Close()
			return 0, err
		}
		seqs, records = append(seqs, seq), append(records, &record)
	}
	if err := rows.Err(); err != nil || len(records) == 0 {
		return 0, err
	}
	if err := r.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return 0, err
	}
	_, err = conn.Exec(ctx, "DELETE FROM platform_outbox WHERE seq = ANY($1)", seqs)
	return len(records), err
}

func ensureTopic(ctx context.Context, brokers []string, topic string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		return err
	}
	defer client.Close()
	forever := "-1"
	answer, err := kadm.NewClient(client).CreateTopics(ctx, 4, -1, map[string]*string{"retention.ms": &forever}, topic)
	if err != nil {
		return err
	}
	if err := answer.Error(); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return err
	}
	return nil
}
