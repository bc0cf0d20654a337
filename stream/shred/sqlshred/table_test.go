package sqlshred_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/stream/shred"
	"github.com/freshet-go/freshet/stream/shred/sqlshred"
)

const create = "CREATE TABLE persons (person CHAR(64) PRIMARY KEY, secret VARCHAR(8000))"

func ring(t testing.TB, current byte, older ...byte) *sealed.Ring {
	t.Helper()
	key := func(n byte) sealed.Key {
		return sealed.Key{ID: string('a' + rune(n)), Secret: bytes.Repeat([]byte{n}, 32)}
	}
	var all []sealed.Key
	for _, n := range older {
		all = append(all, key(n))
	}
	r, err := sealed.NewRing(key(current), all...)
	require.NoError(t, err)
	return r
}

type note struct {
	Who  string `shred:"person"`
	Text string `shred:"sealed"`
}

// Two processes share the keys in a table, of every database; who is forgotten by one is so for both, and nothing in it tells a name or a key.
func TestServers(t *testing.T) {
	sqlservers.Each(t, func(t *testing.T, s *sqlservers.Server) {
		var opts []sqlshred.Option
		if s.Name == "PostgreSQL" {
			opts = append(opts, sqlshred.Dollars())
		}
		db := s.Open(t, create)
		open := func(keys sealed.Keys) (*sqlshred.Table, error) {
			return sqlshred.Open(t.Context(), db, "persons", keys, opts...)
		}
		a, err := open(ring(t, 1))
		require.NoError(t, err)
		_, err = open(ring(t, 2, 1)) // a rotation
		require.NoError(t, err)
		_, err = open(ring(t, 1))
		require.ErrorIs(t, err, checkpoint.ErrSealed)
		b, err := open(ring(t, 2))
		require.NoError(t, err)

		// Both make keys for the same persons at once.
		var names []string
		for i := range 700 {
			names = append(names, fmt.Sprint("person ", i))
		}
		found := make([][]shred.Found, 2)
		var wg sync.WaitGroup
		for i, k := range []shred.Keeper{a, b} {
			wg.Go(func() {
				for from := 0; from < len(names) && !t.Failed(); from += 70 {
					some, err := k.Keys(t.Context(), names[from:from+70], true)
					for tries := 0; err != nil && tries < 50; tries++ { // SQLite has one writer at a time
						some, err = k.Keys(t.Context(), names[from:from+70], true)
					}
					if err != nil {
						t.Error(err)
					}
					found[i] = append(found[i], some...)
				}
			})
		}
		wg.Wait()
		require.Equal(t, found[0], found[1])

		first, second := shred.New(a), shred.New(b)
		seals, err := shred.For[note](first)
		require.NoError(t, err)
		opens, err := shred.For[note](second)
		require.NoError(t, err)
		closed, err := seals.Seal(t.Context(), note{"person 3", "likes tea"})
		require.NoError(t, err)
		other, err := seals.Seal(t.Context(), note{"person 4", "likes cake"})
		require.NoError(t, err)
		require.NoError(t, first.Forget(t.Context(), "person 3", "person 5", "never seen"))
		require.NoError(t, first.Forget(t.Context(), "person 3"), "twice does no harm")
		_, err = opens.Open(t.Context(), closed)
		require.ErrorIs(t, err, shred.ErrForgotten)
		_, err = opens.Seal(t.Context(), note{"never seen", "x"})
		require.ErrorIs(t, err, shred.ErrForgotten)
		v, err := opens.Open(t.Context(), other)
		require.NoError(t, err)
		require.Equal(t, "likes cake", v.Text)
		_, err = opens.Open(t.Context(), note{"unheard of", closed.Text})
		require.ErrorIs(t, err, shred.ErrUnknown)

		rows := fmt.Sprint(sqlservers.Query(t, db, "SELECT person, secret FROM persons"))
		for _, secret := range []string{"person 3", "person 4", string(found[0][4].Key), hex.EncodeToString(found[0][4].Key)} {
			require.NotContains(t, rows, secret)
		}

		// A row that was changed, or is another person's, opens nothing.
		victim := sqlservers.Query(t, db, "SELECT secret FROM persons WHERE secret IS NOT NULL AND person <> 'root' ORDER BY person")[0]
		_, err = db.Exec("UPDATE persons SET secret = '" + victim + "' WHERE person <> 'root' AND secret IS NOT NULL")
		require.NoError(t, err)
		damaged := 0
		for _, name := range names {
			if _, err := a.Keys(t.Context(), []string{name}, false); errors.Is(err, checkpoint.ErrDamaged) {
				damaged++
			}
		}
		require.Equal(t, len(names)-3, damaged, "all but the two who are forgotten, and the one whose row it is")
		_, err = db.Exec("UPDATE persons SET secret = 'x' WHERE person = 'root'")
		require.NoError(t, err)
		_, err = open(ring(t, 2))
		require.ErrorIs(t, err, checkpoint.ErrDamaged)
		_, err = db.Exec("DROP TABLE persons")
		require.NoError(t, err)
		_, err = a.Keys(t.Context(), []string{"person 1"}, true)
		require.Error(t, err)
		require.Error(t, a.Forget(t.Context(), "person 1"))
		_, err = open(ring(t, 2))
		require.Error(t, err)
	})
}

func TestOpenPanics(t *testing.T) {
	db := sqlservers.SQLite(t).Open(t, create)
	for what, open := range map[string]func(){
		"no database": func() { _, _ = sqlshred.Open(t.Context(), nil, "persons", ring(t, 1)) },
		"no keys":     func() { _, _ = sqlshred.Open(t.Context(), db, "persons", nil) },
		"a name":      func() { _, _ = sqlshred.Open(t.Context(), db, "persons; DROP TABLE persons", ring(t, 1)) },
		"an option":   func() { _, _ = sqlshred.Open(t.Context(), db, "persons", ring(t, 1), nil) },
	} {
		require.Panics(t, open, what)
	}
}
