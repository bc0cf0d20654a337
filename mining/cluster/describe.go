package cluster

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/mining"
)

// A Segment says what a group is, beside all events.
type Segment struct {
	Group    int
	Size     int
	Share    float64    // of all events
	Features []Contrast // the one that sets the group apart most comes first
}

// A Contrast is the mean of a feature in a group beside that of all.
type Contrast struct {
	Name    string // "feature 3" where the table has no name
	Mean    float64
	All     float64
	Apart   float64 // how many standard deviations of all events the mean is above that of all
	Missing int     // events of the group that lack it
}

// Describe returns what each group is, by the groups of the events of a table, in the order of their numbers; Noise comes
// first if there is any. Means are of the table's values: describe what people know, such as days and money, and not what was
// scaled for the model. A feature that nobody of a group has has a Mean of NaN, and stands last.
func Describe(t *mining.Table, of []int) []Segment {
	if len(of) != t.Len() {
		panic(fmt.Sprintf("cluster: Describe: %d groups of %d events", len(of), t.Len()))
	}
	features := t.Features()
	rows := make([][]float64, t.Len())
	for i, x := range t.X {
		rows[i] = make([]float64, features)
		fill(rows[i], x)
	}
	groups := slices.Compact(slices.Sorted(slices.Values(of)))
	var segments []Segment
	for _, group := range groups {
		s := Segment{Group: group}
		for _, g := range of {
			if g == group {
				s.Size++
			}
		}
		s.Share = float64(s.Size) / float64(len(of))
		for f := range features {
			s.Features = append(s.Features, contrast(t, rows, of, group, f))
		}
		slices.SortStableFunc(s.Features, func(a, b Contrast) int {
			return cmp.Compare(strength(b), strength(a))
		})
		segments = append(segments, s)
	}
	return segments
}

// strength is how much a contrast says: NaN says least.
func strength(c Contrast) float64 {
	if c.Apart != c.Apart {
		return -1
	}
	return math.Abs(c.Apart)
}

func contrast(t *mining.Table, rows [][]float64, of []int, group, f int) Contrast {
	c := Contrast{Name: fmt.Sprintf("feature %d", f)}
	if f < len(t.Names) {
		c.Name = t.Names[f]
	}
	var all, n, here, m float64
	for i, row := range rows {
		if v := row[f]; v == v {
			n++
			all += (v - all) / n
			if of[i] == group {
				m++
				here += (v - here) / m
			}
		} else if of[i] == group {
			c.Missing++
		}
	}
	squares := 0.0
	for _, row := range rows {
		if v := row[f]; v == v {
			squares += (v - all) * (v - all)
		}
	}
	c.All, c.Mean, c.Apart = all, here, 0
	if m == 0 {
		c.Mean, c.Apart = math.NaN(), math.NaN()
	} else if squares > 0 {
		c.Apart = (here - all) / math.Sqrt(squares/n)
	}
	return c
}

// String returns "1,180 events (27 %): recency low (18.2, of all 92.1); orders very high (9.8, of all 4.3)": what lies at least a quarter of a
// standard deviation from the mean of all, three features at most.
func (s Segment) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s events (%.0f %%)", thousands(s.Size), 100*s.Share)
	said := 0
	for _, f := range s.Features {
		word := f.word()
		if word == "" || said == 3 {
			break
		}
		b.WriteString([]string{": ", "; ", "; "}[said])
		fmt.Fprintf(&b, "%s %s (%.4g, of all %.4g)", f.Name, word, f.Mean, f.All)
		said++
	}
	if said == 0 {
		b.WriteString(": like all")
	}
	return b.String()
}

// word returns "high", or nothing for what is like all.
func (c Contrast) word() string {
	side := "high"
	if c.Apart < 0 {
		side = "low"
	}
	switch a := math.Abs(c.Apart); {
	case a >= 1.25:
		return "very " + side
	case a >= 0.6:
		return side
	case a >= 0.25:
		return "rather " + side
	}
	return ""
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
