package logfile

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// A way is how a log is rotated.
type way struct {
	name   string
	rotate func(t testing.TB, path string, n int)
}

func move(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
}

// shift makes room for path.1, as logrotate does.
func shift(t testing.TB, path string, n int) {
	for i := n; i > 0; i-- {
		for _, ext := range []string{"", ".gz", ".zst"} {
			move(t, fmt.Sprint(path, ".", i, ext), fmt.Sprint(path, ".", i+1, ext))
		}
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, data, 0o644))
}

func create(t testing.TB, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

func compress(t testing.TB, path string) {
	t.Helper()
	out, err := exec.Command("gzip", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

var ways = []way{
	{"create", func(t testing.TB, path string, n int) {
		shift(t, path, n)
		move(t, path, path+".1")
		create(t, path)
	}},
	{"copytruncate", func(t testing.TB, path string, n int) {
		shift(t, path, n)
		copyFile(t, path, path+".1")
		require.NoError(t, os.Truncate(path, 0))
	}},
	{"compress", func(t testing.TB, path string, n int) {
		shift(t, path, n)
		move(t, path, path+".1")
		create(t, path)
		compress(t, path+".1")
	}},
	{"delaycompress", func(t testing.TB, path string, n int) {
		if _, err := os.Stat(path + ".1"); err == nil {
			compress(t, path+".1")
		}
		shift(t, path, n)
		move(t, path, path+".1")
		create(t, path)
	}},
	{"copytruncate and compress", func(t testing.TB, path string, n int) {
		shift(t, path, n)
		copyFile(t, path, path+".1")
		require.NoError(t, os.Truncate(path, 0))
		compress(t, path+".1")
	}},
	{"dateext", func(t testing.TB, path string, n int) {
		move(t, path, fmt.Sprintf("%s-2026%02d%02d", path, 1+n/28, 1+n%28))
		create(t, path)
	}},
	{"dateext before the extension", func(t testing.TB, path string, n int) {
		move(t, path, fmt.Sprintf("%s-2026%02d%02d.log", path[:len(path)-4], 1+n/28, 1+n%28))
		create(t, path)
	}},
}

// However a log is rotated while nobody looks, and wherever reading stands then, each
// line is read once and in order.
func TestRotated(t *testing.T) {
	for _, way := range ways {
		for _, before := range []int{0, 3, 400, 1000} { // lines read before the first rotation
			for _, restarts := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/read=%d/restarts=%v", way.name, before, restarts), func(t *testing.T) {
					path := filepath.Join(t.TempDir(), "access.log")
					d := drive(t, path, codec.Lines())
					create(t, path)
					d.start()
					d.scan()
					d.read(-1)
					write(t, path, lines(0, 1000))
					d.room = max(before, 1)
					if before > 0 {
						d.read(1)
						d.scan()
						d.read(1)
					}
					d.room = 512
					if restarts {
						d.restart()
					}
					for n := range 5 {
						way.rotate(t, path, n)
						write(t, path, lines(1000*(n+1), 1000))
						if n == 3 {
							d.scan()
							d.read(2)
							if restarts {
								d.restart()
							}
						}
					}
					d.settle()
					require.Equal(t, lineList(0, 6000), d.got[path])
					require.Empty(t, d.bad)
					require.False(t, d.logged("WARN"), d.log.String())
				})
			}
		}
	}
}
