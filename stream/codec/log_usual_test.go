//go:build unix

package codec_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/stream/codec"
)

// usualLog is a log whose strings recur, as those of most logs do, with ten lines a second. A line has 170 bytes.
func usualLog(lines int) (file []byte, total int64) {
	at := time.Date(2015, 5, 17, 10, 5, 3, 0, time.UTC)
	for i := range lines {
		file = append(file, fmt.Sprintf("83.149.9.%d - - [%s] \"GET /images/logstash-%d.png HTTP/1.1\" 200 %d \"http://semicomplete.com/%d\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.%d Safari/537.36\"\n",
			i%41, at.Add(time.Duration(i/10)*time.Second).Format("02/Jan/2006:15:04:05 -0700"), i%37, i, i%23, i%29)...)
		total += int64(i)
	}
	return file, total
}

// BenchmarkUsualLine decodes usual lines in turns with a loop that finds their ends and looks at each of their bytes once, eight at a
// time: what a machine does at the moment shows in both. It is by processor time, the least of all rounds.
func BenchmarkUsualLine(b *testing.B) {
	const lines = 10_000
	file, total := usualLog(lines)
	var seen uint64
	access, strings, numbers := codec.Access().NewDecoder(), codec.NginxLog[hitOfStrings](codec.NginxCombined).NewDecoder(), codec.NginxLog[hitOfNumbers](codec.NginxCombined).NewDecoder()
	ways := []benchcpu.Variant{
		{Name: "loop", Run: func() {
			byLine(file, func(line []byte) {
				for ; len(line) >= 8; line = line[8:] {
					seen += uint64(bits.OnesCount64(binary.LittleEndian.Uint64(line)))
				}
			})
		}},
		{Name: "access", Run: func() {
			require.Equal(b, total, sumBy(b, access, file, func(r *codec.AccessRecord) int64 { return r.Bytes }))
		}},
		{Name: "strings", Run: func() {
			require.Equal(b, total, sumBy(b, strings, file, func(h *hitOfStrings) int64 { return h.Bytes }))
		}},
		{Name: "numbers", Run: func() {
			require.Equal(b, total, sumBy(b, numbers, file, func(h *hitOfNumbers) int64 { return h.Bytes }))
		}},
	}
	took := make([][]time.Duration, len(ways))
	for b.Loop() {
		for i, way := range ways {
			before := benchcpu.Used(b)
			way.Run()
			took[i] = append(took[i], benchcpu.Used(b)-before)
		}
	}
	for i, way := range ways {
		b.ReportMetric(float64(slices.Min(took[i]).Nanoseconds())/lines, way.Name+"-ns/line")
	}
	b.ReportMetric(0, "ns/op") // of all of them together: it says nothing
	require.NotZero(b, seen)
}

// Usual lines whose strings a decoder has seen are read without allocating.
func TestUsualLinesAllocateNothing(t *testing.T) {
	lines := bytes.Split(bytes.TrimSpace([]byte(
		`83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /images/a.png HTTP/1.1" 200 203023 "http://semicomplete.com/presentations/logstash-2013/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36"
83.149.9.217 - frank [17/May/2015:10:06:03 +0000] "POST /search?q=go HTTP/2.0" 302 - "-" "curl/7.1"`)), []byte("\n"))
	access, nginx := codec.Access().NewDecoder(), codec.NginxLog[hitOfStrings](codec.NginxCombined).NewDecoder()
	var r codec.AccessRecord
	var h hitOfStrings
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, line := range lines {
			if err := access.Decode(line, &r); err != nil {
				t.Fatal(err)
			}
			if err := nginx.Decode(line, &h); err != nil {
				t.Fatal(err)
			}
		}
	}))
	require.Equal(t, "frank", r.User)
	require.Equal(t, "/search?q=go", h.Path)
}
