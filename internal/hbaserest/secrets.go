package hbaserest

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// hidden returns a text without what the request said to prove who asks.
func hidden(text []byte, q *http.Request) []byte {
	var secrets []string
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		for _, value := range q.Header.Values(name) {
			_, credentials, _ := strings.Cut(value, " ")
			secrets = append(secrets, value, credentials)
		}
	}
	_, password, _ := q.BasicAuth()
	secrets = append(secrets, password)
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	for _, s := range secrets {
		if s != "" {
			text = bytes.ReplaceAll(text, []byte(s), []byte("***"))
		}
	}
	return text
}

// encrypted follows redirects as the caller's function says, or net/http, but for those that leave TLS: who asks, and the rows, would go on in the clear.
func encrypted(theirs func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(q *http.Request, via []*http.Request) error {
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
