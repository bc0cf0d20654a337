package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/query"
)

// The command runs every query, and finds as many results as the loops do.
func TestCommand(t *testing.T) {
	dir := t.TempDir()
	svg, ratios := filepath.Join(dir, "chart.svg"), filepath.Join(dir, "ratios.json")
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), []string{"-events", "20000", "-rate", "1000", "-rounds", "1", "-svg", svg, "-update", ratios}, &out))
	for _, q := range query.All {
		require.Contains(t, out.String(), " "+q.Name+"  ")
	}
	chart, err := os.ReadFile(svg)
	require.NoError(t, err)
	require.Equal(t, len(query.All), strings.Count(string(chart), "2b6ca3"))
	for d := xml.NewDecoder(bytes.NewReader(chart)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		}
		require.NoError(t, err)
	}
	kept := map[string]float64{}
	data, err := os.ReadFile(ratios)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &kept))
	require.Len(t, kept, len(query.All))
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), []string{"-events", "20000", "-rounds", "1", "-short", "-json", "-queries", "q1, q2"}, &out))
	var all []measured
	require.NoError(t, json.Unmarshal(out.Bytes(), &all))
	require.Len(t, all, 2)
	require.Equal(t, 4000, all[0].Events)
	require.Equal(t, 3680, all[0].Rows)
	require.Positive(t, all[0].One.PlainRatio)
}

// A ratio that has grown by more than half is an error, and so is a query that
// nobody has kept a ratio of.
func TestRatios(t *testing.T) {
	of := func(name string, ratio float64) measured {
		return measured{Query: name, One: rates{PlainRatio: ratio, Best: ratio}}
	}
	file := filepath.Join(t.TempDir(), "ratios.json")
	require.NoError(t, keepRatios(file, []measured{of("q1", 2), of("q2", 1)}))
	tries := 0
	slow := func(name string) (measured, error) { tries++; return of(name, 3.2), nil }
	require.NoError(t, checkRatios(file, []measured{of("q1", 2.9), of("q2", 0.5)}, slow))
	require.Zero(t, tries)
	err := checkRatios(file, []measured{of("q1", 3.1), of("q3", 1)}, slow)
	require.Equal(t, 2, tries)
	require.ErrorContains(t, err, "q1 takes 3.10 times the time of its loop at best, and took 2.00")
	require.ErrorContains(t, err, "knows no q3")
	busy := func(name string) (measured, error) { return of(name, 2.1), nil }
	require.NoError(t, checkRatios(file, []measured{of("q1", 3.1)}, busy))
}

func TestUnknownQuery(t *testing.T) {
	require.EqualError(t, command(t.Context(), []string{"-queries", "q99"}, io.Discard), `there is no query "q99"`)
	require.Error(t, command(t.Context(), []string{"-events", "0"}, io.Discard))
}
