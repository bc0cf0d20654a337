package logfile

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// A copy may end before what was read, anywhere: its maker reads a page at a time, and what the
// writer writes meanwhile is in the log, is read there, and is truncated. None of it is
// given again, and what comes after it once, whatever has become of the copy by then.
func TestCopyEndsBefore(t *testing.T) {
	const missing = tailBytes + 100
	for _, compressed := range []bool{false, true} {
		for _, restarts := range []bool{false, true} {
			for _, by := range []int{1, 60, tailBytes - 1, tailBytes, tailBytes + 1, missing} {
				t.Run(fmt.Sprintf("compressed=%v/restarts=%v/by=%d", compressed, restarts, by), func(t *testing.T) {
					path := temp(t)
					d := drive(t, path, codec.Lines())
					write(t, path, lines(0, 100))
					d.start()
					d.scan()
					d.read(-1)
					text := lines(0, 100)
					require.NoError(t, os.WriteFile(path+".1", []byte(text[:len(text)-by]), 0o644))
					require.NoError(t, os.Truncate(path, 0))
					if compressed {
						compress(t, path+".1")
					}
					if restarts {
						d.restart()
					}
					write(t, path, lines(100, 10))
					d.settle()
					require.Equal(t, lineList(0, 110), d.got[path])
					require.Empty(t, d.bad)
					require.False(t, d.logged("WARN"), d.log.String())
				})
			}
		}
	}
}
