package sourcetest

import (
	"errors"
	"io"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/freshet-go/freshet/stream"
)

// oddNames are names that somebody takes apart, or that do not survive being
// written down.
var oddNames = []string{
	"z", "z 1", "z-1", "z:1", "z#1", "z/1", "z@1", "z=1", "z,1", "z from byte 1", "z from byte 0", "1 z", "12 34 z",
	`"z"`, `"z`, `z\`, "z\n", "z\n1", " z", "z ", "%s", "%7A", "ž", "\u202ez",
}

// written: partitions and offsets can be written down. A checkpoint's manifest
// is JSON, and so UTF-8.
func (o *opened[T]) written() {
	o.t.Helper()
	for _, r := range o.all(nil) {
		for what, s := range map[string]string{"partition": r.Partition(), "offset": r.Offset()} {
			if !utf8.ValidString(s) {
				o.t.Errorf("the %s %q is not UTF-8, and no checkpoint can hold it", what, s)
			}
		}
	}
}

// names: what places are called changes nothing.
func (s Suite[T]) names(t *testing.T) {
	var want []T
	for range oddNames {
		want = append(want, s.Want...)
	}
	s.Source = func(t testing.TB) stream.Source[T] { return s.Named(t, slices.Clone(oddNames)) }
	s.Want = want
	s.partitions(t)
	s.whole(t, 512)
	s.resume(t, len(oddNames))
}

// changed: where a place holds something else than was read there, a source
// does not go on in the middle of it.
func (s Suite[T]) changed(t *testing.T) {
	for _, until := range []int{max(len(s.Want)/2, 1), len(s.Want)} {
		o := open(t, s.Source(t), nil)
		before := o.read(reading{room: 1, until: until})
		offsets := o.offsets()
		o.close()
		readers, err := s.Changed(t).Open(sourceContext(t, offsets))
		if err != nil {
			continue
		}
		for _, r := range readers {
			if _, known := offsets[r.Partition()]; !known {
				t.Errorf("%s: Changed has a partition that Source has not", r.Partition())
			}
			if len(before.values[r.Partition()]) > 0 {
				refuses(t, r)
			}
			if err := r.Close(); err != nil {
				t.Errorf("%s: Close: %v", r.Partition(), err)
			}
		}
	}
}

// refuses reports an error where a reader gives anything before it fails.
func refuses[T any](t *testing.T, r stream.Reader[T]) {
	for range 100 {
		b := stream.NewIntake[T](1)
		err := r.Read(t.Context(), b)
		switch {
		case b.Len() > 0:
			t.Errorf("%s: goes on in something else, and gives %+v", r.Partition(), b.Batch().Value(0))
			return
		case errors.Is(err, io.EOF):
			t.Errorf("%s: goes on in something else, and ends", r.Partition())
			return
		case err != nil:
			return
		}
	}
	t.Errorf("%s: goes on in something else", r.Partition())
}
