package parquetsource

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/freshet-go/freshet/source"
)

// A summary is what has to be known of a file before it is read.
type summary struct {
	name   string
	print  string
	groups []groupSummary
}

type groupSummary struct {
	rows  int64
	bytes int64
	skip  bool // it holds nothing that is looked for
}

func (s *summary) rows() (n int64) {
	for _, g := range s.groups {
		n += g.rows
	}
	return n
}

// A part is what one reader reads: the row groups of a file in [begin, end).
type part struct {
	partition string
	file      *summary
	end       int
	offset
}

// footersAtOnce is how many footers are read at once: in a bucket each takes as long as a few answers.
const footersAtOnce = 8

// summarize reads the footers of all files. A file that is damaged, if it is passed over, has no summary.
func (r *run[T]) summarize(found []foundFile) ([]*summary, error) {
	all := make([]*summary, len(found))
	errs := make([]error, len(found))
	var g errgroup.Group
	g.SetLimit(footersAtOnce)
	for i, f := range found {
		g.Go(func() error {
			all[i], errs[i] = r.summaryOf(f.name)
			return nil // that of the first file is the one to return, whichever comes first
		})
	}
	_ = g.Wait()
	for i, err := range errs {
		if isMissing(err) && r.allowMissing {
			err = nil
		}
		if err = r.passOver(err); err != nil {
			return nil, err
		}
		errs[i] = nil
	}
	return slices.DeleteFunc(all, func(s *summary) bool { return s == nil }), nil
}

func (r *run[T]) summaryOf(name string) (*summary, error) {
	o, err := r.openFile(name)
	if err != nil {
		return nil, err
	}
	defer o.in.Close()
	checkers, err := r.checkers(o.file)
	if err != nil {
		return nil, r.readError(name, "footer", err)
	}
	s := &summary{name: name, print: o.print}
	for i, g := range o.file.Metadata().RowGroups {
		sum := groupSummary{rows: g.NumRows}
		for _, c := range g.Columns {
			sum.bytes += c.MetaData.TotalCompressedSize
		}
		for _, c := range checkers {
			sum.skip = sum.skip || !c.mayHold(i)
		}
		s.groups = append(s.groups, sum)
	}
	if err := o.in.failure(); err != nil {
		return nil, r.readError(name, "footer", err)
	}
	return s, nil
}

// plan cuts files into parts. A file that an earlier run has begun is cut where it was cut then.
func (r *run[T]) plan(files []*summary, offsets map[string]string) ([]part, error) {
	begun, err := begunParts(offsets)
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, f := range files {
		old := begun[f.name]
		delete(begun, f.name)
		for i := range old {
			old[i].file = f
			old[i].end = min(old[i].end, len(f.groups))
			replaced, err := r.replaced(f, old[i].offset)
			if err != nil {
				return nil, err
			}
			if replaced {
				old = nil
				break
			}
		}
		if len(old) == 0 {
			old = r.cut(f)
		}
		parts = append(parts, old...)
	}
	if len(begun) > 0 && !r.allowMissing {
		return nil, r.gone(slices.Min(slices.Collect(maps.Keys(begun))))
	}
	return parts, nil
}

func (r *run[T]) gone(name string) error {
	return fmt.Errorf("parquetsource: cannot go on in %s: %w", r.dir.path(name), fs.ErrNotExist)
}

// begunParts returns the parts that offsets tell of, by file and ascending.
func begunParts(offsets map[string]string) (map[string][]part, error) {
	begun := make(map[string][]part)
	for partition, text := range offsets {
		o, err := parseOffset(text)
		if err != nil {
			return nil, fmt.Errorf("parquetsource: %s has no place %q to go on from: %w", label(partition), text, err)
		}
		begun[o.name] = append(begun[o.name], part{partition: partition, end: math.MaxInt, offset: o})
	}
	for _, parts := range begun {
		slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.begin, b.begin) })
		for i := range parts[1:] {
			parts[i].end = parts[i+1].begin
		}
	}
	return begun, nil
}

// replaced reports whether a file has been replaced since a part of it was read, and may be.
func (r *run[T]) replaced(f *summary, o offset) (bool, error) {
	if o.print == f.print {
		return false, nil
	}
	err := fmt.Errorf("%w: its size or its footer is another one than when it was read (put the file back, give the new one a name of its own, or set parquetsource.AllowReplaced to read it from its beginning)", source.ErrReplaced)
	if !r.allowReplaced {
		return false, r.readError(f.name, "footer", err)
	}
	r.logger.Warn("a file has been replaced, and is read from its beginning", "file", r.dir.path(f.name), "cause", err)
	return true, nil
}

// cut cuts a file that nobody has begun. One without row groups is a part, too.
func (r *run[T]) cut(f *summary) (parts []part) {
	begin, size := 0, int64(0)
	for i, g := range f.groups {
		if size += g.bytes; size >= r.splitSize || i == len(f.groups)-1 {
			parts = append(parts, f.part(begin, i+1))
			begin, size = i+1, 0
		}
	}
	if len(parts) == 0 {
		parts = append(parts, f.part(0, 0))
	}
	return parts
}

func (s *summary) part(begin, end int) part {
	return part{partLabel(s.name, begin), s, end, offset{name: s.name, begin: begin, group: begin, print: s.print}}
}

// inOrder is the partition of files that are read one after the other.
const inOrder = "files in order"

// planInOrder returns the reader of all files as one partition.
func (r *run[T]) planInOrder(files []*summary, offsets map[string]string) (*reader[T], error) {
	rd := &reader[T]{run: r, name: inOrder}
	var at offset
	for _, text := range offsets {
		var err error
		if at, err = parseOffset(text); err != nil || len(offsets) > 1 || offsets[inOrder] == "" {
			return nil, fmt.Errorf("parquetsource: the checkpoint is of a run without InOrder: %w", errors.Join(err, errOffset))
		}
	}
	base, known := at.base, at.name == ""
	for _, f := range files {
		if f.name < at.name {
			continue
		}
		p := f.part(0, len(f.groups))
		if f.name == at.name {
			replaced, err := r.replaced(f, at)
			if err != nil {
				return nil, err
			}
			if known = true; !replaced {
				p.offset = at
			}
		}
		p.base = base
		base += f.rows()
		rd.parts = append(rd.parts, p)
	}
	if !known && !r.allowMissing {
		return nil, r.gone(at.name)
	}
	if len(rd.parts) == 0 {
		rd.parts = append(rd.parts, part{partition: inOrder, file: &summary{name: at.name}, offset: at})
	}
	return rd, nil
}
