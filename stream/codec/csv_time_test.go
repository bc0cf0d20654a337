//go:build unix

package codec_test

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/stream/codec"
)

// BenchmarkCSVTime decodes rows in turns with a loop that finds their ends and looks at each of their bytes once, eight at a time:
// what a machine does at the moment shows in both. It is by processor time, the least of all rounds.
func BenchmarkCSVTime(b *testing.B) {
	var plain, quoted strings.Builder
	var total int64
	for i, file := range []*strings.Builder{&plain, &quoted} {
		file.WriteString("Shop,SKU,Quantity,Price\n")
		for n := range benchRecords {
			fmt.Fprintf(file, [2]string{"shop-%d,%d,%d,%d.%02d\n", "\"shop, %d\",%d,%d,%d.%02d\n"}[i], n%97, 10_000+n%4000, n%50, n%90, n%100)
			total += int64(n % 50 * i)
		}
	}
	var seen int
	decode := func(file string) func() {
		text := []byte(file)
		return func() {
			require.Equal(b, total, sum(b, codec.CSV[benchRow](), text, func(r *benchRow) int64 { return int64(r.Quantity) }))
		}
	}
	bytes := []byte(plain.String())
	ways := []benchcpu.Variant{
		{Name: "loop", Run: func() {
			byLine(bytes, func(line []byte) {
				for ; len(line) >= 8; line = line[8:] {
					seen += bits.OnesCount64(binary.LittleEndian.Uint64(line))
				}
			})
		}},
		{Name: "plain", Run: decode(plain.String())},
		{Name: "quoted", Run: decode(quoted.String())},
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
		b.ReportMetric(float64(slices.Min(took[i]).Nanoseconds())/benchRecords, way.Name+"-ns/row")
	}
	b.ReportMetric(0, "ns/op") // of all of them together: it says nothing
	require.NotZero(b, seen)
}
