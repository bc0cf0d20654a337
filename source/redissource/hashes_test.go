package redissource_test

import (
	"context"
	"fmt"
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
