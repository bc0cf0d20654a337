package behaviour_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/behaviour"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
)

// The cohorts of Online Retail (FACTS.md).
func TestCohorts(t *testing.T) {
	r := behaviour.NewRetention[int](behaviour.Months(time.UTC))
	for _, l := range shopdata.Clean(t) {
		if l.Customer != 0 {
			r.Add(l.Customer, l.Time)
		}
	}
	cohorts := r.Cohorts()
	require.Equal(t, []int{885, 324, 286, 340, 321, 352}, cohorts[0].Users[:6])
	require.Equal(t, []int{417, 92, 111, 96, 134, 120}, cohorts[1].Users[:6])
	require.Equal(t, time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC), cohorts[0].Start)
	require.Len(t, cohorts, 13)
	all := 0
	for i, c := range cohorts {
		require.Len(t, c.Users, 13-i)
		all += c.Users[0]
	}
	require.Equal(t, 4338, all)
}

// The sessions of the web log, by address (FACTS.md).
func TestSessionsOfLog(t *testing.T) {
	f, err := os.Open(shopdata.Path(t, "apache_logs_10k.log.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	hits := map[netip.Addr][]time.Time{}
	for lines := bufio.NewScanner(z); lines.Scan(); {
		address, rest, _ := strings.Cut(lines.Text(), " ")
		_, rest, _ = strings.Cut(rest, "[")
		stamp, _, _ := strings.Cut(rest, "]")
		at, err := time.Parse("02/Jan/2006:15:04:05 -0700", stamp)
		require.NoError(t, err)
		ip := netip.MustParseAddr(address)
		hits[ip] = append(hits[ip], at)
	}
	sessions, single, seconds := 0, 0, 0.0
	for _, all := range hits {
		for _, s := range behaviour.Sessions(all, func(at time.Time) time.Time { return at }, 30*time.Minute) {
			sessions++
			if len(s) == 1 {
				single++
			}
			seconds += s[len(s)-1].Sub(s[0]).Seconds()
		}
	}
	require.Equal(t, 3052, sessions)
	require.Equal(t, 1607, single)
	require.InDelta(t, 3.2765, 10_000/float64(sessions), 5e-5)
	require.InDelta(t, 16.1258, seconds/float64(sessions), 5e-5)
}

func TestSessionsEdges(t *testing.T) {
	at := func(t time.Time) time.Time { return t }
	require.Empty(t, behaviour.Sessions(nil, at, time.Minute))
	events := []time.Time{day.Add(2 * time.Minute), day, day.Add(time.Minute), day.Add(2*time.Minute + 61*time.Second)}
	require.Equal(t, [][]time.Time{{day, day.Add(time.Minute), day.Add(2 * time.Minute)}, {day.Add(2*time.Minute + 61*time.Second)}}, behaviour.Sessions(events, at, time.Minute))
	require.Equal(t, day.Add(2*time.Minute), events[0], "it does not change what it is given")
}

// Cohorts are what the definition says, in whatever order and parts events come.
func TestRetentionLaws(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	for _, period := range []behaviour.Period{behaviour.Months(zone), behaviour.Weeks(zone)} {
		random := rand.New(rand.NewPCG(1, 1))
		whole, a, b := behaviour.NewRetention[string](period), behaviour.NewRetention[string](period), behaviour.NewRetention[string](period)
		for range 3000 {
			user := fmt.Sprint(random.IntN(40))
			at := time.Unix(int64(random.IntN(600*86400)-300*86400), 0)
			whole.Add(user, at)
			if random.IntN(2) == 0 {
				a.Add(user, at)
			} else {
				b.Add(user, at)
			}
		}
		a.Merge(b)
		require.Equal(t, whole.Cohorts(), a.Cohorts())
		data, err := a.AppendBinary(nil)
		require.NoError(t, err)
		restored := behaviour.NewRetention[string](period)
		require.Error(t, restored.UnmarshalBinary(data[1:]))
		require.NoError(t, restored.UnmarshalBinary(data))
		require.Equal(t, whole.Cohorts(), restored.Cohorts())
		for _, c := range whole.Cohorts() {
			require.NotZero(t, c.Users[0])
			require.Equal(t, 1.0, c.Share(0))
			require.NotEqual(t, c.Share(999), c.Share(999))
		}
	}
	require.Empty(t, behaviour.NewRetention[int](behaviour.Months(time.UTC)).Cohorts())
	require.Panics(t, func() {
		r := behaviour.NewRetention[int](behaviour.Months(time.UTC))
		r.Add(1, time.Unix(0, 0))
		r.Add(1, time.Date(5000, 1, 1, 0, 0, 0, 0, time.UTC))
	})
}

// A week begins on Monday, where the shop is, also before 1970.
func TestWeeks(t *testing.T) {
	zone := time.FixedZone("shop", -5*3600)
	for _, start := range []time.Time{time.Date(2026, 11, 23, 0, 0, 0, 0, zone), time.Date(1969, 12, 22, 0, 0, 0, 0, zone)} {
		require.Equal(t, time.Monday, start.Weekday())
		r := behaviour.NewRetention[int](behaviour.Weeks(zone))
		r.Add(1, start)
		r.Add(1, start.Add(7*24*time.Hour-1))
		r.Add(2, start.Add(-1))
		c := r.Cohorts()
		require.Len(t, c, 2)
		require.Equal(t, start, c[1].Start)
		require.Equal(t, []int{1}, c[1].Users)
	}
}

func ExampleRetention() {
	r := behaviour.NewRetention[string](behaviour.Months(time.UTC))
	r.Add("ann", time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC))
	r.Add("ann", time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC))
	r.Add("bob", time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC))
	r.Add("eve", time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC))
	fmt.Print(behaviour.Table(r.Cohorts()))
	// Output:
	// 2026-09-01       2   0  50
	// 2026-10-01       1   0
}
