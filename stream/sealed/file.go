package sealed

import (
	"context"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// A file that grows is a header and frames:
//
//	0  4  length of the rest, little-endian
//	4     up to 64 KiB, encrypted, with a tag of 16 bytes
//
// A nonce has the number of its frame. The last frame has the number that no other has, and says how many
// frames and bytes there are: it is of a fixed length, so that it can be read first.
const (
	framePlain = 64 << 10
	frameHead  = 4
	endPlain   = 16
	endSize    = frameHead + endPlain + tagSize
	endNumber  = math.MaxUint32
)

// A file is one that is being written.
type file struct {
	inside filesystem.File
	aead   cipher.AEAD
	prefix [prefixSize]byte
	plain  []byte // not in a frame yet
	out    []byte // to be written: the header at first, then frames
	frames uint32
	size   uint64 // of what is in frames
	failed bool
}

func (f *file) Write(ctx context.Context, p []byte) error {
	for len(p) > 0 {
		n := min(len(p), framePlain-len(f.plain))
		f.plain, p = append(f.plain, p[:n]...), p[n:]
		if len(f.plain) == framePlain {
			if err := f.send(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// send writes a frame of what there is, if anything.
func (f *file) send(ctx context.Context) error {
	if len(f.plain) > 0 {
		if f.frames == endNumber {
			f.failed = true
			return fmt.Errorf("sealed: a file cannot have more than %d frames", f.frames)
		}
		f.seal(f.frames, false, f.plain)
		f.frames++
		f.size += uint64(len(f.plain))
		f.plain = f.plain[:0]
	}
	return f.flush(ctx)
}

// seal appends a frame to what is to be written.
func (f *file) seal(number uint32, last bool, plain []byte) {
	f.out = binary.LittleEndian.AppendUint32(f.out, uint32(len(plain)+tagSize))
	n := nonce(&f.prefix, number, last)
	f.out = f.aead.Seal(f.out, n[:], plain, nil)
}

func (f *file) flush(ctx context.Context) error {
	if len(f.out) == 0 {
		return nil
	}
	err := f.inside.Write(ctx, f.out)
	f.failed = f.failed || err != nil
	f.out = f.out[:0]
	return err
}

func (f *file) Sync(ctx context.Context) error {
	err := f.send(ctx)
	if err == nil {
		err = f.inside.Sync(ctx)
	}
	f.failed = f.failed || err != nil
	return err
}

// Close ends the file, unless it has failed.
func (f *file) Close(ctx context.Context) error {
	if f.failed {
		return f.inside.Close(ctx)
	}
	err := f.send(ctx)
	if err == nil {
		end := binary.LittleEndian.AppendUint64(nil, f.size)
		f.seal(endNumber, true, binary.LittleEndian.AppendUint64(end, uint64(f.frames)))
		if err = f.flush(ctx); err == nil {
			err = f.inside.Sync(ctx)
		}
	}
	if e := f.inside.Close(ctx); err == nil {
		return e
	} else if e != nil {
		return errors.Join(err, e)
	}
	return err
}
