package eval

import (
	"fmt"
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A ListScore says how good one list of recommendations was, at k.
type ListScore struct {
	Hit              float64 // 1 if one of the first k was relevant
	Precision        float64 // the share of k places that were relevant: places that a short list leaves empty were not
	Recall           float64 // the share of what was relevant that is among the first k
	AveragePrecision float64 // the sum of the precisions at each relevant place, over min(k, relevant)
	ReciprocalRank   float64 // 1 over the place of the first relevant one, 0 if it is none of the first k
	NDCG             float64 // the discounted gain, 1/log2(place+1) of each relevant one, over the best that a list could have
}

// ScoreList scores the first k of recommended, best first, by what turned out to be relevant. What comes again in a list is a place lost: it
// is relevant once. Where nothing was relevant there is nothing to find: all figures are NaN, and [Lists] does not count
// them. It panics if k is less than 1.
func ScoreList[T comparable](k int, recommended, relevant []T) ListScore {
	k = atLeastOne(k)
	left := make(map[T]bool, len(relevant))
	for _, item := range relevant {
		left[item] = true
	}
	all := len(left)
	gains := make([]bool, min(k, len(recommended)))
	for i := range gains {
		if left[recommended[i]] {
			gains[i], left[recommended[i]] = true, false
		}
	}
	return scoreList(k, gains, all)
}

func atLeastOne(k int) int {
	if k < 1 {
		panic(fmt.Sprintf("eval: a list is judged at 1 place or more, not %d", k))
	}
	return k
}

func scoreList(k int, gains []bool, relevant int) (s ListScore) {
	if relevant == 0 {
		nan := math.NaN()
		return ListScore{nan, nan, nan, nan, nan, nan}
	}
	found, gain, best := 0.0, 0.0, 0.0
	for i, relevant := range gains {
		if relevant {
			found++
			if found == 1 {
				s.Hit, s.ReciprocalRank = 1, 1/float64(i+1)
			}
			s.AveragePrecision += found / float64(i+1)
			gain += 1 / math.Log2(float64(i+2))
		}
	}
	for i := range min(k, relevant) {
		best += 1 / math.Log2(float64(i+2))
	}
	s.Precision, s.Recall = found/float64(k), found/float64(relevant)
	s.AveragePrecision /= float64(min(k, relevant))
	s.NDCG = gain / best
	return s
}

// NDCG returns the discounted cumulative gain at k of items that are put in the order of their scores, over that of the order of
// their gains: Σ gain/log2(place+1). Items with equal scores share their places, as in scikit-learn. A k of 0 is all
// of them. It is 0 if no gain is greater than 0, and NaN of no items. Gains are 0 or more. It is Järvelin and Kekäläinen, "Cumulated
// gain-based evaluation of IR techniques", ACM TOIS 20, 2002.
func NDCG(k int, gains, scores []float64) float64 {
	batch(gains, scores, nil, "NDCG")
	if len(gains) == 0 {
		return math.NaN()
	}
	if k == 0 {
		k = len(gains)
	}
	k = min(atLeastOne(k), len(gains))
	for _, g := range gains {
		weigh(g, "NDCG: gains")
	}
	return over(dcg(k, gains, scores), dcg(k, gains, gains), 0)
}

func dcg(k int, gains, scores []float64) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		}
		return 0
	})
	all := 0.0
	for from := 0; from < k; {
		to, gain, discount := from, 0.0, 0.0
		for ; to < len(order) && scores[order[to]] == scores[order[from]]; to++ {
			gain += gains[order[to]]
			if to < k {
				discount += 1 / math.Log2(float64(to+2))
			}
		}
		if to == from { // a score that is NaN
			to++
		}
		all += gain / float64(max(1, to-from)) * discount
		from = to
	}
	return all
}

// Lists is the mean of the scores of many lists: hit rate, precision, recall, MAP, MRR and NDCG at k. The zero value has none, and is
// ready. Merge adds what another has seen. It takes constant memory and time.
type Lists struct {
	weight  sum
	sums    [6]sum
	without uint64
}

// Add adds the score of a list. One of nothing relevant counts for Without only.
func (l *Lists) Add(s ListScore) { l.AddWeighted(s, 1) }

// AddWeighted adds the score of a list as if it came weight times.
func (l *Lists) AddWeighted(s ListScore, weight float64) {
	weigh(weight, "Lists")
	if math.IsNaN(s.Hit) {
		l.without++
		return
	}
	l.weight.add(weight)
	for i, v := range [...]float64{s.Hit, s.Precision, s.Recall, s.AveragePrecision, s.ReciprocalRank, s.NDCG} {
		l.sums[i].add(weight * v)
	}
}

// Merge adds what o has seen.
func (l *Lists) Merge(o *Lists) {
	l.weight.merge(o.weight)
	for i := range l.sums {
		l.sums[i].merge(o.sums[i])
	}
	l.without += o.without
}

// Scale multiplies the weight of all lists by a factor, so that they fade: see [Confusion.Scale].
func (l *Lists) Scale(by float64) {
	fading(by, "Lists")
	l.weight.scale(by)
	for i := range l.sums {
		l.sums[i].scale(by)
	}
}

// Clone returns a copy.
func (l *Lists) Clone() *Lists { c := *l; return &c }

// Total returns the weight of the lists.
func (l *Lists) Total() float64 { return l.weight.value() }

// Without returns the number of lists that had nothing relevant to find.
func (l *Lists) Without() uint64 { return l.without }

// Mean returns the mean of each figure: Hit is the hit rate, AveragePrecision is MAP, ReciprocalRank is MRR. They are NaN of
// no lists.
func (l *Lists) Mean() ListScore {
	w := l.weight.value()
	of := func(i int) float64 { return l.sums[i].value() / w }
	return ListScore{of(0), of(1), of(2), of(3), of(4), of(5)}
}

type plainLists Lists

var kindLists = saved.As[plainLists]("eval.Lists", 1)

// AppendBinary appends the sums.
func (l *Lists) AppendBinary(b []byte) ([]byte, error) { return kindLists.Append(b, (*plainLists)(l)) }

// UnmarshalBinary reads what AppendBinary appended.
func (l *Lists) UnmarshalBinary(data []byte) error {
	return kindLists.Read(data, (*plainLists)(l), nil)
}
