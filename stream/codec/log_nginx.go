package codec

import (
	"fmt"
	"strings"
	"time"
)

// nginxParts takes an nginx log_format apart: $name and ${name}, and the rest.
func nginxParts(format string) ([]logPart, error) {
	var parts []logPart
	for rest := format; rest != ""; {
		i := strings.IndexByte(rest, '$')
		if i < 0 {
			i = len(rest)
		}
		if i > 0 {
			parts = append(parts, logPart{literal: rest[:i]})
		}
		if rest = rest[i:]; rest == "" {
			break
		}
		at := len(format) - len(rest)
		rest = rest[1:]
		braced := strings.HasPrefix(rest, "{")
		rest = strings.TrimPrefix(rest, "{")
		end := strings.IndexFunc(rest, func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})
		if end < 0 {
			end = len(rest)
		}
		name := rest[:end]
		rest = rest[end:]
		if name == "" || braced && !strings.HasPrefix(rest, "}") {
			return nil, fmt.Errorf("at byte %d of the format: a $ with no name of a variable behind it", at)
		}
		if braced {
			rest = rest[1:]
		}
		parts = append(parts, logPart{variable: nginxVariable(strings.ToLower(name))})
	}
	return parts, nil
}

func nginxVariable(name string) *logVariable {
	v := &logVariable{name: "$" + name, keys: []string{name}, word: nginxWords[name]}
	switch {
	case name == "time_local":
		v.layout, v.width = accessLayout, len(accessLayout)
	case name == "time_iso8601":
		v.layout, v.width = isoLayout, len(isoLayout)
	case name == "msec":
		v.epoch = time.Second
	case name == "request_time", name == "session_time", strings.HasPrefix(name, "upstream_") && strings.HasSuffix(name, "_time"):
		v.unit = time.Second
	}
	// Headers and cookies are those of the last server that was asked.
	v.list = strings.HasPrefix(name, "upstream_") && !strings.HasPrefix(name, "upstream_http_") &&
		!strings.HasPrefix(name, "upstream_cookie_") && !strings.HasPrefix(name, "upstream_trailer_")
	return v
}

const isoLayout = "2006-01-02T15:04:05-07:00"

// nginxWords are the variables that never hold a space, whatever a client sends.
var nginxWords = setOf("binary_remote_addr", "body_bytes_sent", "bytes_sent", "connection", "connection_requests",
	"connection_time", "gzip_ratio", "host", "hostname", "http2", "http3", "https", "msec",
	"nginx_version", "pid", "pipe", "proxy_protocol_addr", "proxy_protocol_port", "realip_remote_addr",
	"realip_remote_port", "remote_addr", "remote_port", "request_id", "request_length", "request_method",
	"request_time", "scheme", "server_addr", "server_name", "server_port", "server_protocol", "session_time",
	"ssl_cipher", "ssl_protocol", "ssl_session_id", "ssl_session_reused", "status", "time_iso8601")

func setOf(names ...string) map[string]bool {
	set := make(map[string]bool)
	for _, name := range names {
		set[name] = true
	}
	return set
}
