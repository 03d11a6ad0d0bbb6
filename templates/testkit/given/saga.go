package given

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// orchestrated has so be what a state says of sagas: what they have asked for here,
// and what they have been told.
func (s *Service) orchestrated(ctx context.Context, state State) error {
	for _, d := range state.Done {
		err := s.DB.InTx(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO platform_commands (scope, id, state, hash, instance, version, created, reply) VALUES ($1, $2, 'done', '', $3, 1, $4, '{}')",
				d.Saga, d.Key, d.Instance, false)
			return err
		})
		if err != nil {
			return fmt.Errorf("what the saga %s asked for as %s: %w", d.Saga, d.Key, err)
		}
	}
	for i, c := range state.Came {
		if err := s.DeliverTo(ctx, c.To, c.envelope().Record()); err != nil {
			return fmt.Errorf("message %d that came: %w", i+1, err)
		}
	}
	return nil
}

// goOn gives stories of a saga what they tell themselves of something that came.
func (s *Service) goOn(ctx context.Context, name string) error {
	saga, _, _ := strings.Cut(strings.TrimPrefix(name, sagaPrefix), "/")
	to := sagaPrefix + saga
	for {
		own, err := s.unheard(ctx, "timer."+to+".")
		if err != nil || own == nil {
			return err
		}
		if err := s.Hears.DeliverTo(ctx, to, own); err != nil {
			return err
		}
	}
}

// sagaPrefix begins the names under which what sagas are told is handled.
const sagaPrefix = "saga/"

// unheard is the first message to itself of a kind that has left and has not come
// yet; nil: there is none.
func (s *Service) unheard(ctx context.Context, kind string) (*kgo.Record, error) {
	pending, err := outbox.Read(ctx, s.DB, mostPending)
	if err != nil {
		return nil, err
	}
	for _, p := range pending {
		e, err := message.FromRecord(p.Record)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(e.Type, kind) && !s.sent[e.ID] {
			s.sent[e.ID] = true
			return p.Record, nil
		}
	}
	return nil, nil //nolint:nilnil // there is none
}

// Left returns the messages that would leave, of a type.
func (s *Service) Left(ctx context.Context, kind string) ([]*kgo.Record, error) {
	pending, err := outbox.Read(ctx, s.DB, mostPending)
	if err != nil {
		return nil, err
	}
	var out []*kgo.Record
	for _, p := range pending {
		e, err := message.FromRecord(p.Record)
		if err != nil {
			return nil, err
		}
		if e.Type == kind {
			out = append(out, p.Record)
		}
	}
	return out, nil
}

// Story is what is kept of a story of a saga; "": nothing is.
func (s *Service) Story(ctx context.Context, id string) (string, error) {
	var story string
	err := s.DB.QueryRow(ctx, "SELECT COALESCE(MAX(story), '') FROM platform_sagas WHERE id = $1", id).Scan(&story)
	return story, err
}

// Answer gives what a saga asks for to the service, and returns what it is answered.
func (s *Service) Answer(ctx context.Context, order *kgo.Record) (*kgo.Record, error) {
	e, err := message.FromRecord(order)
	if err != nil {
		return nil, err
	}
	var asked struct {
		ReplyTo string `json:"replyTo"`
	}
	if err := json.Unmarshal(e.Data, &asked); err != nil {
		return nil, fmt.Errorf("what is asked cannot be read: %w", err)
	}
	if err := s.DeliverTo(ctx, "order/"+e.Type, order); err != nil {
		return nil, err
	}
	pending, err := outbox.Read(ctx, s.DB, mostPending)
	if err != nil {
		return nil, err
	}
	for _, p := range pending {
		answer, err := message.FromRecord(p.Record)
		if err != nil {
			return nil, err
		}
		if answer.Topic == asked.ReplyTo && values.ID(answer.CausationID) == e.ID {
			return p.Record, nil
		}
	}
	return nil, errors.New("it is not answered on " + asked.ReplyTo)
}
