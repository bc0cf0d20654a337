package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

// What the generator says of its orders is what one finds who reads them.
func TestOrders(t *testing.T) {
	dir := t.TempDir()
	const n = 20_003
	a, err := writeOrders(dir, n)
	require.NoError(t, err)
	var orders, late, size int
	sum, revenue := 0.0, map[contest.Cell]float64{}
	for i := range orderFiles {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("orders-%d.jsonl", i)))
		require.NoError(t, err)
		size += len(data)
		high := time.Time{}
		for line := range bytes.Lines(data) {
			var o struct {
				Category string
				Amount   float64
				PaidAt   time.Time `json:"paid_at"`
			}
			require.NoError(t, json.Unmarshal(line, &o))
			var all map[string]any
			require.NoError(t, json.Unmarshal(line, &all))
			require.Len(t, all, 9)
			orders++
			sum += o.Amount
			revenue[contest.Cell{Minute: o.PaidAt.Unix() / 60, Category: o.Category}] += o.Amount
			if o.PaidAt.Before(high.Add(-5 * time.Second)) {
				late++
			}
			if o.PaidAt.After(high) {
				high = o.PaidAt
			}
		}
	}
	require.Equal(t, n, orders)
	require.EqualValues(t, size, a.Bytes)
	require.InDelta(t, a.sum(), sum, 1e-3)
	require.Equal(t, a.Minutes, contest.Cells(revenue))
	require.InDelta(t, n/100, late, n/200)
	again, err := writeOrders(t.TempDir(), n)
	require.NoError(t, err)
	require.Equal(t, a, again)
}

func TestSame(t *testing.T) {
	require.NoError(t, same(contest.Sum(1e9+0.5), contest.Sum(1e9)))
	require.Error(t, same(contest.Sum(1e9+5), contest.Sum(1e9)))
	require.Error(t, same(contest.Sum(math.NaN()), contest.Sum(1e9)))
	require.Error(t, same(contest.Result{}, contest.Sum(1e9)))
	cells := contest.Cells(map[contest.Cell]float64{{Minute: 7, Category: "tea"}: 12.34})
	require.NoError(t, same(cells, contest.Cells(map[contest.Cell]float64{{Minute: 7, Category: "tea"}: 12.3400001})))
	require.Error(t, same(cells, contest.Cells(map[contest.Cell]float64{{Minute: 7, Category: "tee"}: 12.34})))
	require.Error(t, same(cells, contest.Cells(map[contest.Cell]float64{{Minute: 8, Category: "tea"}: 12.34})))
	require.Error(t, same(contest.Result{}, nil))
}

// The whole, with our own programs: small, but all that is measured at size 1 but
// the latencies. What is not installed is named, and what was measured is kept.
func TestCommand(t *testing.T) {
	dir := t.TempDir()
	kept, svg := filepath.Join(dir, "runs"), filepath.Join(dir, "chart.svg")
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), []string{"-size", "0.002", "-rounds", "1", "-contest", "sum,minutes,keyed", "-only", "freshet,loop,timely,duckdb",
		"-installed", dir, "-results", kept, "-svg", svg}, &out))
	require.Contains(t, out.String(), "20000 orders")
	require.Regexp(t, `DuckDB +not installed: run peers/install`, out.String())
	require.Regexp(t, `timely +not installed`, out.String())
	data, err := os.ReadFile(kept)
	require.NoError(t, err)
	require.Equal(t, 3+2+8, bytes.Count(data, []byte("\n")))
	data, err = os.ReadFile(svg)
	require.NoError(t, err)
	require.Equal(t, 3+2+8, bytes.Count(data, []byte("<rect x=\"290\"")))
	shown := out.String()
	out.Reset()
	require.NoError(t, command(t.Context(), []string{"-size", "0.002", "-results", kept, "-show", "-only", "freshet,loop"}, &out))
	require.Contains(t, out.String(), strings.Split(shown, "\n")[0])
}

// A program that comes to something else, or prints no report, fails the command.
func TestMismatch(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "venv", "bin"), 0o755))
	for said, want := range map[string]string{
		`{"version": "0", "jobs": [{"wall": 1}], "result": {"sum": "42"}}`: "DuckDB: it comes to 42, and has to come to",
		`{"version": "0", "result": {"sum": "42"}}`:                        "its report has no jobs",
		`Killed`: "DuckDB: its report",
	} {
		script := "#!/bin/sh\necho '" + said + "'\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, "venv", "bin", "python"), []byte(script), 0o755))
		err := command(t.Context(), []string{"-size", "0.001", "-rounds", "1", "-contest", "sum", "-only", "duckdb", "-installed", dir}, &bytes.Buffer{})
		require.ErrorContains(t, err, want)
	}
}

func TestRefused(t *testing.T) {
	for _, args := range [][]string{
		{"-size", "0"}, {"-size", "NaN"}, {"-rounds", "0"}, {"-only", "ducks"}, {"-contest", "sums"}, {"-contest", "latency", "-only", "duckdb"}, {"-show"},
	} {
		require.Error(t, command(t.Context(), args, &bytes.Buffer{}), "%q", args)
	}
}

// What is slower is said first, by the medians of the rounds.
func TestSlower(t *testing.T) {
	c := contested{Name: "sum", Title: "the sum", Entries: []entry{{Program: "freshet"}, {Program: "duckdb"}, {Program: "polars"}, {Program: "benthos", Part: 20}}}
	b := &bench{size: 1, missing: map[string]bool{}}
	for i, seconds := range []float64{4, 2, 8, 1} {
		for _, factor := range []float64{1, 0.9, 100} {
			b.runs = append(b.runs, run{Contest: "sum", Entry: c.Entries[i], Wall: factor * seconds, Report: contest.Report{Jobs: []contest.Job{{Wall: 1}}}})
		}
	}
	require.Equal(t, []string{"sum: Freshet takes 2.00 times the wall time of DuckDB."}, b.slower([]contested{c}))
	rows := b.rows(c)
	require.InDelta(t, 0.5, rows[2].Ratio, 1e-9)
	require.InDelta(t, 0.2, rows[3].Ratio, 1e-9)
	var out bytes.Buffer
	require.NoError(t, b.print(&out, []contested{c}))
	require.True(t, strings.HasPrefix(out.String(), "sum: Freshet takes 2.00"))
}
