package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// kindWords are what legends call the kinds of notes, in small letters.
var kindWords = map[string]board.Kind{
	"event": board.Event, "events": board.Event, "domain event": board.Event, "domain events": board.Event, "이벤트": board.Event, "도메인 이벤트": board.Event,
	"command": board.Command, "commands": board.Command, "커맨드": board.Command, "명령": board.Command,
	"aggregate": board.Aggregate, "aggregates": board.Aggregate, "애그리거트": board.Aggregate, "애그리게잇": board.Aggregate, "어그리거트": board.Aggregate, "constraint": board.Aggregate,
	"policy": board.Policy, "policies": board.Policy, "process": board.Policy, "business rule": board.Policy, "정책": board.Policy, "폴리시": board.Policy,
	"view": board.View, "views": board.View, "read model": board.View, "readmodel": board.View, "read models": board.View, "query": board.View, "queries": board.View,
	"query model": board.View, "information": board.View, "뷰": board.View, "조회 모델": board.View, "리드 모델": board.View,
	"external system": board.External, "external systems": board.External, "external": board.External, "system": board.External, "외부 시스템": board.External, "외부시스템": board.External,
	"actor": board.Actor, "actors": board.Actor, "user": board.Actor, "persona": board.Actor, "role": board.Actor, "액터": board.Actor, "사용자": board.Actor,
	"hotspot": board.Hotspot, "hot spot": board.Hotspot, "question": board.Hotspot, "problem": board.Hotspot, "issue": board.Hotspot, "핫스팟": board.Hotspot,
	"ereignis": board.Event, "domänenereignis": board.Event, "fachereignis": board.Event, "événement": board.Event, "évènement": board.Event, "événement du domaine": board.Event, "événement métier": board.Event,
	"evento": board.Event, "eventos": board.Event, "evento de dominio": board.Event, "evento de domínio": board.Event, "イベント": board.Event, "ドメインイベント": board.Event, "事件": board.Event, "领域事件": board.Event,
	"befehl": board.Command, "kommando": board.Command, "commande": board.Command, "comando": board.Command, "コマンド": board.Command, "命令": board.Command, //nolint:misspell // Spanish
	"aggregat": board.Aggregate, "agrégat": board.Aggregate, "agregado": board.Aggregate, "aggregato": board.Aggregate, "集約": board.Aggregate, "聚合": board.Aggregate,
	"regel": board.Policy, "richtlinie": board.Policy, "geschäftsregel": board.Policy, "politique": board.Policy, "règle": board.Policy, "règle métier": board.Policy, "política": board.Policy, "politica": board.Policy, "regla": board.Policy, "ポリシー": board.Policy, "策略": board.Policy,
	"lesemodell": board.View, "sicht": board.View, "ansicht": board.View, "modèle de lecture": board.View, "vue": board.View, "modelo de lectura": board.View, "vista": board.View, "modelo de leitura": board.View, "リードモデル": board.View, "ビュー": board.View, "读模型": board.View, "视图": board.View,
	"externes system": board.External, "fremdsystem": board.External, "système externe": board.External, "sistema externo": board.External, "sistema esterno": board.External, "外部システム": board.External, "外部系统": board.External,
	"akteur": board.Actor, "rolle": board.Actor, "benutzer": board.Actor, "acteur": board.Actor, "utilisateur": board.Actor, "attore": board.Actor, "usuario": board.Actor, "usuário": board.Actor, "アクター": board.Actor, "ユーザー": board.Actor, "角色": board.Actor, "用户": board.Actor,
	"frage": board.Hotspot, "problème": board.Hotspot, "point chaud": board.Hotspot, "pregunta": board.Hotspot, "problema": board.Hotspot, "pergunta": board.Hotspot, "ホットスポット": board.Hotspot, "疑問": board.Hotspot, "热点": board.Hotspot, "问题": board.Hotspot,
	"person": board.Actor, "persons": board.Actor, "people": board.Actor, "users": board.Actor, "roles": board.Actor, "personas": board.Actor, "participant": board.Actor,
	"rule": board.Policy, "rules": board.Policy, "business rules": board.Policy, "automation": board.Policy, "saga": board.Saga, "process manager": board.Saga,
	"projection": board.View, "projections": board.View, "readmodels": board.View, "external service": board.External, "external services": board.External, "third party": board.External,
	"hotspots": board.Hotspot, "hot spots": board.Hotspot, "questions": board.Hotspot, "problems": board.Hotspot, "issues": board.Hotspot, "open question": board.Hotspot,
	"도메인이벤트": board.Event, "커멘드": board.Command, "애그리게이트": board.Aggregate, "비즈니스 규칙": board.Policy, "규칙": board.Policy, "읽기 모델": board.View, "읽기모델": board.View, "조회모델": board.View, "쿼리": board.View,
	"외부 서비스": board.External, "행위자": board.Actor, "역할": board.Actor, "질문": board.Hotspot, "이슈": board.Hotspot,
	"アグリゲート": board.Aggregate, "方針": board.Policy, "ルール": board.Policy, "ビジネスルール": board.Policy, "読み取りモデル": board.View, "参照モデル": board.View, "クエリ": board.View,
	"外部サービス": board.External, "人": board.Actor, "役割": board.Actor, "質問": board.Hotspot, "課題": board.Hotspot, "問題": board.Hotspot,
	"領域事件": board.Event, "指令": board.Command, "聚合根": board.Aggregate, "业务规则": board.Policy, "规则": board.Policy, "政策": board.Policy, "只读模型": board.View, "查询模型": board.View, "查询": board.View, "讀取模型": board.View,
	"第三方系统": board.External, "外部服务": board.External, "外部系統": board.External, "参与者": board.Actor, "执行者": board.Actor, "使用者": board.Actor, "疑问": board.Hotspot, "熱點": board.Hotspot,
	"note": "", "notes": "", "comment": "", "ui": "", "screen": "", "메모": "",
}

// kindCalled is the kind that a text names, as legends and tables do: "Command", "Event:",
// "[Read-Model]", "Policy (lilac)".
func kindCalled(text string) (kind board.Kind, known bool) {
	text = strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(plain(text)))
	if kind, known = kindWords[text]; known {
		return kind, true
	}
	text = strings.Trim(text, " :：.*[]()（）【】")
	if at := strings.IndexAny(text, "(（/"); at > 0 {
		text = text[:at]
	}
	kind, known = kindWords[strings.TrimSpace(text)]
	return kind, known
}

// Colours are what somebody says that colours mean: as the board has them (#ffb570,
// light_yellow, 🟫), or by a name of the standard palette (orange), which stands for
// all that look like it. What has no kind is a text.
type Colours map[string]board.Kind

// ParseColours reads sayings of the form COLOUR=KIND.
func ParseColours(sayings []string) (Colours, error) {
	c := Colours{}
	for _, s := range sayings {
		colour, word, is := strings.Cut(s, "=")
		colour, word = spelt(colour), strings.TrimSpace(word)
		kind, known := kindCalled(word)
		switch {
		case !is || colour == "":
			return nil, fmt.Errorf("%q does not say what a colour means: orange=event, #ffb570=policy", s)
		case !known:
			return nil, fmt.Errorf("there is no kind %q of notes: it is one of event, command, aggregate, policy, view, external, actor, hotspot, note", word)
		}
		c[colour] = kind
	}
	return c, nil
}

// spelt is a colour as all of them are compared.
func spelt(colour string) string {
	colour = strings.ToLower(strings.TrimSpace(colour))
	if m := lightDark.FindStringSubmatch(colour); m != nil { // draw.io: by day and by night
		colour = m[1]
	}
	if m := rgb.FindStringSubmatch(colour); m != nil {
		return fmt.Sprintf("#%02x%02x%02x", number(m[1])&255, number(m[2])&255, number(m[3])&255)
	}
	colour = strings.NewReplacer(" ", "_", "-", "_").Replace(colour)
	if len(colour) == 4 && colour[0] == '#' { // #fb7
		return "#" + strings.Repeat(colour[1:2], 2) + strings.Repeat(colour[2:3], 2) + strings.Repeat(colour[3:4], 2)
	}
	if len(colour) == 9 && colour[0] == '#' { // how clear it is does not matter
		return colour[:7]
	}
	return colour
}

var (
	lightDark = regexp.MustCompile(`^light-dark\(\s*([^,()]+(?:\([^()]*\))?)`)
	rgb       = regexp.MustCompile(`^rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})`)
)

// of is what is said of a colour.
func (c Colours) of(colour string) (kind board.Kind, said bool) {
	if colour == "" {
		return "", false
	}
	if kind, said = c[spelt(colour)]; said {
		return kind, true
	}
	kind, said = c[hueOf(colour)]
	return kind, said
}

// unused are the sayings that are about no colour of a board.
func (c Colours) unused(found []string) []string {
	var out []string
	for colour := range c {
		if !slices.ContainsFunc(found, func(f string) bool { return f != "" && (spelt(f) == colour || hueOf(f) == colour) }) {
			out = append(out, colour)
		}
	}
	slices.Sort(out)
	return out
}

// palette says what a colour means on this board.
type palette struct {
	said   Colours
	legend map[string]board.Kind
	yellow bool // it has a strong yellow as well as light ones
}

// twoYellows tells whether a strong yellow is on a board: a light one is another colour
// then. Where there is none, as among the pastels of draw.io, it is the yellow.
func twoYellows(shapes []*shape) bool {
	return slices.ContainsFunc(shapes, func(s *shape) bool { return hueOf(s.fill) == "yellow" })
}

// legend finds the notes that say what their colour means: those whose text is the
// name of a kind, of at least three colours. A board has them once.
func legend(shapes []*shape) (map[string]board.Kind, []*shape) {
	p := map[string]board.Kind{}
	var notes []*shape
	for _, s := range shapes {
		kind, is := kindCalled(s.text)
		if _, known := p[s.fill]; is && s.fill != "" && !known {
			p[s.fill] = kind
			notes = append(notes, s)
		}
	}
	if len(p) < 3 {
		return nil, nil
	}
	return p, notes
}

// kindOf is the kind of a note of a colour: as somebody says, else as the legend has
// it, else as the standard palette does; "": it is no note's.
func (p palette) kindOf(s *shape) board.Kind {
	if s.meant == nil {
		kind := p.meaning(s)
		s.meant = &kind
	}
	return *s.meant
}

func (p palette) meaning(s *shape) board.Kind {
	if k, said := p.said.of(s.fill); said {
		return k
	}
	if k, known := p.legend[s.fill]; known {
		return k
	}
	if len(p.legend) > 0 {
		return ""
	}
	if s.person {
		return board.Actor
	}
	hue := hueOf(s.fill)
	kind := named[hue]
	switch {
	case hue == "light_yellow" && !p.yellow && !s.small():
		return board.Aggregate
	case kind == board.Aggregate && s.small():
		return board.Actor
	case kind == board.External && asks(s.text):
		return board.Hotspot // a light red is a pink
	}
	return kind
}

// asks tells whether a text is a question.
func asks(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasSuffix(text, "?") || strings.HasSuffix(text, "？") || strings.HasSuffix(text, "؟")
}

// small tells whether a note is too small to be any but an actor's.
func (s *shape) small() bool { return s.box.W*s.box.H < 80*60 }

var hex = regexp.MustCompile(`^#([0-9a-f]{6})([0-9a-f]{2})?$`)

// named are the colours that tools call by a name.
var named = map[string]board.Kind{
	"orange": board.Event, "blue": board.Command, "light_blue": board.Command, "dark_blue": board.Command, "cyan": board.Command,
	"yellow": board.Aggregate, "light_yellow": board.Actor, "violet": board.Policy, "purple": board.Policy, "lilac": board.Policy,
	"green": board.View, "light_green": board.View, "dark_green": board.View, "pink": board.External, "light_pink": board.External, "red": board.Hotspot,
}

// webColours are hues by the names that style sheets and PlantUML have for colours.
var webColours = map[string]string{
	"orange": "orange", "darkorange": "orange", "sandybrown": "orange", "lightsalmon": "orange",
	"blue": "blue", "lightblue": "blue", "skyblue": "blue", "lightskyblue": "blue", "deepskyblue": "blue", "dodgerblue": "blue", "cornflowerblue": "blue", "royalblue": "blue", "steelblue": "blue",
	"yellow": "yellow", "gold": "yellow", "khaki": "yellow", "lightyellow": "light_yellow", "lemonchiffon": "light_yellow",
	"purple": "purple", "violet": "purple", "plum": "purple", "thistle": "purple", "lavender": "purple", "orchid": "purple", "mediumpurple": "purple",
	"green": "green", "lightgreen": "green", "palegreen": "green", "limegreen": "green", "yellowgreen": "green", "mediumseagreen": "green",
	"pink": "pink", "lightpink": "pink", "hotpink": "pink", "deeppink": "pink", "mistyrose": "pink",
	"red": "red", "tomato": "red", "crimson": "red", "indianred": "red", "orangered": "red",
}

// hueOf is the name of a colour in Brandolini's palette; "": it has none there.
func hueOf(colour string) string {
	colour = spelt(colour)
	if _, is := named[colour]; is {
		return colour
	}
	if hue, is := webColours[strings.TrimPrefix(colour, "#")]; is {
		return hue
	}
	m := hex.FindStringSubmatch(colour)
	if m == nil {
		return ""
	}
	n, err := strconv.ParseUint(m[1], 16, 32)
	if err != nil {
		return ""
	}
	r, g, b := float64(n>>16&255), float64(n>>8&255), float64(n&255)
	high, low := max(r, g, b), min(r, g, b)
	if high-low < 18 {
		return "" // no colour
	}
	var hue float64
	switch high {
	case r:
		hue = 60 * (g - b) / (high - low)
	case g:
		hue = 120 + 60*(b-r)/(high-low)
	default:
		hue = 240 + 60*(r-g)/(high-low)
	}
	if hue < 0 {
		hue += 360
	}
	switch {
	case hue < 16 || hue >= 350:
		if low > 170 {
			return "pink" // a light red
		}
		return "red"
	case hue < 43:
		return "orange"
	case hue < 68:
		if low > 150 {
			return "light_yellow"
		}
		return "yellow"
	case hue < 170:
		return "green"
	case hue < 248:
		return "blue"
	case hue < 298:
		return "purple"
	}
	return "pink"
}
