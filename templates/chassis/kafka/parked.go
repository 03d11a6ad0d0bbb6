package kafka

import (
	"context"
	"errors"
	"time"
)

// Reasons why a record is parked.
const (
	ReasonFailed      = "failed"      // its handler failed at every attempt
	ReasonUndecodable = "undecodable" // it cannot be read here
	ReasonMissing     = "missing"     // what it refers to is not there yet; tried again by itself
	ReasonUnavailable = "unavailable" // another service did not answer; tried again by itself
	ReasonBehind      = "behind"      // an earlier record of its key is parked
)

// ParkedRecord is a record that waits for somebody to decide about it.
type ParkedRecord struct {
	ID        int64
	Handler   string // empty: no handler could be found out
	Topic     string
	Partition int32
	Offset    int64
	Key       string
	Type      string
	MessageID string
	Reason    string
	Error     string
	Attempts  int
	ParkedAt  time.Time
	RetryAt   *time.Time // when it is tried again by itself
}

// ParkedFilter narrows what List, Replay and Skip are about; zero fields do not.
type ParkedFilter struct {
	ID      int64
	Handler string
	Topic   string
	Key     string
	Limit   int // of List; 0: 100
}

// Parked lets somebody decide about parked records.
type Parked struct{}

// List returns parked records in their order.
func (p *Parked) List(ctx context.Context, filter ParkedFilter) ([]ParkedRecord, error) {
	return nil, errors.New("not written yet")
}

// Replay gives parked records to their handlers again, each key in its order,
// up to the first that fails again.
func (p *Parked) Replay(ctx context.Context, filter ParkedFilter) (handled int, err error) {
	return 0, errors.New("not written yet")
}

// Skip drops parked records unhandled.
func (p *Parked) Skip(ctx context.Context, filter ParkedFilter) (skipped int, err error) {
	return 0, errors.New("not written yet")
}
