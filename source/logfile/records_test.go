package logfile

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func TestLongLines(t *testing.T) {
	path := temp(t)
	long := strings.Repeat("x", 300_000)
	write(t, path, "a\n"+long)
	d := drive(t, path, codec.Lines(), MaxLine(1000))
	d.start()
	d.scan()
	d.read(-1)
	require.Empty(t, d.bad, "its end has not come")
	d.restart()
	d.read(-1)
	write(t, path, long+"\nb\n"+strings.Repeat("y", 1000)+"\n"+strings.Repeat("z", 1001)+"\nc\n")
	d.settle()
	require.Equal(t, []string{"a", "b", strings.Repeat("y", 1000), "c"}, d.got[path])
	require.Len(t, d.bad, 2)
	require.Contains(t, d.bad[0], "a.log line 2 byte 2: \"xxx")
	require.Contains(t, d.bad[0], ErrTooLong.Error())
	require.Contains(t, d.bad[1], fmt.Sprintf("a.log line 5 byte %d: \"zzz", 2+600_001+2+1001))
}

func TestUnfinishedLineWaits(t *testing.T) {
	path := temp(t)
	write(t, path, "one\ntw")
	d := drive(t, path, codec.Lines())
	d.start()
	d.settle()
	require.Equal(t, []string{"one"}, d.got[path])
	write(t, path, "o\nthree")
	d.settle()
	d.restart()
	require.Equal(t, []string{"one", "two"}, d.got[path])
	move(t, path, path+".1")
	d.settle()
	require.Equal(t, []string{"one", "two"}, d.got[path], "there is no next file")
	write(t, path, "four\n")
	d.settle()
	require.Equal(t, []string{"one", "two", "three", "four"}, d.got[path])
}

func TestBytesAsTheyAre(t *testing.T) {
	path := temp(t)
	write(t, path, "\xEF\xBB\xBFa\xff\xfe\nb\r\n\nc\x00\n")
	d := drive(t, path, codec.Lines())
	d.start()
	d.settle()
	require.Equal(t, []string{"a\xff\xfe", "b", "", "c\x00"}, d.got[path])
}

func TestUTF16(t *testing.T) {
	path := temp(t)
	wide := func(s string) string {
		var b bytes.Buffer
		for _, c := range s {
			b.Write([]byte{byte(c), byte(c >> 8)})
		}
		return b.String()
	}
	write(t, path, "\xff\xfe"+wide("Ċ one\ntwo\nhal"))
	d := drive(t, path, codec.Transcode(codec.UTF16, codec.Lines()))
	d.start()
	d.settle()
	d.restart()
	write(t, path, wide("f\n"))
	d.settle()
	move(t, path, path+".1")
	write(t, path, "\xff\xfe"+wide("three\n"))
	d.settle()
	require.Equal(t, []string{"Ċ one", "two", "half", "three"}, d.got[path])
}

// Each file has its header, and a run that goes on reads that of the file it is in.
func TestHeaders(t *testing.T) {
	type row struct{ B, A string }
	path := temp(t)
	write(t, path, "A,B\na1,b1\n")
	d := drive(t, path, codec.CSV[row]())
	d.start()
	d.settle()
	d.restart()
	write(t, path, "a2,b2\n")
	d.settle()
	move(t, path, path+".1")
	write(t, path, "B,A\nb3,a3\n")
	d.settle()
	d.restart()
	write(t, path, "b4,a4\n\"torn")
	d.settle()
	write(t, path, "\",a5\n")
	d.settle()
	require.Equal(t, []row{{"b1", "a1"}, {"b2", "a2"}, {"b3", "a3"}, {"b4", "a4"}, {"torn", "a5"}}, d.got[path])
	require.Empty(t, d.bad)
}

func TestMultiline(t *testing.T) {
	path := temp(t)
	format := codec.Multiline(regexp.MustCompile(`^\d`).Match, codec.Lines())
	write(t, path, "1 a\n  b\n2 c\n")
	d := drive(t, path, format)
	d.start()
	d.scan()
	d.read(-1)
	require.Equal(t, []string{"1 a\n  b"}, d.got[path], "more may come to the last one")
	write(t, path, "  d\n")
	d.scan()
	d.read(-1)
	d.advance(6 * time.Second)
	d.scan()
	d.read(-1)
	require.Equal(t, []string{"1 a\n  b", "2 c\n  d"}, d.got[path])
	d.restart()
	write(t, path, "3 e\n")
	d.settle()
	require.Equal(t, []string{"1 a\n  b", "2 c\n  d", "3 e"}, d.got[path])
	write(t, path, "  too late\n4 f\n5 g")
	d.settle()
	require.Equal(t, []string{"1 a\n  b", "2 c\n  d", "3 e", "4 f"}, d.got[path])
	require.Len(t, d.bad, 1)
	require.Contains(t, d.bad[0], "too late")
}
