package logfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A manner is how a rotator rotates.
type manner struct {
	copies     bool   // and truncates, where others rename
	compresses bool   // the file that was rotated now, or, if it delays, the one before
	delays     bool   //
	creates    bool   // the next file before the writer does
	name       string // of the rotated file n, by path and extension
}

var manners = map[string]manner{
	"create":                         {creates: true, name: "%[1]s%[2]s.%[3]d"},
	"nocreate":                       {name: "%[1]s%[2]s.%[3]d"},
	"copytruncate":                   {copies: true, name: "%[1]s%[2]s.%[3]d"},
	"compress":                       {creates: true, compresses: true, name: "%[1]s%[2]s.%[3]d"},
	"copytruncate and compress":      {copies: true, compresses: true, name: "%[1]s%[2]s.%[3]d"},
	"delaycompress":                  {creates: true, compresses: true, delays: true, name: "%[1]s%[2]s.%[3]d"},
	"copytruncate and delaycompress": {copies: true, compresses: true, delays: true, name: "%[1]s%[2]s.%[3]d"},
	"dateext":                        {compresses: true, name: "%[1]s%[2]s-2026%04[3]d"},
	"copytruncate and dateext":       {copies: true, compresses: true, name: "%[1]s-2026%04[3]d%[2]s"},
	"extension":                      {creates: true, compresses: true, name: "%[1]s.%[3]d%[2]s"},
}

// A rotator rotates a log as logrotate does, in steps between which a reader may look, while
// a writer writes. Times of files are those of the driver's clock, which may stand still.
type rotator struct {
	t    testing.TB
	rng  *rand.Rand
	path string
	d    *driver[string]
	manner

	header bool // each file begins with the title
	wide   bool // lines are long

	files   []*filed
	steps   []func()  // that are to come of a rotation
	writing *filed    // what the writer has open
	out     *os.File  // is that
	begun   time.Time // when the log was last written to before the rotation
	lines   int
	half    string // what is still to be written of a line
	held    bool   // the writer was not told of the rotation, or a copy is being made
	durable int    // lines that the last checkpoint covers; -1 if there was none
	done    []string
}

// A filed generation of the log.
type filed struct {
	text   bytes.Buffer // all that was written to it
	kept   int          // how many bytes of that are in a copy, if it was truncated; -1 if it was not
	number int          // how old it is by its name
	path   string       // "" once it was removed
}

func (r *rotator) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%v\n%s", err, r.history())
	}
}

func (r *rotator) history() string { return strings.Join(r.done, " ") + "\n" + r.d.log.String() }

// note has a file have been written to now.
func (r *rotator) note(path string) { r.ok(os.Chtimes(path, r.d.now(), r.d.now())) }

// open has the writer open the file at the path, or make it.
func (r *rotator) open() {
	if r.out != nil {
		r.ok(r.out.Close())
	}
	_, err := os.Stat(r.path)
	if errors.Is(err, os.ErrNotExist) {
		r.create()
	}
	r.out, err = os.OpenFile(r.path, os.O_WRONLY|os.O_APPEND, 0o644)
	r.ok(err)
	r.writing, r.held = r.files[len(r.files)-1], false
}

func (r *rotator) create() {
	create(r.t, r.path)
	r.note(r.path)
	r.files = append(r.files, &filed{path: r.path, kept: -1})
}

// write writes n lines, and the beginning of one more, whose rest comes first the next time.
func (r *rotator) write(n int, cut bool) {
	var b strings.Builder
	if r.header && r.writing.text.Len() == 0 {
		b.WriteString(title + "\n")
	}
	b.WriteString(r.half)
	r.half = ""
	line := func() string {
		r.lines++
		pad := 5
		if r.wide {
			pad = 300
		}
		return fmt.Sprintf("%08d:%0*d;%d.\n", r.lines, pad, r.lines, r.lines)
	}
	for range n {
		b.WriteString(line())
	}
	if cut {
		whole := line()
		at := 1 + r.rng.IntN(len(whole)-2)
		b.WriteString(whole[:at])
		r.half = fmt.Sprintf("of %d%s", r.lines, whole[at:])
	}
	if b.Len() == 0 {
		return
	}
	r.writing.text.WriteString(b.String())
	_, err := r.out.WriteString(b.String())
	r.ok(err)
	r.note(r.writing.path)
}

// rotate begins a rotation.
func (r *rotator) rotate() {
	if info, err := os.Stat(r.path); err == nil {
		r.begun = info.ModTime()
	}
	last := r.files[len(r.files)-1]
	if r.delays {
		for _, f := range r.files {
			if f != last && f.path != "" && !strings.HasSuffix(f.path, ".gz") {
				r.compress(f)
			}
		}
	}
	for _, f := range r.files {
		if f != last && !strings.Contains(r.name, "2026") {
			r.steps = append(r.steps, func() {
				if f.path == "" {
					return
				}
				f.number++
				to := r.nameOf(f)
				if strings.HasSuffix(f.path, ".gz") {
					to += ".gz"
				}
				r.ok(os.Rename(f.path, to))
				f.path = to
			})
		}
	}
	last.number = 1
	if strings.Contains(r.name, "2026") {
		last.number = len(r.files)
	}
	if r.copies {
		r.copy(last, r.nameOf(last))
	} else {
		r.steps = append(r.steps, func() {
			r.ok(os.Rename(r.path, r.nameOf(last)))
			last.path, r.held = r.nameOf(last), true
		})
		if r.creates {
			r.steps = append(r.steps, r.create)
		}
		r.steps = append(r.steps, r.open)
	}
	if r.compresses && !r.delays {
		r.compress(last)
	}
	r.steps = append(r.steps, r.remove)
}

func (r *rotator) nameOf(f *filed) string {
	return fmt.Sprintf(r.name, strings.TrimSuffix(r.path, ".log"), ".log", f.number)
}

// copy copies the log a piece at a time, until there is no more, and truncates it later.
func (r *rotator) copy(last *filed, to string) {
	at := 0
	var piece func()
	piece = func() {
		in, err := os.Open(r.path)
		r.ok(err)
		defer in.Close()
		buf := make([]byte, []int{1 + r.rng.IntN(200), 4096, 1 << 20}[r.rng.IntN(3)])
		n, err := in.ReadAt(buf, int64(at))
		if err != io.EOF {
			r.ok(err)
		}
		if n == 0 {
			return
		}
		write(r.t, to, string(buf[:n]))
		r.note(to)
		at += n
		r.steps = slices.Insert(r.steps, 0, piece)
	}
	r.steps = append(r.steps, func() {
		r.held = true
		create(r.t, to)
		r.note(to)
	}, piece, func() {
		r.ok(os.Truncate(r.path, 0))
		last.kept, last.path = at, to
		r.files = append(r.files, &filed{path: r.path, kept: -1})
		r.writing, r.held = r.files[len(r.files)-1], false
		r.note(r.path)
	})
}

// compress compresses a file as gzip does.
func (r *rotator) compress(f *filed) {
	var packed []byte
	var is time.Time
	at := 0
	r.steps = append(r.steps, func() {
		info, err := os.Stat(f.path)
		r.ok(err)
		if is = info.ModTime(); r.rng.IntN(2) == 0 && !r.delays {
			is = r.begun // logrotate
		}
		plain, err := os.ReadFile(f.path)
		r.ok(err)
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err = z.Write(plain)
		r.ok(err)
		r.ok(z.Close())
		packed = b.Bytes()
		create(r.t, f.path+".gz")
		r.note(f.path + ".gz")
	})
	piece := func() {
		n := r.rng.IntN(len(packed) - at)
		write(r.t, f.path+".gz", string(packed[at:at+n]))
		r.note(f.path + ".gz")
		at += n
	}
	r.steps = append(r.steps, piece, piece, func() {
		write(r.t, f.path+".gz", string(packed[at:]))
		r.note(f.path + ".gz")
	}, func() {
		r.ok(os.Chtimes(f.path+".gz", is, is))
	}, func() {
		r.ok(os.Remove(f.path))
		f.path += ".gz"
	})
}

// remove removes the oldest file if a checkpoint covers it.
func (r *rotator) remove() {
	reached, _ := r.match(r.d.got[r.path][:max(r.durable, 0)], false)
	for i, f := range r.files {
		if f.path != "" && i < reached && len(r.files)-i > 4 {
			r.ok(os.Remove(f.path))
			f.path = ""
			return
		}
	}
}

// match compares lines with what was written. It returns which file they end in, and, if they have to be all,
// what is wrong.
//
// What was written between copying and truncating is in no file, and may have been read in the log, a
// line after the other. A line that a copy ends in the middle of is given as far as it is there, or was read before.
func (r *rotator) match(got []string, all bool) (reached int, err error) {
	at := 0
	next := func(line string) bool {
		if line == title {
			return true // it may be taken for that of another file
		}
		if at < len(got) && got[at] == line {
			at++
			return true
		}
		return false
	}
	got = untitled(got)
	for i, f := range r.files {
		was := at
		text, lost, ended := f.text.String(), "", f.path != r.path
		if f.kept >= 0 {
			text, lost = text[:f.kept], text[strings.LastIndexByte(text[:f.kept], '\n')+1:]
		}
		cut := strings.LastIndexByte(text, '\n') + 1
		for line := range strings.Lines(text[:cut]) {
			if !next(strings.TrimSuffix(line, "\n")) {
				return reached, fmt.Errorf("in file %d, line %d of %d is %.20q, want %.20q", i, at, len(got), got[at:min(at+3, len(got))], line)
			}
		}
		if ended && (cut == len(text) || !next(text[cut:])) {
			count := 0
			for line := range strings.Lines(lost) {
				if !strings.HasSuffix(line, "\n") || !next(strings.TrimSuffix(line, "\n")) {
					break
				}
				count++
			}
			if cut < len(text) && count == 0 {
				return reached, fmt.Errorf("in file %d, line %d of %d is %.20q, want %.20q or the whole line", i, at, len(got), got[at:min(at+3, len(got))], text[cut:])
			}
		}
		if at > was {
			reached = i
		}
	}
	if all && at < len(got) {
		return reached, fmt.Errorf("line %d of %d is %.20q, want no more", at, len(got), got[at:])
	}
	return reached, nil
}

// crash goes on where the last checkpoint was, or begins anew.
func (r *rotator) crash() {
	r.d.stop()
	r.d.got[r.path] = r.d.got[r.path][:max(r.durable, 0)]
}

func (r *rotator) checkpoint() {
	r.d.checkpoint()
	r.durable = len(r.d.got[r.path])
}

// later waits until a file that is made now is younger than the log by the clock of the file system.
func (r *rotator) later() {
	log := &file{path: r.path}
	info, err := os.Stat(r.path)
	require.NoError(r.t, err)
	log.inode = inodeOf(info)
	for {
		other := r.path + "-other"
		create(r.t, other)
		info, err := os.Stat(other)
		require.NoError(r.t, err)
		after, known := (&file{path: other, inode: inodeOf(info)}).bornAfter(log)
		require.NoError(r.t, os.Remove(other))
		if after || !known {
			return
		}
	}
}
