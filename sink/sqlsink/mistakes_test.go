package sqlsink_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// What cannot work is said where it is written.
func TestUpsertMistakes(t *testing.T) {
	db := database(t, "CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER)")
	type noKey struct {
		N int `sql:"n"`
	}
	type noTag struct{ N int }
	type odd struct {
		N chan int `sql:"n,key"`
	}
	type twice struct {
		A int `sql:"n,key"`
		B int `sql:"n"`
	}
	for want, f := range map[string]func(){
		"no field of sqlsink_test.noKey is a key":    func() { sqlsink.Upsert[noKey](db, "t", sqlsink.SQLite) },
		"sqlsink_test.noTag has no field with a tag": func() { sqlsink.Upsert[noTag](db, "t", sqlsink.SQLite) },
		"field N: no column holds a chan int":        func() { sqlsink.Changes[odd](db, "t", sqlsink.SQLite) },
		"field B: column n is that of field A":       func() { sqlsink.Upsert[twice](db, "t", sqlsink.SQLite) },
		"int is not a struct":                        func() { sqlsink.Upsert[int](db, "t", sqlsink.SQLite) },
		"the database is nil":                        func() { sqlsink.Upsert[kept](nil, "t", sqlsink.SQLite) },
		"0 is no Dialect":                            func() { sqlsink.Upsert[kept](db, "t", 0) },
		`"" is no name`:                              func() { sqlsink.Upsert[kept](db, "", sqlsink.SQLite) },
		"RowsPerStatement(0)":                        func() { sqlsink.RowsPerStatement(0) },
		"the database or the function row is nil":    func() { sqlsink.Statement[int](db, "", nil) },
	} {
		func() {
			defer func() { assert.Contains(t, fmt.Sprint(recover()), want) }()
			f()
		}()
	}
	type more struct {
		K string `sql:"k,key"`
		N int    `sql:"m"`
	}
	_, err := sqlsink.Upsert[more](db, "t", sqlsink.SQLite).Open(&stream.SinkContext{Context: t.Context()})
	assert.EqualError(t, err, "sink: write upsert into t: field N wants the column m, which table t has not: it has k, n")

	p := stream.New("deletes")
	var bad stream.Failures[stream.Change[kept]]
	var failed sink.Collector[stream.Failed[stream.Change[kept]]]
	p.From(source.Slice([]stream.Change[kept]{{Kind: stream.Delete}, {Kind: 9}, {Kind: stream.Read, After: kept{"k", 1}}})).
		To(sqlsink.Changes[kept](db, "t", sqlsink.SQLite), stream.Divert(&bad))
	bad.Stream().To(&failed)
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	require.Len(t, failed.Values(), 2)
	assert.ErrorContains(t, failed.Values()[0].Err, "a delete that does not know the row as it was")
	assert.ErrorContains(t, failed.Values()[1].Err, "ChangeKind(9) is no kind of a change")
	assert.Equal(t, []string{"1"}, query(t, db, "SELECT n FROM t"))
}
