package recovery_test

import (
	"bufio"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"
)

// results returns all rows that the shop has shown in a folder, sorted.
func results(t testing.TB, out string) (all []string) {
	names, err := filepath.Glob(filepath.Join(out, "*.jsonl"))
	require.NoError(t, err)
	for _, name := range names {
		f, err := os.Open(name)
		require.NoError(t, err)
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			all = append(all, filepath.Base(name)[:4]+" "+lines.Text())
		}
		require.NoError(t, lines.Err())
		require.NoError(t, f.Close())
	}
	all = append(all, tableShown(t, out)...)
	slices.Sort(all)
	return all
}

// tableShown returns the rows of the database.
func tableShown(t testing.TB, dir string) (all []string) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "rows.db"))
	require.NoError(t, err)
	defer db.Close()
	found, err := db.Query("SELECT kind, of, value FROM rows")
	require.NoError(t, err)
	defer found.Close()
	for found.Next() {
		var kind, of, value string
		require.NoError(t, found.Scan(&kind, &of, &value))
		all = append(all, kind+" "+of+" "+value)
	}
	require.NoError(t, found.Err())
	return all
}
