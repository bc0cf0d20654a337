package binlogsource_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
)

// A run goes on from the checkpoint of one with other tables, another server id and other chunks. A table that is new is
// read, one that was left out for a while is read again, and of the others nothing is missed and nothing repeated.
func TestOffsetOfOtherSettings(t *testing.T) {
	t.Parallel()
	s := startMariaDB(t)
	s.exec(t, pairs, "CREATE TABLE shop.others (id INT PRIMARY KEY, v VARCHAR(100) NOT NULL)",
		"INSERT INTO shop.pairs VALUES (1, 'a'), (2, 'b')", "INSERT INTO shop.others VALUES (11, 'x'), (12, 'y')")
	text := func(name string) func(binlogsource.Event[pair]) string {
		return func(e binlogsource.Event[pair]) string {
			if e.Kind != binlogsource.Row {
				return fmt.Sprintf("%s %v", name, e.Kind)
			}
			if e.Change.Kind == stream.Delete {
				return fmt.Sprintf("%s delete %d", name, e.Change.Before.ID)
			}
			return fmt.Sprintf("%s has %d %s", name, e.Change.After.ID, e.Change.After.Text) // as a Read or an Insert
		}
	}
	of := map[string]binlogsource.Captured[string]{
		"pairs":  binlogsource.TableAs("shop.pairs", text("pairs")),
		"others": binlogsource.TableAs("shop.others", text("others")),
	}
	offset := ""
	run := func(id uint32, tables []string, opts []binlogsource.Option, want ...string) {
		t.Helper()
		server := s.server(t)
		server.ID = id
		var sets []binlogsource.Captured[string]
		for _, name := range tables {
			sets = append(sets, of[name])
		}
		r := read(t, binlogsource.New(server, binlogsource.Tables(sets...), opts...), offset)
		require.ElementsMatch(t, want, r.next(len(want)))
		offset = r.reader.Offset()
		r.close()
	}
	run(71, []string{"pairs"}, nil, "pairs has 1 a", "pairs has 2 b")
	s.exec(t, "INSERT INTO shop.pairs VALUES (3, 'c')", "INSERT INTO shop.others VALUES (13, 'z')")
	run(72, []string{"others", "pairs"}, []binlogsource.Option{binlogsource.Chunk(1)}, "pairs has 3 c", "others has 11 x", "others has 12 y", "others has 13 z")
	s.exec(t, "INSERT INTO shop.others VALUES (14, 'left out')", "DELETE FROM shop.others WHERE id = 11", "INSERT INTO shop.pairs VALUES (4, 'd')")
	run(0, []string{"pairs"}, []binlogsource.Option{binlogsource.Chunk(7)}, "pairs has 4 d")
	s.exec(t, "INSERT INTO shop.pairs VALUES (5, 'e')")
	run(71, []string{"pairs", "others"}, nil, "pairs has 5 e", "others has 12 y", "others has 13 z", "others has 14 left out")
	s.exec(t, "DELETE FROM shop.others WHERE id = 12", "DELETE FROM shop.pairs WHERE id = 1")
	run(71, []string{"others", "pairs"}, []binlogsource.Option{binlogsource.NoSnapshot()}, "others delete 12", "pairs delete 1")

	// Captured anew without a snapshot there is what changes from then on.
	s.exec(t, "INSERT INTO shop.pairs VALUES (6, 'f')")
	run(71, []string{"pairs"}, nil, "pairs has 6 f")
	s.exec(t, "INSERT INTO shop.others VALUES (15, 'missed')", "INSERT INTO shop.pairs VALUES (7, 'g')")
	run(71, []string{"pairs"}, nil, "pairs has 7 g")
	s.exec(t, "INSERT INTO shop.others VALUES (16, 'seen')", "INSERT INTO shop.pairs VALUES (8, 'h')")
	run(71, []string{"pairs", "others"}, []binlogsource.Option{binlogsource.NoSnapshot()}, "others has 16 seen", "pairs has 8 h")
}

// A checkpoint of another server is no silent loss.
func TestOffsetOfOtherServer(t *testing.T) {
	t.Parallel()
	s, other := startMariaDB(t), startMariaDB(t)
	s.exec(t, pairs, "INSERT INTO shop.pairs VALUES (1, 'a')", "INSERT INTO shop.pairs VALUES (2, 'b')")
	other.exec(t, pairs)
	r := read(t, pairsOf(s.server(t)), "")
	r.next(2)
	offset := r.reader.Offset()
	r.close()
	_, err := read(t, pairsOf(other.server(t)), offset).until(1)
	var lost *binlogsource.LostError
	require.ErrorAs(t, err, &lost)
}
