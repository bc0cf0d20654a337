package drift_test

import (
	"compress/gzip"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/drift"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

// elec2 returns the labels of the Elec2 stream.
func elec2(t testing.TB) (labels []float64) {
	dir := os.Getenv("FRESHET_SHARED")
	if dir == "" {
		t.Skip("FRESHET_SHARED is not set: it names the folder with data/elec.csv.gz")
	}
	f, err := os.Open(filepath.Join(dir, "data", "elec.csv.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	rows, err := csv.NewReader(z).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		class := row[len(row)-1]
		labels = append(labels, drift.Bit(class == "UP" || class == "1"))
	}
	require.Len(t, labels, 45312)
	return labels
}

// TestElec2 has the figures of ports of river's rules.
func TestElec2(t *testing.T) {
	labels := elec2(t)
	errors := []float64{0}
	for i := 1; i < len(labels); i++ {
		errors = append(errors, drift.Bit(labels[i] != labels[i-1]))
	}
	// These figures are by the rules that river had when they were made.
	got, _ := feed(drift.NewADWIN(drift.Older()), labels)
	require.Len(t, got, 77)
	assert.Equal(t, []int{1151, 1855, 3199, 3583, 4095, 4543, 5535, 6559}, got[:8])
	got, _ = feed(drift.NewADWIN(drift.Older()), errors)
	assert.Equal(t, []int{14847, 26495, 29919, 33695, 36159}, got)

	got, _ = feed(drift.NewPageHinkley(drift.Older()), labels)
	require.Len(t, got, 18)
	assert.Equal(t, []int{2681, 3399, 4510, 6096, 7333, 19236}, got[:6])
	got, _ = feed(drift.NewPageHinkley(drift.Older()), errors)
	assert.Equal(t, []int{2787, 21935, 36143}, got)

	// What river says today.
	var answers []answer
	oracle.Ask(t, "testdata/oracle.py", question{Runs: []run{{"ADWIN", map[string]any{}, labels}, {"ADWIN", map[string]any{}, errors}, {"PageHinkley", map[string]any{}, labels}}}, &answers)
	start := processor(t)
	got, _ = feed(drift.NewADWIN(), labels)
	took := (processor(t) - start).Seconds()
	assert.Equal(t, answers[0].Detections, got)
	t.Logf("ADWIN on %d labels: %d detections; river %.0f ns a value, ours %.0f: %.0f times", len(labels), len(got), answers[0].Seconds*1e9/float64(len(labels)), took*1e9/float64(len(labels)), answers[0].Seconds/took)
	got, _ = feed(drift.NewADWIN(), errors)
	assert.Equal(t, answers[1].Detections, got)
	t.Logf("ADWIN on the errors of no change: detections %v", got)
	start = processor(t)
	feed(drift.NewPageHinkley(), labels)
	took = (processor(t) - start).Seconds()
	t.Logf("PageHinkley: river %.0f ns a value, ours %.0f: %.0f times", answers[2].Seconds*1e9/float64(len(labels)), took*1e9/float64(len(labels)), answers[2].Seconds/took)
}
