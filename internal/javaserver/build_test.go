package javaserver_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/javaserver"
)

// A folder is built anew where its sources have changed or a jar has gone, and left as it is where not. Maven is a script here, that counts.
func TestBuild(t *testing.T) {
	bin, folder, jar := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "a.jar")
	script := "#!/bin/sh\necho run >>" + bin + "/runs\n[ ! -e " + bin + "/broken ] || exit 1\n: >" + jar + "\necho " + jar + " >classpath\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "mvn"), []byte(script), 0o755))
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	sources := fstest.MapFS{"pom.xml": {Data: []byte("<project/>")}, "log.xml": {Data: []byte("<log/>")}, "old/.keep": {}, ".pom.xml.swp": {}}
	runs := 0
	build := func(more int) {
		t.Helper()
		require.NoError(t, javaserver.Build(t.Context(), sources, folder))
		require.NoError(t, javaserver.Check(sources, folder))
		all, err := os.ReadFile(filepath.Join(bin, "runs"))
		require.NoError(t, err)
		runs += more
		require.Len(t, all, len("run\n")*runs)
	}
	require.ErrorIs(t, javaserver.Check(sources, folder), fs.ErrNotExist)
	build(1)
	build(0)
	path, err := javaserver.Classpath(folder)
	require.NoError(t, err)
	require.Equal(t, folder+string(filepath.ListSeparator)+jar, path)
	copied, err := os.ReadFile(filepath.Join(folder, "log.xml"))
	require.NoError(t, err)
	require.Equal(t, "<log/>", string(copied))

	require.NoError(t, os.Remove(jar))
	require.ErrorContains(t, javaserver.Check(sources, folder), "a jar that has gone")
	build(1)
	old := sources
	sources = fstest.MapFS{"pom.xml": {Data: []byte("<project> </project>")}}
	require.ErrorContains(t, javaserver.Check(sources, folder), "built of other sources")

	// A build that fails leaves nothing that counts as built, of the sources before either.
	require.NoError(t, os.WriteFile(filepath.Join(bin, "broken"), nil, 0o644))
	require.Error(t, javaserver.Build(context.Background(), sources, folder))
	require.Error(t, javaserver.Check(old, folder))
	runs++
	require.NoError(t, os.Remove(filepath.Join(bin, "broken")))
	build(1)
	build(0)
}
