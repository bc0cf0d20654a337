package source

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
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

// An input is an open file, decompressed.
type input struct {
	io.Reader
	file  fs.File
	close func()
	at    int64 // bytes read, or skipped
}

func openInput(fsys fs.FS, name string) (*input, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	in := &input{Reader: f, file: f}
	if err := in.decompress(compression(name)); err != nil {
		f.Close()
		return nil, err // io.EOF if it is empty: its writer was interrupted
	}
	return in, nil
}

// compressedRead is how much of a compressed file is read at once.
const compressedRead = 64 << 10

// maxZstdWindow is what the zstd program decodes unless told otherwise. It
// bounds the memory that a hostile file can claim.
const maxZstdWindow = 128 << 20

func (in *input) decompress(ext string) error {
	if ext == "" {
		return nil
	}
	raw := bufio.NewReaderSize(in.file, compressedRead)
	if _, err := raw.Peek(1); err != nil {
		return err
	}
	if ext == ".gz" {
		z, err := gzip.NewReader(raw)
		in.Reader = z
		return err
	}
	// One at a time: it then starts no goroutine.
	z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
	if err != nil {
		return err
	}
	in.Reader, in.close = z, z.Close
	return nil
}

func (in *input) Read(p []byte) (int, error) {
	n, err := in.Reader.Read(p)
	in.at += int64(n)
	return n, err
}

// skipTo moves on, or, where the file can seek, back too, to the byte at. It
// is an error if the file has fewer bytes than at.
func (in *input) skipTo(at int64) error {
	if in.at == at {
		return nil
	}
	if in.Reader == io.Reader(in.file) {
		info, err := in.file.Stat()
		if err != nil {
			return err
		}
		if info.Size() < at {
			return fmt.Errorf("the file has only %d bytes: %w", info.Size(), io.ErrUnexpectedEOF)
		}
		switch f := in.file.(type) {
		case io.Seeker:
			_, err := f.Seek(at, io.SeekStart)
			in.at = at
			return err
		case io.ReaderAt:
			in.Reader = io.NewSectionReader(f, at, math.MaxInt64-at)
			in.at = at
			return nil
		}
	}
	_, err := io.CopyN(io.Discard, in, at-in.at)
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the file has only %d bytes: %w", in.at, io.ErrUnexpectedEOF)
	}
	return err
}

// canGoBack reports whether skipTo can.
func (in *input) canGoBack() bool {
	if in.Reader != io.Reader(in.file) {
		_, section := in.Reader.(*io.SectionReader)
		return section
	}
	_, seeks := in.file.(io.Seeker)
	_, reads := in.file.(io.ReaderAt)
	return seeks || reads
}

func (in *input) Close() error {
	if in.close != nil {
		in.close()
	}
	return in.file.Close()
}
