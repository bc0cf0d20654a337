package recommend

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Popular counts what all buy. A purchase counts half as much after each half-life, by forward decay: Cormode, Shkapenyuk,
// Srivastava and Xu, ICDE 2009. It takes a map entry for each item.
type Popular[I cmp.Ordered] struct {
	halfLife time.Duration
	landmark int64 // in Unix nanoseconds: a purchase of that time counts 1
	started  bool
	counts   map[I]float64
}

// NewPopular returns one that has seen nothing. A half-life of 0 has purchases count the same forever. It panics if it is negative.
func NewPopular[I cmp.Ordered](halfLife time.Duration) *Popular[I] {
	if halfLife < 0 {
		panic(fmt.Sprintf("recommend: NewPopular with a half-life of %v: want 0 or more", halfLife))
	}
	return &Popular[I]{halfLife: halfLife, counts: map[I]float64{}}
}

// Add notes a purchase of a time. Times may come in any order.
func (p *Popular[I]) Add(at time.Time, item I) {
	p.counts[item] += p.weight(at.UnixNano())
}

func (p *Popular[I]) weight(at int64) float64 {
	if p.halfLife == 0 {
		return 1
	}
	if !p.started {
		p.landmark, p.started = at, true
	}
	age := (float64(at) - float64(p.landmark)) / float64(p.halfLife)
	if age > 500 { // before weights overflow, all that was counted becomes small
		p.move(at)
		return 1
	}
	return math.Exp2(age)
}

func (p *Popular[I]) move(at int64) {
	f := math.Exp2((float64(p.landmark) - float64(at)) / float64(p.halfLife))
	for item, n := range p.counts {
		if n *= f; n == 0 {
			delete(p.counts, item)
		} else {
			p.counts[item] = n
		}
	}
	p.landmark = at
}

// Merge adds what b has seen, whose half-life has to be the same, or Merge panics.
func (p *Popular[I]) Merge(b *Popular[I]) {
	if p.halfLife != b.halfLife {
		panic("recommend: Popular.Merge: the two have different half-lives")
	}
	f := 1.0
	switch {
	case p.halfLife == 0 || !b.started:
	case !p.started:
		p.landmark, p.started = b.landmark, true
	case b.landmark > p.landmark:
		p.move(b.landmark)
	default:
		f = math.Exp2((float64(b.landmark) - float64(p.landmark)) / float64(p.halfLife))
	}
	for item, n := range b.counts {
		p.counts[item] += f * n
	}
}

// Recommend returns the n most popular items that are not among those that the user has, and that keep allows: the greatest
// Score first, which is the share of all that was bought. Nil keep allows all.
func (p *Popular[I]) Recommend(has []I, keep func(I) bool, n int) []Recommendation[I] {
	items := slices.Sorted(maps.Keys(p.counts))
	scores, total := make([]float64, len(items)), 0.0
	for i, item := range items {
		scores[i] = p.counts[item]
		total += scores[i]
	}
	var mine []int32
	for _, item := range has {
		if i, found := slices.BinarySearch(items, item); found {
			mine = append(mine, int32(i))
		}
	}
	slices.Sort(mine)
	for i := range scores {
		scores[i] /= total
	}
	return best(items, scores, mine, keep, n)
}

type savedPopular[I cmp.Ordered] struct {
	HalfLife, Landmark int64
	Started            bool
	Counts             map[I]float64
}

// AppendBinary appends all that p holds.
func (p *Popular[I]) AppendBinary(b []byte) ([]byte, error) {
	return saved.As[savedPopular[I]]("recommend.Popular", 1).Append(b, &savedPopular[I]{int64(p.halfLife), p.landmark, p.started, p.counts})
}

// UnmarshalBinary replaces what p holds by what AppendBinary has appended.
func (p *Popular[I]) UnmarshalBinary(data []byte) error {
	var s savedPopular[I]
	if err := saved.As[savedPopular[I]]("recommend.Popular", 1).Read(data, &s, nil); err != nil {
		return err
	}
	*p = Popular[I]{time.Duration(s.HalfLife), s.Landmark, s.Started, map[I]float64{}}
	maps.Copy(p.counts, s.Counts)
	return nil
}
