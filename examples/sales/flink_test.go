package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/stream/flink"
)

// TestMain has the test's binary be a worker as the program is: it comes to the same call.
func TestMain(m *testing.M) {
	if os.Getenv(folderVariable) == "" {
		os.Exit(m.Run())
	}
	where := onFlink("", "")
	if len(os.Args) > 1 && os.Args[1] == "-spark" {
		where = onSpark("", "")
	}
	if err := where.report(context.Background(), os.Stdout, "", nil, 0, 0); err != nil {
		panic(err)
	}
}

// The day is added up on a cluster of Flink as it is in one process, and the books agree.
func TestOnFlink(t *testing.T) {
	cluster, err := miniflink.Start(t.Context(), servertest.Java(t, miniflink.Sources), t.TempDir(), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Kill()
	var out bytes.Buffer
	if err := onFlink(cluster.Address, t.TempDir(), flink.Arguments()).report(t.Context(), &out, "", nil, 1, 20_000); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out.String(), cluster.Output())
	}
	golden(t, out.String())
}

// golden compares a report with that of one process. encoding/json/v2 words its errors in one of two ways, by chance.
func golden(t *testing.T, report string) {
	t.Helper()
	exampletest.Golden(t, "report.txt", []byte(strings.ReplaceAll(report, "unable to unmarshal", "cannot unmarshal")))
}
