package devrun

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/esgen/esgen/internal/issuer"
	"github.com/esgen/esgen/internal/quote"
)

// Request is an example request.
type Request struct {
	Title  quote.Text
	Method string
	Path   string   // /front/orders
	To     Place    // whose path it is
	Header []string // "Name: value"
	Body   string
	Expect string // "201", from a line "# expect 201"; "" when nothing is said
}

// Place is one that requests go to.
type Place string

// The places, as files of requests call them; without one it is the gateway.
const (
	ToGateway  Place = "gateway"
	ToStandins Place = "standins"
)

// LoadRequests reads a file of requests in the form editors know as .http:
// "### title", then a request line, headers, an empty line and a body. The
// address is written {{gateway}}, or {{standins}}. A file that is not there has no requests.
func LoadRequests(path string) ([]Request, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Request
	for i, part := range strings.Split("\n"+strings.ReplaceAll(string(data), "\r\n", "\n"), "\n###") {
		if i == 0 {
			continue // what stands before the first request is about the file
		}
		r, err := parseRequest(part)
		if err != nil {
			return nil, fmt.Errorf("%s: request %d: %w", path, i, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func parseRequest(text string) (Request, error) {
	head, body, _ := strings.Cut(strings.TrimSpace(text), "\n\n")
	var r Request
	for i, line := range strings.Split(head, "\n") {
		line = strings.TrimSpace(line)
		switch expect, ok := strings.CutPrefix(line, "# expect "); {
		case i == 0:
			r.Title = quote.Text(quote.Line(line))
		case ok:
			r.Expect = expect
		case line == "" || line[0] == '#':
		case r.Method == "":
			method, address, found := strings.Cut(line, " ")
			place, path, closed := strings.Cut(strings.TrimPrefix(address, "{{"), "}}")
			r.Method, r.Path, r.To = method, path, Place(place)
			if !found || !closed || r.To != ToGateway && r.To != ToStandins {
				return r, fmt.Errorf("%q is neither METHOD {{gateway}}/path nor METHOD {{standins}}/path", line)
			}
		default:
			r.Header = append(r.Header, line)
		}
	}
	if r.Method == "" {
		return r, errors.New("there is no request line")
	}
	r.Body = strings.TrimSpace(body)
	return r, nil
}

// Curl is the request as a command for a shell, to a place at an address. Who
// asks is told by a token, made at another address for the command itself, so
// that it works wherever it is pasted; "": by the headers as they are.
func (r Request) Curl(address, token string) string {
	words := []string{"curl"}
	if r.Method != "GET" {
		words = append(words, "-X "+r.Method)
	}
	words = append(words, quote.ShellString(address+r.Path))
	who := url.Values{}
	for _, h := range r.Header {
		name, value, _ := strings.Cut(h, ": ")
		switch parameter := actorParameters[name]; {
		case token != "" && parameter != "":
			who.Set(parameter, value)
		case token != "" && strings.HasPrefix(name, claimHeader):
			who.Set(issuer.Claim+strings.TrimPrefix(name, claimHeader), value)
		default:
			words = append(words, "-H "+quote.ShellString(h))
		}
	}
	if len(who) > 0 {
		words = append(words, `-H "Authorization: Bearer $(curl -s `+quote.ShellString(token+"?"+who.Encode())+`)"`)
	}
	command := strings.Join(words, " ")
	if r.Body != "" {
		command += " \\\n     -d " + quote.ShellString(r.Body)
	}
	return command
}

// claimHeader begins the headers by which a request says what is claimed of who asks.
const claimHeader = "X-Actor-Claim-"

// actorParameters are what a token is asked for with, for the headers by which a
// request says who asks.
var actorParameters = map[string]string{"X-Actor-Id": issuer.Subject, "X-Actor-Roles": issuer.Roles}
