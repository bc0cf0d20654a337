package source

import (
	"errors"
	"io"

	"github.com/freshet-go/freshet/source/internal/decompress"
)

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
	ext := decompress.Extension(name)
	in := &input{Reader: f, file: f, plain: ext == ""}
	if err := in.decompress(ext); err != nil {
		f.Close() // it was only read from
		return nil, err
	}
	return in, nil
}

func (in *input) decompress(ext string) (err error) {
	if ext != "" {
		in.Reader, in.close, err = decompress.NewReader(in.file, ext)
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
		err = decompress.CutShort(err)
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
