package main

import (
	"bytes"
	"testing"

	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/internal/servertest"
)

// The day is added up from HDFS, whichever way, as it is from files, and the books agree.
func TestDayInHDFS(t *testing.T) {
	folder := servertest.Java(t, "internal/minihdfs/testdata/java")
	var want bytes.Buffer
	if err := madeUpDay(t.Context(), &want, "", 1, 5_000); err != nil {
		t.Fatal(err)
	}
	// encoding/json/v2 words its errors in one of two ways, by chance.
	same := func(text []byte) string {
		return string(bytes.ReplaceAll(text, []byte("unable to unmarshal"), []byte("cannot unmarshal")))
	}
	err := withOrders(t.Context(), folder, 1, 5_000, func(c *minihdfs.Cluster, d *day) error {
		for _, address := range []string{"hdfs://" + c.RPC[0] + "/orders", "webhdfs://" + c.HTTP[0] + "/orders/till-*"} {
			var out bytes.Buffer
			if err := report(t.Context(), &out, "", []string{address}, d); err != nil {
				t.Errorf("%s: %v\n%s", address, err, out.String())
			}
			if got := same(out.Bytes()); got != same(want.Bytes()) {
				t.Errorf("from %s:\n%s\nfrom files:\n%s", address, got, want.String())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
