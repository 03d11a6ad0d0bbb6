package diag

import (
	"io"
	"net/url"
	"slices"

	"github.com/esgen/esgen/internal/source"
)

// The parts of SARIF 2.1.0 that are written. Names are those of the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string        `json:"id"`
		ShortDescription *sarifMessage `json:"shortDescription,omitempty"`
		HelpURI          string        `json:"helpUri,omitempty"`
		Help             *sarifHelp    `json:"help,omitempty"`
	}
	sarifResult struct {
		RuleID           string          `json:"ruleId"`
		RuleIndex        int             `json:"ruleIndex"`
		Level            string          `json:"level"`
		Message          sarifMessage    `json:"message"`
		Locations        []sarifLocation `json:"locations,omitempty"`
		RelatedLocations []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		ID               *int          `json:"id,omitempty"`
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
		Message          *sarifMessage `json:"message,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifHelp struct {
		Text     string `json:"text"` // for readers that know no Markdown
		Markdown string `json:"markdown"`
	}
)

// unnamedRule stands for the rule of a diagnostic that has none; SARIF wants one.
const unnamedRule = "esgen"

func printSARIF(w io.Writer, items []Diagnostic, opt Options) error {
	rules := ruleIDs(items)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "esgen", Version: opt.Version, Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	for _, id := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(id, opt))
	}
	for _, d := range items {
		run.Results = append(run.Results, sarifResultOf(d, rules))
	}
	return encode(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

func sarifRuleOf(id string, opt Options) sarifRule {
	rule := sarifRule{ID: id}
	if opt.Rule != nil {
		summary, url := opt.Rule(id)
		if summary != "" {
			rule.ShortDescription = &sarifMessage{summary}
		}
		rule.HelpURI = url
	}
	if opt.Page != nil {
		if page := opt.Page(id); page != "" {
			rule.Help = &sarifHelp{Text: page, Markdown: page}
		}
	}
	return rule
}

// ruleIDs lists the rules of the diagnostics, sorted.
func ruleIDs(items []Diagnostic) []string {
	var ids []string
	for _, d := range items {
		ids = append(ids, ruleID(d))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func ruleID(d Diagnostic) string {
	if d.Rule == "" {
		return unnamedRule
	}
	return string(d.Rule)
}

func sarifResultOf(d Diagnostic, rules []string) sarifResult {
	id := ruleID(d)
	index, _ := slices.BinarySearch(rules, id)
	r := sarifResult{
		RuleID: id, RuleIndex: index,
		Level:   d.Severity.String(), // SARIF has the same three words
		Message: sarifMessage{withHelp(d)},
	}
	if d.Pos.Path() != "" {
		r.Locations = []sarifLocation{{PhysicalLocation: sarifPlace(d.Pos)}}
	}
	for i, rel := range d.Related {
		if rel.Pos.Path() != "" {
			r.RelatedLocations = append(r.RelatedLocations, sarifLocation{
				ID: &i, PhysicalLocation: sarifPlace(rel.Pos), Message: &sarifMessage{rel.Message},
			})
		}
	}
	return r
}

func sarifPlace(p source.Pos) sarifPhysical {
	place := sarifPhysical{ArtifactLocation: sarifArtifact{URI: (&url.URL{Path: p.Path()}).String()}}
	if p.IsValid() {
		place.Region = &sarifRegion{p.Line, p.Column}
	}
	return place
}

// withHelp is the message with the likely fix, for formats that have one text.
func withHelp(d Diagnostic) string {
	if d.Suggestion == "" {
		return d.Message
	}
	return d.Message + "\nhelp: " + d.Suggestion
}
