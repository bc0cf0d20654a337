package binlogsource_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

// A seen is an event without what differs between two servers' lives.
type seen struct {
	kind   binlogsource.Kind
	change stream.Change[pair]
}

// These need a server as it is, and share one.
func TestReading(t *testing.T) {
	for _, server := range []struct {
		name  string
		start func(testing.TB, ...string) *database
	}{{"MariaDB", startMariaDB}, {"MySQL", startMySQL}} {
		t.Run(server.name, func(t *testing.T) {
			s := server.start(t)
			for _, test := range []struct {
				name string
				run  func(*testing.T, *database)
			}{
				{"suite", testSuite}, {"resumed", testResumed}, {"large transaction", testLargeTransaction}, {"cut", testCut}, {"columns change", testColumnsChange},
				{"renamed", testRenamed}, {"rejected", testRejected}, {"zone", testZone}, {"login", testLogin},
				{"key altered", testKeyAltered}, {"key altered later", testKeyAlteredLater}, {"text keys", testTextKeys}, {"large set", testLargeSet},
				{"temporary", testTemporary}, {"exchanged", testExchanged}, {"gone", testGone},
				{"replaced", testReplaced}, {"XA rolled back", testXARolledBack}, {"incident", testIncident},
				{"out of order", testOutOfOrder}, // the last: MariaDB refuses to send what was out of order
			} {
				if s.mysql && slices.Contains([]string{"replaced", "XA rolled back", "out of order", "incident"}, test.name) {
					continue // which are MariaDB's
				}
				if s.mysql && test.name == "key altered later" {
					continue // before 8.0 the log has no names of columns
				}
				if s.mysql && test.name == "columns change" { // before 8.0 the log has no names of columns
					test.name, test.run = "columns change without names", testColumnsUnnamed
				}
				t.Run(test.name, func(t *testing.T) { test.run(t, s) })
			}
		})
	}
}

func testSuite(t *testing.T, s *database) {
	s.exec(t, pairs, "INSERT INTO shop.pairs SELECT seq, CONCAT('v', seq) FROM shop.seq_1_to_23")
	var want []seen
	for i := range 23 {
		want = append(want, seen{change: stream.Change[pair]{Kind: stream.Read, After: pair{i + 1, fmt.Sprintf("v%d", i+1)}}})
	}
	server := s.server(t)
	server.DB.SetMaxIdleConns(0)
	require.NoError(t, server.DB.Ping()) // whose goroutine is not the source's
	sourcetest.Suite[seen]{
		Source: func(t testing.TB) stream.Source[seen] {
			return binlogsource.New(server, binlogsource.TableAs("shop.pairs", func(e binlogsource.Event[pair]) seen {
				return seen{e.Kind, e.Change}
			}), binlogsource.Chunk(7))
		},
		Want: want, Endless: true, RealTime: true,
	}.Run(t)
}

// A run that goes on anywhere in a transaction gives what the first has not given.
func testResumed(t *testing.T, s *database) {
	s.exec(t, pairs, "INSERT INTO shop.pairs SELECT seq, 'a' FROM shop.seq_1_to_5")
	src := pairsOf(s.server(t), binlogsource.Chunk(2))
	r := read(t, src, "")
	r.next(5)
	known(t, r)
	begin := r.reader.Offset()
	r.close()
	s.exec(t, "BEGIN; INSERT INTO shop.pairs VALUES (6, 'b'), (7, 'b'), (8, 'b'); UPDATE shop.pairs SET v = 'c' WHERE id > 3; COMMIT",
		"DELETE FROM shop.pairs WHERE id < 3", "TRUNCATE shop.pairs", "INSERT INTO shop.pairs VALUES (9, 'd')")
	const count = 3 + 5 + 2 + 1 + 1
	text := func(events []binlogsource.Event[pair]) (all []string) {
		for _, e := range events {
			all = append(all, fmt.Sprintf("%+v", e))
		}
		return all
	}
	r = read(t, src, begin)
	want := text(r.next(count))
	r.close()
	for cut := range count + 1 {
		r := read(t, src, begin)
		got := text(r.next(cut))
		offset := r.reader.Offset()
		r.close()
		r = read(t, src, offset)
		got = append(got, text(r.next(count-cut))...)
		r.close()
		require.Equal(t, want, got, "cut after %d events, at %s", cut, offset)
	}
}
