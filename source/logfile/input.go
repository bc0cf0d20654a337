package logfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/freshet-go/freshet/source/internal/decompress"
)

// An input is a generation of a log that is open, and a piece of it in a buffer, from
// which records are cut without copying them.
type input struct {
	file     *os.File
	of       *file
	unzipped io.Reader // of a compressed one
	unzip    func()

	buf    []byte
	lo, hi int   // buf[lo:hi] has been read and not been cut
	at     int64 // where in the file, decompressed, buf[lo] stands

	first []byte // of a plain file, that head was last found to be of
}

var (
	errMoved = errors.New("another file has its name by now")
	errOther = errors.New("it holds something else than what was read")
)

// openInput opens the file that a look has found.
func openInput(f *file) (*input, error) {
	opened, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	in := &input{file: opened, of: f}
	info, err := opened.Stat()
	if err == nil && (!info.Mode().IsRegular() || inodeOf(info) != f.inode) {
		err = errMoved
	}
	if err == nil && f.ext != "" {
		in.unzipped, in.unzip, err = decompress.NewReader(opened, f.ext)
	}
	if err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

func (in *input) close() {
	if in.unzip != nil {
		in.unzip()
	}
	in.file.Close() // it was only read from
}

// A shortError says that a file ends before the place that is looked for.
type shortError struct{ size int64 }

func (e shortError) Error() string { return fmt.Sprintf("it ends at byte %d", e.size) }

// startAt goes to a byte of the file. The bytes before it, as many as a tail has, are
// in the buffer.
func (in *input) startAt(at int64, buf []byte) error {
	n := int(min(at, tailBytes))
	in.buf, in.lo, in.hi, in.at = buf, n, n, at
	from, passed, err := io.Reader(io.NewSectionReader(in.file, at-int64(n), int64(n))), at-int64(n), error(nil)
	if in.unzipped != nil {
		from = in.unzipped
		passed, err = io.CopyN(io.Discard, from, passed)
	}
	if err == nil {
		var got int64
		before := bytes.NewBuffer(buf[:0])
		got, err = io.CopyN(before, from, int64(n))
		copy(buf, before.Bytes())
		passed += got
	}
	if err == io.EOF {
		return shortError{passed}
	}
	return err
}

// end returns up to where the file has been read.
func (in *input) end() int64 { return in.at + int64(in.hi-in.lo) }

// data returns what has been read and not been cut.
func (in *input) data() []byte { return in.buf[in.lo:in.hi] }

// cut takes the first n bytes away. They stay valid until more is called.
func (in *input) cut(n int) {
	in.lo += n
	in.at += int64(n)
}

// tail returns the bytes that stand before in.at.
func (in *input) tail() []byte {
	return in.buf[in.lo-int(min(in.at, tailBytes)) : in.lo]
}

// more reads until the buffer is full or the file has no more, and returns how many
// bytes that were. It grows the buffer up to limit bytes that have not been cut.
func (in *input) more(limit int) (n int, err error) {
	if from := in.lo - tailBytes; from > 0 {
		in.hi = copy(in.buf, in.buf[from:in.hi])
		in.lo = tailBytes
	}
	if in.hi == len(in.buf) {
		if in.hi-in.lo >= limit {
			return 0, nil
		}
		in.buf = append(make([]byte, 0, min(2*len(in.buf), limit+tailBytes)), in.buf...)
		in.buf = in.buf[:cap(in.buf)]
	}
	for err == nil && in.hi < len(in.buf) {
		var got int
		if in.unzipped != nil {
			got, err = in.unzipped.Read(in.buf[in.hi:])
		} else {
			got, err = in.file.ReadAt(in.buf[in.hi:], in.end())
		}
		in.hi += got
		n += got
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// drop forgets the last n bytes that were read.
func (in *input) drop(n int) { in.hi -= n }

// unchanged reports whether a plain file still holds what was read of it: it is as
// long, begins as head has it, and ends there with the same bytes. Who copies a
// file and truncates it leaves nothing else to see. It returns the head, which has grown with the
// file, and what the system knows of it.
//
// It is called after reading and before what was read counts. What the file held
// then is what was read, as nobody writes to a log but at its end.
func (in *input) unchanged(head fingerprint) (bool, fingerprint, fs.FileInfo, error) {
	info, err := in.file.Stat()
	if err != nil {
		return false, head, nil, err
	}
	if info.Size() < in.end() {
		return false, head, info, nil
	}
	var begin [headBytes]byte
	have, err := in.file.ReadAt(begin[:], 0)
	if err != nil && err != io.EOF {
		return false, head, info, err
	}
	if !head.begins(begin[:have]) {
		return false, head, info, nil
	}
	var was [tailBytes]byte
	tail := int(min(in.end(), tailBytes, int64(in.hi)))
	n, err := in.file.ReadAt(was[:tail], in.end()-int64(tail))
	if err != nil && err != io.EOF {
		return false, head, info, err
	}
	if !bytes.Equal(was[:n], in.buf[in.hi-tail:in.hi]) {
		return false, head, info, nil
	}
	if len(in.first) < have {
		in.first = bytes.Clone(begin[:have])
	}
	if !head.whole() {
		head = printOf(begin[:have])
	}
	return true, head, info, nil
}
