package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/sim"
)

// What passes is written down where it begins, with who asked and what came of it.
func TestTranscript(t *testing.T) {
	m := load(t, "../../examples/library/esgen.yaml")
	played, transcript := sim.PlayRecorded(m, m.Scenarios[0])
	if len(played.Failures) > 0 {
		t.Fatal(played.Failures)
	}
	want := `0 BookRegistered, given
0 view Catalogue hears of BookRegistered: true
1 BorrowBook l1 by lee: [BookBorrowed]
1 question stockOf: 1 rows
1 book.stockOf answers loan: 200
1 BookBorrowed because of BorrowBook
1 view UserInfo hears of BookBorrowed: true
1 view Loans hears of BookBorrowed: true
1 policy TakeOutOfStock hears of BookBorrowed: true
1 TakeOut b1 by lee (system): [BookTakenOut]
1 BookTakenOut because of TakeOut
1 view Catalogue hears of BookTakenOut: true
`
	var b strings.Builder
	for _, x := range transcript.Moments {
		fmt.Fprintf(&b, "%d %s\n", x.Step, moment(x))
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func moment(x *sim.Moment) string {
	switch {
	case x.Decided != nil:
		d := x.Decided
		text := fmt.Sprintf("%s %s by %s", d.Command.Name, d.ID, d.Subject)
		if d.System {
			text += " (system)"
		}
		if d.Outcome.Rejected != "" {
			return text + ": " + d.Outcome.Rejected
		}
		var events []string
		for _, e := range d.Outcome.Events {
			events = append(events, e.Event.Name)
		}
		return fmt.Sprintf("%s: %v", text, events)
	case x.Looked != nil:
		return fmt.Sprintf("question %s: %d rows", x.Looked.Query.Name, len(x.Looked.Answer.Rows))
	case x.Answered != nil:
		return fmt.Sprintf("%s answers %s: %d", x.Answered.To.Text, x.Answered.Context.Name, x.Answered.Status)
	case x.Happened != nil:
		if x.Happened.By == nil {
			return x.Happened.Event.Name + ", given"
		}
		return x.Happened.Event.Name + " because of " + x.Happened.By.Command.Name
	case x.Heard.View != nil:
		return fmt.Sprintf("view %s hears of %s: %v", x.Heard.View.Name, x.Heard.Event.Event.Name, x.Heard.Took)
	case x.Heard.Saga != nil:
		return fmt.Sprintf("saga %s hears of %s: %v", x.Heard.Saga.Name, x.Heard.Event.Event.Name, x.Heard.Took)
	}
	return fmt.Sprintf("policy %s hears of %s: %v", x.Heard.Policy.Name, x.Heard.Event.Event.Name, x.Heard.Took)
}
