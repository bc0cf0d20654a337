package codec

import (
	"strings"
	"time"
)

// An AccessRecord is one line of a web server's access log. What the log has
// as "-" is the zero value here.
type AccessRecord struct {
	Host        string    // the client: an IPv4 or IPv6 address, or a name
	Ident       string    // as RFC 1413 has it; hardly ever set
	User        string    // as whom the client authenticated
	Time        time.Time // of the request, in whole seconds and in UTC
	Method      string    // "GET"
	Path        string    // "/search?q=go": what the client asked for, with its query
	Protocol    string    // "HTTP/1.1"
	Request     string    // the request line where it is not method, path and protocol, else empty
	Status      int
	Bytes       int64 // of the response's body
	Referer     string
	UserAgent   string
	VirtualHost string // "www.example.com:443"; only with the option VirtualHost
	Extra       string // what the line has behind these; only with the option Extra
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
// server was told to log behind these is passed over, but for [Extra]. Blank lines hold no
// value, and a byte order mark is ignored. It is [Splittable] and [Textual].
//
//	127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b HTTP/1.0" 200 2326 "http://example.com/" "Mozilla/4.08"
//
// Host, ident and user have one space between them, and nothing stands before
// them. A line with a prefix (a virtual host, the header of syslog or of a
// container's log, a list of proxies) is an error; [VirtualHost] reads the
// first kind. A user may have spaces in its name, if ident is "-" and no word
// of the name is. An ident is no address.
//
// The servers' escapes (\" \\ \n \xHH and their like) are undone, and what is
// no text then is escaped again: a byte that is not UTF-8, or a control
// character, stands in a field as \xHH. So fields can go into JSON, CSV
// and databases, whatever a client has sent (TLS on a plain port, a path in
// Latin-1), and nothing is lost. A backslash that would read as such an escape
// stands as \x5c. [RawBytes] leaves bytes as they are.
//
// A user agent may lack its closing quote, as it does where something cut a
// long line short. A request that is not method, path and protocol (a port
// scan, a broken client) is no error: the record has it as Request.
//
// The encoder writes the Combined format, times at +0000, and Request where
// it is set. It undoes \xHH in fields, and escapes as Apache does. It refuses
// a negative status or size, a year that has not four digits, and an Ident
// that is an address or has no Host.
//
// Access panics if an option is nil.
func Access(opts ...AccessOption) Format[AccessRecord] {
	var c accessConfig
	for i, o := range opts {
		if o == nil {
			panicNilOption("Access", i)
		}
		o(&c)
	}
	return accessFormat{c}
}

// An AccessOption says how access logs differ from the usual.
type AccessOption func(*accessConfig)

type accessConfig struct{ virtualHost, raw, extra bool }

// VirtualHost says that each line begins with the virtual host and a space, as
// in Apache's format vhost_combined. It is the record's VirtualHost, with the
// port if the log has it.
//
//	www.example.com:443 127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "-"
//
// Without it VirtualHost is neither read nor written.
func VirtualHost() AccessOption { return func(c *accessConfig) { c.virtualHost = true } }

// Extra says that what a line has behind the fields of its format is the record's
// Extra, as it stands there: `rt=0.003 "10.0.0.1"`, say. Its escapes are not undone,
// since they are part of fields that only the caller knows; control characters and
// bytes that are not UTF-8 are escaped as in other fields. The encoder writes it as
// it is, and refuses one with a line end.
//
// Behind the Common format only what begins with no quote is extra: a quote begins
// the referer of the Combined one. [NginxLog] and [ApacheLog] read each field by the
// server's own format.
//
// Without it Extra is neither read nor written.
func Extra() AccessOption { return func(c *accessConfig) { c.extra = true } }

// RawBytes says that fields hold the bytes that the client sent, which need
// not be UTF-8 and may be control characters. Without it these are escaped, as
// [Access] says.
func RawBytes() AccessOption { return func(c *accessConfig) { c.raw = true } }

type accessFormat struct{ accessConfig }

func (f accessFormat) NewDecoder() Decoder[AccessRecord] {
	return &accessDecoder{accessConfig: f.accessConfig}
}
func (f accessFormat) NewEncoder() Encoder[AccessRecord] { return accessEncoder(f) }
func (accessFormat) Splittable() bool                    { return true }
func (accessFormat) Textual() bool                       { return true }
