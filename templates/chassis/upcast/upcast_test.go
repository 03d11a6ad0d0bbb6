package upcast_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/upcast"
	"github.com/esgen/esgen/templates/chassis/values"
)

type parcel struct {
	Street string `json:"street"`
	Grams  int64  `json:"grams"`
	By     string `json:"by,omitempty"`
}

type parcelV1 struct {
	To    string `json:"to"`
	Kilos int64  `json:"kilos"`
}

type parcelV2 struct {
	Street string `json:"street"`
	Kilos  int64  `json:"kilos"`
}

func (parcel) Upcasts() []values.Upcast {
	return []values.Upcast{
		values.Step(func(old parcelV1, _ values.Meta) parcelV2 { return parcelV2{old.To, old.Kilos} }),
		values.Step(func(old parcelV2, meta values.Meta) parcel {
			if old.Kilos > 1000 {
				panic(&values.Fault{Message: "too heavy"})
			}
			return parcel{old.Street, old.Kilos * 1000, fmt.Sprint("before ", meta.Time.Year())}
		}),
	}
}

func TestRead(t *testing.T) {
	whole, err := upcast.NewReader[parcel](upcast.Of[parcel](), nil)
	if err != nil {
		t.Fatal(err)
	}
	some, err := upcast.NewReader[struct {
		Grams int64 `json:"grams"`
	}](upcast.Of[parcel](), []string{"grams"})
	if err != nil {
		t.Fatal(err)
	}
	meta := values.Meta{Time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, c := range []struct {
		version int
		data    string
		want    parcel
		says    string // the error
	}{
		{3, `{"street":"Elm","grams":5,"colour":"red"}`, parcel{"Elm", 5, ""}, ""},
		{2, `{"street":"Elm","kilos":5,"colour":"red"}`, parcel{"Elm", 5000, "before 2026"}, ""},
		{1, `{"to":"Elm","kilos":5}`, parcel{"Elm", 5000, "before 2026"}, ""},
		{3, `{"street":"Elm"}`, parcel{}, "/grams"},
		{1, `{"street":"Elm","kilos":5}`, parcel{}, "/to"},
		{1, `{`, parcel{}, "line 1"},
		{4, `{}`, parcel{}, "it is of version 4, known up to 3"},
		{0, `{}`, parcel{}, "it is of version 0, known up to 3"},
		{2, `{"street":"Elm","kilos":2000}`, parcel{}, "too heavy"},
	} {
		got, err := whole.Read(c.version, []byte(c.data), meta)
		part, partly := some.Read(c.version, []byte(c.data), meta)
		if c.says == "" {
			if err != nil || partly != nil || got != c.want || part.Grams != c.want.Grams {
				t.Errorf("version %d, %s: %+v %v, %+v %v", c.version, c.data, got, err, part, partly)
			}
		} else if err == nil || partly == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("version %d, %s: %+v %v, %v", c.version, c.data, got, err, partly)
		}
	}
	var fault *values.Fault
	if _, err := whole.Read(2, []byte(`{"street":"Elm","kilos":2000}`), meta); !errors.As(err, &fault) {
		t.Errorf("a fault of the model is %v", err)
	}
}

// An event that means something else here is read in every version that is told, and in no
// other: what it means is told by nobody.
func TestTranslation(t *testing.T) {
	type weighed struct {
		Tons int64 `json:"tons"`
	}
	translate := values.Translation(func(told parcel, _ values.Meta) (weighed, error) {
		if told.Grams == 0 {
			return weighed{}, values.Reject(values.Unfinished, "NotTranslated", "")
		}
		return weighed{told.Grams / 1000}, nil
	})
	whole, err := upcast.NewReader[weighed](append(upcast.Of[parcel](), translate), nil)
	if err != nil {
		t.Fatal(err)
	}
	some, err := upcast.NewReader[struct {
		Tons int64 `json:"tons"`
	}](append(upcast.Of[parcel](), translate), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		version int
		data    string
		want    int64
		says    string // the error
	}{
		{3, `{"street":"Elm","grams":5000}`, 5, ""},
		{1, `{"to":"Elm","kilos":5}`, 5, ""},
		{3, `{"tons":5}`, 0, "/grams"},
		{4, `{"tons":5}`, 0, "it is of version 4, known up to 3"},
		{3, `{"street":"Elm","grams":0}`, 0, "NotTranslated"},
	} {
		got, err := whole.Read(c.version, []byte(c.data), values.Meta{})
		part, partly := some.Read(c.version, []byte(c.data), values.Meta{})
		if got.Tons != c.want || part.Tons != c.want || (err == nil) != (c.says == "") || (partly == nil) != (c.says == "") ||
			err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("version %d, %s: %v %v, %v %v", c.version, c.data, got, err, part, partly)
		}
	}
}
