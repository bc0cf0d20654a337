package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
	"github.com/freshet-go/freshet/examples/internal/retail"
	"github.com/freshet-go/freshet/internal/browsertest"
	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/mining/cluster"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func TestTeaShop(t *testing.T) {
	var out bytes.Buffer
	file := filepath.Join(t.TempDir(), "shop.html")
	require.NoError(t, run(t.Context(), &out, file, "a tea shop", source.Slice(teaShop(1, 300)), stream.Shards(2)))
	exampletest.Golden(t, "report.txt", out.Bytes())
	inBrowser(t, file)
}

// inBrowser looks at the page at both widths: it has an answer to each question, nothing sticks out, and nothing goes wrong.
func inBrowser(t *testing.T, file string) {
	b := browsertest.Start(t)
	for _, width := range []int{1200, 360} {
		b.View(width, 900, width == 360)
		b.Open("file://" + file)
		require.Equal(t, true, b.Eval("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "something sticks out")
		require.EqualValues(t, 7, b.Eval("document.querySelectorAll('h2').length"))
		require.EqualValues(t, 5, b.Eval("[...document.querySelectorAll('svg.freshet-chart')].filter(s => s.getBoundingClientRect().width > 0).length"))
		require.NotContains(t, b.Eval("document.body.textContent"), "no data")
		if dir := os.Getenv("FRESHET_SCREENSHOTS"); dir != "" {
			b.Screenshot(filepath.Join(dir, fmt.Sprint("mining-", width, ".png")))
		}
	}
	require.Empty(t, b.Troubles())
}

// A year is read the same for all batches, shards, orders of arrival and speeds.
func TestUnchanged(t *testing.T) {
	rows := teaShop(3, 40)
	for i := range rows { // no two at once: their order is that of their places
		rows[i].InvoiceDate = rows[i].InvoiceDate.Add(time.Duration(i))
	}
	exampletest.Unchanged(t, func(ctx context.Context, r exampletest.Replay) string {
		s, err := read(ctx, r.Source(retail.Row.At, disorder, rows), r.Options()...)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(s)
	})
}

// Shops of few orders have a report, too, and one without has an error.
func TestSmallShops(t *testing.T) {
	for _, customers := range []int{12, 30} {
		require.NoError(t, run(t.Context(), new(bytes.Buffer), filepath.Join(t.TempDir(), "small.html"), "small", source.Slice(teaShop(2, customers))))
	}
	require.ErrorContains(t, run(t.Context(), new(bytes.Buffer), "", "empty", source.Slice[retail.Row]()), "nothing was sold")
}

// The figures of Online Retail are those that others have computed (FACTS.md of the data). Under the race detector, where it takes minutes, that is left to
// the run of CI without it.
func TestOnlineRetail(t *testing.T) {
	if racing.On {
		return
	}
	path := exampletest.Shared(t, "online_retail.csv.gz")
	s, err := read(t.Context(), source.Files(os.DirFS(filepath.Dir(path)), filepath.Base(path), codec.CSV[retail.Row]()))
	require.NoError(t, err)
	require.Len(t, s.orders, 19_960)
	require.Len(t, s.customers, 4_338)
	require.Len(t, s.known(), 18_532)
	require.Len(t, s.names, 3_922)
	require.Len(t, s.days, 305)
	require.InDelta(t, 10_666_684.54, s.revenue().Pounds(), 0.01)

	_, scaled, err := s.recencyFrequencyMoney()
	require.NoError(t, err)
	segments := cluster.NewKMeans(letters, 3, cluster.Restarts(20))
	require.NoError(t, segments.Fit(scaled))
	require.InDelta(t, 3962.6436, segments.Inertia(), 0.4, "ours goes on a little longer than scikit-learn: 3962.40")

	sets, rules, err := s.rules()
	require.NoError(t, err)
	require.Len(t, sets.Sets, 385)
	require.Len(t, rules, 59)

	table := s.snapshot()
	require.Equal(t, 3_317, table.Len())
	require.Equal(t, 1_864, int(mean(table.Y)*3_317+0.5))

	cohorts := s.cohorts()
	require.Equal(t, []int{885, 324, 286, 340, 321, 352}, cohorts[0].Users[:6])
	require.Equal(t, []int{417, 92, 111, 96, 134, 120}, cohorts[1].Users[:6])

	var out bytes.Buffer
	_, err = comesBack(&out, s)
	require.NoError(t, err)
	require.Contains(t, out.String(), "logistic regression  0.7513    0.5804")
	out.Reset()
	_, err = toShow(&out, s)
	require.NoError(t, err)
	require.Contains(t, out.String(), "bought by whom bought the same    0.3339  0.0584   0.0739")
	require.Contains(t, out.String(), "the most popular                  0.2325  0.0245   0.0348")
}
