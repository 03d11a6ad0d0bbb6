package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestClasses runs a monolith that is taken apart: courses, classes and
// instructors are services behind the paths of before, customers and the
// calendar are still where they were, and tell in the monolith's topic.
func TestClasses(t *testing.T) {
	monolith := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, "monolith: "+r.Method+" "+r.RequestURI)
	}))
	t.Cleanup(monolith.Close)
	opts := build(t, "../../testdata/models/classes/esgen.yaml", nil)
	opts.Env = map[string][]string{"_gateway": {"MONOLITH_LEGACY_URL=" + monolith.URL}}
	s := start(t, opts)
	outside, kim := s.outside(), actor{"kim", "manager"}

	outside.ask(t, kim, 201, "POST /courses", `{"courseId": "c1", "name": "이벤트 스토밍", "fee": "100000", "seats": 1}`)
	outside.becomes(t, kim, "GET /courses/c1", map[string]any{"seats": 1})
	s.services["class"].becomes(t, kim, "GET /views/offers/c1", map[string]any{"seats": 1})
	outside.ask(t, kim, 201, "POST /clazzes", `{"clazzId": "z1", "courseId": "c1"}`)
	outside.ask(t, kim, 201, "POST /instructors", `{"smeId": "i1", "name": "박강사"}`)

	tell := func(no int, kind, payload string) {
		t.Helper()
		s.write(t, foreignRecord("school.events", "k", fmt.Sprintf(`{"kind": %q, "eventId": "e%d", "payload": %s}`, kind, no, payload)))
	}
	tell(1, "customer.enrolled", `{"about": "z1", "clazzId": "z1", "customerId": "lee"}`)
	tell(1, "customer.enrolled", `{"about": "z1", "clazzId": "z1", "customerId": "lee"}`) // told again
	tell(2, "customer.moved", `{"about": "z1"}`)                                          // nobody minds
	tell(3, "customer.enrolled", `{"about": "z1", "clazzId": "z1", "customerId": "park"}`)
	outside.becomes(t, kim, "GET /clazzes/z1", map[string]any{"enrolled": 1, "refused": 1})
	tell(4, "calendar.blocked", `{"about": "i1", "instructor": {"id": "i1"}, "day": "2026-12-08"}`)
	outside.becomes(t, kim, "GET /instructors/i1", map[string]any{"blocked": 1})

	outside.ask(t, kim, 201, "POST /clazzDays", `{"dayId": "d1", "clazzId": "z1", "smeId": "i1", "day": "2026-12-07"}`)
	outside.ask(t, kim, 201, "POST /clazzDays", `{"dayId": "d2", "clazzId": "z1", "smeId": "i1", "day": "2026-12-08"}`)
	eventually(t, "the timetable", func() error {
		items := listed(t, outside.ask(t, kim, 200, "GET /clazzes/z1/days?sort=dayId", ""))
		if len(items) != 2 || items[0]["row"]["status"] != "Confirmed" || items[1]["row"]["status"] != "CalledOff" || items[0]["instructor"]["name"] != "박강사" || items[1]["clazz"]["seats"] != 1.0 {
			return fmt.Errorf("%v", items)
		}
		return nil
	})
	for path, want := range map[string]string{
		"/customers/lee": "monolith: GET /customers/lee", "/courses/c1/reviews": "monolith: GET /courses/c1/reviews", "/calendars/i1": "monolith: GET /sharedCalendars/i1",
	} {
		if got, err := ask(t.Context(), http.MethodGet, s.URL()+path, request{}); err != nil || got.text != want {
			t.Errorf("%s: %v %s, want %s", path, err, got.text, want)
		}
	}
	for name, p := range s.services {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s: %v", name, parked)
		}
	}
}
