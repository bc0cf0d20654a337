package syslogsource

import (
	"testing"
	"time"

	syslog "github.com/leodido/go-syslog/v4"
	"github.com/leodido/go-syslog/v4/rfc3164"
	"github.com/leodido/go-syslog/v4/rfc5424"
)

const accessLine = `203.0.113.9 - - [28/Nov/2026:20:14:15 +0000] "GET /shop/item/1234 HTTP/1.1" 200 5123 "-" "Mozilla/5.0"`

var benchMessages = []struct{ name, message string }{
	{"rfc3164", `<190>Nov 28 20:14:15 web1 nginx: ` + accessLine},
	{"forward", `<190>2026-11-28T20:14:15.000003+00:00 web1 nginx: ` + accessLine},
	{"rfc5424", `<165>1 2026-11-28T20:14:15.000003Z web1.example.com nginx 8710 access - ` + accessLine},
	{"data", `<165>1 2026-11-28T20:14:15.000003Z web1.example.com nginx 8710 access [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] ` + accessLine},
}

func BenchmarkParse(b *testing.B) {
	for _, test := range benchMessages {
		message := []byte(test.message)
		b.Run(test.name+"/ours", func(b *testing.B) {
			b.ReportAllocs()
			p := newParser()
			p.at(time.Now())
			var m Message
			for b.Loop() {
				if err := p.parse(message, &m); err != nil {
					b.Fatal(err)
				}
			}
		})
		theirs := rfc5424.NewMachine()
		if test.name == "rfc3164" || test.name == "forward" {
			theirs = rfc3164.NewMachine(rfc3164.WithYear(rfc3164.CurrentYear{}), rfc3164.WithRFC3339())
		}
		b.Run(test.name+"/go-syslog", func(b *testing.B) { benchTheirs(b, theirs, message) })
	}
}

func benchTheirs(b *testing.B, p syslog.Machine, message []byte) {
	b.ReportAllocs()
	if _, err := p.Parse(message); err != nil {
		b.Skip(err)
	}
	for b.Loop() {
		if _, err := p.Parse(message); err != nil {
			b.Fatal(err)
		}
	}
}
