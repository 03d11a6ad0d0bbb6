package timer

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Clock is a policy that acts at times of the clock.
type Clock struct {
	Policy   string
	Schedule Schedule
	CatchUp  CatchUp
}

// Schedule says when a policy acts.
type Schedule struct {
	text string
	next func(after time.Time) time.Time
	err  error
}

// Every is a schedule of one time after the other, so far apart. The first comes
// so long after the service has run for the first time.
func Every(d time.Duration) Schedule {
	return Schedule{text: "every " + d.String(), next: func(after time.Time) time.Time { return after.Add(d) }}
}

// Cron is a schedule of five fields (minute, hour, day, month, weekday) in a time
// zone of the IANA database.
func Cron(fields, zone string) Schedule {
	s := Schedule{text: fields + " " + zone}
	location, err := time.LoadLocation(zone)
	if err != nil {
		s.err = err
		return s
	}
	parsed, err := cron.ParseStandard(fields)
	if err != nil {
		s.err = err
		return s
	}
	s.next = func(after time.Time) time.Time { return parsed.Next(after.In(location)).UTC() }
	return s
}

// CatchUp says what becomes of the times at which nothing ran.
type CatchUp int

// What becomes of the times at which nothing ran.
const (
	Once CatchUp = iota // the last of them is made up for
	Skip                // none is
	All                 // each is
)

// grace is how late a time may be noticed that is not missed: a service that is
// deployed anew skips nothing.
const grace = time.Minute

// wind sets the clocks that are new or have another schedule, and takes away
// those that there are no longer. The others go on where they were.
func (t *Timers) wind(ctx context.Context, clocks []Clock) error {
	return t.db.InTx(ctx, func(tx *store.Tx) error {
		now, err := t.Now(ctx, tx)
		if err != nil {
			return err
		}
		policies := make([]string, len(clocks))
		for i, c := range clocks {
			if c.Schedule.err != nil {
				return fmt.Errorf("schedule of %s: %w", c.Policy, c.Schedule.err)
			}
			policies[i] = c.Policy
			tx.Later(nil, "INSERT INTO "+waiting+` AS w (policy, id, due_at, schedule) VALUES ($1, '', $2, $3)
				ON CONFLICT (policy, id) DO UPDATE SET due_at = excluded.due_at, schedule = excluded.schedule WHERE w.schedule <> excluded.schedule`,
				c.Policy, c.Schedule.next(now), c.Schedule.text)
		}
		return t.stop(ctx, tx, policies)
	})
}

// stop takes the clocks of other policies away.
func (t *Timers) stop(ctx context.Context, tx *store.Tx, except []string) error {
	rows, err := tx.Query(ctx, "SELECT policy FROM "+waiting+" WHERE id = ''")
	if err != nil {
		return fmt.Errorf("timers: %w", err)
	}
	defer func() { _ = rows.Close() }()
	kept := map[string]bool{}
	for _, p := range except {
		kept[p] = true
	}
	var gone []string
	for rows.Next() {
		var policy string
		if err := rows.Scan(&policy); err != nil {
			return fmt.Errorf("timers: %w", err)
		}
		if !kept[policy] {
			gone = append(gone, policy)
		}
	}
	for _, policy := range gone {
		tx.Later(nil, "DELETE FROM "+waiting+" WHERE policy = $1 AND id = ''", policy)
	}
	return rows.Err()
}

// strike has a policy of the clock act, and sets the clock to its next time.
func (t *Timers) strike(tx *store.Tx, clocks []Clock, d due, now time.Time) error {
	for _, c := range clocks {
		if c.Policy != d.policy {
			continue
		}
		times, next := c.times(d.at, now)
		tx.Later(nil, "UPDATE "+waiting+" SET due_at = $2 WHERE policy = $1 AND id = ''", c.Policy, next)
		for _, at := range times {
			if err := outbox.Append(tx, t.stroke(c, at)); err != nil {
				return err
			}
		}
	}
	return nil // another version of the service, which runs beside this one, knows it
}

// times are those at which a policy is to act of those that have come since the
// first, and the next one after them.
func (c Clock) times(first, now time.Time) (times []time.Time, next time.Time) {
	for next = first; !next.After(now); next = c.Schedule.next(next) {
		switch {
		case c.CatchUp == All:
			times = append(times, next)
		case c.CatchUp == Once, now.Sub(next) <= grace:
			times = []time.Time{next} // of several the last
		}
		if len(times) == batch {
			return times, c.Schedule.next(next)
		}
	}
	return times, next
}

// stroke is the message that it is a policy's time.
func (t *Timers) stroke(c Clock, at time.Time) message.Envelope {
	text := at.UTC().Format(time.RFC3339Nano)
	id := values.DeriveID(c.Policy, text)
	return message.Envelope{
		ID: id, Source: t.source, Type: typeOf(c.Policy, struck), Subject: c.Policy, Time: at,
		DataVersion: 1, CorrelationID: string(id), Actor: values.Actor{System: true}, Topic: t.topic, Key: c.Policy, Data: json.RawMessage("{}"),
	}
}

// struck is what a clock tells, as the last part of a message's type.
const struck = "due"
