package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A fileReader reads one part of a file.
type fileReader[T any] struct {
	filePart
	source *files[T]
	base   int64 // added to positions, where files share a partition
	place  *lineCounter
	splits bool // the format's records can be found from anywhere

	// These are made by the first Read and dropped at the end.
	in      *input
	buffer  *fileBuffer
	decoder codec.Decoder[T]
	aligned bool // buffer stands where a record begins
	done    bool

	// A record that is too long, whose end is being looked for. It begins
	// at the byte at.
	long []byte
}

func (s *files[T]) newReader(p filePart) *fileReader[T] {
	return &fileReader[T]{
		filePart: p, source: s, splits: codec.CanSplit(s.format),
		place: &lineCounter{fsys: s.fsys, name: p.file.name, lines: codec.CanSplit(s.format) || codec.HasHeader(s.format)},
	}
}

func (r *fileReader[T]) Partition() string { return r.partition }

func (r *fileReader[T]) Offset() string { return strconv.FormatInt(r.at, 10) }

func (r *fileReader[T]) Locate(position int64) string { return r.place.locate(position) }

// Bounds of what one Read rejects, since rejected records are copied.
const (
	maxRejects     = 512
	maxRejectBytes = 1 << 20
	longShown      = 1 << 10 // of a record that is too long
)

// Read decodes records straight into the batch. r.at is always where a
// record begins, or the end; the buffer may be ahead of it.
func (r *fileReader[T]) Read(ctx context.Context, b *stream.Batch[T]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.done {
		return io.EOF
	}
	if r.in == nil {
		if err := r.open(ctx); err != nil {
			return r.failed(ctx, err)
		}
	}
	if !r.aligned {
		if err := r.align(ctx); err != nil {
			return r.failed(ctx, err)
		}
	}
	buf, rejected, rejectedBytes := r.buffer, 0, 0
	reject := func(record []byte, cause error) {
		b.Reject(record, r.base+r.at, cause)
		rejected++
		rejectedBytes += len(record)
	}
	for b.Room() > 0 && rejected < maxRejects && rejectedBytes < maxRejectBytes {
		if r.long != nil {
			if err := r.passLong(ctx); err != nil {
				return r.failed(ctx, err)
			}
			reject(r.long, r.tooLong())
			r.at, r.long = buf.at, nil
			continue
		}
		if r.at >= r.end {
			return r.finish()
		}
		data, atEOF := buf.bytes()
		advance, record, err := r.decoder.Split(data, atEOF)
		switch {
		case err != nil:
			return r.failed(ctx, err)
		case advance > 0:
		case atEOF:
			return r.finish()
		case buf.err != nil:
			return r.failed(ctx, buf.err)
		case buf.full():
			if !r.splits {
				return r.failed(ctx, r.tooLong())
			}
			r.long = append([]byte(nil), data[:min(len(data), longShown, r.source.maxRecord)]...)
			continue
		default:
			if err := ctx.Err(); err != nil {
				return err
			}
			buf.fill()
			continue
		}
		if len(record) > r.source.maxRecord {
			reject(record[:min(longShown, r.source.maxRecord)], r.tooLong())
		} else {
			err := r.decoder.Decode(record, b.Next())
			if err == nil {
				b.Mark(r.base + r.at)
			} else {
				b.Unread()
				if !errors.Is(err, codec.ErrSkip) {
					reject(record, err)
				}
			}
		}
		buf.cut(advance)
		r.at = buf.at
	}
	return nil
}

// open opens the file and goes to where reading begins.
func (r *fileReader[T]) open(ctx context.Context) error {
	in, err := openInput(r.source.fsys, r.file.name)
	if err != nil {
		return err
	}
	r.in = in
	r.decoder = r.source.format.NewDecoder()
	size := r.file.size
	if compression(r.file.name) != "" {
		size = maxBuffer
	}
	r.buffer = newFileBuffer(size, r.source.maxRecord)
	r.buffer.reset(in, 0)
	r.aligned = r.at != r.begin || r.begin == 0
	if r.at == 0 {
		return nil
	}
	if codec.HasHeader(r.source.format) {
		if err := r.readHeader(ctx); err != nil {
			return err
		}
	}
	from := r.at
	if !r.aligned {
		from-- // a line feed there means that a record begins at r.at
	}
	if buf := r.buffer; !in.canGoBack() && buf.at+int64(buf.hi-buf.lo) >= from {
		buf.cut(int(from - buf.at)) // the header brought it along
		return nil
	}
	if err := in.skipTo(from); err != nil {
		return err
	}
	r.buffer.reset(in, from)
	return nil
}

// readHeader has the decoder see the first record of the file. An error of
// the decoder's is not ours to report: that was done when the file was begun,
// and all records that follow will have it.
func (r *fileReader[T]) readHeader(ctx context.Context) error {
	for buf := r.buffer; ; {
		data, atEOF := buf.bytes()
		advance, record, err := r.decoder.Split(data, atEOF)
		switch {
		case err != nil:
			return err
		case advance > 0 && len(record) == 0:
			buf.cut(advance) // a header is not blank
		case advance > 0:
			var v T
			_ = r.decoder.Decode(record, &v)
			buf.cut(advance)
			return nil
		case atEOF:
			return nil
		case buf.err != nil:
			return buf.err
		case buf.full():
			return r.tooLong()
		default:
			if err := ctx.Err(); err != nil {
				return err
			}
			buf.fill()
		}
	}
}

// align goes to the first record that begins in the part: what stands before
// it belongs to a record of the part before.
func (r *fileReader[T]) align(ctx context.Context) error {
	for !r.buffer.dropLine() {
		if r.buffer.at >= r.end {
			break // no record begins here
		}
		if more, err := r.more(ctx); !more {
			if err != nil {
				return err
			}
			break
		}
	}
	r.at, r.aligned = r.buffer.at, true
	return nil
}

// passLong goes to the end of a record that is too long.
func (r *fileReader[T]) passLong(ctx context.Context) error {
	for !r.buffer.dropLine() {
		if more, err := r.more(ctx); !more {
			return err
		}
	}
	return nil
}

// more reads on, where nothing is left to be cut. It reports false at the end.
func (r *fileReader[T]) more(ctx context.Context) (bool, error) {
	switch {
	case r.buffer.err == io.EOF:
		return false, nil
	case r.buffer.err != nil:
		return false, r.buffer.err
	case ctx.Err() != nil:
		return false, ctx.Err()
	}
	r.buffer.fill()
	return true, nil
}

func (r *fileReader[T]) tooLong() error {
	return fmt.Errorf("%w: more than %d bytes", ErrTooLong, r.source.maxRecord)
}

// failed makes err one that names its place, ctx's own excepted.
func (r *fileReader[T]) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	at := r.at
	if r.buffer != nil {
		at = max(at, r.buffer.at)
	}
	return readError(r.file.name, at, err)
}

// finish is the end of the part. What it held is given back at once, since a
// run may read many files.
func (r *fileReader[T]) finish() error {
	r.done = true
	if err := r.release(); err != nil {
		return readError(r.file.name, r.at, err)
	}
	return io.EOF
}

func (r *fileReader[T]) release() error {
	in := r.in
	r.in, r.buffer, r.decoder = nil, nil, nil
	if in == nil {
		return nil
	}
	return in.Close()
}

func (r *fileReader[T]) Close() error {
	r.done = true
	r.place.rest()
	return r.release()
}
