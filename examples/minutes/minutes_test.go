package main

import (
	"bytes"
	"slices"
	"testing"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
)

func TestReport(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out, morning()); err != nil {
		t.Fatal(err)
	}
	exampletest.Golden(t, "report.txt", out.Bytes())
}

// In the order of their times nothing is late.
func TestSorted(t *testing.T) {
	orders := morning()
	slices.SortFunc(orders, func(a, b order) int { return a.At.Compare(b.At) })
	var out bytes.Buffer
	if err := run(t.Context(), &out, orders); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("too late")) || !bytes.Contains(out.Bytes(), []byte("1390")) {
		t.Errorf("south took 400 and 990 in its first minute:\n%s", out.String())
	}
}
