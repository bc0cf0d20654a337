package logfile

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// A writer that has not opened its log for appending goes on at its byte when that was truncated, so that a hole is in front.
func TestHole(t *testing.T) {
	for _, n := range []int{100, 40_000} { // less than a record may have, and more
		for _, restarts := range []bool{false, true} {
			t.Run(fmt.Sprintf("lines=%d/restarts=%v", n, restarts), func(t *testing.T) {
				path := temp(t)
				f, err := os.Create(path)
				require.NoError(t, err)
				defer f.Close()
				_, err = f.WriteString(lines(0, n))
				require.NoError(t, err)
				d := drive(t, path, codec.Lines())
				d.start()
				d.read(-1)
				for i := range 2 {
					shift(t, path, i)
					copyFile(t, path, path+".1")
					require.NoError(t, os.Truncate(path, 0))
					_, err = f.WriteString(lines(n+10*i, 10))
					require.NoError(t, err)
					if restarts {
						d.restart()
					}
					d.settle()
				}
				require.Equal(t, lineList(0, n+20), d.got[path])
				require.Empty(t, d.bad)
				require.True(t, d.logged("NULs"), d.log.String())
			})
		}
	}
}

// A long line of UTF-16 is rejected as any other, and the next one is found.
func TestLongLineOfUTF16(t *testing.T) {
	path := temp(t)
	var text strings.Builder
	for _, c := range "a\n" + strings.Repeat("ਊ", 5000) + "\nb\n" + strings.Repeat("x", 400_000) + "\nc\n" { // ਊ is the bytes 0A 0A
		text.WriteByte(byte(c))
		text.WriteByte(byte(c >> 8))
	}
	write(t, path, text.String())
	d := drive(t, path, codec.Transcode(codec.UTF16LE, codec.Lines()), MaxLine(1000))
	d.start()
	d.settle()
	require.Equal(t, []string{"a", "b", "c"}, d.got[path])
	require.Len(t, d.bad, 2)
	require.Contains(t, d.bad[0], ErrTooLong.Error())
}
