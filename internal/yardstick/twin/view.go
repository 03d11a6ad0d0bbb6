package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// row is a row of the view.
type row struct {
	OrderID    string          `json:"orderId"`
	CustomerID string          `json:"customerId"`
	Total      decimal.Decimal `json:"total"`
	Status     status          `json:"status"`
	Meta       stamps          `json:"meta"`
}

type view struct{ pool *pgxpool.Pool }

func (v *view) get(ctx context.Context, id string) (row, error) {
	var r row
	err := v.pool.QueryRow(ctx, `SELECT order_id, customer_id, total::text, status, _created_at, _created_by, _updated_at, _updated_by
		FROM view_orders WHERE order_id = $1`, id).
		Scan(&r.OrderID, &r.CustomerID, &r.Total, &r.Status, &r.Meta.CreatedAt, &r.Meta.CreatedBy, &r.Meta.ChangedAt, &r.Meta.ChangedBy)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, errNotFound
	}
	r.Meta.CreatedAt, r.Meta.ChangedAt = r.Meta.CreatedAt.UTC(), r.Meta.ChangedAt.UTC()
	return r, err
}

// consumer keeps the view: what a fetch brings, in one transaction; where that
// fails, record by record, so that only what cannot be handled is parked.
type consumer struct {
	pool   *pgxpool.Pool
	client *kgo.Client
	tel    *telemetry
}

const consumerName = "Orders"

func newConsumer(pool *pgxpool.Pool, brokers []string, group, topic string, tel *telemetry) (*consumer, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(250*time.Millisecond),
		kgo.BlockRebalanceOnPoll(), kgo.AutoCommitMarks(), kgo.AutoCommitInterval(time.Second))
	return &consumer{pool: pool, client: client, tel: tel}, err
}

// lag is how many records of the topic are not handled yet.
func (c *consumer) lag(ctx context.Context) (lag int64, err error) {
	group, _ := c.client.GroupMetadata()
	lags, err := kadm.NewClient(c.client).Lag(ctx, group)
	if err != nil {
		return 0, err
	}
	return lags[group].Lag.Total(), lags.Error()
}

const pollRecords = 500

func (c *consumer) run(ctx context.Context) error {
	defer c.client.CloseAllowingRebalance()
	for ctx.Err() == nil {
		records := c.client.PollRecords(ctx, pollRecords).Records()
		if len(records) > 0 && c.handle(ctx, records) {
			c.client.MarkCommitRecords(records...)
		}
		c.client.AllowRebalance()
	}
	return nil
}

// handle gives up only when ctx ends.
func (c *consumer) handle(ctx context.Context, records []*kgo.Record) bool {
	if c.project(ctx, records) == nil {
		return true
	}
	for _, record := range records {
		for attempt := 1; ; attempt++ {
			err := c.project(ctx, []*kgo.Record{record})
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return false
			}
			if attempt >= 5 && c.park(ctx, record, err) == nil {
				break
			}
			time.Sleep(100 * time.Millisecond << min(attempt, 5))
		}
	}
	return true
}

// project applies records in one transaction, each once.
func (c *consumer) project(ctx context.Context, records []*kgo.Record) error {
	messages := make([]received, len(records))
	ids, keys := make([]string, len(records)), make([]string, len(records))
	for i, r := range records {
		var err error
		if messages[i], err = receive(r); err != nil {
			return err
		}
		ids[i], keys[i] = messages[i].id, string(r.Key)
	}
	return pgx.BeginFunc(ctx, c.pool, func(tx pgx.Tx) error {
		var behind bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM platform_parked WHERE topic = $1 AND key = ANY($2))", records[0].Topic, keys).Scan(&behind); err != nil {
			return err
		}
		if behind {
			return errors.New("an earlier record of the key is parked")
		}
		rows, err := tx.Query(ctx, `INSERT INTO platform_inbox (consumer, message_id) SELECT $1, unnest($2::text[])
			ON CONFLICT DO NOTHING RETURNING message_id`, consumerName, ids)
		if err != nil {
			return err
		}
		fresh, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		first := make(map[string]bool, len(fresh))
		for _, id := range fresh {
			first[id] = true
		}
		var b pgx.Batch
		for _, m := range messages {
			if !first[m.id] {
				continue
			}
			first[m.id] = false
			if err := c.tel.around(ctx, consumerName, m, func() error { return apply(&b, m) }); err != nil {
				return err
			}
		}
		return tx.SendBatch(ctx, &b).Close()
	})
}

func apply(b *pgx.Batch, m received) error {
	switch m.event {
	case "OrderPlaced":
		var e orderPlaced
		if err := json.Unmarshal(m.record.Value, &e); err != nil {
			return err
		}
		b.Queue(`INSERT INTO view_orders (order_id, customer_id, total, status, _created_at, _created_by, _updated_at, _updated_by, _source_version)
			VALUES ($1, $2, $3, $4, $5, $6, $5, $6, $7)
			ON CONFLICT (order_id) DO UPDATE SET customer_id = excluded.customer_id, total = excluded.total,
				_updated_at = greatest(view_orders._updated_at, excluded._updated_at), _updated_by = excluded._updated_by,
				_source_version = greatest(view_orders._source_version, excluded._source_version)`,
			e.OrderID, e.CustomerID, e.Total.String(), placed, m.time, m.actor, m.version)
	case "OrderCancelled":
		var e orderCancelled
		if err := json.Unmarshal(m.record.Value, &e); err != nil {
			return err
		}
		b.Queue(`UPDATE view_orders SET status = $2, _updated_at = $3, _updated_by = $4, _source_version = greatest(_source_version, $5) WHERE order_id = $1`,
			e.OrderID, cancelled, m.time, m.actor, m.version)
	default:
		return fmt.Errorf("nobody knows %s", m.event)
	}
	return nil
}

func (c *consumer) park(ctx context.Context, r *kgo.Record, cause error) error {
	c.tel.log.ErrorContext(ctx, "record is parked", "topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "error", cause)
	_, err := c.pool.Exec(ctx, `INSERT INTO platform_parked (topic, partition, record_offset, key, data, error) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, r.Topic, r.Partition, r.Offset, string(r.Key), r.Value, cause.Error())
	return err
}
