package sink

import (
	"encoding/binary"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/freshet-go/freshet/internal/prepared"
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
	size, plain int64  // bytes: of the file, and before compression
	tail        []byte // what follows these, of a file with a footer
	rows        int64  // in all, where there are tails
}

// Version 2 has tails. Where there are none, version 1 is written, which earlier versions of Freshet read, too.
const (
	preparedFilesVersion = 1
	preparedTailsVersion = 2
)

func (p preparedFiles) tails() bool {
	return slices.ContainsFunc(p.open, func(f openFile) bool { return len(f.tail) > 0 })
}

func (p preparedFiles) encode() []byte {
	tails := p.tails()
	b := []byte{preparedFilesVersion}
	if tails {
		b[0] = preparedTailsVersion
	}
	b = binary.AppendUvarint(b, uint64(len(p.finished)))
	for _, name := range p.finished {
		b = prepared.AppendBytes(b, name)
	}
	b = binary.AppendUvarint(b, uint64(len(p.open)))
	for _, f := range p.open {
		b = prepared.AppendBytes(b, f.name)
		b = binary.AppendUvarint(b, uint64(f.size))
		b = binary.AppendUvarint(b, uint64(f.plain))
		if tails {
			b = prepared.AppendBytes(b, f.tail)
			b = binary.AppendUvarint(b, uint64(f.rows))
		}
	}
	return b
}

func decodePreparedFiles(data []byte) (p preparedFiles, err error) {
	d := prepared.Decoder{Rest: data}
	tails := len(data) > 0 && data[0] == preparedTailsVersion
	if tails {
		d.Version(preparedTailsVersion)
	} else {
		d.Version(preparedFilesVersion)
	}
	for range d.Count() {
		p.finished = append(p.finished, string(d.Bytes()))
	}
	for range d.Count() {
		f := openFile{name: string(d.Bytes()), size: d.Size(), plain: d.Size()}
		if tails {
			if tail := d.Bytes(); len(tail) > 0 {
				f.tail = tail
			}
			f.rows = d.Size()
		}
		p.open = append(p.open, f)
	}
	return p, d.End()
}

// gather puts together what the Prepares of one checkpoint have returned.
func (s *fileSet) gather(parts [][]byte) (all preparedFiles, err error) {
	finished := map[string]bool{}
	open := map[string]openFile{}
	for _, data := range parts {
		p, err := decodePreparedFiles(data)
		if err != nil {
			return all, err
		}
		for _, name := range p.finished {
			finished[name] = true
		}
		for _, f := range p.open {
			if was := open[f.name]; f.size > was.size || f.size == was.size && f.rows >= was.rows { // the later of two Prepares
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
			return all, fmt.Errorf("sink: %q is no file of %s: another name or another sink has made the checkpoint. "+
				"Set it as it was until a run has ended, or drop what it holds, with its rows, by stream.DropState of the operator", name, s)
		}
	}
	return all, nil
}
