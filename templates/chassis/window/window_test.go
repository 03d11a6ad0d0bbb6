package window

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

type paid struct {
	By  values.ID `json:"by"`
	Sum int       `json:"sum"`
}

func onBoth(t *testing.T, test func(t *testing.T, db *store.DB)) {
	testservers.OnBoth(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url)
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		must(t, db.Migrate(t.Context()))
		must(t, New(db).Prepare(t.Context()))
		test(t, db)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// seenBy are the sums in the window of a payment, some minutes after the first.
func seenBy(ctx context.Context, db *store.DB, p Policy[paid], by string, sum, minute int) ([]int, error) {
	m := message.Envelope{ID: values.ID(fmt.Sprint(by, sum)), Time: time.Date(2026, 6, 1, 12, minute, 0, 0, time.UTC)}
	window, err := look(ctx, db, p, paid{values.ID(by), sum}, m)
	var sums []int
	for _, e := range window {
		sums = append(sums, e.Sum)
	}
	return sums, err
}

var each = Policy[paid]{Name: "Watch", Within: time.Hour, By: func(e paid) any { return e.By }}

func TestTheLastWhile(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		all := Policy[paid]{Name: "WatchAll", Within: time.Hour}
		for _, c := range []struct {
			policy      Policy[paid]
			by          string
			sum, minute int
			want        []int
		}{
			{each, "kim", 1, 0, []int{1}},
			{each, "lee", 2, 1, []int{2}},
			{each, "kim", 3, 30, []int{1, 3}},
			{each, "kim", 1, 0, []int{1}}, // it comes again
			{each, "kim", 4, 60, []int{3, 4}},
			{each, "kim", 5, 50, []int{3, 4, 5}}, // it comes late
			{each, "kim", 5, 50, []int{3, 4, 5}},
			{each, "kim", 6, 200, []int{6}},
			{all, "kim", 1, 0, []int{1}},
			{all, "lee", 2, 1, []int{1, 2}},
		} {
			got, err := seenBy(t.Context(), db, c.policy, c.by, c.sum, c.minute)
			must(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s %s %d: %s", c.policy.Name, c.by, c.sum, diff)
			}
		}
	})
}

// Of events that are handled at the same time, one is the first, and one sees all.
func TestAtTheSameTime(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		const n = 8
		sizes := make([]int, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				window, err := seenBy(context.Background(), db, each, "kim", i, i)
				if err != nil {
					t.Error(err)
				}
				sizes[i] = len(window)
			})
		}
		wg.Wait()
		slices.Sort(sizes)
		if diff := cmp.Diff([]int{1, 2, 3, 4, 5, 6, 7, 8}, sizes); diff != "" {
			t.Error(diff)
		}
	})
}
