package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// issuer makes the token of everybody who asks, and publishes its key.
type issuer struct {
	url, token string
	server     *http.Server
}

const audience = "yard"

func startIssuer() (*issuer, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	i := &issuer{url: "http://" + socket.Addr().String()}
	keys := fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"1","x":%q}]}`, base64.RawURLEncoding.EncodeToString(public))
	i.server = &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(keys))
	})}
	go func() { _ = i.server.Serve(socket) }() // until it is closed
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss": i.url, "aud": audience, "sub": "customer-1", "roles": []string{"customer"},
		"iat": time.Now().Unix(), "exp": time.Now().Add(12 * time.Hour).Unix(),
	})
	token.Header["kid"] = "1"
	i.token, err = token.SignedString(private)
	return i, err
}

func (i *issuer) close() { _ = i.server.Close() }
