package hbasesource

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/freshet-go/freshet/internal/hbaserest"
)

// ErrMissing is the error of a lookup for which there is no row.
var ErrMissing = errors.New("hbasesource: there is no such row")

// Lookup returns a function for [stream.Keyed.Lookup] that reads the row with the key that key makes of a lookup's key.
//
//	profiles := hbasesource.Lookup[string, Profile](client, "http://gateway:8080", "profiles", func(id string) string { return id })
//	orders.KeyBy(Order.Customer).Lookup(profiles, Order.With, stream.CacheResults(10_000, time.Minute))
//
// A row that is not there, or has none of the columns of V, is ErrMissing. The cache of [stream.CacheResults] is bounded, and forgets by
// time; without it each event is a request. A request that fails for a reason which passes is made again for 30 seconds, see [Retry]. It may be
// called by any goroutine.
//
// The table and its families are looked up with the first row. It panics as Table does, and if key is nil.
func Lookup[K comparable, V any](client *http.Client, gateway, table string, key func(K) string, opts ...Option) func(context.Context, K) (V, error) {
	if key == nil {
		panic("hbasesource: Lookup: the function key is nil")
	}
	s := newTabled[V]("Lookup", client, gateway, table, configure(opts))
	var checked atomic.Bool // of a table that is not there a gateway says 500
	return func(ctx context.Context, k K) (v V, err error) {
		if !checked.Load() {
			if err := s.check(ctx, nil); err != nil {
				return v, err
			}
			checked.Store(true)
		}
		row := []byte(key(k))
		if len(row) == 0 {
			return v, s.failed("an empty key", ErrMissing)
		}
		var rows []hbaserest.Row
		err = s.again(ctx, nil, func() (err error) {
			rows, err = s.client.Rows(ctx, [][]byte{row}, s.columns, s.versions)
			return err
		})
		if err == nil && len(rows) == 0 {
			err = ErrMissing
		}
		if err == nil {
			err = s.decode(&v, row, rows[0].Cells)
		}
		if err != nil {
			return v, s.failed(fmt.Sprintf("row %q", shown(row)), err)
		}
		return v, nil
	}
}
