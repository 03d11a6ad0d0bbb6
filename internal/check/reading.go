package check

// Reading lists what can be wrong with a model before the rules of this
// package look at it: with its text (yaml-…), its keys, values and names, its
// expressions (expr-…), and with a file that is formatted. Generation relies on
// all of it: no model weighs or ignores these.
func Reading() []Rule { return reading[:len(reading):len(reading)] }

var reading = []Rule{
	// Text
	{"yaml-syntax", firm, "it is no YAML: a bracket or quote that is not closed, an indentation that fits nothing"},
	{"yaml-split", firm, "YAML ends or splits a value where its writer did not; quote it"},
	{"yaml-tag", firm, "a value begins with `!`"},
	{"yaml-anchor", firm, "a value begins with `&`"},
	{"yaml-alias", firm, "a value begins with `*`"},
	{"yaml-merge", firm, "a key is `<<`"},
	{"yaml-duplicate-key", firm, "a key is there twice"},
	{"yaml-key", firm, "no name, or no plain one, stands before a colon"},
	{"yaml-tab", firm, "a tab indents a line"},
	{"yaml-blank", firm, "a character passes for a blank, or cannot be seen"},
	{"yaml-colon", firm, "a colon is of another kind: `：`"},
	{"yaml-nfc", firm, "the letters of a name are written in parts; the composed form is printed"},
	{"yaml-encoding", firm, "the text is no UTF-8, or has a control character"},
	{"yaml-documents", firm, "a file has a second document"},
	{"yaml-empty", firm, "a file is empty"},
	{"yaml-limit", firm, "a file is too large or too deep"},
	{"format", firm, "`esgen fmt` cannot write a file anew without changing what it says"},

	// Model
	{"unreadable", firm, "a file cannot be read"},
	{"include", firm, "a pattern matches nothing, or a file twice, or leaves the directory; or a key belongs in the document"},
	{"unknown-key", firm, "the language does not have a key there"},
	{"duplicate-key", firm, "two files set a key that only one may set"},
	{"missing-key", firm, "a key is missing"},
	{"missing-value", firm, "nothing stands where a value is needed"},
	{"wrong-kind", firm, "a map, a list or a value stands where another is needed"},
	{"bad-value", firm, "a value of the right kind says something impossible"},
	{"bad-name", firm, "what stands for a name is none"},
	{"reserved-name", firm, "a name means something already"},
	{"duplicate-name", firm, "a name is there twice"},
	{"unknown-name", firm, "nothing is called so"},
	{"ambiguous-name", firm, "several things are called so"},
	{"bad-type", firm, "it is no type, or none that can stand there"},
	{"recursive-type", firm, "a type holds itself without end"},
	{"foreign-event", firm, "a command emits an event of another aggregate"},
	{"foreign-command", firm, "a policy commands another context"},
	{"foreign-view", firm, "a view or aggregate of another context is read"},
	{"not-looked-up", firm, "`correlateBy` names a field that is not in `lookup`"},
	{"implied-id", note, "the aggregate's id is listed; it is there anyway"},

	// Expressions
	{"expr-syntax", firm, "an expression cannot be read: a bracket, an operator, a word that means nothing; more than 20 000 characters or 100 levels"},
	{"expr-name", firm, "a name, field, function or enum value is not there, or not here"},
	{"expr-type", firm, "a type stands where another is needed"},
	{"expr-optional", firm, "a value is read that may be absent"},
	{"expr-literal", firm, "a literal is none of its type: a day that does not exist, a pattern that cannot be read, a number outside its check"},
}
