package logfile

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/freshet-go/freshet/stream/codec"
)

// permitted runs f without what lets root read any file: what is not permitted is refused, whoever runs the test.
func permitted(t *testing.T, f func()) {
	t.Helper()
	runtime.LockOSThread() // capabilities are a thread's
	defer runtime.UnlockOSThread()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var was [2]unix.CapUserData
	require.NoError(t, unix.Capget(&header, &was[0]))
	is := was
	is[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	require.NoError(t, unix.Capset(&header, &is[0]))
	defer func() { require.NoError(t, unix.Capset(&header, &was[0])) }()
	f()
}

// While a file with late lines cannot be opened, poll after poll, that is told once a minute, with how often it was tried, and what
// is written to the next file and to other logs comes. Its lines come once it can be opened.
func TestLateRefused(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		dir := t.TempDir()
		path, other := filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log")
		write(t, path, lines(0, 10))
		d := drive(t, filepath.Join(dir, "*.log"), codec.Lines(), Late(time.Hour))
		d.start()
		d.read(-1)
		move(t, path, path+".1")
		write(t, path, lines(10, 10))
		d.settle()
		late, err := os.OpenFile(path+".1", os.O_WRONLY|os.O_APPEND, 0)
		require.NoError(t, err)
		defer late.Close()
		require.NoError(t, late.Chmod(0))
		_, err = late.WriteString(lines(1000, 5))
		require.NoError(t, err)

		began := d.now()
		for n := range 24 {
			write(t, path, lines(20+n, 1))
			write(t, other, lines(n, 1))
			permitted(t, func() {
				if restarts && n == 12 {
					d.restart()
				}
				d.scan()
				d.read(-1)
			})
			require.Equal(t, lineList(0, 21+n), d.got[path])
			require.Equal(t, lineList(0, n+1), d.got[other])
			d.advance(10 * time.Second)
		}
		told := strings.Count(d.log.String(), "cannot be read, and is tried again")
		minutes := int(d.now().Sub(began) / time.Minute)
		require.GreaterOrEqual(t, told, 3, d.log.String())
		require.LessOrEqual(t, told, 2+minutes, d.log.String()) // a run that begins anew tells anew
		require.Regexp(t, `tries=([2-9]|1\d)\b`, d.log.String())
		require.Equal(t, told, strings.Count(d.log.String(), "level=WARN"), d.log.String())

		require.NoError(t, late.Chmod(0o644))
		d.settle()
		require.ElementsMatch(t, append(lineList(0, 44), lineList(1000, 5)...), d.got[path], "%v: %s", restarts, d.log.String())
		require.Equal(t, lineList(0, 24), d.got[other])
		require.Empty(t, d.bad)
	}
}

// However often the log is read meanwhile, as lines come to it one by one, the file that cannot be opened is tried once a poll, and then more rarely.
func TestLateRefusedRests(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path, codec.Lines(), Late(24*time.Hour), Poll(time.Second))
	d.start()
	d.read(-1)
	move(t, path, path+".1")
	write(t, path, lines(10, 10))
	d.settle()
	require.NoError(t, os.Chmod(path+".1", 0))
	d.virtual = d.now()
	late, n := d.readers[path].(*reader[string]), 20
	permitted(t, func() {
		late.belated.Store(true) // as the watch has it when the file has grown
		tries := func(reads int) int {
			for range reads {
				write(t, path, lines(n, 1))
				n++
				d.ready[path] = true
				d.read(-1)
			}
			return late.lateTries
		}
		require.Equal(t, 1, tries(50))
		for _, wait := range []time.Duration{1, 2, 4, 8, 10, 10} { // doubled up to lateEvery
			was := late.lateTries
			d.virtual = d.virtual.Add(wait*time.Second - 1)
			require.Equal(t, was, tries(20))
			d.virtual = d.virtual.Add(1)
			require.Equal(t, was+1, tries(20))
		}
	})
	require.Equal(t, lineList(0, n), d.got[path])
	require.NoError(t, os.Chmod(path+".1", 0o644))
	write(t, path+".1", lines(1000, 5))
	d.virtual = d.virtual.Add(lateEvery)
	d.scan()
	d.read(-1)
	require.ElementsMatch(t, append(lineList(0, n), lineList(1000, 5)...), d.got[path])
	require.Zero(t, late.lateTries)
	require.Zero(t, late.lateRest)
}

// A log that is rotated again while they cannot be read goes on after RotateWait, and says what is lost.
func TestLateRefusedAtTheLast(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path, codec.Lines(), Late(time.Hour))
	d.start()
	d.read(-1)
	move(t, path, path+".1")
	write(t, path, lines(10, 10))
	d.settle()
	write(t, path+".1", lines(1000, 5))
	require.NoError(t, os.Chmod(path+".1", 0))
	shift(t, path, 1)
	move(t, path, path+".1")
	write(t, path, lines(20, 10))
	permitted(t, d.settle)
	require.Equal(t, lineList(0, 30), d.got[path])
	require.True(t, d.logged("cannot be read, and is lost"), d.log.String())
	require.NoError(t, os.Chmod(path+".2", 0o644))
	write(t, path, lines(30, 1))
	d.settle()
	require.Equal(t, lineList(0, 31), d.got[path])
}
