package sqlsink_test

import (
	"context"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Rows that wait in a checkpoint do not go into a statement that takes more or fewer
// arguments. The error has the ways out, and they lead out.
func TestChangedStatement(t *testing.T) {
	one := func(v string) []any { return []any{v} }
	two := func(v string) []any { return []any{v, v} }
	always := sqlsink.Faults(func(error) sqlsink.Fault { return sqlsink.RowFault })
	for _, x := range []struct {
		before, now       string
		rowBefore, rowNow func(string) []any
	}{
		{"INSERT INTO t (v) VALUES (?)", "INSERT INTO t (v, w) VALUES (?, ?)", one, two},
		{"INSERT INTO t (v, w) VALUES (?, ?)", "INSERT INTO t (w) VALUES (?)", two, one},
	} {
		for _, way := range []string{"as it was", "given up", "same arguments"} {
			db := database(t, "CREATE TABLE t (v TEXT CHECK (v != '7'), w TEXT)")
			store := checkpoint.Memory()
			run := func(statement string, row func(string) []any, opts ...stream.Option) error {
				p := stream.New("shop")
				p.From(source.Slice([]string{"1", "7", "8"})).To(sqlsink.Statement(db, statement, row, always), append(opts, stream.Name("rows"))...)
				return p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(store, time.Hour))
			}
			require.ErrorContains(t, run(x.before, x.rowBefore), `the row ("7"`)
			for _, opts := range [][]stream.Option{nil, {stream.SkipFailures()}} {
				err := run(x.now, x.rowNow, opts...)
				for _, part := range []string{"checkpoint 1 holds rows", x.before, x.now, "once with the statement as it was", `row "shop/rows" of table freshet_commits hold 1`} {
					assert.ErrorContains(t, err, part)
				}
				assert.Empty(t, query(t, db, "SELECT 1 FROM t"))
			}
			want := 2
			switch way {
			case "as it was":
				require.NoError(t, run(x.before, x.rowBefore, stream.SkipFailures()))
			case "given up":
				_, err := db.Exec("UPDATE freshet_commits SET checkpoint = 1 WHERE name = 'shop/rows'")
				require.NoError(t, err)
				want = 0
			case "same arguments":
				require.NoError(t, run("-- where is it?\nREPLACE"+x.before[len("INSERT"):], x.rowBefore, stream.SkipFailures()))
			}
			require.NoError(t, run(x.now, x.rowNow), "the next run has nothing to do with it")
			assert.Len(t, query(t, db, "SELECT 1 FROM t"), want)
		}
	}
}

// Checkpoints of earlier versions do not know the statement.
func TestRowsOfFirstVersion(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT, w TEXT)")
	commit := func(id int64, statement string) error {
		c, err := sqlsink.Statement(db, statement, textRow).(stream.TransactionalSink[string]).OpenCommitter(committing(t))
		require.NoError(t, err)
		return c.Commit(context.Background(), id, [][]byte{sqlsink.RowsOfFirstVersion([]any{"1"}, []any{"2"})})
	}
	require.NoError(t, commit(1, "INSERT INTO t (v) VALUES (?)"))
	assert.Equal(t, []string{"1", "2"}, query(t, db, "SELECT v FROM t"))
	err := commit(2, "INSERT INTO t VALUES (?, ?)")
	for _, part := range []string{`the row ("1")`, "see Faults", "checkpoint 2 has promised its rows", "of table freshet_commits hold 2"} {
		assert.ErrorContains(t, err, part)
	}
}

func TestPlaceholders(t *testing.T) {
	for statement, want := range map[string]int{
		"":                                      0,
		"INSERT INTO t VALUES (?, ?)":           2,
		"INSERT INTO t VALUES ($1, $2, $1)":     2,
		"INSERT INTO t VALUES (?1, ?2, ?1)":     2,
		"INSERT INTO t VALUES (:a, @b, $c, :a)": 3,
		"SELECT '?', 'it''s ?', \"?\", `?`, ?":  1,
		"-- ?\n/* ?\n? */ SELECT $1::text, @@x": 1,
	} {
		assert.Equal(t, want, sqlsink.Placeholders(statement), statement)
	}
}

// Statements of chance come to what a regular expression finds in them.
func TestPlaceholdersOfAnyText(t *testing.T) {
	parts := regexp.MustCompile(`(?s)'[^']*'|"[^"]*"|` + "`[^`]*`" + `|--[^\n]*|/\*.*?\*/|::|@@|\?\d*|[$:@]\w+`)
	rng := rand.New(rand.NewPCG(8, 8))
	for range 50_000 {
		text := make([]byte, rng.IntN(16))
		for i := range text {
			text[i] = "?$:@'\"`-/*\n1a_ é"[rng.IntN(17)]
		}
		named, n := map[string]bool{}, 0
		for _, part := range parts.FindAllString(string(text), -1) {
			if part == "?" {
				n++
			} else if strings.ContainsAny(part[:1], "?$:@") && part != "::" && part != "@@" {
				named[part] = true
			}
		}
		require.Equal(t, n+len(named), sqlsink.Placeholders(string(text)), "%q", text)
	}
}

func TestTableNames(t *testing.T) {
	for _, name := range []string{"t", "_t1", "s.t", "S._9"} {
		assert.NotPanics(t, func() { sqlsink.CommitTable(name) }, name)
	}
	for _, name := range []string{"", ".", "1t", "s.", ".t", "s.1", "a.b.c", "t t", "é", "t;"} {
		assert.Panics(t, func() { sqlsink.CommitTable(name) }, name)
	}
}
