package logfile

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A reader reads the records of a log.
type reader[T any] struct {
	*log
	format  codec.Format[T]
	decoder codec.Decoder[T] // of the generation; nil until it is begun with
	lines   bool             // each record is a line
	places  places

	// A record that is too long, whose end is being looked for: its first bytes. It begins at the place.
	long []byte

	// What this Read has rejected.
	rejected, rejectedBytes int
	looks                   int // since it has read anything
}

func (f *follow[T]) newReader(l *log) *reader[T] {
	return &reader[T]{log: l, format: f.format, lines: codec.CanSplit(f.format)}
}

func (r *reader[T]) Partition() string { return r.name }

// Waits says no: the source says when there is more.
func (r *reader[T]) Waits() bool { return false }

func (r *reader[T]) Offset() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keep()
	return r.place.String()
}

func (r *reader[T]) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log.close()
	return nil
}

// limit is how many bytes are read before a record is given up: it may bring a line end along.
func (l *log) limit() int { return l.maxLine + 2 }

// Read gives the records that there are. It does not wait for more.
func (r *reader[T]) Read(ctx context.Context, in *stream.Intake[T]) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.log.in != nil {
		r.table.touch(r.log)
	}
	r.rejected, r.rejectedBytes = 0, 0
	if full, _ := r.giveLate(in, false); full { // an error has been told, and holds nothing else up
		return nil
	}
	for r.looks = 0; ; r.looks++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		full, err := r.records(in, false)
		if full || err != nil {
			return err
		}
		verdict, err := r.advance()
		if err == nil && (verdict == ended || verdict == over) {
			if full, err := r.records(in, true); full || err != nil {
				return err
			}
			if verdict == ended {
				var full bool
				if full, err = r.lastLate(in); full {
					return nil
				}
				if err == nil {
					err = r.beginNext()
				}
			}
		}
		switch {
		case isMoved(err) && r.looks < mostLooksAgain:
		case tooMany(err) && r.looks < mostLooksAgain:
			r.table.lower(r.log)
		case err != nil:
			return r.later(err)
		case verdict == waits:
			if full, err := r.flush(in); full || err != nil {
				return err
			}
			return stream.ErrNothing
		case verdict == over:
			r.gone.Store(true)
			return stream.ErrNothing
		case r.looks == mostLooksAgain:
			return r.later(errDoubt)
		default:
			r.complain(nil)
		}
	}
}

// mostLooksAgain is how often one Read looks again, as files were moved while it looked, and comes no
// further.
const mostLooksAgain = 64

// later returns ErrNothing for an error that may pass, and has the log be read again.
func (r *reader[T]) later(err error) error {
	if errors.As(err, new(*source.ReadError)) {
		return err
	}
	if !isMoved(err) && !errors.Is(err, errDoubt) {
		r.complain(err)
	}
	r.pending.Store(true)
	return stream.ErrNothing
}

// beginNext begins with the generation that follows.
func (r *reader[T]) beginNext() error {
	next := r.next
	if err := r.begin(next); err != nil {
		r.passOver(next, err)
		return err
	}
	r.decoder, r.long = nil, nil
	r.places.begin(r.base)
	return nil
}

// advance reads more, or finds out how it goes on where there is no more.
func (r *reader[T]) advance() (verdict, error) {
	r.gone.Store(false)
	more, err := r.fill(r.limit())
	if err != nil && r.log.in.unzipped != nil {
		return r.damaged(err), nil
	}
	if more || err != nil {
		r.looks = 0
		return goesOn, err
	}
	was := r.log.in
	v, err := r.turn()
	if err == nil && r.log.in != was && r.log.in != nil && v == goesOn {
		r.long = nil
		err = r.head()
	}
	return v, err
}

// head has the decoder see the header of a generation that an earlier run has begun with.
func (r *reader[T]) head() error {
	r.places.begin(r.base)
	if r.decoder != nil {
		return nil
	}
	if r.at == 0 || !codec.HasHeader(r.format) {
		r.decoder = r.format.NewDecoder()
		return nil
	}
	in, err := openInput(r.log.in.of)
	if err != nil {
		r.log.close()
		return err
	}
	defer in.close()
	decoder := r.format.NewDecoder()
	if err := in.startAt(0, make([]byte, bufferBytes)); err != nil {
		return err
	}
	for {
		n, err := in.more(r.limit())
		if err != nil {
			r.log.close()
			return err
		}
		if r.text && in.at == 0 && hasMark(in.data()) {
			in.cut(len(byteOrderMark))
		}
		advance, record, err := decoder.Split(in.data(), n == 0)
		for err == nil && advance > 0 && len(record) == 0 { // a header is not blank
			in.cut(advance)
			advance, record, err = decoder.Split(in.data(), n == 0)
		}
		if err != nil || n == 0 && advance == 0 {
			return r.failed(fmt.Errorf("it has no header: %w", errors.Join(err, io.ErrUnexpectedEOF)))
		}
		if advance > 0 {
			var v T
			_ = decoder.Decode(record, &v) // an error was told when the file was begun
			r.decoder = decoder
			return nil
		}
	}
}

// failed makes an error that ends the run.
func (r *reader[T]) failed(err error) error {
	return &source.ReadError{Source: r.name, Offset: fmt.Sprintf("byte %d", r.at), Err: err}
}
