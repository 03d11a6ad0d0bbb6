package assembly

import (
	"net/http"

	"github.com/esgen/esgen/templates/chassis/personal"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Erasing is the part of a service that keeps personal data under a key for each person,
// and forgets who is erased. Somebody may have it done by a route; events of the
// model do as well.
func Erasing(cleaner *personal.Cleaner) Part {
	return Part{
		Routes: func(router *rest.Router) {
			router.HandleInternal("POST /internal/persons/{id}/erase", func(w http.ResponseWriter, r *http.Request) error {
				person := values.ID(r.PathValue("id"))
				if err := person.Check(); err != nil {
					return values.Reject(values.Missing, "NoSuchPerson", err.Error())
				}
				if err := cleaner.Erase(r.Context(), person); err != nil {
					return err
				}
				w.WriteHeader(http.StatusNoContent)
				return nil
			})
		},
		Workers: []service.Worker{{Name: "cleaner", Run: cleaner.Run}},
		Own:     cleaner,
	}
}
