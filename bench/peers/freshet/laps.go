package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/freshet-go/freshet/bench/peers/contest"
	"github.com/freshet-go/freshet/stream"
)

// laps is a source that gives slices some times over, each time later by a span:
// as many events as one likes, in little memory. Each event is copied, as in the
// programs of others.
type laps struct {
	parts [][]contest.Sale
	span  int64
	laps  int
}

func (l *laps) Open(c *stream.SourceContext) (readers []stream.Reader[contest.Sale], err error) {
	for i, part := range l.parts {
		r := &lapReader{laps: l, name: "part " + strconv.Itoa(i), part: part}
		if from, ok := c.Offsets[r.name]; ok {
			if r.next, err = strconv.Atoi(from); err != nil || r.next < 0 {
				return nil, fmt.Errorf("%s has no event %q to go on from", r.name, from)
			}
		}
		readers = append(readers, r)
	}
	return readers, nil
}

type lapReader struct {
	*laps
	name string
	part []contest.Sale
	next int // of all laps
}

func (r *lapReader) Partition() string { return r.name }
func (r *lapReader) Offset() string    { return strconv.Itoa(r.next) }
func (r *lapReader) Close() error      { return nil }

func (r *lapReader) Read(_ context.Context, in *stream.Intake[contest.Sale]) error {
	if len(r.part) == 0 || r.next/len(r.part) >= r.laps.laps {
		return io.EOF
	}
	lap, i := r.next/len(r.part), r.next%len(r.part)
	n := min(in.Room(), len(r.part)-i)
	shift := int64(lap) * r.span
	sales := in.Extend(n)
	for j, s := range r.part[i : i+n] {
		s.At += shift
		sales[j] = s
	}
	r.next += n
	return nil
}
