package redissource_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/source/redissource"
)

// A client with a cache of its own looks up once, and again when the server tells that it has changed.
func TestLookup(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client(func(o *redis.Options) { o.ClientSideCacheConfig = &redis.ClientSideCacheConfig{MaxEntries: 100} })
	other := redistest.Closed(t, redis.NewClient(&redis.Options{Addr: c.Options().Addr}))
	find := redissource.LookupHash(c, func(n int) string { return fmt.Sprint("cart:", n) }, redissource.Tags[cart]())
	if _, err := find(t.Context(), 1); !errors.Is(err, redissource.ErrMissing) {
		t.Errorf("%v, want ErrMissing", err)
	}
	other.HSet(t.Context(), "cart:2", "items", 1)
	calls := func() string {
		for line := range strings.Lines(other.Info(t.Context(), "commandstats").Val()) {
			if strings.HasPrefix(line, "cmdstat_hgetall:") {
				return strings.SplitN(line, ",", 2)[0]
			}
		}
		return ""
	}
	var before string
	for i := range 10 {
		if v, err := find(t.Context(), 2); err != nil || v.Items != 1 {
			t.Fatal(v, err)
		}
		if i == 0 {
			before = calls()
		}
	}
	if after := calls(); after != before {
		t.Errorf("%s, and %s after nine more", before, after)
	}
	other.HSet(t.Context(), "cart:2", "items", 2)
	for start := time.Now(); ; time.Sleep(time.Millisecond) { // until it is told
		v, err := find(t.Context(), 2)
		if err != nil || time.Since(start) > 5*time.Second {
			t.Fatal(v, err)
		}
		if v.Items == 2 {
			t.Logf("seen after %v", time.Since(start))
			break
		}
	}
}
