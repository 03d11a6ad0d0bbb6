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
	case isASCII(e.Name):
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
	if !isASCII(m.Name) {
		return
	}
	ws := wordsOf(m.Name)
	first, last := ws[0], ws[len(ws)-1]
	switch {
	case asking[first]:
		say("let people look at a view; a command changes something", "asks a question")
	case isPast(last) && (len(ws) == 1 || !verbs[first]):
		say("begin with the verb, as in PlaceOrder", "says that something has happened, like an event")
	case isGerund(first), len(ws) == 1 && isAction(first):
		say("begin with the verb, as in PlaceOrder", "names an activity instead of asking for it")
	}
}

// wordsOf are the words of an English name, in small letters.
func wordsOf(name string) []string { return strings.Split(names.OfText(name).Kebab, "-") }

// isPast reports whether a word is a past participle, or the past tense of one
// that is irregular.
func isPast(w string) bool {
	if strings.HasSuffix(w, "ed") && len(w) > 3 {
		return !notPast[w]
	}
	return irregular[w] || slices.ContainsFunc(prefixes, func(p string) bool { return irregular[strings.TrimPrefix(w, p)] })
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
	notPast = wordSet("feed need seed speed weed embed proceed exceed succeed breed bleed shed sled newsfeed")

	irregular = wordSet("arisen awoken beat became become been began begun bent bet bid bitten bled blew blown born bought " +
		"bound bred broadcast broke broken brought built burnt burst came cast caught chose chosen clung come cost crept cut dealt " +
		"did done drawn drew driven drove dug eaten fallen fed fell felt fled flew flown forbidden forecast forgotten fought found " +
		"frozen froze gave given gone gotten grew grown held hid hidden hit hung hurt kept knew known laid lain lay led left " +
		"lent let lit lost made meant met overdrawn overridden oversold overspent paid prepaid proven put quit ran rang read " +
		"rebuilt redone repaid reset resold resent rewritten ridden risen rose run rung said sang sank sat saw seen sent set " +
		"shaken shipped shot shown shut slept slid sold sought spent split spoken spread sprung stolen stood stopped struck " +
		"stuck sung sunk swept sworn swum swung sewn sown mown woven wove knit spun ground forgiven forgave withstood thrust wrung taken taught thought threw thrown told took torn undergone understood undone " +
		"unpaid upheld upset was went withdrawn withdrew withheld woken won wore worn wound written wrote")

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
		if !isASCII(name) {
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
