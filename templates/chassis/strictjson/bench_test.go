package strictjson_test

import (
	"encoding/json"
	"testing"

	"github.com/esgen/esgen/templates/chassis/strictjson"
)

const benchInput = `{"orderId":"0190a6d2-7c3e-7a44-9d0c-5b1f3f1f2a10","items":[{"menuId":"m1","quantity":2,"price":"9000"},` +
	`{"menuId":"m2","quantity":1,"price":"12500.50"},{"menuId":"m3","quantity":7,"price":"100"}],"status":"Placed","express":false,` +
	`"note":"문 앞에 두고 가세요","phone":"010-1234-5678","labels":{"channel":"app","coupon":"WELCOME"}}`

func BenchmarkDecode(b *testing.B) {
	d := decoder[order](b, strictjson.Limits{})
	data := []byte(benchInput)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var o order
		if problems := d.Decode(data, &o); problems != nil {
			b.Fatal(problems)
		}
	}
}

// BenchmarkEncodingJSON is what the strictness is to be compared with.
func BenchmarkEncodingJSON(b *testing.B) {
	data := []byte(benchInput)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var o loose
		if err := json.Unmarshal(data, &o); err != nil {
			b.Fatal(err)
		}
	}
}
