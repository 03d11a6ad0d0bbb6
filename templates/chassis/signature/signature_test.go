package signature_test

import (
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/signature"
)

const secret = "a-secret-of-16-bytes"

// TestSign is held against what openssl says: printf '1790000000.{}' | openssl dgst -sha256 -hmac a-secret-of-16-bytes.
func TestSign(t *testing.T) {
	got := signature.Sign(secret, []byte("{}"), time.Unix(1790000000, 5))
	if want := "t=1790000000,v1=ae3327c601d0197107a76a162dadfeb9784656799479cdf1b71f0bcb851b07e3"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestVerify(t *testing.T) {
	now, body := time.Unix(1790000000, 0), []byte(`{"id": 1}`)
	good := signature.Sign(secret, body, now)
	seal := good[strings.Index(good, "v1="):]
	for name, test := range map[string]struct {
		header string
		says   string // "": it is believed
	}{
		"good":                  {good, ""},
		"as old as may be":      {signature.Sign(secret, body, now.Add(-time.Minute)), ""},
		"as new as may be":      {signature.Sign(secret, body, now.Add(time.Minute)), ""},
		"by the other secret":   {signature.Sign("another-one-of-16-bytes", body, now), ""},
		"with blanks":           {strings.Replace(good, ",", " , ", 1), ""},
		"of several, one":       {"v0=x," + strings.Replace(good, ",", ",v1=00,", 1) + ",v1=zz", ""},
		"too old":               {signature.Sign(secret, body, now.Add(-time.Minute-time.Second)), "another time"},
		"too new":               {signature.Sign(secret, body, now.Add(time.Minute+time.Second)), "another time"},
		"of another body":       {signature.Sign(secret, []byte("{}"), now), "not that of the body"},
		"of another time":       {"t=1790000001," + seal, "not that of the body"},
		"of a secret of nobody": {signature.Sign("nobody-has-this-secret", body, now), "not that of the body"},
		"of no secret":          {signature.Sign("", body, now), "not that of the body"},
		"nothing":               {"", "not of the form"},
		"no time":               {seal, "not of the form"},
		"no number":             {"t=now," + seal, "not of the form"},
		"two times":             {"t=1," + good, "two times"},
		"no seal":               {"t=1790000000", "not of the form"},
		"an empty seal":         {"t=1790000000,v1=", "not that of the body"},
		"half a seal":           {good[:len(good)-32], "not that of the body"},
	} {
		secrets, err := signature.Parse(" " + secret + "  another-one-of-16-bytes\n")
		if err != nil {
			t.Fatal(err)
		}
		err = secrets.Verify(test.header, body, now, time.Minute)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsThatAreNone(t *testing.T) {
	for _, text := range []string{"", " ", "short", secret + " short"} {
		if _, err := signature.Parse(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
