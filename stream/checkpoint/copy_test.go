package checkpoint_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

func ExampleCopy() {
	store, backup := checkpoint.Memory(), checkpoint.Memory() // or checkpoint.Dir, on another disk
	if err := counting(source.Slice([]int{1, 2, 3, 4})).Run(context.Background(), stream.Shards(1), stream.Checkpoints(store, time.Hour)); err != nil {
		fmt.Println(err)
	}
	m, err := checkpoint.Copy(store, backup, 0, checkpoint.Keep(7))
	if err != nil {
		fmt.Println(err)
		return
	}
	all, err := checkpoint.Verify(backup)
	fmt.Println(m.ID, len(all), err)
	// Output:
	// 1 1 <nil>
}

// Copies are taken again and again while a run prunes what it has; each is whole, and a run goes on from it.
func TestCopyWhileRunning(t *testing.T) {
	store, backup := checkpoint.Memory(), checkpoint.Memory()
	ctx, cancel := context.WithCancel(t.Context())
	p := counting(source.Generate(1<<40, func(i int64) int { return int(i) }, source.Rate(50_000)))
	ended := make(chan error, 1)
	go func() {
		ended <- p.Run(ctx, stream.Shards(2), stream.Checkpoints(store, time.Millisecond, checkpoint.Keep(1)))
	}()
	made := 0
	for made < 20 {
		require.Empty(t, ended)
		m, err := checkpoint.Copy(store, backup, 0, checkpoint.Keep(2))
		if err != nil {
			require.ErrorIs(t, err, fs.ErrNotExist) // none yet, or five were removed under it
			continue
		}
		made++
		all, err := checkpoint.Verify(backup)
		require.NoError(t, err)
		require.LessOrEqual(t, len(all), 2)
		require.Equal(t, m.ID, all[0].ID)
	}
	_, err := checkpoint.Verify(store)
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	all, err := checkpoint.Inspect(backup)
	require.NoError(t, err)
	restored := checkpoint.Memory()
	_, err = checkpoint.Copy(backup, restored, 0)
	require.NoError(t, err)
	again := counting(source.Generate(int64(all[0].Sources[0].Count)+10, func(i int64) int { return int(i) }))
	require.NoError(t, again.Run(t.Context(), stream.Checkpoints(restored, time.Hour)))
	read := int64(0)
	for _, x := range again.Stats().Operators[0].Instances {
		read += x.Out
	}
	require.EqualValues(t, 10, read)
}

func TestCopyRefuses(t *testing.T) {
	run := func(store checkpoint.Store, n int) {
		for range n {
			require.NoError(t, counting(source.Slice([]int{1, 2, 3})).Run(t.Context(), stream.Checkpoints(store, time.Hour)))
		}
	}
	store, backup := checkpoint.Memory(), checkpoint.Memory()
	_, err := checkpoint.Copy(store, backup, 0)
	require.ErrorIs(t, err, fs.ErrNotExist)
	run(store, 2)
	_, err = checkpoint.Copy(store, backup, 7)
	require.ErrorIs(t, err, fs.ErrNotExist)
	m, err := checkpoint.Copy(store, backup, 1)
	require.NoError(t, err)
	require.EqualValues(t, 1, m.ID)
	for range 2 { // the second time it is there
		m, err = checkpoint.Copy(store, backup, 0)
		require.NoError(t, err)
		require.EqualValues(t, 2, m.ID)
	}
	_, err = checkpoint.Copy(store, backup, 1)
	require.ErrorContains(t, err, "has checkpoint 2, which is newer")
	emptied := checkpoint.Memory()
	run(emptied, 2)
	_, err = checkpoint.Copy(emptied, backup, 0)
	require.ErrorContains(t, err, "another store")
	unlock, err := backup.Lock()
	require.NoError(t, err)
	run(store, 1)
	_, err = checkpoint.Copy(store, backup, 0)
	require.ErrorIs(t, err, checkpoint.ErrLocked)
	require.NoError(t, unlock())

	// A damaged file is not copied, and one that is damaged in the copy is found.
	files, err := store.List()
	require.NoError(t, err)
	for _, name := range files {
		data, err := store.Read(name)
		require.NoError(t, err)
		if name[0] == 's' {
			data[len(data)-1] ^= 1
			require.NoError(t, backup.Write(name, data))
		}
	}
	_, err = checkpoint.Verify(backup)
	require.ErrorIs(t, err, checkpoint.ErrDamaged)
}

// A database that is put back belongs to the checkpoint that its note names. With an older one rows would come
// twice, with a newer one they would be missing: both are refused.
func TestCopyWithDatabase(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "shop.db")
	open := func() *sql.DB {
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		db.SetMaxOpenConns(1)
		return db
	}
	db := open()
	_, err := db.Exec("CREATE TABLE numbers (n INTEGER)")
	require.NoError(t, err)
	store := checkpoint.Memory()
	numbers := make(chan int)
	pipeline := func(db *sql.DB, from stream.Source[int]) *stream.Pipeline {
		p := stream.New("numbers")
		p.From(from, stream.Name("numbers")).
			To(sqlsink.Statement(db, "INSERT INTO numbers (n) VALUES (?)", func(n int) []any { return []any{n} }), stream.Name("rows"))
		return p
	}
	p := pipeline(db, source.Chan(numbers))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, stream.Shards(1), stream.Checkpoints(store, time.Hour)) }()
	backups := map[int]checkpoint.Store{}
	for n := range 3 { // behind each savepoint all is committed: database and checkpoint are copied
		numbers <- n
		_, err := p.Savepoint(ctx, fmt.Sprint(n))
		require.NoError(t, err)
		_, err = db.Exec("VACUUM INTO ?", filepath.Join(dir, fmt.Sprint(n, ".db")))
		require.NoError(t, err)
		backups[n] = checkpoint.Memory()
		_, err = checkpoint.Copy(store, backups[n], 0)
		require.NoError(t, err)
	}
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.NoError(t, db.Close())

	for _, c := range []struct {
		database, checkpoint int
		refused              any
	}{{1, 1, nil}, {0, 2, new(*stream.LostResultsError)}, {2, 0, new(*stream.RewindError)}} {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(c.database, ".db")))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		db := open()
		restored := checkpoint.Memory()
		_, err = checkpoint.Copy(backups[c.checkpoint], restored, 0)
		require.NoError(t, err)
		more := make(chan int, 1)
		more <- 9
		close(more)
		err = pipeline(db, source.Chan(more)).Run(t.Context(), stream.Shards(1), stream.Checkpoints(restored, time.Hour))
		var rows []int
		found, e := db.Query("SELECT n FROM numbers ORDER BY n")
		require.NoError(t, e)
		for found.Next() {
			var n int
			require.NoError(t, found.Scan(&n))
			rows = append(rows, n)
		}
		require.NoError(t, found.Err())
		if c.refused == nil {
			require.NoError(t, err)
			require.Equal(t, []int{0, 1, 9}, rows)
		} else {
			require.ErrorAs(t, err, c.refused)
			require.NotContains(t, rows, 9)
		}
		require.NoError(t, db.Close())
	}
}
