// Package signature is how requests of other systems are signed, so that they can
// be believed: HMAC-SHA256 of time and body, in a header of the form t=…,v1=….
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Secrets are what bodies may be signed with: more than one while a new one
// takes the place of an old one.
type Secrets []string

// leastSecret is how many bytes a secret has at least: a shorter one can be found
// by trying.
const leastSecret = 16

// Parse reads secrets with blanks between them.
func Parse(text string) (Secrets, error) {
	secrets := strings.Fields(text)
	if len(secrets) == 0 {
		return nil, errors.New("the secret of a webhook is empty")
	}
	for _, s := range secrets {
		if len(s) < leastSecret {
			return nil, fmt.Errorf("the secret of a webhook has at least %d bytes", leastSecret)
		}
	}
	return secrets, nil
}

// Sign is the header of a body that is sent at a time: t=<seconds>,v1=<HMAC-SHA256
// of "<seconds>.<body>" in hex>.
func Sign(secret string, body []byte, at time.Time) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(seal(secret, seconds, body))
}

func seal(secret, seconds string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Verify says why a body is not believed. That it is old is told only of one that
// is genuine.
func (s Secrets) Verify(header string, body []byte, now time.Time, tolerance time.Duration) error {
	var seconds string
	var seals [][]byte
	for part := range strings.SplitSeq(header, ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "t":
			if seconds != "" {
				return errors.New("the signature has two times")
			}
			seconds = value
		case "v1":
			if seal, err := hex.DecodeString(value); err == nil {
				seals = append(seals, seal)
			}
		}
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || len(seals) == 0 {
		return errors.New("the signature is missing, or is not of the form t=…,v1=…")
	}
	if !s.sealed(seconds, body, seals) {
		return errors.New("the signature is not that of the body")
	}
	if apart := now.Sub(time.Unix(unix, 0)); apart.Abs() > tolerance {
		return fmt.Errorf("it was signed at another time, more than %s from now", tolerance)
	}
	return nil
}

func (s Secrets) sealed(seconds string, body []byte, seals [][]byte) bool {
	for _, secret := range s {
		want := seal(secret, seconds, body)
		for _, got := range seals {
			if hmac.Equal(want, got) {
				return true
			}
		}
	}
	return false
}
