package codec

import (
	"fmt"
	"reflect"
)

// The formats that servers come with. Debian's Apache has %O, all bytes sent,
// in place of %b.
const (
	// NginxCombined is what nginx writes unless it is told otherwise.
	NginxCombined = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`
	// NginxMain is the format "main" of the configuration that nginx.org ships.
	NginxMain = NginxCombined + ` "$http_x_forwarded_for"`

	ApacheCommon        = `%h %l %u %t "%r" %>s %b`
	ApacheCombined      = ApacheCommon + ` "%{Referer}i" "%{User-Agent}i"`
	ApacheVHostCombined = `%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"`
)

// NginxLog is the format of lines that nginx writes by a log_format. The text
// is the format itself, or the whole directive as it stands in nginx.conf, which
// may say escape=json or escape=none:
//
//	type Hit struct {
//		Addr    netip.Addr    `log:"remote_addr"`
//		At      time.Time     `log:"time_local"` // or time_iso8601, msec
//		Method  string        `log:"request_method"`
//		Path    string        `log:"request_uri"`
//		Status  int           `log:"status"`
//		Took    time.Duration `log:"request_time"`
//		Backend []string      `log:"upstream_addr"`
//	}
//	hits := codec.NginxLog[Hit](`log_format timed '$remote_addr [$time_local] "$request" $status $request_time $upstream_addr';`)
//
// A field's tag names the variable that it takes. Variables that no field wants
// are passed over, and fields without a tag are left zero. The parts of $request
// go to request_method, request_uri and server_protocol, if the format has not
// these themselves. Of request_uri, which has the query, request_path has what stands in front of the question mark,
// and request_query what is behind it, both as the client has sent them. They are empty where the request is not three words, as a
// broken client's is; a field for request has it whole.
//
// A field is a string, []byte, bool, integer or float of any size, a
// [netip.Addr], a type of these kinds, a type whose pointer is an
// [encoding.TextUnmarshaler], or a pointer to one of these. A [time.Time] takes
// $time_local, $time_iso8601 and $msec, and any variable if a tag such as
// `layout:"2006-01-02" zone:"Europe/Berlin"` says how it stands; it is in UTC. A
// [time.Duration] takes the variables that nginx has in seconds ($request_time,
// $upstream_response_time), and any other with a tag `unit:"ms"` (s, ms, us or
// ns). A slice takes the variables with a value for each server that was asked:
// `0.001, 0.002 : 0.003` is three, and a "-" among them a zero. A field that
// is no slice takes them if there is one value; a string takes all as they stand.
//
// A "-" is an absent value, and so is nothing at all: a zero, or a nil pointer.
//
// nginx's escapes are undone. A string is text, as with [Access]: what is not
// UTF-8 and control characters stand in it as \xHH. A []byte has the bytes that
// the client has sent. With escape=none nothing is undone; a quote in a value may
// then end it, as in any such log.
//
// A variable that a client fills belongs in quotes in the format, since quotes in
// it are escaped: without them its value ends where the next literal stands first,
// which a client can bring about. $remote_user needs none where [$time_local] and a
// quote follow it, as in the formats that servers ship.
//
// A line is read as the format has it, from its first byte to its last. A space
// in a variable that cannot hold one ($remote_addr, $status) means that
// something stands before or between them: it is an error, not a value. Errors
// of fields are [*FieldError]. Blank lines hold no value, and a byte order mark
// is ignored. The format is [Splittable] and [Textual]. It is only read: its
// encoder refuses all values.
//
// For lines that are JSON objects, as formats with escape=json mostly are, [JSON]
// is better: it needs no format, and members may come and go. nginx leaves bytes that are not UTF-8 in them as the client has sent them,
// so such lines are read by
//
//	codec.JSON[Hit](jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
//
// Strings that recur are not allocated again, as with Access. What never
// recurs (a $request_id) is one allocation a line, and so is each []byte, slice
// and pointer; numbers, times and addresses are none.
//
// NginxLog panics if the text is no format, if T is no struct with tags, if a
// field wants a variable that the format has not, cannot hold it, or wants what
// another field has, and if nothing stands between two variables of which a
// field wants one. [TryNginxLog] returns that error, for formats that are
// configured.
func NginxLog[T any](format string) Format[T] { return must(TryNginxLog[T](format)) }

// TryNginxLog is [NginxLog] for a format that the caller did not write.
func TryNginxLog[T any](format string) (Format[T], error) {
	text, escaping, err := nginxDirective(format)
	if err == nil {
		var parts []logPart
		if parts, err = nginxParts(text); err == nil {
			return newLog[T]("NginxLog", parts, escaping)
		}
	}
	return nil, fmt.Errorf("codec: NginxLog of %v: %w", reflect.TypeFor[T](), err)
}

// ApacheLog is [NginxLog] for lines that Apache writes by a LogFormat: the text
// is the format, or the directive as it stands in httpd.conf. A field's tag is the
// directive as it stands there, or nginx's name for the same:
//
//	type Hit struct {
//		Addr    netip.Addr    `log:"%h"`             // or remote_addr
//		At      time.Time     `log:"%t"`             // or time_local
//		Method  string        `log:"%m"`             // or request_method
//		Path    string        `log:"request_uri"`    // of %r, or %U%q
//		Status  int           `log:"%>s"`            // or status
//		Referer string        `log:"%{Referer}i"`    // or http_referer
//		Took    time.Duration `log:"%D"`             // or request_time
//	}
//	hits := codec.ApacheLog[Hit](`LogFormat "%h %t \"%r\" %>s \"%{Referer}i\" %D" timed`)
//
// So one type reads the logs of both servers. Conditions (%!200{Referer}i) are no
// part of a name.
//
// A [time.Time] takes %t, %{sec}t, %{msec}t, %{usec}t and %{format}t, whose
// format has what [time.Parse] has, too; without a zone in it, it is UTC or what a
// tag `zone:"Europe/Berlin"` says. A [time.Duration] takes %D, %T and %{ms}T. The
// rest is as with NginxLog.
//
// A line with something before the host, such as a virtual host where the format has
// none, is an error, as it is for [Access]: where %h, %l and %u follow each other, a
// user has spaces only if %l is "-", and %l is no address.
//
// ApacheLog panics as NginxLog does, and for a directive that it does not know.
// [TryApacheLog] returns that error.
func ApacheLog[T any](format string) Format[T] { return must(TryApacheLog[T](format)) }

// TryApacheLog is [ApacheLog] for a format that the caller did not write.
func TryApacheLog[T any](format string) (Format[T], error) {
	text, err := apacheDirective(format)
	if err == nil {
		var parts []logPart
		if parts, err = apacheParts(text); err == nil {
			return newLog[T]("ApacheLog", parts, escapeHex)
		}
	}
	return nil, fmt.Errorf("codec: ApacheLog of %v: %w", reflect.TypeFor[T](), err)
}

func must[T any](f Format[T], err error) Format[T] {
	if err != nil {
		panic(err)
	}
	return f
}
