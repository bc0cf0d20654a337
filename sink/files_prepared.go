package sink

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
)

// preparedFiles is what Prepare of a file writer returns: the base names of
// files that have no final one yet.
type preparedFiles struct {
	finished []string
	open     []openFile
}

// An openFile is a file that is being written, as far as a checkpoint holds its rows.
type openFile struct {
	name        string
	size, plain int64 // bytes: of the file, and before compression
}

const preparedFilesVersion = 1

func (p preparedFiles) encode() []byte {
	b := []byte{preparedFilesVersion}
	b = binary.AppendUvarint(b, uint64(len(p.finished)))
	for _, name := range p.finished {
		b = appendBytes(b, name)
	}
	b = binary.AppendUvarint(b, uint64(len(p.open)))
	for _, f := range p.open {
		b = appendBytes(b, f.name)
		b = binary.AppendUvarint(b, uint64(f.size))
		b = binary.AppendUvarint(b, uint64(f.plain))
	}
	return b
}

func decodePreparedFiles(data []byte) (p preparedFiles, err error) {
	d := preparedDecoder{rest: data}
	d.version(preparedFilesVersion)
	for range d.count() {
		p.finished = append(p.finished, string(d.bytes()))
	}
	for range d.count() {
		p.open = append(p.open, openFile{string(d.bytes()), d.size(), d.size()})
	}
	return p, d.end()
}

// gather puts together what the Prepares of one checkpoint have returned.
func (s *fileSink[T]) gather(prepared [][]byte) (all preparedFiles, err error) {
	finished := map[string]bool{}
	open := map[string]openFile{}
	for _, data := range prepared {
		p, err := decodePreparedFiles(data)
		if err != nil {
			return all, err
		}
		for _, name := range p.finished {
			finished[name] = true
		}
		for _, f := range p.open {
			if f.size >= open[f.name].size { // the later of two Prepares
				open[f.name] = f
			}
		}
	}
	for name := range finished {
		delete(open, name)
	}
	all.finished = slices.Sorted(maps.Keys(finished))
	for _, name := range slices.Sorted(maps.Keys(open)) {
		all.open = append(all.open, open[name])
	}
	for _, name := range slices.Concat(all.finished, slices.Sorted(maps.Keys(open))) {
		if f, ok := s.names.staged(name); !ok || path.Base(name) != name || f.kind != unfinished || f.token == "" {
			return all, fmt.Errorf("sink: %q is no file of %s: another name or another sink has made the checkpoint", name, s)
		}
	}
	return all, nil
}

func appendBytes[B string | []byte](b []byte, v B) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// A preparedDecoder reads what Prepare has encoded. After an error, which
// stays, it reads zeros.
type preparedDecoder struct {
	rest []byte
	err  error
}

var errPrepared = errors.New("sink: damaged data of a checkpoint")

func (d *preparedDecoder) fail() {
	d.rest = nil
	if d.err == nil {
		d.err = errPrepared
	}
}

func (d *preparedDecoder) version(want byte) {
	if got := d.byte(); d.err == nil && got != want {
		d.fail()
		d.err = fmt.Errorf("%w: version %d, want %d", errPrepared, got, want)
	}
}

func (d *preparedDecoder) byte() byte {
	if len(d.rest) == 0 {
		d.fail()
		return 0
	}
	v := d.rest[0]
	d.rest = d.rest[1:]
	return v
}

func (d *preparedDecoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *preparedDecoder) size() int64 {
	v := d.uvarint()
	if v > math.MaxInt64 {
		d.fail()
		return 0
	}
	return int64(v)
}

// count returns the number of things that follow, each of a byte at least.
func (d *preparedDecoder) count() int {
	v := d.uvarint()
	if v > uint64(len(d.rest)) {
		d.fail()
		return 0
	}
	return int(v)
}

// bytes returns a part of what is read.
func (d *preparedDecoder) bytes() []byte {
	n := d.count()
	v := d.rest[:n:n]
	d.rest = d.rest[n:]
	return v
}

// end returns the error, also where something is left over.
func (d *preparedDecoder) end() error {
	if len(d.rest) > 0 {
		d.fail()
	}
	return d.err
}
