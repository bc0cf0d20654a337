package logfile

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A shop is a writer with its rotator, that remembers what it has written.
type shop struct {
	t    testing.TB
	path string
	d    *driver[string]

	header bool // each file begins with the same line
	dated  bool // names have dates, and not numbers
	wide   bool // lines are long, so that files are longer than a head
	copies bool // it is rotated by copytruncate: nobody has a log rotated now so, now by renaming

	files   []written // in the order in which they were begun; the last one is current
	lines   int       // written so far
	absent  bool      // the current file is yet to be created
	window  string    // the copy that was made, while the file is still to be truncated
	held    bool      // the file before the current one may still be written to
	durable int       // lines that the last checkpoint covers; -1 if there was none
}

// A written file.
type written struct {
	text bytes.Buffer
	path string // "" once it was removed
}

func (s *shop) current() *written { return &s.files[len(s.files)-1] }

// want returns the records of all files, the last one without its unfinished line.
func (s *shop) want() (all []string) {
	for i := range s.files {
		text := s.files[i].text.String()
		if i == len(s.files)-1 {
			text = text[:strings.LastIndexByte(text, '\n')+1]
		}
		if text != "" {
			all = append(all, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
		}
	}
	return all
}

func (s *shop) append(f *written, text string) {
	f.text.WriteString(text)
	write(s.t, f.path, text)
}

func (s *shop) write(n int, whole bool) {
	if s.window != "" {
		return // who writes now loses lines, whoever reads
	}
	if s.absent {
		create(s.t, s.path)
		s.files = append(s.files, written{path: s.path})
		s.absent = false
	}
	f := s.current()
	if n == 0 && whole {
		return
	}
	var b strings.Builder
	if s.header && f.text.Len() == 0 {
		b.WriteString(title + "\n")
	}
	for range n {
		fmt.Fprintf(&b, "%d", s.lines)
		if s.wide {
			fmt.Fprintf(&b, "%0300d", s.lines)
		}
		b.WriteByte('\n')
		s.lines++
	}
	text := b.String()
	if !whole {
		text += fmt.Sprintf("begun %d", s.lines)
		s.lines++
	}
	s.append(f, text)
}

// late writes to the file that was renamed a moment ago, as a writer does that was not told yet.
func (s *shop) late() {
	if n := len(s.files); s.held && n > 1 && !s.absent {
		s.append(&s.files[n-2], fmt.Sprintf("late %d\n", s.lines))
		s.lines++
	}
}

// shift returns the name for the next rotated file, and renames the others.
func (s *shop) shift() string {
	if s.dated {
		return fmt.Sprintf("%s-2026%04d", s.path, len(s.files))
	}
	number := func(f *written) (n int) {
		fmt.Sscanf(strings.TrimPrefix(f.path, s.path), ".%d", &n)
		return n
	}
	var rotated []*written
	for i := range s.files {
		if f := &s.files[i]; f.path != "" && f.path != s.path {
			rotated = append(rotated, f)
		}
	}
	slices.SortFunc(rotated, func(a, b *written) int { return number(b) - number(a) })
	for _, f := range rotated {
		ext := ""
		if strings.HasSuffix(f.path, ".gz") {
			ext = ".gz"
		}
		to := fmt.Sprintf("%s.%d%s", s.path, number(f)+1, ext)
		move(s.t, f.path, to)
		f.path = to
	}
	return s.path + ".1"
}

func (s *shop) rename(create bool) {
	if s.absent || s.window != "" {
		return
	}
	to := s.shift()
	move(s.t, s.path, to)
	s.current().path = to
	s.absent, s.held = true, true
	if create {
		s.write(0, true)
	}
}

func (s *shop) copy() {
	if s.absent || s.window != "" {
		return
	}
	s.window, s.held = s.shift(), false
	copyFile(s.t, s.path, s.window)
}

func (s *shop) truncate() {
	if s.window == "" {
		s.copy()
	}
	if s.absent {
		return
	}
	require.NoError(s.t, os.Truncate(s.path, 0))
	s.current().path, s.window, s.held = s.window, "", false
	s.files = append(s.files, written{path: s.path})
	s.write(0, true)
}

// compress compresses a rotated file, in two steps if that is wanted.
func (s *shop) compress(which int, look bool) {
	var plain []*written
	for i := range s.files[:len(s.files)-1] {
		f := &s.files[i]
		if f.path != "" && f.path != s.path && !strings.HasSuffix(f.path, ".gz") && f.path != s.window {
			plain = append(plain, f)
		}
	}
	if len(plain) == 0 {
		return
	}
	f := plain[which%len(plain)]
	info, err := os.Stat(f.path)
	require.NoError(s.t, err)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(f.text.Bytes())
	require.NoError(s.t, z.Close())
	require.NoError(s.t, os.WriteFile(f.path+".gz", b.Bytes()[:b.Len()/2], 0o644))
	if look {
		s.d.scan()
		s.d.read(-1)
	}
	require.NoError(s.t, os.WriteFile(f.path+".gz", b.Bytes(), 0o644))
	if look {
		s.d.scan()
		s.d.read(-1)
	}
	require.NoError(s.t, os.Chtimes(f.path+".gz", info.ModTime(), info.ModTime()))
	require.NoError(s.t, os.Remove(f.path))
	f.path += ".gz"
	s.held = false
}

// remove removes the oldest file if a checkpoint covers it.
func (s *shop) remove() {
	total := 0
	for i := range s.files[:len(s.files)-1] {
		f := &s.files[i]
		total += strings.Count(f.text.String(), "\n")
		if !bytes.HasSuffix(f.text.Bytes(), []byte("\n")) && f.text.Len() > 0 {
			total++
		}
		if f.path == "" || f.path == s.path {
			continue
		}
		if total <= s.durable && i < len(s.files)-2 {
			require.NoError(s.t, os.Remove(f.path))
			f.path = ""
		}
		return
	}
}

// crash goes on where the last checkpoint was, or begins anew.
func (s *shop) crash() {
	s.d.stop()
	got := s.d.got[s.path]
	s.d.got[s.path] = got[:max(s.durable, 0)]
	s.d.start()
}

func (s *shop) step(op, arg byte) {
	switch op % 16 {
	case 0, 1:
		s.write(int(arg%8), true)
	case 2:
		s.write(int(arg), true)
	case 3:
		s.write(int(arg%4), false)
	case 4, 5:
		if s.copies {
			s.copy()
		} else {
			s.rename(op%16 == 4)
		}
	case 6, 7:
		if s.copies {
			s.truncate()
		} else {
			s.rename(true)
		}
	case 8:
		s.compress(int(arg), arg&1 == 0)
	case 9:
		s.remove()
	case 10:
		s.late()
	case 11:
		s.d.scan()
	case 12:
		s.d.read(int(arg % 16))
	case 13:
		s.d.scan()
		s.d.read(-1)
	case 14:
		if s.window == "" {
			s.d.advance(3 * time.Second)
			s.held = false
		}
	case 15:
		if arg%3 > 0 {
			s.d.checkpoint()
			s.durable = len(s.d.got[s.path])
		}
		if arg%3 < 2 {
			s.crash()
		}
	}
}
