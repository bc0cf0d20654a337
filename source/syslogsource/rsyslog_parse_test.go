package syslogsource

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
)

// guesses are the messages that rsyslog reads differently, and why we do not do as it does.
var guesses = map[string]string{
	"  nginx: ":           "it takes the space for a tag without a name",
	"CST 1987":            "it takes a word for a tag that has neither colon nor number",
	"no tag at all":       "the same",
	"<0>1990 Oct":         "it reads a year in front",
	"2001:db8::1":         "it takes the first group of an address for a tag",
	`{"a": 1}`:            "it takes the beginning of JSON for a tag",
	"a=1: x":              "it takes the beginning of logfmt for a tag",
	"http://x":            "it takes the beginning of an address for a tag",
	"- -: x":              "it takes a dash for a tag",
	"20:14:15 hello":      "it takes a text of one word for a host",
	"<187>45: *Nov":       "it takes a number of Cisco's for a tag",
	"Nov 31":              "it knows no months",
	".123456789Z":         "it writes nine digits of a second as bytes that are no text",
	"<13>1 message for":   "it takes the first word away as a version",
	"Nov 28 20:14:15 x\\": "",
}

// Our parser reads what the real rsyslogd reads, but for guesses, and but for what it does on purpose: it gives a message without a host that of
// its client, keeps a byte order mark, and cuts a program's name at a slash.
func TestParsesLikeRsyslog(t *testing.T) {
	t.Parallel()
	program := servertest.Program(t, "rsyslogd", "apt-get install rsyslog")
	dir, port := t.TempDir(), servertest.FreePort(t)
	conf := fmt.Sprintf(`global(workDirectory=%[1]q)
module(load="imtcp")
input(type="imtcp" port="%[2]d" address="127.0.0.1")
template(name="json" type="list" option.jsonf="on") {
	property(outname="raw" name="rawmsg" format="jsonf") property(outname="pri" name="pri" format="jsonf")
	property(outname="host" name="hostname" format="jsonf") property(outname="app" name="app-name" format="jsonf")
	property(outname="pid" name="procid" format="jsonf") property(outname="id" name="msgid" format="jsonf")
	property(outname="data" name="structured-data" format="jsonf") property(outname="text" name="msg" format="jsonf")
	property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
}
action(type="omfile" file="%[1]s/out" template="json")
`, dir, port)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conf"), []byte(conf), 0o600))
	p := servertest.Start(t, exec.Command(program, "-n", "-f", filepath.Join(dir, "conf"), "-i", filepath.Join(dir, "pid")))
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	p.Listens(addr)
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	n := 0
	for _, m := range messages {
		if strings.HasPrefix(m.in, "<") && len(m.in) > len("<13>") && utf8.ValidString(m.in) && !strings.ContainsAny(m.in, "\n\x00") && !guessed(m.in) {
			_, err := fmt.Fprintf(c, "%d %s", len(m.in), m.in)
			require.NoError(t, err)
			n++
		}
	}
	require.NoError(t, c.Close())
	var lines []string
	until(t, func() bool {
		out, _ := os.ReadFile(filepath.Join(dir, "out")) // it is not there at once
		lines = strings.Split(strings.TrimSpace(string(out)), "\n")
		return len(lines) == n
	})
	for _, line := range lines {
		var theirs map[string]string
		require.NoError(t, json.Unmarshal([]byte(line), &theirs), line)
		for name, value := range theirs {
			if value == "-" {
				theirs[name] = ""
			}
		}
		var m Message
		require.NoError(t, newParser().parse([]byte(theirs["raw"]), &m))
		if m.Host == "" {
			m.Host = theirs["host"]
		}
		m.App, _, _ = strings.Cut(m.App, "/")
		ours := map[string]string{"raw": theirs["raw"], "pri": fmt.Sprint(int(m.Facility)*8 + int(m.Severity)), "host": m.Host,
			"app": m.App, "pid": m.ProcID, "id": m.MsgID, "data": string(m.Data), "text": m.Text, "time": theirs["time"]}
		theirs["text"] = strings.TrimPrefix(strings.TrimPrefix(theirs["text"], " "), byteOrderMark)
		require.Equal(t, theirs, ours)
		if m.Time != testNow && !strings.Contains(theirs["raw"], ":60") && m.Time.Month() != 5 && m.Time.Month() != 2 { // where its year is another
			require.True(t, m.Time.Equal(at(theirs["time"])), "%s: %s", theirs["raw"], m.Time)
		}
	}
}

func guessed(message string) bool {
	for part := range guesses {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}
