package source

import (
	"fmt"
	"strings"
	"testing"
)

// wall is a file as a team writes it, with n aggregates.
func wall(n int) []byte {
	var b strings.Builder
	b.WriteString("esgen: v1   # required\nsystem: shop\ncontexts:\n  front:\n    title: 주문\n    aggregates:\n")
	for i := range n {
		fmt.Fprintf(&b, `      Order%d:
        title: 주문
        description: |
          고객이 메뉴를 골라
          주문한다.
        state: {customerId: id, items: list(OrderItem), total: decimal, status: OrderStatus, note: optional(string)}
        commands:
          Place:
            title: '주문''하다'
            input: {customerId: id, items: list(OrderItem)}
            require:
              Empty: size(input.items) > 0
              Closed: {that: menu.open, status: 409, message: 영업 시간이 아닙니다}
            let:
              total: "input.items.map(i, i.price * i.quantity).sum()"
            emit:
              - Placed                      # always
              - {event: Big, if: total > 100000, with: {total: total}}
`, i)
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{1, 30, 1000} {
		data := wall(n)
		b.Run(fmt.Sprintf("%dKiB", len(data)>>10), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, errs := Parse(&File{Path: "m.yaml", Data: data}, Limits{}); len(errs) > 0 {
					b.Fatal(errs[0])
				}
			}
		})
	}
}
