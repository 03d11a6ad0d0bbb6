package devrun

import (
	"strings"
	"testing"
	"time"
)

func TestReadable(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 9, 0, 0, 5_000_000, time.UTC).Local().Format("15:04:05.000")
	for _, test := range []struct{ name, line, want string }{
		{"a record", `{"time":"2026-12-01T09:00:00.005Z","level":"INFO","msg":"request","service":"front","status":201,"route":"POST /orders","took":1234567,"spanId":"x"}`,
			at + ` INFO  request status=201 route="POST /orders" took=1.23ms`},
		{"in the order it was written", `{"level":"WARN","msg":"m","b":true,"a":{"x":[1]},"c":null,"n":""}`, `WARN  m b=true a={"x":[1]} c=null n=""`},
		{"without a time", `{"level":"ERROR","msg":"no"}`, "ERROR no"},
		{"Korean", `{"level":"INFO","msg":"주문","k":"김밥"}`, "INFO  주문 k=김밥"},
		{"no record", `{"message":"other JSON"}`, `{"message":"other JSON"}`},
		{"broken JSON", `{"level":"INFO",`, `{"level":"INFO",`},
		{"text", "panic: no\r", "panic: no"},
		{"text that takes the terminal over", "a\x1b[2Jb\tc", "a\uFFFD[2Jb\tc"},
		{"a record that tries it", `{"level":"\u001b[2J","msg":"\u001b[2J","k":"\u001b[2J"}`, "\uFFFD[2J  \uFFFD[2J k=\"\\x1b[2J\""},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := readable([]byte(test.line), false); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestLinesOfManyProcesses(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := &printer{out: &out, color: true}
	front, pay := p.of("front", 0), p.of("pay", 1)
	write := func(l *lines, text string) {
		if n, err := l.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("wrote %d of %d: %v", n, len(text), err)
		}
	}
	write(front, "one\ntw")
	write(pay, `{"level":"ERROR","msg":"no"}`+"\n")
	write(front, "o\n")
	pay.say("ended: %s", "100%")
	write(front, strings.Repeat("x", maxLine)+"y\n")
	want := "\x1b[36mfront |\x1b[0m one\n" +
		"\x1b[32mpay   |\x1b[0m \x1b[31mERROR\x1b[0m no\n" +
		"\x1b[36mfront |\x1b[0m two\n" +
		"\x1b[32mpay   |\x1b[0m ended: 100%\n" +
		"\x1b[36mfront |\x1b[0m " + strings.Repeat("x", maxLine) + "y\n"
	if out.String() != want {
		t.Errorf("got %q", out.String())
	}
	out.Reset()
	write(front, strings.Repeat("x", maxLine)) // it may be long until the line ends
	if out.Len() < maxLine {
		t.Error("an endless line is kept to the end")
	}
}
