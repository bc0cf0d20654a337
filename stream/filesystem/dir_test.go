package filesystem_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
)

func TestDir(t *testing.T) {
	filesystemtest.Suite{
		System: func(t testing.TB) func() filesystem.Writable {
			path := filepath.Join(t.TempDir(), "above", "out")
			return func() filesystem.Writable { return filesystem.Dir(path) }
		},
		Away: func(t testing.TB) filesystem.Writable { return filesystem.Dir(filepath.Join(t.TempDir(), "none")) },
	}.Run(t)
}

// A Put that was interrupted leaves a file beside, which the next one replaces.
func TestDirPutInterrupted(t *testing.T) {
	path := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(path, "a.new"), []byte("half"), 0o600))
	require.NoError(t, filesystem.Dir(path).Put(t.Context(), "a", []byte("whole")))
	data, err := os.ReadFile(filepath.Join(path, "a"))
	require.NoError(t, err)
	assert.Equal(t, "whole", string(data))
	assert.NoFileExists(t, filepath.Join(path, "a.new"))
}

// A name leads nowhere else.
func TestDirStaysInside(t *testing.T) {
	top := t.TempDir()
	path := filepath.Join(top, "in")
	require.NoError(t, os.Mkdir(path, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(top, "secret"), nil, 0o600))
	require.NoError(t, os.Symlink(top, filepath.Join(path, "link")))
	d := filesystem.Dir(path)
	_, err := d.Stat(t.Context(), "link/secret")
	require.Error(t, err)
	_, err = d.Create(t.Context(), "link/x")
	require.Error(t, err)
	assert.NoFileExists(t, filepath.Join(top, "x"))
}

// Errors say what was tried with what, why it failed, and the way out.
func TestDirErrors(t *testing.T) {
	path := t.TempDir()
	d := filesystem.Dir(path)
	for _, name := range []string{"a", "b"} {
		require.NoError(t, d.Put(t.Context(), name, nil))
	}
	assert.EqualError(t, d.Rename(t.Context(), "a", "b"),
		"rename "+path+"/a: to b, which is there and is not overwritten; move it elsewhere: file already exists")
	_, err := filesystem.Dir(path+"/none").Stat(t.Context(), "a")
	assert.EqualError(t, err,
		"stat "+path+"/none/a: the directory cannot be opened: no such file or directory; see that it is there, its disk mounted and it may be read")
	assert.EqualError(t, d.Truncate(t.Context(), "a", 3), "truncate "+path+"/a: to 3 bytes: it has 0")
}

// A link does not lead out of the directory, whatever is asked for below it.
func TestDirMkdirStaysInside(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(root, "sub")))
	require.Error(t, filesystem.Dir(root).Mkdir(t.Context(), "sub/x"))
	require.NoDirExists(t, filepath.Join(outside, "x"))
	require.NoError(t, filesystem.Dir(root).Mkdir(t.Context(), "a/b/c"))
	require.DirExists(t, filepath.Join(root, "a/b/c"))
	require.NoError(t, filesystem.Dir(root).Mkdir(t.Context(), "."))
	require.NoError(t, filesystem.Dir(filepath.Join(root, "new/er")).Mkdir(t.Context(), "."))
	require.DirExists(t, filepath.Join(root, "new/er"))
}

// What is made is for its owner alone, unless Modes lets others read.
func TestDirModes(t *testing.T) {
	for _, c := range []struct {
		opts        []filesystem.DirOption
		files, dirs fs.FileMode
	}{{nil, 0o600, 0o700}, {[]filesystem.DirOption{filesystem.Modes(0o640, 0o750)}, 0o640, 0o750}} {
		root := filepath.Join(t.TempDir(), "made", "root")
		d := filesystem.Dir(root, c.opts...)
		require.NoError(t, d.Mkdir(t.Context(), "a/b"))
		f, err := d.Create(t.Context(), "a/b/created")
		require.NoError(t, err)
		require.NoError(t, f.Close(t.Context()))
		require.NoError(t, d.Put(t.Context(), "a/put", nil))
		for _, name := range []string{"a/b/created", "a/put"} {
			info, err := os.Stat(filepath.Join(root, name))
			require.NoError(t, err)
			require.Equal(t, c.files, info.Mode().Perm(), name)
		}
		for _, name := range []string{"..", ".", "a", "a/b"} {
			info, err := os.Stat(filepath.Join(root, name))
			require.NoError(t, err)
			require.Equal(t, c.dirs, info.Mode().Perm(), name)
		}
	}
	require.Panics(t, func() { filesystem.Modes(0o400, 0o700) })
	require.Panics(t, func() { filesystem.Modes(0o4600, 0o700) })
}
