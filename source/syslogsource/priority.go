package syslogsource

import "strconv"

// A Facility says what kind of program wrote a message: 0 to 23.
type Facility uint8

// The facilities of RFC 5424. Local0 to Local7 are for a site's own use; nginx writes to Local7.
const (
	Kern Facility = iota
	User
	Mail
	Daemon
	Auth
	Syslog
	LPR
	News
	UUCP
	Cron
	AuthPriv
	FTP
	NTP
	Audit
	Alarm
	Clock
	Local0
	Local1
	Local2
	Local3
	Local4
	Local5
	Local6
	Local7
)

var facilities = [...]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "audit", "alarm", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

// String returns the name that configurations use: "kern", "local7".
func (f Facility) String() string {
	if int(f) < len(facilities) {
		return facilities[f]
	}
	return "facility " + strconv.Itoa(int(f))
}

// A Severity says how bad it is, from 0, the worst, to 7: what is at least an error is <= Error.
type Severity uint8

// The severities of RFC 5424.
const (
	Emergency Severity = iota
	Alert
	Critical
	Error
	Warning
	Notice
	Info
	Debug
)

var severities = [...]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}

// String returns the name that configurations use: "err", "info".
func (s Severity) String() string {
	if int(s) < len(severities) {
		return severities[s]
	}
	return "severity " + strconv.Itoa(int(s))
}

// priority parses "<165>" and returns how many bytes it has, 0 where there is none. Zeros in front, which RFC 5424
// forbids, are seen.
func priority(b []byte) (f Facility, s Severity, n int) {
	if len(b) < 3 || b[0] != '<' {
		return 0, 0, 0
	}
	pri := 0
	for i := 1; i < min(len(b), 5); i++ {
		c := b[i]
		if c == '>' && i > 1 && pri < 8*len(facilities) {
			return Facility(pri >> 3), Severity(pri & 7), i + 1
		}
		if c -= '0'; c > 9 {
			break
		}
		pri = pri*10 + int(c)
	}
	return 0, 0, 0
}

func appendInt(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) }
