package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

func TestReport(t *testing.T) {
	dir := t.TempDir()
	if err := takings(t.Context(), dir); err == nil {
		t.Fatal("it was not stopped")
	}
	var out bytes.Buffer
	if err := run(&out, dir, true); err != nil {
		t.Fatal(err)
	}
	// The time of the run is not the test's.
	report := regexp.MustCompile(`taken [-0-9]+ [:0-9]+`).ReplaceAll(out.Bytes(), []byte("taken at some time"))
	exampletest.Golden(t, "report.txt", report)
}

func TestWithoutDirectory(t *testing.T) {
	var out bytes.Buffer
	if err := run(&out, "", false); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out.Bytes(), []byte("per customer")) {
		t.Errorf("no operators in\n%s", out.String())
	}
}

func TestFinalAndDamaged(t *testing.T) {
	dir := t.TempDir()
	p := stream.New("numbers")
	p.From(source.Slice([]int{1, 2, 3})).To(sink.Discard[int]())
	for range 2 {
		if err := p.Run(t.Context(), stream.Checkpoints(checkpoint.Dir(dir), time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	manifests, err := filepath.Glob(filepath.Join(dir, "manifest-*"))
	if err != nil || len(manifests) != 2 {
		t.Fatal(manifests, err)
	}
	if err := os.Truncate(manifests[1], 30); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(&out, dir, false); err == nil {
		t.Error("no error for a checkpoint that cannot be read")
	}
	if !bytes.Contains(out.Bytes(), []byte("all sources read to their ends")) {
		t.Errorf("the whole one is missing in\n%s", out.String())
	}
}
