package e2e

import (
	"fmt"
	"testing"
	"time"
)

// TestLibrary runs the library: books are lent while the catalogue is down, a
// loan for which there is no copy is cancelled, and who is late pays.
func TestLibrary(t *testing.T) {
	s := start(t, build(t, "../../examples/library/esgen.yaml", nil))
	book, loan, dashboard := s.services["book"], s.services["loan"], s.services["dashboard"]
	user, librarian := actor{"u1", "user"}, actor{"l1", "librarian"}
	day := func(days int) string {
		zone, err := time.LoadLocation("Asia/Seoul")
		if err != nil {
			t.Fatal(err)
		}
		return time.Now().In(zone).AddDate(0, 0, days).Format(time.DateOnly)
	}
	borrow := func(id, of string) string { return fmt.Sprintf(`{"loanId": %q, "bookId": %q, "userId": "u1"}`, id, of) }

	book.ask(t, librarian, 201, "POST /books", `{"bookId": "b1", "title": "도메인 주도 설계", "author": "Evans", "stock": 1}`)
	book.refused(t, librarian, 422, "NegativeStock", "POST /books", `{"title": "x", "author": "y", "stock": -1}`)
	book.willList(t, user, "GET /views/catalogues/queries/find?q=EVANS", "bookId", "b1")

	// lent, and one copy less
	loan.refused(t, actor{"u2", "user"}, 403, "Forbidden", "POST /loans", borrow("x", "b1"))
	loan.ask(t, user, 201, "POST /loans", borrow("loan-1", "b1")).has(t, map[string]any{"stockChecked": true, "borrowedOn": day(0), "dueOn": day(14)})
	book.becomes(t, user, "GET /views/catalogues/b1", map[string]any{"stock": 0})
	loan.refused(t, user, 409, "OutOfStock", "POST /loans", borrow("x", "b1")).has(t, map[string]any{"detail": "재고가 없습니다"})
	loan.refused(t, user, 404, "UnknownBook", "POST /loans", borrow("x", "b2"))
	dashboard.becomes(t, user, "GET /views/user-infos/u1", map[string]any{"borrowed": 1, "lateFee": "0"})
	book.refused(t, librarian, 409, "StillOnLoan", "POST /books/b1/remove-book", "")

	// the catalogue is down: the book is lent all the same, and taken back when it is up
	book.stop(t)
	loan.ask(t, user, 201, "POST /loans", borrow("loan-2", "b1")).has(t, map[string]any{"stockChecked": false})
	dashboard.becomes(t, user, "GET /views/user-infos/u1", map[string]any{"borrowed": 2})
	book.start(t)
	loan.becomes(t, user, "GET /loans/loan-2", map[string]any{"status": "Cancelled"})
	dashboard.becomes(t, user, "GET /views/user-infos/u1", map[string]any{"borrowed": 1})

	// eight days late
	loan.ask(t, librarian, 200, "POST /loans/loan-1/change-due-date", `{"dueOn": "`+day(-8)+`"}`)
	loan.ask(t, user, 200, "POST /loans/loan-1/return-book", "").has(t, map[string]any{"overdueDays": 8, "fee": "1000"})
	loan.refused(t, librarian, 409, "NotBorrowed", "POST /loans/loan-1/change-due-date", `{"dueOn": "`+day(1)+`"}`)
	book.becomes(t, user, "GET /views/catalogues/b1", map[string]any{"stock": 1})
	dashboard.becomes(t, user, "GET /views/user-infos/u1", map[string]any{"borrowed": 0, "lateFee": "1000"})
	dashboard.lists(t, librarian, "GET /views/user-infos/queries/owing?min=1000", "userId", "u1")
	dashboard.lists(t, librarian, "GET /views/user-infos/queries/owing?min=1000.01", "userId")
	dashboard.willList(t, user, "GET /views/loans?sort=loanId", "cancelled", false, true)
	dashboard.lists(t, user, "GET /views/loans/queries/current", "loanId")
	dashboard.lists(t, actor{"u2", "user"}, "GET /views/loans", "loanId")

	// four copies in one loan, three of them back in one return that is seven days late: one is held, and one fee is due
	u4 := actor{"u4", "user"}
	book.ask(t, librarian, 201, "POST /books", `{"bookId": "b4", "title": "이벤트 스토밍", "author": "Brandolini", "stock": 4}`)
	loan.refused(t, u4, 409, "OutOfStock", "POST /loans", `{"bookId": "b4", "userId": "u4", "copies": 5}`)
	loan.ask(t, u4, 201, "POST /loans", `{"loanId": "loan-4", "bookId": "b4", "userId": "u4", "copies": 4}`).has(t, map[string]any{"copies": 4})
	book.becomes(t, user, "GET /views/catalogues/b4", map[string]any{"stock": 0})
	loan.ask(t, librarian, 200, "POST /loans/loan-4/change-due-date", `{"dueOn": "`+day(-7)+`"}`)
	loan.refused(t, u4, 409, "TooManyCopies", "POST /loans/loan-4/return-book", `{"copies": 5}`)
	loan.ask(t, u4, 200, "POST /loans/loan-4/return-book", `{"copies": 3}`).has(t, map[string]any{"overdueDays": 7, "fee": "500"})
	dashboard.becomes(t, u4, "GET /views/user-infos/u4", map[string]any{"borrowed": 1, "lateFee": "500"})
	book.becomes(t, user, "GET /views/catalogues/b4", map[string]any{"stock": 3})
	for days, due := range map[int]string{1: "500", 7: "500", 8: "1000", 14: "1000", 15: "2000"} {
		id := fmt.Sprint("late-", days)
		book.becomes(t, user, "GET /views/catalogues/b4", map[string]any{"stock": 3})
		loan.ask(t, u4, 201, "POST /loans", fmt.Sprintf(`{"loanId": %q, "bookId": "b4", "userId": "u4"}`, id))
		loan.ask(t, librarian, 200, "POST /loans/"+id+"/change-due-date", `{"dueOn": "`+day(-days)+`"}`)
		loan.ask(t, u4, 200, "POST /loans/"+id+"/return-book", "").has(t, map[string]any{"overdueDays": days, "fee": due})
	}
	operators(t, dashboard, "UserInfo")
	for name, p := range s.services {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s: %v", name, parked)
		}
	}
}
