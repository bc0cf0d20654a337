package syslogsource

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/leodido/go-syslog/v4/rfc3164"
	"github.com/leodido/go-syslog/v4/rfc5424"
	"github.com/stretchr/testify/require"
)

// twin compares the parser with github.com/leodido/go-syslog where that reads the message. What we see differently is
// left out, and named below.
func twin(t *testing.T, in []byte) {
	p := newParser()
	var ours Message
	err := p.parse(in, &ours)
	if their, wrong := rfc5424.NewMachine(rfc5424.WithCompliantMsg()).Parse(in); wrong == nil {
		msg := their.(*rfc5424.SyslogMessage)
		if msg.Version != 1 || !is5424(in[bytes.IndexByte(in, '>')+1:]) {
			return // there is one version
		}
		if msg.Timestamp != nil && !written(msg.Timestamp.UTC()) {
			return
		}
		require.NoError(t, err, "%q", in)
		sameHeader(t, in, &ours, *msg.Facility, *msg.Severity, msg.Hostname, msg.Appname, msg.ProcID)
		require.Equal(t, field(msg.MsgID), ours.MsgID, "%q", in)
		if msg.Timestamp != nil {
			require.Equal(t, msg.Timestamp.UTC(), ours.Time, "%q", in)
		}
		// It keeps the mark and the line ends, in a compliant message.
		require.Equal(t, string(trimEnd(bytes.TrimPrefix([]byte(whole(msg.Message)), []byte(byteOrderMark)))), ours.Text, "%q", in)
		if msg.StructuredData != nil {
			last := map[string]map[string]string{} // of parameters that recur it keeps the last one
			for id, param := range ours.Data.All() {
				if last[id] == nil {
					last[id] = map[string]string{}
				}
				if param.Name != "" {
					last[id][param.Name] = param.Value
				}
			}
			require.Equal(t, *msg.StructuredData, last, "%q", in)
		}
		return
	}
	if !common3164.Match(in) {
		return
	}
	their, wrong := rfc3164.NewMachine(rfc3164.WithYear(rfc3164.Year{YYYY: 2026}), rfc3164.WithRFC3339()).Parse(in)
	if wrong != nil {
		return
	}
	require.NoError(t, err, "%q", in)
	msg := their.(*rfc3164.SyslogMessage)
	sameHeader(t, in, &ours, *msg.Facility, *msg.Severity, msg.Hostname, msg.Appname, msg.ProcID)
	// The year is ours, and where that is another one, so may the day be.
	if sameYear := msg.Timestamp.UTC(); sameYear.Year() == ours.Time.Year() {
		require.Equal(t, sameYear, ours.Time, "%q", in)
	}
	require.Equal(t, string(trimEnd([]byte(whole(msg.Message)))), ours.Text, "%q", in)
}

// common3164 is the part of RFC 3164 that everybody reads alike. go-syslog does not read a fraction of a second in a time
// of RFC 3339, takes the first group of an IPv6 address for a tag, dots alone for a host, and tags for 32 bytes at most.
var common3164 = regexp.MustCompile(`^<[1-9][0-9]{0,2}>[A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} [a-zA-Z0-9][a-zA-Z0-9.]{0,63} [a-zA-Z][a-zA-Z0-9/_-]{0,30}(\[[0-9]{1,9}\])?: [a-zA-Z0-9 ,.:-]*[a-z]$`)

func sameHeader(t *testing.T, in []byte, ours *Message, facility, severity uint8, host, app, pid *string) {
	require.Equal(t, facility, uint8(ours.Facility), "%q", in)
	require.Equal(t, severity, uint8(ours.Severity), "%q", in)
	require.Equal(t, field(host), ours.Host, "%q", in)
	require.Equal(t, field(app), ours.App, "%q", in)
	require.Equal(t, field(pid), ours.ProcID, "%q", in)
}

func whole(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func field(s *string) string {
	if whole(s) == "-" {
		return ""
	}
	return whole(s)
}

// The year of a time is the latest that does not bring it further ahead than Ahead: by the definition, day by day.
func TestYear(t *testing.T) {
	for week := range 2 * 53 {
		now := time.Date(2023, 6, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, 7*week)
		p := newParser()
		p.at(now)
		limit := now.Add(p.ahead)
		for d := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC); d.Year() == 2024; d = d.AddDate(0, 0, 1) {
			stamp := d.Format(time.Stamp)
			var m Message
			require.NoError(t, p.parse([]byte("<13>"+stamp+" h a: x"), &m))
			want := time.Time{}
			for year := 2000; year < 2030; year++ {
				if at := time.Date(year, d.Month(), d.Day(), 12, 0, 0, 0, time.UTC); at.Day() == d.Day() && !at.After(limit) {
					want = at
				}
			}
			if m.Time != want {
				t.Fatalf("%s at %s is %s, not %s", stamp, now, m.Time, want)
			}
		}
	}
}
