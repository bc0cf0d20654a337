package sealed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"

	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// Names sets what names of files say. Identity is what stays of a name when a file gets its final one: the file is
// bound to it, and a Rename that changes it is an error. Unfinished tells that a file of this name may still be
// being written: it need not have its end, and List and Stat leave it alone. By default names are those of [sink.Files]:
// hidden ones are unfinished, and the identity is the final name. A store has no use for it.
//
// [sink.Files]: https://pkg.go.dev/github.com/freshet-go/freshet/sink#Files
func Names(of func(name string) (identity string, unfinished bool)) Option {
	if of == nil {
		panic("sealed: Names: the function is nil")
	}
	return func(c *config) { c.names = of }
}

// Files returns a file system whose files are sealed in another one: what sinks stage, what they finish, and the notes
// they keep. A source reads them through Files with the same keys. The pipeline is what [Store] was given, or any other
// name that a writer and its readers share. It panics if an argument is nil or empty.
//
// A file is written in frames of up to 64 KiB, and ends with one that says how much there is; a file with a final
// name that has not got it was cut. What is not synced is lost with the process, as ever. A sink that
// goes on behind a checkpoint copies files, as they cannot be cut. Open at an offset reads from the beginning.
//
// Sizes are those of the rows. To tell them, List and Stat open each file but those that [Names] calls unfinished. Of these they
// give what is taken up inside, which is more than the rows; Open gives the size of any. To open a file can be more than to look at
// it: HDFS takes the lease of a hidden one from its writer, who then fails.
//
// A file that cannot be opened is an error that is [checkpoint.ErrSealed], [checkpoint.ErrKeysAway] or
// [checkpoint.ErrDamaged], and never fs.ErrNotExist.
func Files(inside filesystem.Writable, pipeline string, keys Keys, opts ...Option) filesystem.Writable {
	if inside == nil {
		panic("sealed: Files: the file system is nil")
	}
	f := &files{inside: inside, config: configured("Files", opts), envelope: newEnvelope("Files", pipeline, keys)}
	if f.config.names == nil {
		f.config.names = sinkName
	}
	return f
}

type files struct {
	inside   filesystem.Writable
	config   config
	envelope *envelope
}

// sinkName takes apart a name that sink.Files gives: ".orders-000-….jsonl.TOKEN.tmp" will be
// "orders-000-….jsonl", where the token is in the name, too.
func sinkName(name string) (identity string, unfinished bool) {
	dir, base := path.Split(name)
	hidden, ok := strings.CutPrefix(base, ".")
	if !ok {
		return name, false
	}
	kind := path.Ext(hidden)
	if kind != ".tmp" && kind != ".recover" && kind != ".whole" {
		return name, true // it is never renamed
	}
	final := strings.TrimSuffix(hidden, kind)
	if token := path.Ext(final); len(token) == 1+16 && strings.Contains(strings.TrimSuffix(final, token), token[1:]) {
		final = strings.TrimSuffix(final, token)
	}
	return dir + final, true
}

func (s *files) String() string { return s.inside.String() }

func (s *files) failed(op, name string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return err
	}
	return &fs.PathError{Op: op, Path: strings.TrimSuffix(s.inside.String(), "/") + "/" + name, Err: err}
}

func (s *files) Mkdir(ctx context.Context, dir string) error   { return s.inside.Mkdir(ctx, dir) }
func (s *files) Remove(ctx context.Context, name string) error { return s.inside.Remove(ctx, name) }
func (s *files) Sync(ctx context.Context, dir string) error    { return s.inside.Sync(ctx, dir) }

func (s *files) Rename(ctx context.Context, from, to string) error {
	was, _ := s.config.names(from)
	if is, _ := s.config.names(to); was != is {
		return s.failed("rename", from, fmt.Errorf("to %s: it is sealed as %s: %w", to, was, errors.ErrUnsupported))
	}
	return s.inside.Rename(ctx, from, to)
}

// Put seals the few bytes as a whole.
func (s *files) Put(ctx context.Context, name string, data []byte) error {
	identity, _ := s.config.names(name)
	h, raw, aead, err := s.envelope.begin(formWhole, identity)
	if err == nil {
		raw, err = sealSegments(raw, aead, &h.prefix, [][]byte{data})
	}
	if err != nil {
		return s.failed("put", name, err)
	}
	return s.inside.Put(ctx, name, raw)
}

func (s *files) Create(ctx context.Context, name string) (filesystem.File, error) {
	identity, _ := s.config.names(name)
	h, raw, aead, err := s.envelope.begin(formGrowing, identity)
	if err != nil {
		return nil, s.failed("create", name, err)
	}
	inside, err := s.inside.Create(ctx, name)
	if err != nil {
		return nil, err
	}
	return &file{inside: inside, aead: aead, prefix: h.prefix, out: raw}, nil
}

func (s *files) List(ctx context.Context, dir string) iter.Seq2[filesystem.Info, error] {
	return func(yield func(filesystem.Info, error) bool) {
		for info, err := range s.inside.List(ctx, dir) {
			if err == nil {
				info, err = s.sized(ctx, path.Join(dir, info.Name), info)
				if errors.Is(err, fs.ErrNotExist) {
					continue // removed since
				}
			}
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

func (s *files) Stat(ctx context.Context, name string) (filesystem.Info, error) {
	info, err := s.inside.Stat(ctx, name)
	if err != nil {
		return info, err
	}
	return s.sized(ctx, name, info)
}

// sized sets the size to that of what is sealed. Of a file that is damaged, or for which there is no key, it
// is what it takes up: a sink that only looks for names does not fail because of it, and Open tells. So it is of one that is unfinished,
// which somebody may be writing: where its frames end cannot be told from how long it is.
func (s *files) sized(ctx context.Context, name string, info filesystem.Info) (filesystem.Info, error) {
	if _, unfinished := s.config.names(name); info.Dir || unfinished {
		return info, nil
	}
	r, opened, err := s.Open(ctx, name, 0)
	switch {
	case err == nil:
		info.Size = opened.Size
		return info, r.Close()
	case errors.Is(err, checkpoint.ErrDamaged) || errors.Is(err, checkpoint.ErrSealed) || errors.Is(err, checkpoint.ErrVersion):
		return info, nil
	}
	return info, err
}

// mostWhole bounds a file that Put has made.
const mostWhole = 64 << 20

func (s *files) Open(ctx context.Context, name string, at int64) (io.ReadCloser, filesystem.Info, error) {
	raw, info, err := s.inside.Open(ctx, name, 0)
	if err != nil {
		return nil, info, err
	}
	r, err := s.open(ctx, name, raw, &info, at)
	if err != nil {
		return nil, info, errors.Join(s.failed("open", name, err), raw.Close())
	}
	return r, info, nil
}

func (s *files) open(ctx context.Context, name string, raw io.ReadCloser, info *filesystem.Info, at int64) (io.ReadCloser, error) {
	identity, unfinished := s.config.names(name)
	head, err := readHeader(raw)
	if s.config.plain && err == nil && !isSealed(head) {
		return plainFrom(head, raw, at)
	}
	if err != nil {
		return nil, err
	}
	if unfinished && isBegun(head) {
		info.Size = 0
		return nothing{raw}, nil
	}
	h, aead, err := s.envelope.open(head, string([]byte{formWhole, formGrowing}), identity)
	if err != nil {
		return nil, err
	}
	if h.form == formWhole {
		body, err := io.ReadAll(io.LimitReader(raw, mostWhole+1))
		if err != nil {
			return nil, err
		}
		data, err := openSegments(aead, &h.prefix, body)
		if err != nil {
			return nil, err
		}
		info.Size = int64(len(data))
		return struct {
			io.Reader
			io.Closer
		}{bytes.NewReader(data[min(at, int64(len(data))):]), raw}, nil
	}
	f := &frames{ctx: ctx, raw: raw, aead: aead, prefix: h.prefix, unfinished: unfinished}
	if info.Size, err = s.plainSize(ctx, name, f, info.Size-int64(h.size), int64(h.size)); err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, f, at); err != nil && err != io.EOF {
		return nil, err
	}
	return f, nil
}
