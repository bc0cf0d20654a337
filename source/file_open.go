package source

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/freshet-go/freshet/source/internal/decompress"
)

// begun opens the file if that is still to be done, and goes to the first record
// that is to be read.
func (r *fileReader) begun(ctx context.Context) error {
	if r.in == nil {
		err := r.open(ctx)
		if errors.Is(err, ErrReplaced) && r.source.allowReplaced && r.begin == 0 && r.end == toEnd {
			r.source.logReplaced(r.name, err)
			r.fileOffset = fileOffset{name: r.name, base: r.base}
			r.printAt, r.given = 0, 0
			err = r.open(ctx)
		}
		if err != nil {
			return err
		}
	}
	if !r.aligned {
		// What stands before the first line feed belongs to the part before, also
		// if the file has grown by then.
		for !r.buffer.dropLine() {
			if r.buffer.at >= r.end {
				break
			}
			if r.cut = r.atEOF(); r.cut {
				break
			}
			if err := r.more(ctx); err != nil {
				return err
			}
		}
		r.at, r.aligned = r.buffer.at, true
	}
	if r.cut {
		ended, err := r.passLine(ctx)
		if err != nil {
			return err
		}
		r.at, r.cut = r.buffer.at, !ended
	}
	return nil
}

// open opens the file, goes to where reading begins, and looks whether it holds
// what was read from it before. If it fails, nothing has happened.
func (r *fileReader) open(ctx context.Context) (err error) {
	if r.in, err = openInput(r.source.table, r.name); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			r.buffer = nil // it stands anywhere
			r.release()
		}
	}()
	size := r.size
	if !r.in.plain {
		size = maxBuffer
	}
	r.decoder = r.values.decoder()
	r.buffer = newFileBuffer(size, r.source.maxRecord)
	r.buffer.reset(r.in, 0)
	r.aligned = r.at != r.begin || r.begin == 0
	if r.at == 0 {
		if r.marked, err = r.passMark(ctx); r.marked {
			// The record behind it is the first of the file, so it belongs to the
			// first part, however short that is.
			r.at = r.buffer.at
			r.end = max(r.end, r.at+1)
		}
		return err
	}
	if r.in.canGoBack() {
		if err := r.in.readHead(); err != nil {
			return err
		}
		if err := r.named(r.in.head); err != nil {
			return err
		}
		if err := r.in.skipTo(0); err != nil {
			return err
		}
	}
	if r.source.headed {
		if _, err := r.passMark(ctx); err != nil {
			return err
		}
		if err := r.readHeader(ctx); err != nil {
			return err
		}
		if r.buffer.at >= r.at { // it had not been read
			r.at, r.unended, r.cut = r.buffer.at, 0, false
			return nil
		}
	}
	if int(r.unended) >= r.buffer.limit { // MaxRecord was larger then
		r.unended, r.cut = 0, true
	}
	return r.goOn(ctx)
}

var byteOrderMark = []byte("\xEF\xBB\xBF")

// passMark passes over a byte order mark at the start of a text, and reports
// whether there is one. A text that begins as compressed data does is none.
func (r *fileReader) passMark(ctx context.Context) (marked bool, err error) {
	if !r.source.textual {
		return false, nil
	}
	if err := r.more(ctx); err != nil {
		return false, err
	}
	data, _ := r.buffer.bytes()
	if err := r.named(data); err != nil {
		return false, err
	}
	if marked = bytes.HasPrefix(data, byteOrderMark); marked {
		r.buffer.cut(len(byteOrderMark))
	}
	return marked, nil
}

// named returns an error if a file that should be text by its name begins as
// compressed data does.
func (r *fileReader) named(head []byte) error {
	if !r.in.plain || !r.source.textual {
		return nil
	}
	return decompress.CheckPlain(head)
}

// goOn goes to r.at, or to where the record begins that stands before it
// without an end.
func (r *fileReader) goOn(ctx context.Context) error {
	to, buf := r.at-r.unended, r.buffer
	if !r.aligned {
		to-- // a line feed there means that a record begins at r.at
	}
	if from := max(to-printBytes, 0); r.in.canGoBack() || r.in.at < from {
		if err := r.in.skipTo(from); err != nil {
			return err
		}
		buf.reset(r.in, from)
	} // else the header brought it along
	for {
		data, atEOF := buf.bytes()
		n := min(to-buf.at, int64(len(data)))
		buf.cut(int(n))
		left := int64(len(data)) - n
		if buf.at == to && (left > r.unended || atEOF && left == r.unended || r.unended == 0) {
			break
		}
		if atEOF {
			return errShrunk(buf.at + left)
		}
		if err := r.more(ctx); err != nil {
			return err
		}
	}
	if r.aligned && r.fileOffset.print != "" && r.fileOffset.print != r.printOf(r.at, buf.before(int(r.unended))) {
		return errOther()
	}
	if data, _ := buf.bytes(); r.unended > 0 && int64(len(data)) > r.unended {
		r.at, r.given, r.unended = to, r.unended, 0 // there is more of it
		r.end = max(r.end, to+1)                    // as when it began behind a byte order mark
	} else {
		buf.cut(int(r.unended))
	}
	return nil
}

// readHeader has the decoder see the first record of the file. An error of
// the decoder's is not ours to report: that was done when the file was begun,
// and all records that follow will have it.
func (r *fileReader) readHeader(ctx context.Context) error {
	for buf := r.buffer; ; {
		data, atEOF := buf.bytes()
		advance, record, err := r.decoder.Split(data, atEOF)
		switch {
		case err != nil:
			return err
		case advance > 0 && len(record) == 0:
			buf.cut(advance) // a header is not blank
		case advance > 0:
			r.decoder.pass(record)
			buf.cut(advance)
			return nil
		case atEOF:
			return nil
		case buf.full():
			return r.tooLong()
		default:
			if err := r.more(ctx); err != nil {
				return err
			}
		}
	}
}

// passLine cuts all up to and including the next line feed, and reports whether
// there is one.
func (r *fileReader) passLine(ctx context.Context) (ended bool, err error) {
	for !r.buffer.dropLine() {
		if r.atEOF() {
			return false, nil
		}
		if err := r.more(ctx); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (r *fileReader) atEOF() bool { return r.buffer.err == io.EOF }

// more fills the buffer.
func (r *fileReader) more(ctx context.Context) error {
	switch {
	case r.buffer.err != nil && !r.atEOF():
		return r.buffer.err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	r.buffer.fill()
	return nil
}

// offset returns where a later run goes on.
func (r *fileReader) offset() fileOffset {
	r.note()
	o := r.fileOffset
	switch {
	case r.marked && o.at == int64(len(byteOrderMark)):
		return fileOffset{name: o.name, base: o.base}
	case r.given > 0: // nothing of the record has been given anew
		o.at, o.unended = o.at+r.given, r.given
	}
	if o.at != r.printAt {
		o.print = ""
	}
	return o
}

// note brings the fingerprint up to date, if what it is of is at hand.
func (r *fileReader) note() {
	known := r.at == r.printAt && r.fileOffset.print != ""
	if known || r.buffer == nil || r.at == 0 || r.buffer.at != r.at || r.given > 0 {
		return
	}
	if print := r.printOf(r.at, r.buffer.before(0)); print != "" {
		r.fileOffset.print, r.printAt = print, r.at
	}
}

// printOf returns the fingerprint at a place, or "" if tail, which ends there,
// or the head are not at hand.
func (r *fileReader) printOf(at int64, tail []byte) string {
	n := int(min(at, printBytes))
	if len(tail) < n || len(r.in.head) < n {
		return ""
	}
	return fingerprint(r.in.head[:n], tail[len(tail)-n:])
}
