package e2e

import (
	"fmt"
	"testing"
	"time"
)

// TestKorean runs a model without a single ASCII name: what is written 관객 is
// asked for as it is written, and identifiers are romanised the same everywhere.
func TestKorean(t *testing.T) {
	s := start(t, build(t, "../../testdata/models/korean/esgen.yaml", nil))
	screening, booking, notice := s.services["sangyeong"], s.services["yemae"], s.services["alrim"]
	viewer, stranger, staff := actor{"관객-1", "관객"}, actor{"관객-2", "관객"}, actor{"직원-1", "직원"}

	at := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
	show := func(id, at string) string {
		return fmt.Sprintf(`{"sangyeonghoebeonho": %q, "yeonghwa": "기생충", "sijagsigag": %q, "jeongga": 15000, "jeoncejwaseog": 12}`, id, at)
	}
	screening.refused(t, viewer, 403, "forbidden", "POST /sangyeonghoes", show("상영-1", at))
	screening.refused(t, staff, 422, "Jinansigag", "POST /sangyeonghoes", show("상영-1", "2020-01-01T00:00:00Z"))
	screening.ask(t, staff, 201, "POST /sangyeonghoes", show("상영-1", at)).has(t, map[string]any{"yeonghwa": "기생충", "nameunjwaseog": 12})
	booking.becomes(t, viewer, "GET /views/sangyeongsiganpyos/상영-1", map[string]any{"jeongga": "15000", "nameunjwaseog": 12, "maejin": false})

	book := func(id, show string, seats int) string {
		return fmt.Sprintf(`{"yemaebeonho": %q, "sangyeonghoebeonho": %q, "maesu": %d}`, id, show, seats)
	}
	booking.refused(t, viewer, 400, "invalid", "POST /yemaepyos", book("예매-0", "상영-1", 0))
	booking.refused(t, viewer, 422, "Sangyeonghoeeobseum", "POST /yemaepyos", book("예매-0", "상영-없음", 1))
	// a tenth off from four on, a fifth from ten on; a struct that is computed
	booking.ask(t, viewer, 201, "POST /yemaepyos", book("예매-1", "상영-1", 10)).has(t, map[string]any{
		"gwangaegbeonho": "관객-1", "gyeoljegeumaeg": map[string]string{"geumaeg": "120000", "halin": "30000"},
	})
	// the callee's rejection, by the caller's name for it
	booking.refused(t, viewer, 409, "Maejin", "POST /yemaepyos", book("예매-2", "상영-1", 3)).has(t, map[string]any{"detail": "남은 좌석이 모자랍니다"})
	booking.refused(t, viewer, 404, "NotFound", "GET /yemaepyos/예매-2", "")
	booking.ask(t, viewer, 201, "POST /yemaepyos", book("예매-3", "상영-1", 2))
	screening.ask(t, staff, 200, "GET /sangyeonghoes/상영-1", "").has(t, map[string]any{"nameunjwaseog": 0})
	booking.becomes(t, viewer, "GET /views/sangyeongsiganpyos/상영-1", map[string]any{"nameunjwaseog": 0, "maejin": true})

	booking.refused(t, stranger, 404, "NotFound", "GET /yemaepyos/예매-1", "")
	booking.refused(t, stranger, 403, "Forbidden", "POST /yemaepyos/예매-1/yemaereulcwisohada", "")
	booking.ask(t, viewer, 200, "POST /yemaepyos/예매-1/yemaereulcwisohada", `{"sayu": "못 가게 되었어요"}`)
	booking.refused(t, viewer, 409, "AlreadyExists", "POST /yemaepyos", book("예매-1", "상영-1", 1))
	booking.becomes(t, viewer, "GET /views/sangyeongsiganpyos/상영-1", map[string]any{"nameunjwaseog": 10, "maejin": false})
	booking.lists(t, viewer, "GET /views/sangyeongsiganpyos/queries/yemaehalsuissneunsangyeonghoe?q=생충", "sangyeonghoebeonho", "상영-1")
	booking.willList(t, viewer, "GET /views/naeyemaes/queries/nameunyemae", "yemaebeonho", "예매-3")

	eventually(t, "the viewer is told three times", func() error {
		if calls := s.calls(t, "Munja.bonaegi", "badneunsaram", "관객-1"); len(calls) != 3 {
			return fmt.Errorf("calls %v", calls)
		}
		return nil
	})
	for _, p := range []*process{screening, booking, notice} {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s: %v", p.name, parked)
		}
	}
}
