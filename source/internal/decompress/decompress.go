// Package decompress reads what gzip and zstd have compressed, and knows it by its
// name and by its first bytes.
package decompress

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/freshet-go/freshet/internal/compression"
)

// Extension returns the extension of a file that is compressed, ".gz" or ".zst", or "".
func Extension(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".gz", ".zst":
		return ext
	}
	return ""
}

// ReadSize is how much of a compressed file is read at once.
const ReadSize = 64 << 10

var (
	gzipMagic = []byte("\x1f\x8b")
	zstdMagic = []byte("\x28\xb5\x2f\xfd")
	skipMagic = []byte("\x2a\x4d\x18") // of a zstd frame to be skipped, behind a byte of 0x50 to 0x5f
)

// couldBegin reports whether data, which may be cut short, begins with magic.
func couldBegin(data, magic []byte) bool {
	n := min(len(data), len(magic))
	return bytes.Equal(data[:n], magic[:n])
}

// begins returns the extension of what data begins as, or "".
func begins(data []byte) string {
	switch {
	case len(data) < len(zstdMagic):
	case couldBegin(data, gzipMagic):
		return ".gz"
	case couldBegin(data, zstdMagic):
		return ".zst"
	}
	return ""
}

// CheckPlain returns an error if data, with which a text begins that is not named
// so, is compressed.
func CheckPlain(data []byte) error {
	if ext := begins(data); ext != "" {
		return &misnamedError{ext, bytes.Clone(data[:len(zstdMagic)])}
	}
	if ext := compression.ForeignBegins(data); ext != "" {
		return fmt.Errorf("the file is compressed, as it begins with %q: it is %s, and only .gz and .zst are read here", data[:min(len(data), len(zstdMagic))], ext)
	}
	return nil
}

// NewReader returns a reader of what a file with the extension ext holds, whose bytes
// from gives. Close frees its memory, and is never nil. CutShort says more about its
// errors.
func NewReader(from io.Reader, ext string) (r io.Reader, close func(), err error) {
	nothing := func() {}
	raw := bufio.NewReaderSize(from, ReadSize)
	head, err := raw.Peek(len(zstdMagic))
	switch {
	case len(head) == 0 && err == io.EOF:
		return nil, nothing, fmt.Errorf("the file is empty, and no %s file: its writer was interrupted: %w", ext, io.ErrUnexpectedEOF)
	case len(head) == 0:
		return nil, nothing, err
	case ext == ".gz" && !couldBegin(head, gzipMagic),
		ext == ".zst" && !couldBegin(head, zstdMagic) && !(head[0]>>4 == 5 && couldBegin(head[1:], skipMagic)):
		return nil, nothing, &misnamedError{ext, bytes.Clone(head)}
	}
	if ext == ".gz" {
		z, err := newGzipReader(raw)
		return z, nothing, CutShort(err)
	}
	zstd, err := compression.Zstd()
	if err != nil {
		return nil, nothing, err
	}
	z, free, err := zstd.NewReader(raw)
	if err != nil {
		return nil, nothing, err
	}
	return z, free, nil
}

// A misnamedError says that a file is not what its name says: one that is named
// ext is not compressed, or one that is not so named is. It wraps what
// the decompressor would say, if that was asked.
type misnamedError struct {
	ext  string
	head []byte
}

func (e *misnamedError) Error() string {
	if begins(e.head) == e.ext {
		return fmt.Sprintf("the file is compressed, as it begins with %q: name it %s", e.head, e.ext)
	}
	return fmt.Sprintf("the file is named %s, and is not compressed so: it begins with %q", e.ext, e.head)
}

func (e *misnamedError) Unwrap() error {
	if begins(e.head) == e.ext {
		return nil
	}
	if e.ext == ".gz" {
		return gzip.ErrHeader
	}
	if zstd, err := compression.Zstd(); err == nil {
		return zstd.Mismatch
	}
	return nil
}

// CutShort makes an error of reading one that says what is wrong with the file.
func CutShort(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the compressed file is cut short: %w", err)
	}
	if zstd, none := compression.Zstd(); none == nil && errors.Is(err, zstd.Mismatch) {
		return fmt.Errorf("bytes behind the zstd data that are none: %w", err)
	}
	return err
}
