package redissource_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
)

// Hashes that are new, changed and gone are changes; with notifications at once.
func TestHashChanges(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t, "--notify-keyspace-events", "Kghxe").Client()
	for _, notified := range []bool{false, true} {
		c.FlushDB(t.Context())
		c.HSet(t.Context(), "cart:1", "items", 1, "total", 2)
		c.HSet(t.Context(), "cart:2", "items", 2)
		opts := []redissource.Option{redissource.Every(50 * time.Millisecond)}
		if notified {
			opts = []redissource.Option{redissource.Every(time.Hour), redissource.Notified()}
		}
		r := opened(t, redissource.Hashes(c, "cart:*", redissource.Tags[cart](), opts...), nil)
		if all, err := read(t, r, 2); err != nil || all[0].Kind != stream.Read {
			t.Fatal(all, err)
		}
		step := func(want string, do func()) {
			t.Helper()
			// A subscription may come about a little later than the first image.
			deadline := time.Now().Add(5 * time.Second)
			for {
				do()
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				in := stream.NewIntake[stream.Change[cart]](10)
				err := r.Read(ctx, in)
				cancel()
				for _, x := range in.Batch().All() {
					if got := fmt.Sprintf("%v %v %v", x.Kind, x.Before, x.After); got != want {
						t.Fatalf("%s, want %s", got, want)
					}
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("nothing came, want %s: %v", want, err)
				}
			}
		}
		step("update {cart:1 1 2} {cart:1 5 2}", func() { c.HSet(t.Context(), "cart:1", "items", 5, "unknown", "x") })
		step("insert { 0 0} {cart:3 3 0}", func() { c.HSet(t.Context(), "cart:3", "items", 3) })
		step("delete {cart:2 2 0} { 0 0}", func() { c.Del(t.Context(), "cart:2") })
	}
}

// A run that goes on gives what has become of each hash since, and nothing else: wherever the one before was stopped.
func TestHashesGoOn(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	set := func(i, items int) { c.HSet(t.Context(), fmt.Sprint("cart:", i), "items", items) }
	bounded := func(opts ...redissource.Option) stream.Source[stream.Change[cart]] {
		return redissource.Hashes(c, "cart:*", redissource.Tags[cart](), append(opts, redissource.Bounded(), redissource.Count(7))...)
	}
	for given := range 33 {
		c.FlushDB(t.Context())
		for i := range 30 {
			set(i, i)
		}
		c.HSet(t.Context(), "cart:bad", "items", "many")
		r := opened(t, bounded(), nil)
		replayed, rejected := replay(t, r, given, nil)
		offsets := map[string]string{"cart:*": r.Offset()}

		set(1, 100)
		c.HSet(t.Context(), "cart:2", "nobody's", "field")
		c.Del(t.Context(), "cart:3")
		set(40, 40)
		c.HSet(t.Context(), "cart:bad2", "items", "many")
		second := opened(t, bounded(), offsets)
		before := maps.Clone(replayed)
		replayed, again := replay(t, second, 100, replayed)
		if rejected += again; rejected != 2 {
			t.Errorf("%d given before: %d hashes are rejected, want each of 2 once", given, rejected)
		}
		want := map[string]int{}
		for i := range 30 {
			want[fmt.Sprint("cart:", i)] = i
		}
		want["cart:1"], want["cart:40"] = 100, 40
		delete(want, "cart:3")
		if !maps.Equal(replayed, want) {
			t.Errorf("%d given before, %d after the first run: the replayed carts are %v, want %v", given, len(before), replayed, want)
		}
		for range 3 { // an offset of an offset is the same
			next := opened(t, bounded(), map[string]string{"cart:*": second.Offset()})
			if all, err := read(t, next, 1); err != io.EOF || len(all) > 0 {
				t.Fatalf("where nothing has changed there is %v, %v", all, err)
			}
			second = next
		}
	}
}

// replay applies at most n changes to a table, and checks that each fits what is there: so it is given
// once. It returns how many were rejected.
func replay(t *testing.T, r stream.Reader[stream.Change[cart]], n int, table map[string]int) (_ map[string]int, rejected int) {
	t.Helper()
	table = maps.Clone(table)
	if table == nil {
		table = map[string]int{}
	}
	for n > 0 {
		in := stream.NewIntake[stream.Change[cart]](min(n, 4))
		err := r.Read(t.Context(), in)
		for _, x := range in.Batch().All() {
			items, there := table[x.Row().Key]
			if x.HasBefore != there || there && x.Before.Items != items || there != (x.Kind == stream.Update || x.Kind == stream.Delete) {
				t.Errorf("%+v, where %v is known: %v", x, items, there)
			}
			if table[x.Row().Key] = x.After.Items; x.Kind == stream.Delete {
				delete(table, x.Row().Key)
			}
		}
		rejected += len(in.Rejected())
		n -= in.Len() + len(in.Rejected())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return table, rejected
}

// What is new is an insert, once the first image was given; also where that had nothing, and across runs.
func TestHashesKinds(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	source := func(offsets map[string]string) stream.Reader[stream.Change[cart]] {
		return opened(t, redissource.Hashes(c, "cart:*", redissource.Tags[cart](), redissource.Bounded()), offsets)
	}
	r := source(nil)
	if _, err := read(t, r, 1); err != io.EOF {
		t.Fatal(err)
	}
	for i, want := range []stream.ChangeKind{stream.Insert, stream.Insert} {
		c.HSet(t.Context(), fmt.Sprint("cart:", i), "items", i)
		r = source(map[string]string{"cart:*": r.Offset()})
		all, err := read(t, r, 2)
		if err != io.EOF || len(all) != 1 || all[0].Kind != want {
			t.Errorf("cart %d: %v, %v, want one %v", i, all, err, want)
		}
	}
	// A field that the run before did not look at is a change; one that cannot be decoded any more is rejected.
	type renamed struct {
		Key   string `redis:"@key"`
		Items bool   `redis:"items"`
	}
	c.HSet(t.Context(), "cart:9", "items", 9)
	other := opened(t, redissource.Hashes(c, "cart:*", redissource.Tags[renamed](), redissource.Bounded()), map[string]string{"cart:*": r.Offset()})
	in := stream.NewIntake[stream.Change[renamed]](10)
	if err := other.Read(t.Context(), in); err != nil || in.Len() != 0 || len(in.Rejected()) != 1 {
		t.Errorf("%v, %d events, %d rejected", err, in.Len(), len(in.Rejected()))
	}
}

// The image in checkpoints is bounded, and may be left out.
func TestMaxImage(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	for i := range 100 {
		c.HSet(t.Context(), fmt.Sprint("cart:", i), "items", i, "total", 1.5)
	}
	source := func(bytes int) stream.Reader[stream.Change[cart]] {
		return opened(t, redissource.Hashes(c, "cart:*", redissource.Tags[cart](), redissource.MaxImage(bytes), redissource.Every(time.Millisecond), redissource.Count(10)), nil)
	}
	_, err := read(t, source(1000), 1000)
	if e, ok := errors.AsType[*redissource.ReadError](err); !ok || !strings.Contains(e.Error(), "MaxImage") {
		t.Errorf("with more than 1000 bytes the error is %v", err)
	}
	r := source(0)
	if _, err := read(t, r, 100); err != nil || r.Offset() != "" {
		t.Errorf("with 0 the error is %v, and the offset %q", err, r.Offset())
	}
	// An image that changes for long stays in proportion to what is there.
	r = source(1 << 20)
	for i := range 50 {
		if _, err := read(t, r, 100); err != nil {
			t.Fatal(err)
		}
		if len(r.Offset()) > 20_000 {
			t.Fatalf("an offset of %d bytes for 100 hashes", len(r.Offset()))
		}
		pipe := c.Pipeline()
		for k := range 100 {
			pipe.HSet(t.Context(), fmt.Sprint("cart:", k), "items", k+1000*(i+1))
		}
		if _, err := pipe.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := redissource.Hashes(c, "cart:*", redissource.Tags[cart]()).Open(&stream.SourceContext{Context: t.Context(), Checkpointed: true, Offsets: map[string]string{"cart:*": "=!,"}}); err == nil {
		t.Error("a damaged offset is taken")
	}
}

// By default the image ends at 16 MiB, which is 12 MiB of fields.
func TestMaxImageDefault(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	type text struct {
		Text string `redis:"text"`
	}
	mebibyte := strings.Repeat("x", 1<<20)
	for i, failed := range []bool{false, true} {
		for k := range 11 + 2*i {
			if err := c.HSet(t.Context(), fmt.Sprint("text:", k), "text", mebibyte).Err(); err != nil {
				t.Fatal(err)
			}
		}
		r := opened(t, redissource.Hashes(c, "text:*", redissource.Tags[text](), redissource.Every(time.Millisecond), redissource.Count(1)), nil)
		_, err := read(t, r, 11+2*i)
		tries := 3
		if failed {
			tries = 100
		}
		for range tries { // it is checked with the next image
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			if err == nil {
				err = r.Read(ctx, stream.NewIntake[stream.Change[text]](1))
			}
			cancel()
			if errors.Is(err, context.DeadlineExceeded) {
				err = nil
			}
		}
		if (err != nil) != failed || failed && !strings.Contains(err.Error(), "MaxImage") {
			t.Errorf("%d MiB of fields: %v", 11+2*i, err)
		}
	}
}
