package logfile

import (
	"bytes"
	"io"
	"os"
)

// skip has a log that skips what is there begin behind that. If it fails, the log skips it later.
func (l *log) skip() error {
	if !l.skips {
		return nil
	}
	err := l.toEnd(l.text)
	l.skips = err != nil
	return err
}

// toEnd has a log begin behind the last line end of its youngest file. The others are
// passed over.
func (l *log) toEnd(text bool) error {
	files, err := l.look()
	if err != nil || len(files) == 0 {
		return err
	}
	var all []generation
	for _, f := range files {
		head, err := f.head(headBytes)
		if err != nil && f.current {
			return err
		}
		if err == nil {
			all = append(all, generation{identity: identity{f.inode, printOf(head), f.mtime.UnixNano()}})
		}
	}
	if len(all) == 0 {
		return nil
	}
	last, f := len(all)-1, files[len(files)-1]
	if f.ext != "" { // it will not grow
		l.before, l.hasBefore = all[last], true
		return nil
	}
	at, err := lastLine(f.path, f.size, text)
	if err != nil {
		return err
	}
	tail, err := f.read(max(at-tailBytes, 0), int(min(at, tailBytes)))
	if err != nil {
		return err
	}
	if last > 0 {
		l.before, l.hasBefore = all[last-1], true
	}
	l.begun, l.generation, l.line = true, all[last], unknownLine
	l.at, l.tail = at, printOf(tail)
	return nil
}

// lastLine returns the byte behind the last line feed of the first size bytes of a file, or,
// where it is no text, size.
func lastLine(path string, size int64, text bool) (int64, error) {
	if !text {
		return size, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	buf := make([]byte, 64<<10)
	for end := size; end > 0; {
		n := min(end, int64(len(buf)))
		if _, err := f.ReadAt(buf[:n], end-n); err != nil && err != io.EOF {
			return 0, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			return end - n + int64(i) + 1, nil
		}
		end -= n
	}
	return 0, nil
}
