package hbaserest

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// hidden returns a text without the headers that prove who asks.
func hidden(text []byte, proof http.Header) []byte {
	var secrets []string
	for _, values := range proof {
		for _, value := range values {
			_, credentials, _ := strings.Cut(value, " ")
			secrets = append(secrets, value, credentials)
		}
	}
	_, password, _ := (&http.Request{Header: proof}).BasicAuth()
	secrets = append(secrets, password)
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	for _, s := range secrets {
		if s != "" {
			text = bytes.ReplaceAll(text, []byte(s), []byte("***"))
		}
	}
	return text
}

// innocent are the headers of a request that prove nothing.
var innocent = []string{"Accept", "Content-Type", "Referer", "User-Agent"}

// encrypted follows redirects as the caller's function says, or net/http, but for those that leave TLS: who asks, and the rows, would go on in the clear.
// To another host goes none of what proves who asks: net/http leaves out the headers that it knows, and this all.
func encrypted(theirs func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(q *http.Request, via []*http.Request) error {
		if q.URL.Host != via[0].URL.Host {
			for name := range q.Header {
				if !slices.Contains(innocent, name) {
					q.Header.Del(name)
				}
			}
		}
		switch {
		case q.URL.Scheme != "https" && via[0].URL.Scheme == "https":
			return errors.New("the gateway sends to an address without TLS")
		case theirs != nil:
			return theirs(q, via)
		case len(via) >= 10:
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
}
