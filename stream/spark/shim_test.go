package spark_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/minispark"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/stream/internal/shimjar"
)

// The jar that is embedded is the one that the sources give, to the byte.
func TestShimIsOfItsSources(t *testing.T) {
	folder := servertest.Java(t, minispark.Sources)
	if _, err := shimjar.Compiler(t.Context()); err != nil {
		servertest.Missing(t, "javac of JDK "+shimjar.JDK, shimjar.Install)
	}
	spec := shimjar.Spec{Sources: []string{"shim", "../internal/shim"}, Release: "8", Main: "org.freshet.Batch"}
	want, err := shimjar.Make(t.Context(), spec, filepath.Join(folder, "classpath"))
	require.NoError(t, err)
	got, err := os.ReadFile("shim.jar")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "shim.jar is not of its sources: go generate ./stream/spark")
	require.Less(t, len(got), 100<<10)
}
