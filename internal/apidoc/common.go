package apidoc

import "github.com/esgen/esgen/internal/quote"

// What many operations share, each written once.

// internalHeaders are those by which services speak to one another.
var internalHeaders = []string{"Esgen-Key", "Esgen-Compensates", "Esgen-Correlation", "Esgen-Causation", "Esgen-Actor", "Esgen-Actor-Roles", "traceparent"}

// parameters are those that mean the same everywhere.
var parameters = map[string]func() *Parameter{
	"Idempotency-Key": func() *Parameter {
		return &Parameter{
			In: "header", Description: "A request that is repeated with its key has one effect and one answer. Each actor has keys of their own.",
			Schema: &Schema{Type: "string", Pattern: `^[!-~]+$`, MinLength: number(1), MaxLength: number(255)},
		}
	},
	"If-Match": func() *Parameter {
		return &Parameter{
			In: "header", Description: "The ETags of which the instance must have one; * is any. A weak one is never its.",
			Schema: &Schema{Type: "string", Pattern: `^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$`},
		}
	},
	"If-None-Match": func() *Parameter {
		return &Parameter{In: "header", Description: "ETags of what is known already.", Schema: &Schema{Type: "string"}}
	},
	"Last-Event-ID": func() *Parameter {
		return &Parameter{In: "header", Description: "The id of the last event that is known: the stream goes on after it.", Schema: &Schema{Type: "string"}}
	},
	"minVersion": func() *Parameter {
		return &Parameter{
			In: "query", Description: "Wait for a short time until what is read has seen this version, which a command answered with.",
			Schema: &Schema{Type: "integer", Format: "int64", Minimum: number(0)},
		}
	},
	"limit": func() *Parameter {
		return &Parameter{
			In: "query", Description: "How many rows at most; more than 200 are 200.",
			Schema: &Schema{Type: "integer", Minimum: number(1), Maximum: number(1<<31 - 1), Default: []byte("50")},
		}
	},
	"cursor": func() *Parameter {
		return &Parameter{In: "query", Description: "next of the page before.", Schema: &Schema{Type: "string", MaxLength: number(4096)}}
	},
	"q": func() *Parameter {
		return &Parameter{In: "query", Description: "Text that is looked for.", Schema: &Schema{Type: "string", MaxLength: number(200)}}
	},
	"Esgen-Key":         escaped("The idempotency key of the call: a repeated one has one effect."),
	"Esgen-Compensates": escaped("The key of the command that this one undoes."),
	"Esgen-Correlation": escaped("The same for all that follows from one request."),
	"Esgen-Causation":   escaped("The message or request that this one follows from."),
	"Esgen-Actor":       escaped("The subject of the actor on whose behalf it is."),
	"Esgen-Actor-Roles": escaped("The actor's roles, separated by commas."),
	"traceparent": func() *Parameter {
		return &Parameter{In: "header", Description: "The trace it belongs to (W3C Trace Context).", Schema: &Schema{Type: "string"}}
	},
}

func escaped(words quote.Markdown) func() *Parameter {
	return func() *Parameter {
		return &Parameter{In: "header", Description: words + " Escaped as a part of a path.", Schema: &Schema{Type: "string", MaxLength: number(255)}}
	}
}

// parameter refers to one that means the same everywhere.
func (b *openAPI) parameter(name string) *Parameter {
	return b.sharedParameter(name, name, "", func() *Parameter {
		p := parameters[name]()
		p.Name = name
		return p
	})
}

// sharedParameter refers to a parameter that is told once, under a name to which
// its owner is added where there is one already.
func (b *openAPI) sharedParameter(key any, name, owner string, build func() *Parameter) *Parameter {
	if b.beside != nil {
		if ref, ok := b.beside.parameters[key]; ok {
			return &Parameter{Ref: publicFile + ref}
		}
	}
	if _, ok := b.parameters[key]; !ok {
		if _, taken := b.doc.Components.Parameters.Get(name); taken || owner != "" && parameters[name] != nil {
			name = b.parameterNames.Take(owner+"."+name, "Of")
		}
		b.parameters[key] = "#/components/parameters/" + name
		b.doc.Components.Parameters.Set(name, build())
	}
	return &Parameter{Ref: b.parameters[key]}
}

// answerHeaders are what answers say beside their body.
var answerHeaders = map[string]func() *Header{
	"ETag":                 anyHeader(&Schema{Type: "string"}, "The version, or a tag of what is answered: for If-Match and If-None-Match."),
	"Location":             anyHeader(&Schema{Type: "string", Format: "uri-reference"}, "Where the instance that was made is read."),
	"Link":                 anyHeader(&Schema{Type: "string"}, "rel=\"next\" is the next page; not there: this is the last one."),
	"Idempotency-Replayed": anyHeader(&Schema{Type: "string", Enum: []string{"true"}}, "The answer is that of an earlier request with the same key."),
	"Retry-After":          anyHeader(&Schema{Type: "integer", Minimum: number(0)}, "Seconds after which it may be tried again."),
	"WWW-Authenticate":     anyHeader(&Schema{Type: "string"}, "How to say who asks."),
}

func anyHeader(s *Schema, words quote.Markdown) func() *Header {
	return func() *Header { return &Header{Description: words, Schema: s} }
}

// headers refers to headers, each told once.
func (b *openAPI) headers(names ...string) Map[*Header] {
	var out Map[*Header]
	for _, name := range names {
		ref := "#/components/headers/" + name
		if b.tells(name) {
			out.Set(name, &Header{Ref: ref})
			continue
		}
		if b.beside.tells(name) {
			out.Set(name, &Header{Ref: publicFile + ref})
			continue
		}
		b.doc.Components.Headers.Set(name, answerHeaders[name]())
		out.Set(name, &Header{Ref: ref})
	}
	return out
}

// tells reports whether a document tells of a header.
func (b *openAPI) tells(header string) bool {
	if b == nil {
		return false
	}
	_, ok := b.doc.Components.Headers.Get(header)
	return ok
}
