package parquetsink

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/freshet-go/freshet/sink/internal/footed"
	"github.com/freshet-go/freshet/stream/codec"
)

// An encoder writes one file.
type encoder[T any] struct {
	files  *files[T]
	rows   []T   // of the open row group
	weight int64 // bytes that they take, about
	at     int64 // bytes of the file so far
	groups []group
}

var _ footed.Encoder = (*encoder[struct{ A int }])(nil)

func (f *files[T]) NewEncoder() codec.Encoder[T] { return &encoder[T]{files: f} }

// NewDecoder is never asked for: what sink.Files reads of its files, Complete does.
func (f *files[T]) NewDecoder() codec.Decoder[T] { return unread[T]{} }

type unread[T any] struct{}

func (unread[T]) Split([]byte, bool) (int, []byte, error) { return 0, nil, errors.ErrUnsupported }
func (unread[T]) Decode([]byte, *T) error                 { return errors.ErrUnsupported }

// Append gathers v, and appends a row group when it is full.
func (e *encoder[T]) Append(dst []byte, v T) ([]byte, error) {
	e.rows = append(e.rows, v)
	last := len(e.rows) - 1
	weight, err := e.files.weigh(unsafe.Pointer(&e.rows[last]))
	if err != nil {
		clear(e.rows[last:])
		e.rows = e.rows[:last]
		return dst, fmt.Errorf("%w: %w", footed.ErrRow, err)
	}
	e.weight += weight + int64(unsafe.Sizeof(v))
	if len(e.rows) >= e.files.config.rows || e.weight >= e.files.config.bytes {
		return e.End(dst)
	}
	return dst, nil
}

// End appends the open row group, if it has rows.
func (e *encoder[T]) End(dst []byte) ([]byte, error) {
	if len(e.rows) == 0 {
		return dst, nil
	}
	from := len(dst)
	dst, g, err := e.encode(dst)
	if err != nil {
		return dst, err
	}
	e.at += int64(len(dst) - from)
	e.groups = append(e.groups, g)
	clear(e.rows)
	e.rows, e.weight = e.rows[:0], 0
	return dst, nil
}

func (e *encoder[T]) encode(dst []byte) ([]byte, group, error) {
	at := e.at
	if at == 0 {
		dst = append(dst, magic...)
		at = int64(len(magic))
	}
	return e.files.encode(dst, e.rows, at, len(e.groups) == 0)
}

// Tail returns what End would append, if that is no more than most bytes.
func (e *encoder[T]) Tail(most int) ([]byte, error) {
	// What is much too long is not encoded to be found so: numbers shrink to an eighth, and text by compression.
	if len(e.rows) == 0 || e.weight > 16*int64(most) {
		return nil, nil
	}
	tail, _, err := e.encode(nil)
	if err != nil || len(tail) > most {
		return nil, err
	}
	return tail, nil
}

// Close appends the open row group and the footer.
func (e *encoder[T]) Close(dst []byte) ([]byte, error) {
	dst, err := e.End(dst)
	if err != nil || len(e.groups) == 0 {
		return dst, err
	}
	dst, _, err = appendFooter(dst, e.groups, e.at)
	return dst, err
}

// mostGroups bounds the row groups of a file. Parquet counts them in 15 bits.
const mostGroups = 10_000

func (e *encoder[T]) Full() bool { return len(e.groups) >= mostGroups }
