// Package zstdfiles has sources and sinks read and write files whose names end in ".zst". It
// has nothing to call: a program imports it for that alone, and so only programs that want
// zstd link its library, which is large:
//
//	import _ "github.com/freshet-go/freshet/stream/filesystem/zstdfiles"
//
// It is github.com/klauspost/compress/zstd. Without the import such a file is an error
// that says what to import.
package zstdfiles

import (
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/freshet-go/freshet/internal/compression"
)

func init() {
	compression.RegisterZstd(compression.Library{NewReader: newReader, NewWriter: newWriter, Mismatch: zstd.ErrMagicMismatch})
}

// maxWindow is what the zstd program decodes unless told otherwise. It
// bounds the memory that a hostile file can claim.
const maxWindow = 128 << 20

// With a concurrency of one neither starts a goroutine.

func newReader(r io.Reader) (io.Reader, func(), error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, nil, err
	}
	return z, z.Close, nil
}

func newWriter(w io.Writer) compression.Writer {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // of options that are not ours to choose
	}
	return z
}
