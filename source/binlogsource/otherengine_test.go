package binlogsource_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
)

// In another engine one instance reads the log: each change comes once, in the snapshot or behind it, though jobs are killed and go on with other numbers of instances.
func TestOtherEngine(t *testing.T) {
	s := startMariaDB(t)
	s.exec(t, pairs, "CREATE DATABASE books", "CREATE TABLE books.seen (line VARCHAR(100) NOT NULL)")
	server := s.server(t)
	books := sqlservers.Open(t, "mysql", fmt.Sprintf("root@tcp(127.0.0.1:%d)/books", s.port))
	build := func() any {
		p := stream.New("other engine")
		p.From(binlogsource.New(server, binlogsource.Table[pair]("shop.pairs"), binlogsource.Chunk(7)), stream.Name("pairs")).
			Map(func(c binlogsource.Event[pair]) string {
				return fmt.Sprint(c.Change.After.ID, " ", c.Change.After.Text)
			}).Rebalance().
			To(sqlsink.Statement(books, "INSERT INTO seen (line) VALUES (?)", func(line string) []any { return []any{line} }), stream.Name("seen"))
		return p
	}
	seen := func() []string { return sqlservers.Query(t, books, "SELECT line FROM seen") }
	var want []string
	insert := func(n int) {
		for range n {
			id := len(want)
			want = append(want, fmt.Sprint(id, " v", id))
			s.exec(t, fmt.Sprintf("INSERT INTO shop.pairs VALUES (%d, 'v%d')", id, id))
		}
	}
	insert(50)
	doortest.DisturbEndless(t, build, rand.New(rand.NewPCG(13, 1)), func(int) { insert(20) }, func() bool { return len(seen()) >= len(want) })
	got := seen()
	slices.Sort(want)
	slices.Sort(got)
	require.Equal(t, want, got)
}
