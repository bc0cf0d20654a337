package main

import (
	"bytes"
	"testing"

	"github.com/freshet-go/freshet/internal/minispark"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/stream/spark"
)

// The day is added up by Spark as it is in one process, and the books agree.
func TestOnSpark(t *testing.T) {
	home := t.TempDir()
	if err := minispark.Home(servertest.Java(t, minispark.Sources), home); err != nil {
		t.Fatal(err)
	}
	c := onSpark("local[2]", t.TempDir(), spark.Home(home), spark.Arguments("-spark", "local"), spark.Setting("spark.ui.enabled", "false"))
	var out bytes.Buffer
	if err := c.report(t.Context(), &out, "", nil, 1, 20_000); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	golden(t, out.String())
}
