package anomaly

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/internal/oracle"
)

// repeaters returns the six features of each customer of Online Retail that had an order before 2011-09-01, by number.
func repeaters(t *testing.T) (ids []string, rows [][]float64) {
	dir := os.Getenv("FRESHET_SHARED")
	if dir == "" {
		t.Skip("FRESHET_SHARED is not set: it names the folder with data/online_retail.csv.gz")
	}
	f, err := os.Open(filepath.Join(dir, "data", "online_retail.csv.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	type customer struct {
		first, last  time.Time
		orders, skus map[string]bool
		revenue      float64
		lines        int
	}
	customers := map[string]*customer{}
	cut := time.Date(2011, 9, 1, 0, 0, 0, 0, time.UTC)
	lines := csv.NewReader(z)
	_, err = lines.Read()
	require.NoError(t, err)
	for {
		row, err := lines.Read()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		quantity, _ := strconv.Atoi(row[3])
		price, _ := strconv.ParseFloat(row[5], 64)
		at, err := time.Parse("2006-01-02 15:04:05", row[4])
		require.NoError(t, err)
		id := strings.TrimSuffix(row[6], ".0")
		if strings.HasPrefix(row[0], "C") || quantity <= 0 || price <= 0 || id == "" || !at.Before(cut) {
			continue
		}
		c := customers[id]
		if c == nil {
			c = &customer{first: at, orders: map[string]bool{}, skus: map[string]bool{}}
			customers[id] = c
			ids = append(ids, id)
		}
		c.last = at
		c.orders[row[0]], c.skus[row[1]] = true, true
		c.revenue += float64(quantity) * price
		c.lines++
	}
	slices.Sort(ids)
	for _, id := range ids {
		c := customers[id]
		rows = append(rows, []float64{cut.Sub(c.last).Hours() / 24, cut.Sub(c.first).Hours() / 24, math.Log1p(float64(len(c.orders))), math.Log1p(c.revenue), math.Log1p(float64(c.lines)), math.Log1p(float64(len(c.skus)))})
	}
	require.Len(t, ids, 3317)
	return ids, rows
}

// TestRepeaters has the five customers that scikit-learn finds strangest.
func TestRepeaters(t *testing.T) {
	ids, rows := repeaters(t)
	top := func(scores []float64, n int) (top []string) {
		order := make([]int, len(scores))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int {
			if scores[i] > scores[j] {
				return -1
			}
			return 1
		})
		for _, i := range order[:n] {
			top = append(top, ids[i])
		}
		return top
	}
	ours := scores(t, rows, Trees(1000))
	five := top(ours, 8)
	t.Logf("strangest: %v", five)
	for _, id := range []string{"14911", "14646", "17841", "13089", "12748"} {
		assert.Contains(t, five, id)
	}
	assert.Equal(t, "14911", five[0])
	var want struct{ Scores []float64 }
	oracle.Ask(t, "testdata/oracle.py", asked{"Kind": "forest", "Rows": rows, "Estimators": 100, "Seed": 0}, &want)
	t.Logf("scikit-learn: %v, rank correlation %.4f", top(want.Scores, 8), spearman(want.Scores, ours))
	assert.Greater(t, spearman(want.Scores, ours), 0.95)
}
