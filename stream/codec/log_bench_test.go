package codec_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream/codec"
)

// benchLog is a log of distinct lines of 180 to 190 bytes.
func benchLog() (file []byte, total int64) {
	at := time.Date(2015, 5, 17, 10, 5, 3, 0, time.UTC)
	for i := range benchRecords {
		file = append(file, fmt.Sprintf("83.149.%d.%d - - [%s] \"GET /images/logstash-%d.png HTTP/1.1\" 200 %d \"http://semicomplete.com/%d\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.%d Safari/537.36\"\n",
			i%7, i%251, at.Add(time.Duration(i)*time.Second).Format("02/Jan/2006:15:04:05 -0700"), i%300, i, i%50, i%90)...)
		total += int64(i)
	}
	return file, total
}

type hitOfNumbers struct {
	Addr   netip.Addr `log:"remote_addr"`
	At     time.Time  `log:"time_local"`
	Status int        `log:"status"`
	Bytes  int64      `log:"body_bytes_sent"`
}

type hitOfStrings struct {
	Host    string    `log:"remote_addr"`
	User    string    `log:"remote_user"`
	At      time.Time `log:"time_local"`
	Method  string    `log:"request_method"`
	Path    string    `log:"request_uri"`
	Status  int       `log:"status"`
	Bytes   int64     `log:"body_bytes_sent"`
	Referer string    `log:"http_referer"`
	Agent   string    `log:"http_user_agent"`
}

var keptHit hitOfStrings

func BenchmarkNginxLog(b *testing.B) {
	file, total := benchLog()
	run(b, "numbers/codec", benchRecords, total, func(b *testing.B) int64 {
		return sum(b, codec.NginxLog[hitOfNumbers](codec.NginxCombined), file, func(h *hitOfNumbers) int64 { return h.Bytes })
	})
	// By hand: the same values, with the library's parsers, and no check of what
	// stands between them.
	run(b, "numbers/floor", benchRecords, total, func(b *testing.B) (total int64) {
		byLine(file, func(line []byte) {
			var h hitOfNumbers
			addr, rest, _ := bytes.Cut(line, []byte(" "))
			h.Addr, _ = netip.ParseAddr(string(addr))
			_, rest, _ = bytes.Cut(rest, []byte("["))
			when, rest, _ := bytes.Cut(rest, []byte(`] "`))
			h.At, _ = time.Parse("02/Jan/2006:15:04:05 -0700", string(when))
			_, rest, _ = bytes.Cut(rest, []byte(`" `))
			status, rest, _ := bytes.Cut(rest, []byte(" "))
			size, _, _ := bytes.Cut(rest, []byte(` "`))
			h.Status, _ = strconv.Atoi(string(status))
			h.Bytes, _ = strconv.ParseInt(string(size), 10, 64)
			total += h.Bytes
		})
		return total
	})
	run(b, "strings/codec", benchRecords, total, func(b *testing.B) int64 {
		return sum(b, codec.NginxLog[hitOfStrings](codec.NginxCombined), file, func(h *hitOfStrings) int64 { return h.Bytes })
	})
	run(b, "strings/floor", benchRecords, total, func(b *testing.B) (total int64) {
		byLine(file, func(line []byte) {
			s := string(line)
			var h hitOfStrings
			h.Host, s, _ = strings.Cut(s, " - ")
			h.User, s, _ = strings.Cut(s, " [")
			when, s, _ := strings.Cut(s, `] "`)
			h.At, _ = time.Parse("02/Jan/2006:15:04:05 -0700", when)
			h.Method, s, _ = strings.Cut(s, " ")
			h.Path, s, _ = strings.Cut(s, " ")
			_, s, _ = strings.Cut(s, `" `)
			status, s, _ := strings.Cut(s, " ")
			size, s, _ := strings.Cut(s, ` "`)
			h.Status, _ = strconv.Atoi(status)
			h.Bytes, _ = strconv.ParseInt(size, 10, 64)
			h.Referer, s, _ = strings.Cut(s, `" "`)
			h.Agent = s[:len(s)-1]
			keptHit = h
			total += h.Bytes
		})
		return total
	})
	run(b, "access", benchRecords, total, func(b *testing.B) int64 {
		return sum(b, codec.Access(), file, func(r *codec.AccessRecord) int64 { return r.Bytes })
	})
}
