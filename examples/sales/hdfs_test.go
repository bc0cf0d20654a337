package main

import (
	"bytes"
	"testing"

	"github.com/freshet-go/freshet/internal/servertest"
)

// The day is added up from HDFS as it is from files, and the books agree.
func TestDayInHDFS(t *testing.T) {
	folder := servertest.Java(t, "internal/minihdfs/testdata/java")
	var out, want bytes.Buffer
	if err := dayOfHDFS(t.Context(), &out, folder, "", 1, 5_000); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if err := madeUpDay(t.Context(), &want, "", 1, 5_000); err != nil {
		t.Fatal(err)
	}
	// encoding/json/v2 words its errors in one of two ways, by chance.
	same := func(text []byte) string {
		return string(bytes.ReplaceAll(text, []byte("unable to unmarshal"), []byte("cannot unmarshal")))
	}
	if got := same(out.Bytes()); got != same(want.Bytes()) {
		t.Errorf("from HDFS:\n%s\nfrom files:\n%s", got, want.String())
	}
}
