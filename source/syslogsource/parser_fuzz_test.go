package syslogsource

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Nothing makes the parser panic or read what is not there; a parsed message that is printed and parsed is the same;
// and where github.com/leodido/go-syslog reads a message, ours agrees.
func FuzzParse(f *testing.F) {
	for _, m := range messages {
		f.Add([]byte(m.in))
	}
	for _, in := range []string{
		"<13>1 - - - - - [a b=\"c\" b=\"d\"][e] \xef\xbb\xbf\xef\xbb\xbfx\r\n", "<191>Feb 29 12:00:00 a b[c]:d\n\n", "<1>1 9999-12-31T23:59:60-23:59 - - - - -",
		"<1>Dec 31 2400 23:59:60: a: b", "<1>1 1900-01-01T00:00:00+00:01 - - - - -", "<5>1 - - ->1 - - - -", "<13>1 - \xff\x80 a[] - - - ", "<13>Nov 28 20:14:15 a b[]: ", "<13>Nov 28 20:14:15 a -[-]: ", "<13>May 10 00:00:00 . a: b",
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p := newParser(PlainText())
		var m Message
		require.NoError(t, p.parse(in, &m))
		if int(m.Facility) >= len(facilities) || int(m.Severity) >= len(severities) || m.Time.IsZero() {
			t.Fatalf("%+v", m)
		}
		for _, s := range []string{m.Host, m.App, m.ProcID, m.MsgID, string(m.Data), m.Text} {
			if !bytes.Contains(in, []byte(s)) {
				t.Fatalf("%q is not of %q", s, in)
			}
		}
		if strings.ContainsAny(m.Host+m.App+m.ProcID+m.MsgID, " \n\r\t\x00") {
			t.Fatalf("%+v", m)
		}
		params := 0
		for id, param := range m.Data.All() {
			if id == "" || strings.ContainsAny(id+param.Name, ` "]`) {
				t.Fatalf("%q: %q, %+v", m.Data, id, param)
			}
			if params++; params > 9 { // which is quadratic
				continue
			}
			if _, ok := m.Data.Get(id, param.Name); !ok {
				t.Fatalf("%q: no %q in %q", m.Data, param.Name, id)
			}
		}
		printedAgain(t, p, m)
		twin(t, in)
	})
}
