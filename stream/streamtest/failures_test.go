package streamtest_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// brokenReader panics, or ends its goroutine, when it is read.
type brokenReader struct{ with func() }

func (r brokenReader) Open(*stream.SourceContext) ([]stream.Reader[string], error) {
	return []stream.Reader[string]{r}, nil
}

func (r brokenReader) Partition() string { return "only" }
func (r brokenReader) Offset() string    { return "" }
func (r brokenReader) Close() error      { return nil }

func (r brokenReader) Read(context.Context, *stream.Intake[string]) error {
	r.with()
	return stream.ErrNothing
}

// What a Reader does to its goroutine is an error of the run, as Run gives it,
// and not the end of the test.
func TestReaderThatBreaks(t *testing.T) {
	for name, breaks := range map[string]func(){"panics": func() { panic("no") }, "exits": runtime.Goexit} {
		armed := false
		p := stream.New("broken")
		out := streamtest.Collect(p.From(brokenReader{func() {
			if armed {
				breaks()
			}
		}}, stream.Name("reader")))
		d := streamtest.Start(t, p)
		armed = true
		for range 2 { // it stays
			failed, ok := d.Try().(*stream.OperatorError)
			if !ok || failed.Operator != "reader" || failed.Position != "only" {
				t.Errorf("%s: %v", name, failed)
			}
		}
		d.Kill()
		if got := out.Take(); len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// failing is a test whose FailNow ends its goroutine, as that of a
// *testing.T does.
type failing struct{ failed bool }

func (f *failing) FailNow() { f.failed = true; runtime.Goexit() }

// A check inside the pipeline that fails ends the run, and the test goes on to
// say so.
func TestFailNowInsideOfPipeline(t *testing.T) {
	in := streamtest.NewInput[string]()
	p := stream.New("checked")
	var f failing
	streamtest.Collect(p.From(in).Map(func(s string) string {
		if s == "bad" {
			f.FailNow()
		}
		return s
	}, stream.Name("check")))
	d := streamtest.Start(t, p)
	in.Push("good", "bad", "good")
	failed, ok := d.Try().(*stream.OperatorError)
	if !ok || failed.Operator != "check" || !f.failed {
		t.Fatalf("%v", failed)
	}
	if _, ok := failed.Err.(*stream.GoexitError); !ok {
		t.Fatalf("%T", failed.Err)
	}
}

// Partitions that share a goroutine are all read by one Settle, although one
// of them has nothing.
func TestPartitionsThatShare(t *testing.T) {
	shared := &sharing{}
	p := stream.New("sharing")
	out := streamtest.Collect(p.From(shared))
	d := streamtest.Start(t, p)
	shared.give = "late"
	d.Settle()
	if got := out.Take(); len(got) != 1 || got[0] != "late" {
		t.Errorf("%q", got)
	}
}

// sharing has two partitions whose readers do not wait. Only the second one
// ever has something.
type sharing struct{ give string }

func (s *sharing) Open(*stream.SourceContext) ([]stream.Reader[string], error) {
	return []stream.Reader[string]{&sharer{s, "a"}, &sharer{s, "b"}}, nil
}

type sharer struct {
	*sharing
	name string
}

func (s *sharer) Partition() string { return s.name }
func (s *sharer) Offset() string    { return "" }
func (s *sharer) Close() error      { return nil }

func (s *sharer) Read(_ context.Context, b *stream.Intake[string]) error {
	if s.name == "b" && s.give != "" {
		b.Append(s.give)
		s.give = ""
		return nil
	}
	return stream.ErrNothing
}
