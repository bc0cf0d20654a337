package logfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// What is written to a file that was left for the next is read, once, wherever a run stops and goes on, until nothing
// has come to it for as long as was asked for.
func TestLate(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		t.Run(fmt.Sprint("restarts=", restarts), func(t *testing.T) {
			path := temp(t)
			write(t, path, lines(0, 100))
			d := drive(t, path, codec.Lines(), Late(time.Hour), MaxLine(1000))
			d.room = 7
			step := func() {
				if restarts {
					d.restart()
				}
				d.settle()
			}
			d.start()
			d.read(-1)
			move(t, path, path+".1")
			write(t, path, lines(100, 100))
			step()
			write(t, path+".1", lines(200, 50)+"half a")
			write(t, path, lines(250, 50))
			step()
			write(t, path+".1", " line\n"+strings.Repeat("x", 500_000)+"\n"+lines(300, 1))
			step()
			want := append(append(lineList(0, 300), "half a line"), lineList(300, 1)...)
			require.ElementsMatch(t, want, d.got[path])
			require.Equal(t, lineList(0, 200), d.got[path][:200])
			late := len(lines(0, 150)) + len("half a line\n")
			require.Len(t, d.bad, 1)
			require.Contains(t, d.bad[0], fmt.Sprintf("%s byte %d: ", path, late))
			require.Contains(t, d.bad[0], "more than 1000 bytes")

			// It is the file before, and no other, by whatever name.
			shift(t, path, 2)
			move(t, path, path+".1")
			write(t, path, lines(301, 10))
			step()
			write(t, path+".1", lines(311, 10))
			step()
			want = append(want, lineList(301, 20)...)
			require.ElementsMatch(t, want, d.got[path])
			require.False(t, d.logged("WARN"), d.log.String())

			d.advance(time.Hour)
			if !restarts {
				write(t, path+".1", lines(321, 1))
				d.settle()
				require.ElementsMatch(t, want, d.got[path])
				require.True(t, d.logged("WARN"), d.log.String())
			}
			write(t, path, lines(322, 1))
			d.settle()
			require.ElementsMatch(t, append(want, lineList(322, 1)...), d.got[path])
		})
	}
}

// Lines that come to the file before while the log is rotated again are read before that is another file.
func TestLateAtTheLast(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path, codec.Lines(), Late(time.Hour))
	d.start()
	d.read(-1)
	for n := range 3 {
		shift(t, path, n)
		move(t, path, path+".1")
		write(t, path, lines(20*n+10, 10))
		d.settle()
		if n > 0 {
			write(t, path+".1", lines(20*n, 10))
		}
	}
	d.settle()
	require.ElementsMatch(t, lineList(0, 60), d.got[path])
}

// A last line without its end is a line once the log is rotated again.
func TestLateWithoutEnd(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path, codec.Lines(), Late(time.Hour))
	d.start()
	d.read(-1)
	move(t, path, path+".1")
	write(t, path, lines(10, 10))
	d.settle()
	write(t, path+".1", "half")
	d.settle()
	require.ElementsMatch(t, lineList(0, 20), d.got[path])
	shift(t, path, 1)
	move(t, path, path+".1")
	write(t, path, lines(20, 10))
	d.settle()
	require.ElementsMatch(t, append(lineList(0, 30), "half"), d.got[path])
}

// A generation begins at byte 0, also where late lines were the last that was read.
func TestPlacesBehindLateLines(t *testing.T) {
	var p places
	p.begin(0)
	p.goOn(8000, 500)
	p.goOn(8100, 8000)
	p.begin(8100)
	require.Equal(t, []part{{0, 0}, {8000, 500}, {8100, 0}}, p.parts)
}

// Records that are no lines cannot be read so.
func TestLateNeedsLines(t *testing.T) {
	require.PanicsWithValue(t, `logfile: Follow("a.log"): Late is for formats whose records are lines`, func() {
		Follow("a.log", codec.Multiline(func([]byte) bool { return true }, codec.Lines()), Late(time.Second))
	})
	require.Panics(t, func() { Late(0) })
}
