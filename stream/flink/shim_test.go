package flink_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/stream/internal/shimjar"
)

// The jar that is embedded is the one that the sources beside it give, to the byte.
func TestShimIsOfItsSources(t *testing.T) {
	folder := servertest.Java(t, miniflink.Sources)
	if _, err := shimjar.Compiler(t.Context()); err != nil {
		servertest.Missing(t, "javac of JDK "+shimjar.JDK, shimjar.Install)
	}
	want, err := shimjar.Make(t.Context(), shimjar.Spec{Sources: []string{"shim", "../internal/shim"}, Release: "11", Main: "org.freshet.Job"}, filepath.Join(folder, "classpath"))
	require.NoError(t, err)
	got, err := os.ReadFile("shim.jar")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "shim.jar is not of its sources: go generate ./stream/flink")
	require.Less(t, len(got), 128<<10)
}
