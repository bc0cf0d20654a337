package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/freshet-go/freshet/stream/codec"
)

// A fileReader reads one part of a file.
type fileReader struct {
	filePart
	source  *openedFiles
	values  values
	place   *lineCounter
	text    bool // a record whose end cannot be found is given up at the next line feed
	growing bool // a record without an end is left to a later run

	// These are made by the first Read and dropped at the end.
	in      *input
	buffer  *fileBuffer
	decoder decoder
	aligned bool // buffer stands where a record begins
	done    bool

	printAt int64 // which place filePart.print is of
	marked  bool  // a byte order mark stands before the first record

	// The record that begins at r.at was given by an earlier run, as far as it
	// went then: so many bytes, which ended with the file.
	given int64

	// A record that is too long, whose end is being looked for. It begins
	// at the byte at.
	long []byte
}

func (s *openedFiles) newReader(p filePart, v values) *fileReader {
	lines := s.splittable || s.textual
	return &fileReader{
		filePart: p, source: s, values: v, text: lines, growing: s.growing, printAt: p.at,
		place: &lineCounter{table: s.table, name: p.name, lines: lines || s.headed},
	}
}

func (r *fileReader) Partition() string { return r.partition }

func (r *fileReader) Offset() string { return r.offset().String() }

func (r *fileReader) Locate(position int64) string { return r.place.locate(position) }

// Bounds of what one Read rejects, since rejected records are copied.
const (
	maxRejects     = 512
	maxRejectBytes = 1 << 20
	longShown      = 1 << 10 // of a record that is too long
)

func (r *fileReader) into() values { return r.values }

// read decodes records straight into the batch. r.at is always where a
// record begins, or the end; the buffer may be ahead of it.
func (r *fileReader) read(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.done {
		return io.EOF
	}
	if err := r.begun(ctx); err != nil {
		if errors.Is(err, fs.ErrNotExist) && r.source.allowMissing {
			r.source.logger.Warn("a file is gone, and passed over", "file", r.source.path(r.name), "cause", err)
			return r.finish()
		}
		return r.failed(ctx, err)
	}
	buf, room, rejected, rejectedBytes := r.buffer, r.values.room(), 0, 0
	reject := func(record []byte, cause error) {
		r.values.reject(record, r.base+r.at, cause)
		rejected++
		rejectedBytes += len(record)
	}
	for room > 0 && rejected < maxRejects && rejectedBytes < maxRejectBytes {
		if r.long != nil {
			ended, err := r.passLine(ctx)
			if err != nil {
				return r.failed(ctx, err)
			}
			reject(r.long, r.tooLong())
			r.at, r.long, r.given, r.cut = buf.at, nil, 0, !ended
			continue
		}
		if r.at >= r.end {
			return r.finish()
		}
		if err := ctx.Err(); err != nil { // decoding may take long
			return err
		}
		next, err := r.next(ctx)
		switch {
		case err != nil:
			return r.failed(ctx, err)
		case next.none:
			return r.finish()
		case next.long != nil:
			r.note()
			r.long = next.long
			continue
		case r.given > 0 && r.isGiven(next):
		case len(next.record) > r.source.maxRecord:
			reject(next.record[:min(longShown, r.source.maxRecord)], r.tooLong())
		default:
			err := r.decoder.take(next.record, r.base+r.at)
			if err == nil {
				room--
				break
			}
			if next.gaveUp {
				err = fmt.Errorf("%w; %w", err, r.tooLong())
			}
			if !errors.Is(err, codec.ErrSkip) {
				reject(next.record, err)
			}
		}
		buf.cut(next.advance)
		r.at, r.given = buf.at, 0
		if next.unended {
			r.fileOffset.unended = int64(next.advance)
			return r.finish()
		}
	}
	return nil
}

// A found is the record that comes next.
type found struct {
	none    bool   // nothing does: it is the end
	long    []byte // how a record begins that is too long for the buffer
	advance int    // up to the record behind it
	record  []byte
	unended bool // only the end of the file ended it
	gaveUp  bool // its end was not found as far as the buffer goes
}

// next finds a record in the buffer, which it fills.
func (r *fileReader) next(ctx context.Context) (found, error) {
	for buf := r.buffer; ; {
		data, atEOF := buf.bytes()
		advance, record, err := r.decoder.Split(data, false)
		switch {
		case err != nil || advance > 0:
			return found{advance: advance, record: record}, err
		case atEOF && r.growing:
			if len(data) > 0 {
				r.source.logger.Info("the end of a file waits until it is whole", "file", r.source.path(r.name), "bytes", len(data))
			}
			return found{none: true}, nil
		case atEOF:
			advance, record, err := r.decoder.Split(data, true)
			return found{none: advance == 0, advance: advance, record: record, unended: advance == len(data)}, err
		case buf.err != nil:
			return found{}, buf.err
		case buf.full():
			return r.giveUp(data)
		}
		if err := r.more(ctx); err != nil {
			return found{}, err
		}
	}
}

// giveUp is next where the buffer is full, and the record that it begins with
// goes on.
func (r *fileReader) giveUp(data []byte) (found, error) {
	if !r.text {
		return found{}, r.tooLong()
	}
	if r.source.textual && bytes.IndexByte(data, '\n') >= 0 {
		// As at the end of a file, the format knows where to go on.
		advance, record, err := r.decoder.Split(data, true)
		if err == nil && advance > 0 && advance < len(data) {
			return found{advance: advance, record: record, gaveUp: true}, nil
		}
	}
	return found{long: bytes.Clone(data[:min(len(data), longShown, r.source.maxRecord)])}, nil
}

// isGiven reports whether an earlier run has given all of a record, and it has
// only got its end since.
func (r *fileReader) isGiven(next found) bool {
	data, _ := r.buffer.bytes()
	if r.given > int64(len(data)) {
		return false
	}
	_, was, err := r.decoder.Split(data[:r.given], true)
	if err == nil && bytes.Equal(was, next.record) {
		return true
	}
	r.source.logger.Warn("a record has grown since an earlier run read it at the end of a file, and comes again",
		"place", r.place.locate(r.at))
	return false
}

func (r *fileReader) tooLong() error {
	return fmt.Errorf("%w: more than %d bytes", ErrTooLong, r.source.maxRecord)
}

// failed makes err one that names its place, ctx's own excepted.
func (r *fileReader) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	at := r.at
	if r.buffer != nil {
		at = max(at, r.buffer.at)
	}
	return readError(r.source.path(r.name), at, err)
}

// finish is the end of the part. What it held is given back at once, since a
// run may read many files.
func (r *fileReader) finish() error {
	r.done = true
	if err := r.release(); err != nil {
		return readError(r.source.path(r.name), r.at, err)
	}
	return io.EOF
}

func (r *fileReader) release() error {
	r.note()
	in := r.in
	r.in, r.buffer, r.decoder = nil, nil, nil
	if in == nil {
		return nil
	}
	return in.Close()
}

func (r *fileReader) Close() error {
	r.done = true
	r.place.rest()
	return r.release()
}
