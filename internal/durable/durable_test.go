package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/durable"
)

func TestMakeDir(t *testing.T) {
	root := t.TempDir()
	deep := filepath.Join(root, "a", "b", "c")
	for range 2 { // the second time they are there
		require.NoError(t, durable.MakeDir(deep, 0o700))
		info, err := os.Stat(deep)
		require.NoError(t, err)
		require.True(t, info.IsDir())
	}
	t.Chdir(root)
	require.NoError(t, durable.MakeDir("d", 0o700))
	require.DirExists(t, filepath.Join(root, "d"))

	file := filepath.Join(root, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorIs(t, durable.MakeDir(file, 0o700), os.ErrExist)
	require.Error(t, durable.MakeDir(filepath.Join(file, "below"), 0o700))
	require.NoError(t, durable.MakeDir(string(filepath.Separator), 0o700))
}
