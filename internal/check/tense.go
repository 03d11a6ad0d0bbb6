package check

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// eventName judges what an event is called: it has happened, and to the
// business. Names of other scripts than Latin and Hangul are not judged.
func (c *checker) eventName(e *model.Event) {
	if what := technical(e.Name); what != "" {
		c.say(rule.TechnicalEvent, e.Pos, "%s tells of %s: nothing has happened to the business", e.Name, what).
			With(diag.Fix("name what it means to the business, or leave it out"))
		return
	}
	switch {
	case isKorean(e.Name):
		if !isKoreanPast(e.Name) {
			c.say(rule.EventTense, e.Pos, "%s does not say that it has happened", e.Name).
				With(diag.Fix("name it as done: %s됨", strings.TrimSuffix(e.Name, "하기")))
		}
	case names.IsASCII(e.Name):
		if !hasHappened(wordsOf(e.Name)) {
			c.say(rule.EventTense, e.Pos, "%s does not say that it has happened", e.Name).
				With(diag.Fix("name it in the past tense, as in OrderPlaced"))
		}
	}
}

// commandName judges what a command is called: it asks for something to be
// done.
func (c *checker) commandName(m *model.Command) {
	say := func(fix, what string) {
		c.say(rule.CommandName, m.Pos, "%s %s", m.Name, what).With(diag.Fix("%s", fix))
	}
	if isKorean(m.Name) {
		if isKoreanDone(m.Name) {
			say("name it as something to do, as in 주문하다", "says that something has happened, like an event")
		}
		return
	}
	if !names.IsASCII(m.Name) {
		return
	}
	switch ws := wordsOf(m.Name); {
	case asking[ws[0]]:
		say("let people look at a view; a command changes something", "asks a question")
	case isDone(ws):
		say("begin with the verb, as in PlaceOrder", "says that something has happened, like an event")
	case isGerund(ws[0]), len(ws) == 1 && isAction(ws[0]):
		say("begin with the verb, as in PlaceOrder", "names an activity instead of asking for it")
	}
}

// wordsOf are the words of an English name, in small letters.
func wordsOf(name string) []string { return strings.Split(names.OfText(name).Kebab, "-") }

// isDone reports whether a name can only tell of what is done: PaidInvoice,
// OrderPlaced. The first word decides. Where it is a verb, a command begins: with
// MarkPaid, and with those that are written alike in both tenses, such as
// PutItem and ForecastDemand; the last word is asked only of others, and then
// only when it is no other word: ReviewBid asks for something.
func isDone(ws []string) bool {
	return isOnlyPast(ws[0]) || len(ws) > 1 && !verbs[ws[0]] && !written(unchanged, ws[0]) && isOnlyPast(ws[len(ws)-1])
}

// isPast reports whether a word is, or may be, a past participle or the past
// tense of a verb.
func isPast(w string) bool {
	if strings.HasSuffix(w, "ed") && len(w) > 3 {
		return !notPast[w]
	}
	return written(irregular, w) || written(unchanged, w)
}

// isOnlyPast reports whether a word is the past and nothing else: not put, which
// is what one does as well, and not found, which founds companies.
func isOnlyPast(w string) bool { return isPast(w) && !written(unchanged, w) && !otherVerb[w] }

// written reports whether a word is one of some, if with a prefix: rebuilt,
// overpaid.
func written(words map[string]bool, w string) bool {
	return words[w] || slices.ContainsFunc(prefixes, func(p string) bool { return words[strings.TrimPrefix(w, p)] })
}

// hasHappened reports whether a name tells of what is done, or of what has come
// about by it: OrderPlaced, DeliveryReady.
func hasHappened(ws []string) bool {
	return slices.ContainsFunc(ws, isPast) || becomes[ws[len(ws)-1]]
}

func isGerund(w string) bool { return strings.HasSuffix(w, "ing") && len(w) > 5 && !notGerund[w] }

// isAction reports whether a lone word is the noun of an activity.
func isAction(w string) bool {
	return (strings.HasSuffix(w, "tion") || strings.HasSuffix(w, "ment")) && !alsoVerb[w]
}

var (
	notPast = wordSet("feed need seed speed weed embed proceed exceed succeed breed bleed shred sled reed deed heed creed greed " +
		"newsfeed overfeed reseed misdeed indeed")

	// unchanged are written alike as what one does and as what is done.
	unchanged = wordSet("beat become bet bid broadcast burst cast come cost cut fit forecast hit hurt input knit let output put quit " +
		"read rid run set shed shut slit split spread thrust upset wed wet")
	// otherVerb are the past of one verb, and another verb themselves.
	otherVerb = wordSet("found wound ground bound fell saw lay bore resent relent")

	irregular = wordSet("arisen awoke awoken became been began begun bent bitten bled blew blown bore born bought bound bred broke " +
		"broken brought built burnt came caught chose chosen clad clung crept dealt did done drank drawn drew " +
		"driven drove drunk dug eaten fallen fed fell felt fled flew flown forbidden foretold forgave forgiven " +
		"forgotten fought found froze frozen gave given gone gotten grew ground grown held hid hidden hung kept " +
		"knew known laid lain lay led left lent lit lost made meant met mown overdrawn overridden oversold " +
		"overspent paid prepaid proven ran rang rebuilt redone repaid resent resold rewound rewritten ridden risen " +
		"rode rose rung said sang sank sat saw seen sent sewn shaken shipped shone shot shown shrank shrunk slain " +
		"slept slid sold sought sown spat sped spent spoke spoken sprang sprung spun stolen stood stopped struck " +
		"stuck sung sunk swept swore sworn swum swung taken taught thought threw thrown told took tore torn " +
		"undergone understood undone unpaid upheld was went withdrawn withdrew withheld withstood woke woken won " +
		"wore worn wound wove woven written wrote wrung")

	prefixes = []string{"over", "under", "re", "un", "out", "mis", "pre"}
	becomes  = wordSet("ready due overdue available unavailable complete full empty low short")

	notGerund = wordSet("string bring spring sibling during morning evening ceiling building meeting nothing something anything")
	alsoVerb  = wordSet("mention question position auction ration caution function condition station commission petition " +
		"comment implement document supplement complement augment experiment cement")

	asking = wordSet("get fetch query search retrieve")
	// verbs begin commands that end like an event: MarkPaid, CancelRejected.
	verbs = wordSet("accept approve archive cancel close collect confirm consider declare deem delete expect find finish flag " +
		"handle hide ignore keep leave make mark mend note notify open pay process record redo refuse register reject release " +
		"remove reopen report resend resolve restore resume retry return revert send set show start stop treat undo void warn")
)

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// technical says of what else than the business an event tells; "" when it does
// not.
func technical(name string) string {
	for _, t := range machinery {
		if isKorean(name) {
			if slices.ContainsFunc(t.korean, func(part string) bool { return strings.Contains(name, part) }) {
				return t.what
			}
			continue
		}
		if !names.IsASCII(name) {
			return ""
		}
		ws := wordsOf(name)
		if slices.ContainsFunc(ws, func(w string) bool { return t.verbs[w] }) ||
			slices.ContainsFunc(ws, func(w string) bool { return t.things[w] }) && slices.ContainsFunc(ws, isPast) {
			return t.what
		}
	}
	return ""
}

// machinery are the words of what is no business of the wall.
var machinery = []struct {
	what   string
	verbs  map[string]bool // that nobody does to a business
	things map[string]bool // that something was done to
	korean []string
}{
	{"a screen", wordSet("clicked tapped hovered scrolled swiped rendered"),
		wordSet("button dialog popup modal webpage checkbox dropdown"), []string{"클릭", "버튼", "화면", "스크롤", "팝업"}},
	{"a question", wordSet("viewed searched queried browsed displayed"), nil, []string{"조회", "검색", "열람됨"}},
	{"a machine", wordSet("persisted serialized deserialized cached enqueued dequeued upserted polled marshalled"),
		wordSet("database db sql cache http json xml kafka api"), []string{"저장됨", "캐시", "데이터베이스", "직렬화"}},
}

// isKorean reports whether a name has Hangul in it.
func isKorean(name string) bool {
	return strings.ContainsFunc(name, isSyllable)
}

func isSyllable(r rune) bool { return '가' <= r && r <= '힣' }

// The final consonants that tell a form, by their place in a syllable.
const (
	finalM  = 16 // ㅁ: 됨, 함, 받음
	finalSS = 20 // ㅆ: 했, 됐, 었
)

// final is the final consonant of a syllable, 0 for none and for whatever is no
// syllable.
func final(r rune) int {
	if !isSyllable(r) {
		return 0
	}
	return int(r-'가') % 28
}

// isKoreanPast reports whether a name is a sentence about what is done, or its
// noun: 주문됨, 결제취소함, 주문했다, 배달완료.
func isKoreanPast(name string) bool {
	rs := []rune(strings.TrimRightFunc(name, func(r rune) bool { return !isSyllable(r) }))
	last := rs[len(rs)-1]
	text := string(rs)
	return final(last) == finalM || isKoreanDone(text) ||
		strings.HasSuffix(text, "완료") || strings.HasSuffix(text, "성공") || strings.HasSuffix(text, "실패")
}

// isKoreanDone reports whether a name can only mean what is done: 됨, …했음,
// …했다, …했습니다.
func isKoreanDone(name string) bool {
	for _, end := range []string{"음", "다", "습니다"} {
		if rest, ok := strings.CutSuffix(name, end); ok && rest != "" {
			rs := []rune(rest)
			if final(rs[len(rs)-1]) == finalSS {
				return true
			}
		}
	}
	return strings.HasSuffix(name, "됨")
}
