package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// compression returns the extension of a file that is compressed, or "".
func compression(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".gz", ".zst":
		return ext
	}
	return ""
}

// An input is a file that is read, decompressed.
type input struct {
	io.Reader
	file  *handle
	plain bool // not compressed
	close func()
	at    int64  // bytes read, or skipped
	head  []byte // the first printBytes, as far as they have been read
}

func openInput(t *fileTable, name string) (*input, error) {
	f, err := t.handle(name)
	if err != nil {
		return nil, err
	}
	ext := compression(name)
	in := &input{Reader: f, file: f, plain: ext == ""}
	if err := in.decompress(ext); err != nil {
		f.Close() // it was only read from
		return nil, err
	}
	return in, nil
}

// compressedRead is how much of a compressed file is read at once.
const compressedRead = 64 << 10

// maxZstdWindow is what the zstd program decodes unless told otherwise. It
// bounds the memory that a hostile file can claim.
const maxZstdWindow = 128 << 20

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

// compressedAs returns the extension of what data begins as, or "".
func compressedAs(data []byte) string {
	switch {
	case len(data) < len(zstdMagic):
	case couldBegin(data, gzipMagic):
		return ".gz"
	case couldBegin(data, zstdMagic):
		return ".zst"
	}
	return ""
}

func (in *input) decompress(ext string) error {
	if ext == "" {
		return nil
	}
	raw := bufio.NewReaderSize(in.file, compressedRead)
	head, err := raw.Peek(len(zstdMagic))
	switch {
	case len(head) == 0 && err == io.EOF:
		return fmt.Errorf("the file is empty, and no %s file: its writer was interrupted: %w", ext, io.ErrUnexpectedEOF)
	case len(head) == 0:
		return err
	case ext == ".gz" && !couldBegin(head, gzipMagic),
		ext == ".zst" && !couldBegin(head, zstdMagic) && !(head[0]>>4 == 5 && couldBegin(head[1:], skipMagic)):
		return &misnamedError{ext, bytes.Clone(head)}
	}
	if ext == ".gz" {
		z, err := newGzipReader(raw)
		in.Reader = z
		return cutShort(err)
	}
	// One at a time: it then starts no goroutine.
	z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
	if err != nil {
		return err
	}
	in.Reader, in.close = z, z.Close
	return nil
}

// A misnamedError says that a file is not what its name says: one that is named
// ext is not compressed, or one that is not so named is. It wraps what
// the decompressor would say, if that was asked.
type misnamedError struct {
	ext  string
	head []byte
}

func (e *misnamedError) Error() string {
	if compressedAs(e.head) == e.ext {
		return fmt.Sprintf("the file is compressed, as it begins with %q: name it %s", e.head, e.ext)
	}
	return fmt.Sprintf("the file is named %s, and is not compressed so: it begins with %q", e.ext, e.head)
}

func (e *misnamedError) Unwrap() error {
	if compressedAs(e.head) == e.ext {
		return nil
	}
	if e.ext == ".gz" {
		return gzip.ErrHeader
	}
	return zstd.ErrMagicMismatch
}

func cutShort(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the compressed file is cut short: %w", err)
	case errors.Is(err, zstd.ErrMagicMismatch):
		return fmt.Errorf("bytes behind the zstd data that are none: %w", err)
	}
	return err
}

func (in *input) Read(p []byte) (int, error) {
	n, err := in.Reader.Read(p)
	if have := len(in.head); have < printBytes && in.at == int64(have) {
		in.head = append(in.head, p[:min(n, printBytes-have)]...)
	}
	in.at += int64(n)
	if err != nil && err != io.EOF && !in.plain {
		err = cutShort(err)
	}
	return n, err
}

// readHead reads in.head, and leaves in anywhere.
func (in *input) readHead() error {
	if err := in.skipTo(int64(len(in.head))); err != nil {
		return err
	}
	_, err := io.ReadFull(in, make([]byte, printBytes-len(in.head)))
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// skipTo moves on, or, where the file can seek, back too, to the byte at. It
// is an error if the file has fewer bytes than at.
func (in *input) skipTo(at int64) error {
	if in.at == at {
		return nil
	}
	if in.canGoBack() {
		size, err := in.file.size()
		if err != nil {
			return err
		}
		if size < at {
			return errShrunk(size)
		}
		in.file.at, in.at = at, at
		return nil
	}
	_, err := io.CopyN(io.Discard, in, at-in.at)
	if errors.Is(err, io.EOF) {
		return errShrunk(in.at)
	}
	return err
}

// canGoBack reports whether skipTo can.
func (in *input) canGoBack() bool { return in.plain && in.file.seeks }

func (in *input) Close() error {
	if in.close != nil {
		in.close()
	}
	return in.file.Close()
}
