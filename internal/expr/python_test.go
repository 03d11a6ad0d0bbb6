package expr

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// pyTestNames spells names for a program of one module.
type pyTestNames struct{}

func (pyTestNames) Field(f *model.Field) string { return pyLetters(f.Name) }
func (pyTestNames) EnumValue(t *model.TypeDef, v *model.EnumValue) string {
	return pyLetters(t.Name) + "." + pyLetters(v.Name)
}
func (pyTestNames) Class(t *model.TypeDef) string { return pyLetters(t.Name) }
func (pyTestNames) Holds(t *model.TypeDef) string { return "is_" + pyLetters(t.Name) }
func (pyTestNames) Var(name string) string        { return pyLetters(name) }
func (pyTestNames) Zone() string                  { return "ZONE" }
func (pyTestNames) NewID() string                 { return "new_id" }

// pyLetters spells a name of any script.
func pyLetters(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "u%x", r)
		}
	}
	return PyName(b.String())
}

// pyHead is what the program begins with: the fixture's types and values. Names of
// another script are spelled as pyLetters does.
var pyHead = strings.NewReplacer(
	"상태들", pyLetters("상태들"), "상태", pyLetters("상태"), "주소", pyLetters("주소"), "도시", pyLetters("도시"), "우편", pyLetters("우편"),
	"발행 =", pyLetters("발행")+" =", "사용 =", pyLetters("사용")+" =", ".발행", "."+pyLetters("발행"), ".사용", "."+pyLetters("사용"),
	"없음", pyLetters("없음"), "큰수", pyLetters("큰수"),
).Replace(`
import json
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from types import SimpleNamespace

from chassis import forms, values
from chassis.forms import member, record

ZONE = timezone(timedelta(hours=9))

class Color(StrEnum):
    Red = "Red"
    Blue = "Blue"

class 상태(StrEnum):
    발행 = "발행"
    사용 = "사용"

@record
class Item:
    id: str = member("id", forms.ID)
    price: Decimal = member("price", forms.DECIMAL)
    qty: int = member("qty", forms.INT)
    note: str | None = member("note", forms.Optional(forms.TEXT))

@record
class 주소:
    도시: str = member("\ub3c4\uc2dc", forms.TEXT)
    우편: str | None = member("\uc6b0\ud3b8", forms.Optional(forms.TEXT))
    상태: str | None = member("\uc0c1\ud0dc", forms.Optional(forms.Enum(상태)))

def is_Quantity(value): return value > 0
def is_Phone(value): return values.matches(value, r"\A[0-9-]{9,13}\Z")
def is_Percent(value): return 0 <= value <= 100
def is_Half(value): return is_Percent(value) and value <= 50
def new_id(): return "00000000-0000-7000-8000-000000000000"

d = values.parse_decimal
m1 = Item(id="m1", price=d("9.50"), qty=2, note="hot")
s = SimpleNamespace(
    yes=True, n=42, big=1 << 62, d=d("19.990"), text="cab", day=date(2024, 2, 29), at=values.parse_time("2026-11-21T15:30:00.123456Z"),
    wait=values.parse_duration("36h"), id="id-1", order="o-1", color=Color.Blue, 상태=상태.발행, item=m1,
    주소=주소(도시="부산", 우편="48058"), quantity=3, phone="02-123-4567", half=d("49.5"), note="n", gone=None, maybe=-1, noNumber=None,
    perhaps=m1, 없음=None, ints=[5, -5], texts=["x", "가"],
    items=[m1, Item(id="m2", price=d("-0.05"), qty=0), Item(id="m3", price=d("9.5"), qty=7)], 상태들=[상태.사용, 상태.발행],
    quantities=[1, 9], counts={"a": 7, "x": 0}, byName={"x": m1}, 큰수={"원": d("1e30")},
)

def canon(v):
    if v is None: return "none"
    if isinstance(v, bool): return "true" if v else "false"
    if isinstance(v, str): return json.dumps(str(v), ensure_ascii=False)
    if isinstance(v, int): return str(v)
    if isinstance(v, Decimal): return values.decimal_text(v)
    if isinstance(v, datetime): return values.time_text(v)
    if isinstance(v, date): return v.isoformat()
    if isinstance(v, timedelta): return values.duration_text(v)
    if isinstance(v, list): return "[" + " ".join(map(canon, v)) + "]"
    if isinstance(v, dict): return "{" + " ".join(sorted(k + ":" + canon(x) for k, x in v.items())) + "}"
    return "{" + " ".join(sorted(("" if m.name.isascii() else "x") + m.name.lower() + ":" + canon(getattr(v, m.attribute)) for m in v.MEMBERS)) + "}"

def show(f):
    try:
        out = canon(f())
    except values.Fault as e:
        out = "fault: " + str(e)
    print(json.dumps(out))
`)

// Random expressions have one value, or one fault, whether they are evaluated or
// are Python. ESGEN_TEST_SEED repeats a run.
func TestEvalIsPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	seed := testsample.Seed(t)
	count := someExpressions
	if testsample.Long() {
		count = manyExpressions
	}
	r := &randomizer{Rand: rand.New(rand.NewPCG(seed, 2))}
	for done := 0; done < count && !t.Failed(); done += batch {
		p := newProgram()
		var texts, want, code []string
		program := pyHead
		for i := range batch {
			name := r.pick(randomTypes...)
			text := r.expr(name, 1+r.IntN(4))
			tree, diags := p.fixture.check(exprAt(text), p.fixture.want(name))
			if tree == nil {
				t.Fatalf("%s\nas a %s: %v", text, name, diags)
			}
			v, err := Eval(tree, p.vars())
			python := ToPython(tree, pyTestNames{})
			texts, want, code = append(texts, text), append(want, canon(v, err, tree.Type)), append(code, python)
			program += fmt.Sprintf("\ndef e%d(): return %s\nshow(e%d)\n", i, python, i)
		}
		got := runPython(t, python, program)
		if len(got) != len(want) {
			t.Fatalf("%d results of %d", len(got), len(want))
		}
		for i := range want {
			// Which of several faults is told depends on what is computed first.
			faults := strings.HasPrefix(got[i], faultPrefix) && strings.HasPrefix(want[i], faultPrefix)
			if got[i] != want[i] && !faults {
				t.Errorf("%s\nis   %s evaluated\nand  %s in Python\n%s", texts[i], want[i], got[i], code[i])
			}
		}
	}
}

func runPython(t *testing.T, python, program string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program.py")
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	pack, err := filepath.Abs("../../templates/python/pack/python")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, file)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+pack, "PYTHONDONTWRITEBYTECODE=1", "PYTHONIOENCODING=utf-8")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		text, err := strconv.Unquote(strings.TrimSuffix(line, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, text)
	}
	return lines
}

// Every function of the language is there in Python.
func TestPythonHasAllFunctions(t *testing.T) {
	for _, f := range append(Functions(), quotient, quotientAs, keys) {
		if f.params == nil || f.golang == "" {
			continue // a macro, or computed when the model is read
		}
		if _, known := pyFunctions[f.Signature()]; !known {
			t.Errorf("no Python for %s", f.Signature())
		}
	}
}

// Patterns mean the same to Python's re as to RE2.
func TestPatternsInPython(t *testing.T) {
	for pattern, want := range map[string]string{
		`^a$`:         `\Aa\Z`,
		`(?i)k`:       `[Kk\u212a]`,
		`\d+?`:        `(?:[0-9])+?`,
		`(a|b)*`:      `(?:[a-b])*`,
		`x{2,}`:       `(?:x){2,}`,
		`(?m)^x.$`:    `(?m:^)x[^\n](?m:$)`,
		`(?s).\b`:     `[\s\S](?a:\b)`,
		`\Q.*\E`:      `\u002e\u002a`,
		`ab|cd`:       `(?:ab|cd)`,
		`[[:alpha:]]`: `[A-Za-z]`,
	} {
		if got := pyPattern(pattern); got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
}
