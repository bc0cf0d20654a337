package livepage

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

func at(second float64) time.Time { return time.Unix(0, int64(second*1e9)) }

func plotted(t *testing.T, p Plot) (sent struct {
	Unit, Zone string
	Lines      []line
	More       int
}) {
	t.Helper()
	c, err := p.content()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(c.body, &sent))
	return sent
}

// Points are sent in their order, the last of those at one time, and null where they are not joined.
func TestPlot(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		step   time.Duration
		points []Point
		times  []float64
		values []float64 // NaN for null
	}{
		"nothing":         {0, nil, []float64{}, nil},
		"all gaps":        {0, []Point{{at(1), nan}, {at(2), math.Inf(1)}}, []float64{}, nil},
		"order and ties":  {0, []Point{{at(3), 3}, {at(1), 1}, {at(3), 4}, {at(2.5), 2}}, []float64{1, 2.5, 3}, []float64{1, 2, 4}},
		"a gap of NaN":    {0, []Point{{at(1), 1}, {at(2), nan}, {at(3), 3}}, []float64{1, 2, 3}, []float64{1, nan, 3}},
		"a gap of time":   {time.Second, []Point{{at(1), 1}, {at(2), 2}, {at(3.5), 3}, {at(5.5), 5}}, []float64{1, 2, 3.5, 4.5, 5.5}, []float64{1, 2, 3, nan, 5}},
		"before 1970":     {0, []Point{{at(-2.5), -1}}, []float64{-2.5}, []float64{-1}},
		"gaps at the end": {0, []Point{{at(1), nan}, {at(2), 2}, {at(3), nan}}, []float64{2}, []float64{2}},
	} {
		l := plotted(t, Plot{Step: c.step, Series: []Series{{"a", c.points}}}).Lines[0]
		assert.Equal(t, c.times, l.Times, name)
		require.Len(t, l.Values, len(c.values), name)
		for i, v := range l.Values {
			assert.Equal(t, c.values[i] != c.values[i], v == nil, "%s, %d", name, i)
			if v != nil {
				assert.Equal(t, c.values[i], *v, name)
			}
		}
	}
	london, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	for zone, want := range map[*time.Location]string{nil: "Etc/UTC", time.UTC: "UTC", time.Local: "Etc/UTC", london: "Europe/London", time.FixedZone("mine", 3600): "Etc/UTC"} {
		assert.Equal(t, want, plotted(t, Plot{Zone: zone}).Zone)
	}
	many := plotted(t, Plot{Series: make([]Series, 107)})
	assert.Len(t, many.Lines, 100)
	assert.Equal(t, 7, many.More)
}

// A long series is sent in parts, keeps its ends, its peak, and its gap.
func TestLongPlot(t *testing.T) {
	points := make([]Point, 500_000)
	for i := range points {
		points[i] = Point{at(float64(i)), math.Sin(float64(i) / 50)}
	}
	points[123_456].Value, points[400_000].Value, points[7].Value = 50, -50, math.NaN()
	l := plotted(t, Plot{Step: time.Second, Series: []Series{{"a", points}}}).Lines[0]
	assert.Less(t, len(l.Times), 4*parts+20)
	var least, most float64
	gaps := 0
	for i, v := range l.Values {
		if v == nil {
			gaps++
			continue
		}
		least, most = min(least, *v), max(most, *v)
		assert.LessOrEqual(t, l.Times[max(i-1, 0)], l.Times[i])
	}
	assert.Equal(t, []float64{-50, 50, 1, 0, 499_999}, []float64{least, most, float64(gaps), l.Times[0], l.Times[len(l.Times)-1]})
	points[7].Value = 0
	for i := range points {
		points[i].Time = at(5) // all at once
	}
	assert.Len(t, plotted(t, Plot{Series: []Series{{"a", points}}}).Lines[0].Times, 1)
}

type euros int64

func (euros) String() string { return "12.50 €" }

func TestTable(t *testing.T) {
	for _, c := range []struct {
		value any
		want  cell
	}{
		{nil, cell{}}, {"a\nb", cell{"a\nb", false}}, {-1234567, cell{"-1,234,567", true}}, {uint64(math.MaxUint64), cell{"18,446,744,073,709,551,615", true}}, {int64(math.MinInt64), cell{"-9,223,372,036,854,775,808", true}},
		{0.0, cell{"0", true}}, {math.NaN(), cell{"–", true}}, {math.Inf(-1), cell{"-Inf", true}}, {123456.7, cell{"123,457", true}}, {12.3456, cell{"12.35", true}}, {float32(0.5), cell{"0.5", true}}, {1e-9, cell{"1e-09", true}}, {999.96, cell{"1000", true}},
		{euros(3), cell{"12.50 €", true}}, {time.Date(2026, 3, 14, 9, 0, 0, 5, time.UTC), cell{"2026-03-14 09:00:00", false}}, {errors.New("no"), cell{"no", false}}, {[]int{1}, cell{"[1]", false}}, {true, cell{"true", false}},
		{big.NewInt(5), cell{"5", false}}, {strings.Repeat("ö", 400), cell{strings.Repeat("ö", 250) + "…", false}},
	} {
		assert.Equal(t, c.want, cellOf(c.value), "%v", c.value)
	}
	c, err := Table{Columns: []string{"a", "b"}, Rows: [][]any{{1}, {1, 2, 3}, {}}, Most: 2}.content()
	require.NoError(t, err)
	assert.JSONEq(t, `{"Columns": ["a", "b"], "Rows": [[{"Text": "1", "Right": true}, {"Text": "", "Right": false}], [{"Text": "1", "Right": true}, {"Text": "2", "Right": true}]], "More": 1}`, string(c.body))
	c, err = Table{}.content()
	require.NoError(t, err)
	assert.JSONEq(t, `{"Columns": [], "Rows": [], "More": 0}`, string(c.body))
}

// However many viewers ask, a panel is drawn once an interval, and shows what they were promised; a panic is their error alone.
func TestDrawnOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := stream.New("drawn")
		page := New(p)
		values := make(chan int)
		drawings, broken := 0, 0
		s := p.From(source.Chan(values))
		s.To(page.Table("rows", 10, func(values []int) Table {
			drawings++
			return Table{Columns: []string{"n"}, Rows: [][]any{{len(values)}}}
		}))
		s.To(page.Plot("broken", 10, func([]int) Plot {
			broken++
			panic("no ink")
		}))
		s.To(page.Show("none", 10, func([]int) Picture { return nil }))
		get := func(path string) (int, string) {
			w := httptest.NewRecorder()
			page.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			return w.Code, w.Body.String()
		}
		ran := make(chan error)
		go func() { ran <- p.Run(t.Context(), stream.Shards(1)) }()
		for round := range 3 {
			values <- 1
			synctest.Wait()
			time.Sleep(time.Second)
			for n := range 1000 {
				_, body := get("/panels/0")
				require.Contains(t, body, fmt.Sprintf(`"Text":"%d"`, 1+3*round))
				code, body := get("/panels/1")
				require.Equal(t, http.StatusInternalServerError, code)
				require.Equal(t, "livepage: panel \"broken\" cannot be drawn: panic: no ink\n", body)
				if n == 500 { // the pipeline goes on meanwhile
					values <- 2
					values <- 3
					synctest.Wait()
				}
			}
			assert.Equal(t, []int{round + 1, round + 1}, []int{drawings, broken})
			_, body := get("/panels/2")
			assert.Contains(t, body, "there is no picture")
		}
		close(values)
		require.NoError(t, <-ran)
	})
}
