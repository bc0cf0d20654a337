package codec

import (
	"strings"
	"time"
)

// An AccessRecord is one line of a web server's access log. What the log has
// as "-" is the zero value here.
type AccessRecord struct {
	Host      string    // the client: an IPv4 or IPv6 address, or a name
	Ident     string    // as RFC 1413 has it; hardly ever set
	User      string    // as whom the client authenticated
	Time      time.Time // of the request, in whole seconds and in UTC
	Method    string    // "GET"
	Path      string    // "/search?q=go": what the client asked for, with its query
	Protocol  string    // "HTTP/1.1"
	Request   string    // the request line where it is not method, path and protocol, else empty
	Status    int
	Bytes     int64 // of the response's body
	Referer   string
	UserAgent string
}

// PathOnly returns the path without its query.
func (r AccessRecord) PathOnly() string {
	path, _, _ := strings.Cut(r.Path, "?")
	return path
}

// Query returns what stands behind the path's first '?', as it is; see
// [net/url.ParseQuery].
func (r AccessRecord) Query() string {
	_, query, _ := strings.Cut(r.Path, "?")
	return query
}

// Access is the format of the access logs of Apache and nginx: the Common Log
// Format, and the Combined one, which adds referer and user agent. What a
// server was told to log behind these is passed over. Blank lines hold no
// value. It is [Splittable].
//
//	127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b HTTP/1.0" 200 2326 "http://example.com/" "Mozilla/4.08"
//
// The servers' escapes (\" \\ \n \xHH and their like) are undone, so a field
// holds the bytes that the client sent, which need not be UTF-8. A user may
// have spaces in its name. A user agent may lack its closing quote, as it does
// where something cut a long line short. A request that is not method, path and protocol
// (a port scan, a broken client) is no error: the record has it as Request.
//
// The encoder writes the Combined format, times at +0000, and Request where
// it is set. It refuses a negative status or size, and a year that has not
// four digits.
func Access() Format[AccessRecord] { return accessFormat{} }

type accessFormat struct{}

func (accessFormat) NewDecoder() Decoder[AccessRecord] { return new(accessDecoder) }
func (accessFormat) NewEncoder() Encoder[AccessRecord] { return accessEncoder{} }
func (accessFormat) Splittable() bool                  { return true }
