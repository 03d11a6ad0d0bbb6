package kafka

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Parking keeps records that wait for somebody to decide about them. Its columns,
// for conditions, are id, handler, topic, key and retry_at.
type Parking interface {
	// Ping asks for a sign of life.
	Ping(ctx context.Context) error
	// Park keeps a record, to be tried again by itself after a while; 0: it is not.
	// One that is there already stays as it is.
	Park(ctx context.Context, r ParkedRecord, retry time.Duration) error
	// ParkBehind keeps a record if there is another one of its queue, and says
	// whether there is. Who unparks that one has done so before, or sees this one.
	ParkBehind(ctx context.Context, r ParkedRecord) (behind bool, err error)
	// Queues are those that have records.
	Queues(ctx context.Context) ([]Queue, error)
	// List returns records in their order, at most limit.
	List(ctx context.Context, cond where.Cond, limit int) ([]ParkedRecord, error)
	// Count is how many records there are.
	Count(ctx context.Context) (int64, error)
	// Claim makes a record the caller's for a while, unless it is another one's.
	Claim(ctx context.Context, id int64, during time.Duration) (bool, error)
	// Unclaim gives a record back that nobody could try.
	Unclaim(ctx context.Context, id int64) error
	// Failed gives a record back that was tried in vain, to be tried again as of Park.
	Failed(ctx context.Context, id int64, reason, cause string, retry time.Duration) error
	// Unpark deletes a record, and has the one behind it tried.
	Unpark(ctx context.Context, r ParkedRecord) error
}

// parkingTable is the parking lot in a table of the service's database.
type parkingTable struct{ *store.DB }

func (t parkingTable) Park(ctx context.Context, r ParkedRecord, retry time.Duration) error {
	return t.InTx(ctx, func(tx *store.Tx) error { return t.insert(ctx, tx, r, retry) })
}

func (t parkingTable) insert(ctx context.Context, tx *store.Tx, r ParkedRecord, retry time.Duration) error {
	headers, err := json.Marshal(r.Record.Headers)
	if err != nil {
		return fmt.Errorf("park: %w", err)
	}
	retryAt, args := "NULL", []any{r.Handler, r.Topic, r.Partition, r.Offset, r.Key, string(headers),
		append([]byte{}, r.Record.Value...), r.Reason, r.Error, r.Attempts} // none is NULL
	if retry > 0 {
		retryAt = tx.Dialect().NowPlus("$11")
		args = append(args, store.Seconds(retry))
	}
	// There already: delivered again after a crash, before its offset was committed.
	_, err = tx.Exec(ctx, `INSERT INTO platform_parked
		(handler, topic, partition, record_offset, key, headers, data, reason, error, attempts, retry_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, `+retryAt+`)
		ON CONFLICT (handler, topic, partition, record_offset) DO NOTHING`, args...)
	if err != nil {
		return fmt.Errorf("park: %w", err)
	}
	return nil
}

func (t parkingTable) ParkBehind(ctx context.Context, r ParkedRecord) (behind bool, err error) {
	err = t.InTx(ctx, func(tx *store.Tx) error {
		// Locked: whoever replays the last one deletes it either before this,
		// or sees this one behind it.
		rows, err := tx.Query(ctx, "SELECT id FROM platform_parked WHERE handler = $1 AND topic = $2 AND key = $3 LIMIT 1"+tx.Dialect().ForUpdate(),
			r.Handler, r.Topic, r.Key)
		if err != nil {
			return fmt.Errorf("park: %w", err)
		}
		behind = rows.Next()
		if err := errorOf(rows); err != nil || !behind {
			return err
		}
		return t.insert(ctx, tx, r, 0)
	})
	return behind, err
}

func errorOf(rows *store.Rows) error {
	if err := rows.Err(); err != nil {
		_ = rows.Close()
		return err
	}
	return rows.Close()
}

func (t parkingTable) Queues(ctx context.Context) ([]Queue, error) {
	rows, err := t.Query(ctx, "SELECT DISTINCT handler, topic, key FROM platform_parked")
	if err != nil {
		return nil, fmt.Errorf("parked keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var queues []Queue
	for rows.Next() {
		var q Queue
		if err := rows.Scan(&q.Handler, &q.Topic, &q.Key); err != nil {
			return nil, fmt.Errorf("parked keys: %w", err)
		}
		queues = append(queues, q)
	}
	return queues, rows.Err()
}

func (t parkingTable) List(ctx context.Context, cond where.Cond, limit int) ([]ParkedRecord, error) {
	where, args := t.Dialect().Where(cond, 1)
	rows, err := t.Query(ctx, `SELECT id, handler, topic, partition, record_offset, key, headers, data, reason, error, attempts, parked_at, retry_at
		FROM platform_parked`+where+fmt.Sprintf(" ORDER BY id LIMIT %d", limit), args...)
	if err != nil {
		return nil, fmt.Errorf("parked: %w", err)
	}
	defer func() { _ = rows.Close() }()
	parked := []ParkedRecord{}
	for rows.Next() {
		r := ParkedRecord{Record: &kgo.Record{}}
		var headers string
		if err := rows.Scan(&r.ID, &r.Handler, &r.Topic, &r.Partition, &r.Offset, &r.Key, &headers, &r.Record.Value,
			&r.Reason, &r.Error, &r.Attempts, &r.ParkedAt, &r.RetryAt); err != nil {
			return nil, fmt.Errorf("parked: %w", err)
		}
		if err := json.Unmarshal([]byte(headers), &r.Record.Headers); err != nil {
			return nil, fmt.Errorf("parked %d: %w", r.ID, err)
		}
		parked = append(parked, r.Read())
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("parked: %w", err)
	}
	return parked, nil
}

// Read is the record with what can be read of it; its columns, headers and value are
// there.
func (r ParkedRecord) Read() ParkedRecord {
	r.Record.Topic, r.Record.Partition, r.Record.Offset, r.Record.Key = r.Topic, r.Partition, r.Offset, []byte(r.Key)
	// A record that cannot be read at all has what could be read of it.
	envelope, _ := message.FromRecord(r.Record)
	r.Type, r.MessageID = envelope.Type, string(envelope.ID)
	return r
}

func (t parkingTable) Count(ctx context.Context) (n int64, err error) {
	if err := t.QueryRow(ctx, "SELECT COUNT(*) FROM platform_parked").Scan(&n); err != nil {
		return 0, fmt.Errorf("parked: %w", err)
	}
	return n, nil
}

func (t parkingTable) Claim(ctx context.Context, id int64, during time.Duration) (bool, error) {
	n, err := t.Exec(ctx, "UPDATE platform_parked SET claimed_until = "+t.Dialect().NowPlus("$2")+
		" WHERE id = $1 AND (claimed_until IS NULL OR claimed_until <= "+t.Dialect().Now()+")", id, store.Seconds(during))
	if err != nil {
		return false, fmt.Errorf("parked %d: %w", id, err)
	}
	return n == 1, nil
}

func (t parkingTable) Unclaim(ctx context.Context, id int64) error {
	_, err := t.Exec(ctx, "UPDATE platform_parked SET claimed_until = NULL WHERE id = $1", id)
	return err
}

func (t parkingTable) Failed(ctx context.Context, id int64, reason, cause string, retry time.Duration) error {
	retryAt, args := "NULL", []any{id, reason, cause}
	if retry > 0 {
		retryAt = t.Dialect().NowPlus("$4")
		args = append(args, store.Seconds(retry))
	}
	_, err := t.Exec(ctx, `UPDATE platform_parked SET reason = $2, error = $3, attempts = attempts + 1,
		claimed_until = NULL, retry_at = `+retryAt+" WHERE id = $1", args...)
	return err
}

func (t parkingTable) Unpark(ctx context.Context, r ParkedRecord) error {
	err := t.InTx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM platform_parked WHERE id = $1", r.ID); err != nil {
			return err
		}
		if !r.Ordered() {
			return nil
		}
		_, err := tx.Exec(ctx, `UPDATE platform_parked SET retry_at = `+tx.Dialect().Now()+` WHERE reason = $4 AND id =
			(SELECT MIN(id) FROM platform_parked WHERE handler = $1 AND topic = $2 AND key = $3)`, r.Handler, r.Topic, r.Key, ReasonBehind)
		return err
	})
	if err != nil {
		return fmt.Errorf("parked %d: %w", r.ID, err)
	}
	return nil
}
