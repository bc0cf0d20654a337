package logfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func temp(t testing.TB) string { return filepath.Join(t.TempDir(), "a.log") }

// A file keeps its identity while it grows from nothing, wherever a run stops and goes on.
func TestShortFileGrows(t *testing.T) {
	path := temp(t)
	create(t, path)
	d := drive(t, path, codec.Lines())
	d.start()
	for n := range 60 {
		d.scan()
		d.read(-1)
		if n%2 == 0 {
			d.restart()
		}
		write(t, path, lines(n, 1))
	}
	d.settle()
	require.Equal(t, lineList(0, 60), d.got[path])
	require.False(t, d.logged("WARN"), d.log.String())
}

// Several rotations, some of them compressed, come about while no run is on.
func TestDowntime(t *testing.T) {
	for _, compressed := range []int{0, 1, 3, 5} { // of the five
		t.Run(fmt.Sprint("compressed=", compressed), func(t *testing.T) {
			path := temp(t)
			write(t, path, lines(0, 500))
			d := drive(t, path, codec.Lines())
			d.room = 100
			d.start()
			d.read(2)
			d.checkpoint()
			d.stop()
			for n := range 5 {
				shift(t, path, n)
				move(t, path, path+".1")
				write(t, path, lines(500*(n+1), 500))
			}
			for n := range compressed {
				compress(t, fmt.Sprint(path, ".", 5-n))
			}
			d.start()
			d.settle()
			require.Equal(t, lineList(0, 3000), d.got[path])
			require.False(t, d.logged("WARN"), d.log.String())
		})
	}
}

// Files begin with the same header, which is longer than a head.
func TestSameHeaders(t *testing.T) {
	header := strings.Repeat("# the same in each file\n", 60)
	path := temp(t)
	d := drive(t, path, codec.Lines())
	var want []string
	file := func(n int) {
		write(t, path, header+lines(100*n, 100))
		want = append(append(want, strings.Split(strings.TrimSuffix(header, "\n"), "\n")...), lineList(100*n, 100)...)
	}
	file(0)
	d.start()
	d.scan()
	d.read(-1)
	d.checkpoint()
	d.stop()
	for n := range 4 {
		shift(t, path, n)
		move(t, path, path+".1")
		if n < 2 {
			compress(t, path+".1")
		}
		file(n + 1)
	}
	d.start()
	d.settle()
	require.Equal(t, want, d.got[path])
}

// The inode of a file that was removed is given to the next one.
func TestInodeGivenAgain(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 100))
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	d.checkpoint()
	d.stop() // no file is open
	before, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	write(t, path, lines(1000, 300))
	after, err := os.Stat(path)
	require.NoError(t, err)
	if inodeOf(before) != inodeOf(after) {
		t.Log("the file system has given another inode")
	}
	d.start()
	d.settle()
	require.Equal(t, append(lineList(0, 100), lineList(1000, 300)...), d.got[path])
	require.True(t, d.logged("gone before it was read to its end"), d.log.String())
}

// A file is truncated and has grown again beyond the place by the next look. There is no copy.
func TestTruncatedAndGrownAgain(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 100))
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	d.scan()
	require.NoError(t, os.Truncate(path, 0))
	write(t, path, lines(500, 300))
	d.settle()
	require.Equal(t, append(lineList(0, 100), lineList(500, 300)...), d.got[path])
}

// The path is a link that is led to another file.
func TestLinkLedElsewhere(t *testing.T) {
	path := temp(t)
	dir := filepath.Dir(path)
	write(t, filepath.Join(dir, "first"), lines(0, 100))
	write(t, filepath.Join(dir, "second"), lines(200, 100))
	require.NoError(t, os.Symlink("first", path))
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	write(t, filepath.Join(dir, "first"), lines(100, 100))
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Symlink("second", path))
	d.scan()
	d.read(-1)
	d.settle()
	require.Equal(t, lineList(0, 300), d.got[path])
}

// Files with dates are written to, and a link leads to the one of today: they are files of the log, each read once.
func TestLinkToDatedFiles(t *testing.T) {
	path := temp(t)
	dir := filepath.Dir(path)
	d := drive(t, filepath.Join(dir, "*.log"), codec.Lines())
	for day := range 5 {
		name := fmt.Sprintf("a-2026112%d.log", day)
		write(t, filepath.Join(dir, name), lines(100*day, 100))
		_ = os.Remove(path) // there is none at first
		require.NoError(t, os.Symlink(name, path))
		if day == 0 {
			d.start()
		}
		if day != 2 {
			d.settle()
		}
	}
	d.settle()
	require.Len(t, d.readers, 1)
	require.Equal(t, lineList(0, 500), d.got[path])
}

// A log is removed, forgotten, and comes again.
func TestRemovedAndCreatedAgain(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10)+"an unfinished line")
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	require.NoError(t, os.Remove(path))
	d.settle()
	require.Empty(t, d.readers, "it is forgotten")
	require.Equal(t, append(lineList(0, 10), "an unfinished line"), d.got[path])
	write(t, path, lines(10, 10))
	d.settle()
	require.Equal(t, append(append(lineList(0, 10), "an unfinished line"), lineList(10, 10)...), d.got[path])

	// Between two looks nobody notices but by the file.
	require.NoError(t, os.Remove(path))
	write(t, path, lines(20, 10))
	d.settle()
	require.Equal(t, lineList(10, 20), d.got[path][11:])
	require.False(t, d.logged("WARN"), d.log.String())
}

// A log that has only rotated files is not forgotten, so they are not read again when it is back.
func TestRotatedFilesKeepTheLog(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path+"*", codec.Lines())
	d.start()
	d.read(-1)
	move(t, path, path+".1")
	d.settle()
	d.restart()
	d.settle()
	require.Len(t, d.readers, 1)
	write(t, path, lines(10, 10))
	d.settle()
	require.Equal(t, lineList(0, 20), d.got[path])
	require.Len(t, d.got, 1)
}

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

func TestFromEnd(t *testing.T) {
	path := temp(t)
	write(t, path+".1", lines(0, 10))
	write(t, path, lines(10, 10)+"line 0000")
	d := drive(t, filepath.Join(filepath.Dir(path), "*.log"), codec.Lines(), FromEnd())
	d.start()
	d.settle()
	require.Empty(t, d.got)
	d.restart()
	write(t, path, strings.TrimPrefix(lines(20, 10), "line 0000"))
	later := filepath.Join(filepath.Dir(path), "b.log")
	write(t, later, lines(0, 5))
	d.settle()
	shift(t, path, 1)
	move(t, path, path+".1")
	write(t, path, lines(30, 10))
	d.settle()
	require.Equal(t, lineList(20, 20), d.got[path])
	require.Equal(t, lineList(0, 5), d.got[later], "it has appeared since")
	require.Empty(t, d.bad)
}

// A log that waits at an unfinished or compressed end is read on when that is whole.
func TestHalfWrittenCompression(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 5000))
	compress(t, path)
	whole, err := os.ReadFile(path + ".gz")
	require.NoError(t, err)
	require.NoError(t, os.Remove(path+".gz"))
	require.NoError(t, os.WriteFile(path+".1.gz", whole[:len(whole)/2], 0o644))
	write(t, path, lines(5000, 10))
	d := drive(t, path, codec.Lines())
	d.start()
	d.scan()
	d.read(-1)
	require.NoError(t, os.WriteFile(path+".1.gz", whole, 0o644))
	d.settle()
	require.Equal(t, lineList(0, 5010), d.got[path])
	require.False(t, d.logged("ERROR"), d.log.String())
}

// A compressed file that stays damaged is passed over, and the log says so.
func TestDamagedCompression(t *testing.T) {
	for _, keep := range []int{0, 3, 500} {
		path := temp(t)
		write(t, path, lines(0, 50_000))
		compress(t, path)
		whole, err := os.ReadFile(path + ".gz")
		require.NoError(t, err)
		require.NoError(t, os.Remove(path+".gz"))
		require.NoError(t, os.WriteFile(path+".1.gz", whole[:keep], 0o644))
		write(t, path, lines(50_000, 10))
		d := drive(t, path, codec.Lines())
		d.start()
		d.settle()
		require.Equal(t, lineList(50_000, 10), d.got[path][len(d.got[path])-10:])
		require.True(t, d.logged("level=ERROR"), d.log.String())
	}
}

// What cannot be read is tried again, and logged once.
func TestNotReadable(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path, codec.Lines())
	d.start()
	d.settle()
	write(t, path, lines(10, 10))
	move(t, path, path+".1")
	require.NoError(t, os.Symlink("a.log", path)) // a link to itself: root may read what is only not permitted
	d.settle()
	require.Equal(t, 1, strings.Count(d.log.String(), "a log file cannot be read"), d.log.String())
	require.NoError(t, os.Remove(path))
	write(t, path, lines(20, 10))
	d.settle()
	require.Equal(t, lineList(0, 30), d.got[path])
}

// More logs than may be open at once: each is closed and found again, also when it has been rotated meanwhile.
func TestManyLogs(t *testing.T) {
	const logs, most = 300, 5
	dir := t.TempDir()
	path := func(n int) string { return filepath.Join(dir, "host", fmt.Sprint(n%7), fmt.Sprintf("%d.log", n)) }
	d := drive(t, filepath.Join(dir, "**", "*.log"), codec.Lines(), OpenFiles(most))
	d.start()
	require.True(t, d.logged("no log yet"))
	for n := range logs {
		require.NoError(t, os.MkdirAll(filepath.Dir(path(n)), 0o755))
		write(t, path(n), lines(0, 10))
	}
	for round := range 3 {
		d.scan()
		d.read(-1)
		require.LessOrEqual(t, len(d.w.table.open), most)
		for n := range logs {
			if n%3 == round {
				move(t, path(n), path(n)+".1")
			}
			write(t, path(n), lines(10*(round+1), 10))
		}
		if round == 1 {
			d.restart()
		}
	}
	d.settle()
	require.Len(t, d.got, logs)
	for n := range logs {
		require.Equal(t, lineList(0, 40), d.got[path(n)], path(n))
	}
	require.False(t, d.logged("WARN"), d.log.String())
}

// A log that does not match any more is left alone.
func TestOffsetsOfOthers(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path, codec.Lines())
	d.start()
	d.settle()
	d.checkpoint()
	d.stop()
	d.pattern = filepath.Join(filepath.Dir(path), "b*.log")
	d.start()
	require.Empty(t, d.readers)
	require.True(t, d.logged("does not match the pattern"))
}

func TestOffset(t *testing.T) {
	for _, s := range []string{"", "2 start", "1", "1 base=0 line=0 at=-1 tail=0:0 file=0:0 head=0:0 mtime=0", "1 start before nothing",
		"1 base=0 line=0 at=1 tail=2:0 file=0:0 head=0:0 mtime=0", "1 base=0 line=0 at=0 tail=0:0 file=0:0 head=5000:0 mtime=0"} {
		_, err := parsePlace(s)
		require.Error(t, err, s)
	}
	p := place{begun: true, base: 5, line: unknownLine, hasBefore: true}
	p.generation = generation{identity{inode{7, 8}, printOf([]byte("head")), -3}, 9, printOf([]byte("tail"))}
	p.before = p.generation
	for _, p := range []place{{}, p, {hasBefore: true, before: p.before}, {begun: true}} {
		got, err := parsePlace(p.String())
		require.NoError(t, err)
		require.Equal(t, p, got)
	}
}

func TestRotations(t *testing.T) {
	for name, log := range map[string]string{
		"access.log.1": "access.log", "access.log.12.gz": "access.log", "access.log.3.zst": "access.log", "access.1.log": "access.log",
		"access.1.log.gz": "access.log", "access.log-20261128": "access.log", "access.log-20261128.gz": "access.log",
		"access-20261128.log": "access.log", "access.log.2026-11-28": "access.log", "access-2026-11-28T10-00-00.000.log": "access.log",
		"access.2026-11-28.3.log": "access.log", "access.2026-11-28.3.log.gz": "access.log", "access.log-2026112810": "access.log",
		"access.log-20261128-1764288000": "access.log", "syslog.1": "syslog", "syslog-20261128.gz": "syslog", "a_20261128_101500.log": "a.log",
	} {
		_, ok := rotationOf(log, name)
		require.True(t, ok, name)
	}
	for name, log := range map[string]string{
		"access.log": "access.log", "access.log.gz": "access.log", "worker-2.log": "worker.log", "access.log.bak": "access.log",
		"access.log.1.tmp": "access.log", "access2.log": "access.log", "access.log1": "access.log", "other.log.1": "access.log", "worker_2.log": "worker.log",
	} {
		_, ok := rotationOf(log, name)
		require.False(t, ok, name)
	}
}

func TestInOrder(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 28, 10, minute, 0, 0, time.UTC) }
	for name, names := range map[string][]string{ // the oldest first
		"numbers":     {"a.log.10", "a.log.9.gz", "a.log.2", "a.log.1"},
		"ascending":   {"a.log.1", "a.log.2", "a.log.9", "a.log.10"},
		"dates":       {"a.log-20251231", "a.log-20260101.gz", "a.log-20260102"},
		"dates times": {"a-2026-01-02T03-04-05.000.log", "a-2026-01-02T03-04-05.100.log", "a-2026-01-03T00-00-00.000.log"},
		"mixed":       {"a.log.2", "a.log-20260101", "a.log.1"},
	} {
		var files []*file
		for i, n := range names {
			r, ok := rotationOf("a.log", n)
			require.True(t, ok, n)
			files = append([]*file{{path: n, rotation: r, mtime: at(i)}}, files...)
		}
		inOrder(files)
		var got []string
		for _, f := range files {
			got = append(got, f.path)
		}
		require.Equal(t, names, got, name)
	}
}
