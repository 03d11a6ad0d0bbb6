package oracle

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"golang.org/x/sync/errgroup"
)

// rest waits until nothing is on its way any more: when every service has handled
// all there was for it at one time, and then has nothing about to leave, and
// nothing new has come meanwhile, nothing will.
func (s *system) rest(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var busy error
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := s.resting(ctx)
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			busy = err
		}
		wait := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Fatalf("the system does not come to rest within %v: %v", patience, busy)
		case <-wait.C:
		}
	}
}

// resting says what is on its way, if anything is. What a service has handled it
// tells itself: the broker hears of it only now and then.
func (s *system) resting(ctx context.Context) error {
	before, err := s.ends(ctx)
	if err != nil {
		return err
	}
	var group errgroup.Group
	for _, service := range s.opts.System.Services {
		group.Go(func() error {
			a, err := s.ask(ctx, http.MethodGet, s.Door(service.Dir)+"/_rest", http.Header{}, nil)
			if err != nil {
				return fmt.Errorf("%s: %w", service.Dir, err)
			}
			if busy := fmt.Sprint(a.body["busy"]); busy != "0" {
				return fmt.Errorf("%s: %s are under way", service.Dir, busy)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	after, err := s.ends(ctx)
	if err != nil {
		return err
	}
	return sameEnds(before, after)
}

// finish is rest, and has the services try again at once what they have put off
// because something was not there, or because it was refused when it must not be.
// They would by themselves, later. Where a busy machine had a breaker open, which
// goes by real time, that is waited for.
func (s *system) finish(t *testing.T) {
	t.Helper()
	s.rest(t)
	began := time.Now()
	for before := s.putOff(t); before != ""; {
		then := s.happenings(t)
		s.retry(t)
		s.rest(t)
		after := s.putOff(t)
		if after == before && sameEnds(then, s.happenings(t)) == nil {
			if !s.shut(t) || time.Since(began) > breakerTime {
				return
			}
			select {
			case <-t.Context().Done():
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
		before = after
	}
}

// breakerTime is longer than a breaker is open of which the model says nothing.
const breakerTime = 15 * time.Second

// shut reports whether a service leaves somebody alone for a while.
func (s *system) shut(t *testing.T) bool {
	t.Helper()
	for _, service := range s.opts.System.Services {
		a, err := s.ask(t.Context(), http.MethodGet, s.Door(service.Dir)+"/_rest", http.Header{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.body["shut"] != nil {
			return true
		}
	}
	return false
}

// happenings are the ends of the topics of events.
func (s *system) happenings(t *testing.T) kadm.ListedOffsets {
	t.Helper()
	var topics []string
	for _, service := range s.opts.System.Services {
		for _, a := range service.Aggregates {
			topics = append(topics, ownTopic(a))
		}
	}
	ends, err := s.admin.ListEndOffsets(t.Context(), topics...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	return ends
}

const (
	parkedRecords = "SELECT count(*) FROM platform_parked HAVING count(*) > 0"
	// notUndone are the calls that could not be undone yet.
	notUndone = "SELECT key FROM platform_intents"
	// refusedStories are those that wait for somebody to whom they were refused
	// something.
	refusedStories = "refused <> '' AND state NOT IN ('done', 'undone')"
)

// putOff names what is parked, what could not be undone, and the sagas that are refused what they ask for.
func (s *system) putOff(t *testing.T) string {
	t.Helper()
	var all []string
	for service, db := range s.databases {
		queries := []string{parkedRecords, notUndone}
		if len(service.Sagas) > 0 {
			queries = append(queries, "SELECT id || ' ' || step || ' ' || state FROM platform_sagas WHERE "+refusedStories)
		}
		for _, query := range queries {
			for _, one := range texts(t, db, query) {
				all = append(all, service.Dir+" "+one)
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// texts are the rows of a query that has one column.
func texts(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// retry has everything tried again that was put off.
func (s *system) retry(t *testing.T) {
	t.Helper()
	for service, db := range s.databases {
		if len(service.Sagas) > 0 {
			for _, id := range texts(t, db, "SELECT id FROM platform_sagas WHERE "+refusedStories) {
				address := s.Internal(service.Dir) + "/internal/sagas/" + id + "/resume"
				if a, err := s.ask(t.Context(), http.MethodPost, address, http.Header{}, nil); err != nil || a.status != http.StatusAccepted {
					t.Fatalf("a saga is not resumed: %d %v %v", a.status, a.body, err)
				}
			}
		}
		if len(texts(t, db, parkedRecords)) > 0 {
			address := s.Internal(service.Dir) + "/internal/parked/replay?all=true"
			// It says no when something fails again, which is as it may be.
			if _, err := s.ask(t.Context(), http.MethodPost, address, http.Header{}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if len(texts(t, db, notUndone)) > 0 {
			address := s.Door(service.Dir) + "/_undo"
			if a, err := s.ask(t.Context(), http.MethodPost, address, http.Header{}, []byte("{}")); err != nil || a.status != http.StatusOK {
				t.Fatalf("POST %s: %d %v %v", address, a.status, a.body, err)
			}
		}
	}
}

// sameEnds says what is new.
func sameEnds(then, now kadm.ListedOffsets) (err error) {
	now.Each(func(o kadm.ListedOffset) {
		if then, _ := then.Lookup(o.Topic, o.Partition); then.Offset != o.Offset {
			err = fmt.Errorf("%s: new records", o.Topic)
		}
	})
	return err
}

// ends are the ends of all topics.
func (s *system) ends(ctx context.Context) (kadm.ListedOffsets, error) {
	var topics []string
	for _, service := range s.opts.System.Services {
		topics = append(topics, service.AllTopics...)
	}
	ends, err := s.admin.ListEndOffsets(ctx, topics...)
	if err == nil {
		err = ends.Error()
	}
	return ends, err
}

// stories are the sagas that were begun, and how far each is.
func (s *system) stories(t *testing.T) (all []string) {
	t.Helper()
	for service, db := range s.databases {
		if len(service.Sagas) > 0 {
			all = append(all, texts(t, db, "SELECT saga || ' ' || state FROM platform_sagas")...)
		}
	}
	return all
}
