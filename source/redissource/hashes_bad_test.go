package redissource_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
)

// image is one image of carts that goes on from an offset: what it gives as text, how many it rejects, and the offset behind it.
func image[T any](t *testing.T, c redis.UniversalClient, offset string) (changes []string, rejected int, _ string) {
	t.Helper()
	var offsets map[string]string
	if offset != "" {
		offsets = map[string]string{"cart:*": offset}
	}
	r := opened(t, redissource.Hashes(c, "cart:*", redissource.Tags[T](), redissource.Bounded()), offsets)
	for {
		in := stream.NewIntake[stream.Change[T]](10)
		err := r.Read(t.Context(), in)
		for _, x := range in.Batch().All() {
			changes = append(changes, fmt.Sprintf("%v %v%v%v", x.Kind, x.HasBefore, x.Before, x.After))
		}
		rejected += len(in.Rejected())
		if err == io.EOF {
			return changes, rejected, r.Offset()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A hash that cannot be decoded any more still counts as it was given last: also where runs end in between, and where the
// log was written anew.
func TestHashesBadThenGone(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	for _, end := range []string{"deleted", "mended", "never given"} {
		c.FlushDB(t.Context())
		offset := ""
		want := func(rejected int, changes ...string) {
			t.Helper()
			got, bad, next := image[cart](t, c, offset)
			if fmt.Sprint(got) != fmt.Sprint(changes) || bad != rejected {
				t.Errorf("%s: %q and %d rejected, want %q and %d", end, got, bad, changes, rejected)
			}
			offset = next
		}
		if end == "never given" {
			c.HSet(t.Context(), "cart:1", "items", "many")
			want(1)
			c.Del(t.Context(), "cart:1")
			want(0)
			continue
		}
		c.HSet(t.Context(), "cart:1", "items", 1)
		want(0, "read false{ 0 0}{cart:1 1 0}")
		for i := range 200 { // which makes the log be written anew
			c.HSet(t.Context(), "cart:1", "items", fmt.Sprint("many", i))
			want(1)
		}
		want(0)
		if end == "deleted" {
			c.Del(t.Context(), "cart:1")
			want(0, "delete true{cart:1 1 0}{ 0 0}")
		} else {
			c.HSet(t.Context(), "cart:1", "items", 7)
			want(0, "update true{cart:1 1 0}{cart:1 7 0}")
		}
		want(0)
	}
}

// Where the row that was given last cannot be decoded into another T, changes have no Before.
func TestHashesOtherType(t *testing.T) {
	t.Parallel()
	type loose struct {
		Key   string `redis:"@key"`
		Items string `redis:"items"`
	}
	c := redistest.Start(t).Client()
	c.HSet(t.Context(), "cart:1", "items", "x")
	_, _, offset := image[loose](t, c, "")
	c.HSet(t.Context(), "cart:1", "items", "5")
	if got, bad, _ := image[cart](t, c, offset); fmt.Sprint(got) != "[update false{ 0 0}{cart:1 5 0}]" || bad != 0 {
		t.Errorf("mended there is %q, and %d rejected", got, bad)
	}
	c.Del(t.Context(), "cart:1")
	got, bad, next := image[cart](t, c, offset)
	if fmt.Sprint(got) != "[delete false{ 0 0}{ 0 0}]" || bad != 0 {
		t.Errorf("deleted there is %q, and %d rejected", got, bad)
	}
	if got, bad, _ := image[cart](t, c, next); len(got)+bad != 0 {
		t.Errorf("after that there is %q, and %d rejected", got, bad)
	}
}
