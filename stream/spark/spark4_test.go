package spark_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/stream/spark"
)

// On the Spark 4 that PySpark brings, with an executor for each of two tasks and a worker that dies, a pipeline gives the rows that it gives in one process,
// and a failure names its operator.
func TestSpark4(t *testing.T) {
	python := os.Getenv("FRESHET_PARQUET")
	if python == "" {
		servertest.Missing(t, "the Python of PySpark (FRESHET_PARQUET)", "sink/parquetsink/testdata/install DIR, and export FRESHET_PARQUET=DIR/bin/python")
	}
	out, err := exec.CommandContext(t.Context(), python, "-c", "import os, pyspark; print(pyspark.__version__, os.path.dirname(pyspark.__file__))").Output()
	require.NoError(t, err)
	version, home, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	require.Regexp(t, `^4\.`, version)
	from, want := written(t)
	to := t.TempDir()
	require.NoError(t, spark.Run(t.Context(), build("worker dies", from, to), "local-cluster[2,1,600]", environment(home, "worker dies", from, to)...))
	_, err = os.Stat(filepath.Join(to, "a worker has died"))
	require.NoError(t, err)
	table, files := found(t, to)
	requireRows(t, want, table)
	requireRows(t, want, files)
	failures(t, home, from)
}
