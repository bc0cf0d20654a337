package drift_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/drift"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

type run struct {
	Kind    string
	Options map[string]any
	Stream  []float64
}

type answer struct {
	Stream               []float64
	Detections, Warnings []int
	Windows              [][3]float64
	Seconds              float64
}

type question struct {
	Doc  bool
	Runs []run
}

// numbers has changes of mean, of variance, of neither, and ties.
func numbers(r *rand.Rand, n int) []float64 {
	xs, mean, sd := make([]float64, n), 0.0, 1.0
	for i := range xs {
		if r.IntN(800) == 0 {
			mean, sd = 3*r.NormFloat64(), 0.2+2*r.Float64()
		}
		xs[i] = mean + sd*r.NormFloat64()
		if sd > 1.5 {
			xs[i] = float64(int(xs[i]))
		}
	}
	return xs
}

// bits has changes of its rate.
func bits(r *rand.Rand, n int) []float64 {
	xs, p := make([]float64, n), 0.2
	for i := range xs {
		if r.IntN(900) == 0 {
			p = r.Float64()
		}
		xs[i] = drift.Bit(r.Float64() < p)
	}
	return xs
}

// feed returns where a detector detects and warns.
func feed(d drift.Detector, xs []float64) (detections, warnings []int) {
	w, _ := d.(drift.Warner)
	detections, warnings = []int{}, []int{}
	for i, x := range xs {
		if d.Add(x) {
			detections = append(detections, i)
		}
		if w != nil && w.Warning() {
			warnings = append(warnings, i)
		}
	}
	return detections, warnings
}

// TestRiver compares every detector with river's, at every value of random streams.
func TestRiver(t *testing.T) {
	r := oracle.Random(t)
	var q question
	var ours []drift.Detector
	ask := func(d drift.Detector, kind string, options map[string]any, xs []float64) {
		ours = append(ours, d)
		q.Runs = append(q.Runs, run{kind, options, xs})
	}
	for range 4 {
		delta, clock, least, grace, buckets := []float64{0.002, 0.05, 0.3}[r.IntN(3)], []int{1, 8, 32}[r.IntN(3)], 1+r.IntN(8), r.IntN(50), 2+r.IntN(6)
		ask(drift.NewADWIN(), "ADWIN", map[string]any{}, numbers(r, 20000))
		ask(drift.NewADWIN(), "ADWIN", map[string]any{}, bits(r, 20000))
		ask(drift.NewADWIN(drift.Delta(delta), drift.Clock(clock), drift.Least(least), drift.Grace(grace), drift.Buckets(buckets)), "ADWIN",
			map[string]any{"delta": delta, "clock": clock, "min_window_length": least, "grace_period": grace, "max_buckets": buckets}, numbers(r, 10000))
		ask(drift.NewPageHinkley(), "PageHinkley", map[string]any{}, numbers(r, 20000))
		ask(drift.NewPageHinkley(drift.Threshold(9), drift.Delta(0.1), drift.Fading(0.99), drift.Grace(grace), drift.Side(drift.Up)), "PageHinkley",
			map[string]any{"threshold": 9, "delta": 0.1, "alpha": 0.99, "min_instances": grace, "mode": "up"}, numbers(r, 10000))
		ask(drift.NewPageHinkley(drift.Threshold(9), drift.Side(drift.Down)), "PageHinkley", map[string]any{"threshold": 9, "mode": "down"}, numbers(r, 10000))
		ask(drift.NewDDM(), "DDM", map[string]any{}, bits(r, 20000))
		ask(drift.NewDDM(drift.Grace(100), drift.WarnAt(1.5), drift.DetectAt(2.5)), "DDM", map[string]any{"warm_start": 100, "warning_threshold": 1.5, "drift_threshold": 2.5}, bits(r, 10000))
		ask(drift.NewEDDM(), "EDDM", map[string]any{}, bits(r, 20000))
		ask(drift.NewHDDMA(), "HDDMA", map[string]any{}, bits(r, 20000))
		ask(drift.NewHDDMA(drift.DetectAt(0.01), drift.WarnAt(0.1), drift.Side(drift.Both)), "HDDMA", map[string]any{"drift_confidence": 0.01, "warning_confidence": 0.1, "two_sided_test": true}, bits(r, 10000))
		ask(drift.NewHDDMW(), "HDDMW", map[string]any{}, bits(r, 20000))
		ask(drift.NewHDDMW(drift.DetectAt(0.01), drift.WarnAt(0.1), drift.Fading(0.02), drift.Side(drift.Both)), "HDDMW",
			map[string]any{"drift_confidence": 0.01, "warning_confidence": 0.1, "lambda_val": 0.02, "two_sided_test": true}, bits(r, 10000))
		s := r.Uint32()
		ask(drift.NewKSWIN(drift.Seed(uint64(s))), "KSWIN", map[string]any{"seed": s}, numbers(r, 1500))
		ask(drift.NewKSWIN(drift.Seed(uint64(s)), drift.Window(150), drift.Recent(50), drift.DetectAt(0.0005)), "KSWIN", map[string]any{"seed": s, "window_size": 150, "stat_size": 50, "alpha": 0.0005}, numbers(r, 1000))
	}
	var answers []answer
	oracle.Ask(t, "testdata/oracle.py", q, &answers)
	require.Len(t, answers, len(q.Runs))
	found := map[string]int{}
	for i, a := range answers {
		what := fmt.Sprintf("%s %v", q.Runs[i].Kind, q.Runs[i].Options)
		if adwin, ok := ours[i].(*drift.ADWIN); ok {
			var windows [][3]float64
			detections := []int{}
			for j, x := range q.Runs[i].Stream {
				if adwin.Add(x) {
					detections = append(detections, j)
					windows = append(windows, [3]float64{float64(adwin.Width()), adwin.Mean(), adwin.Variance() * float64(adwin.Width())}) // what river calls the variance is the sum of squares
				}
			}
			assert.Equal(t, a.Detections, detections, what)
			require.Len(t, windows, len(a.Windows), what)
			for j := range windows {
				assert.InDeltaSlice(t, a.Windows[j][:], windows[j][:], 1e-9*max(1, a.Windows[j][2]), what)
			}
			found[q.Runs[i].Kind] += len(detections)
			continue
		}
		detections, warnings := feed(ours[i], q.Runs[i].Stream)
		assert.Equal(t, a.Detections, detections, what)
		if q.Runs[i].Kind == "EDDM" { // river's leaves the warning on at a detection
			a.Warnings = slices.DeleteFunc(a.Warnings, func(at int) bool { return slices.Contains(detections, at) })
		}
		assert.Equal(t, a.Warnings, warnings, what)
		found[q.Runs[i].Kind] += len(detections)
	}
	t.Logf("detections, the same ones: %v", found)
}

// TestDocumentation is the stream that river's documentation shows.
func TestDocumentation(t *testing.T) {
	var answers []answer
	oracle.Ask(t, "testdata/oracle.py", question{Doc: true}, &answers)
	got, _ := feed(drift.NewADWIN(), answers[0].Stream)
	assert.Equal(t, []int{1023}, got)
	got, _ = feed(drift.NewADWIN(drift.Older()), answers[0].Stream)
	assert.Equal(t, []int{1023}, got)
	got, _ = feed(drift.NewPageHinkley(), answers[0].Stream)
	assert.Equal(t, []int{1006}, got)
	got, _ = feed(drift.NewPageHinkley(drift.Older()), answers[0].Stream)
	assert.Equal(t, []int{1006}, got)
}
