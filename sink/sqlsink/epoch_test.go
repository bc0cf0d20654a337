package sqlsink_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A table of commits of an earlier version gets its column.
func TestCommitTableOfBefore(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT)", "CREATE TABLE freshet_commits (name VARCHAR(255) PRIMARY KEY, checkpoint BIGINT NOT NULL)",
		"INSERT INTO freshet_commits VALUES ('p%2F1/store', 7)")
	for epoch := range 3 {
		c, _ := begin(t, sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow))
		id, err := c.Committed(t.Context())
		require.NoError(t, err)
		assert.EqualValues(t, 7, id)
		require.NoError(t, c.Abort(t.Context(), 7))
		assert.Equal(t, []string{fmt.Sprint(epoch + 1)}, query(t, db, "SELECT epoch FROM freshet_commits"))
	}
}

// A run that goes on while a later one has begun is told so at its next checkpoint, and not begun again.
func TestFenced(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT)")
	s := sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow)
	old, w := begin(t, s)
	require.NoError(t, old.Abort(t.Context(), 0))
	put(t, w, events(2)...)
	prepared := prepare(t, w)
	require.NoError(t, old.Commit(t.Context(), 1, prepared))
	young, _ := begin(t, s)
	require.NoError(t, young.Abort(t.Context(), 1))
	for range 2 {
		err := old.Commit(t.Context(), 2, prepared)
		fenced, ok := errors.AsType[*sqlsink.FencedError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, sqlsink.FencedError{Marker: `row "p%2F1/store" of table freshet_commits`, Epoch: 1, Taken: 2}, *fenced)
		assert.ErrorIs(t, err, checkpoint.ErrLocked)
		_, err = old.Committed(t.Context())
		assert.ErrorIs(t, err, checkpoint.ErrLocked)
	}
	require.NoError(t, young.Commit(t.Context(), 2, prepared))
	assert.Len(t, query(t, db, "SELECT v FROM t"), 4)
	_, ok := errors.AsType[*stream.RewindError](func() error {
		c, _ := begin(t, s)
		return c.Abort(t.Context(), 1)
	}())
	assert.True(t, ok, "somebody has committed since the run has asked")
}
