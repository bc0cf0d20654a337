package sketch

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// A Reservoir is a sample of k values without replacement. Each value has a priority, -ln(u)/w for a random u and its weight w, and the k
// least priorities are in the sample: so the first to be drawn is each value with a probability in proportion to its weight, and so on among
// the rest. With equal weights each set of k values is as likely as any other.
//
// Memory is k values; Add takes O(log k) time for a value that enters and O(1) for others. Parts merge to exactly what the whole would be, if priorities
// of values are the same: see [Sample].
//
// Source: Efraimidis, Spirakis, "Weighted random sampling with a reservoir", Information Processing Letters 97, 2006 (A-ES). Its leaps over values that do not enter
// (A-ExpJ) are not taken: they need one order of values.
type Reservoir[T any] struct {
	k      int
	random rand.PCG
	n      uint64
	heap   []drawn[T] // the greatest priority first
}

type drawn[T any] struct {
	Value    T
	Priority float64 // its logarithm
	At       window.Position
}

type plainReservoir[T any] Reservoir[T]

// NewReservoir returns the sample of nothing, for k values. Options: Seed. It panics if k is not between 1 and 16777216.
func NewReservoir[T any](k int, opts ...Option) *Reservoir[T] {
	need(k > 0 && k <= 1<<24, "NewReservoir: between 1 and 16777216 values, not %d", k)
	return &Reservoir[T]{k: k, random: *rand.NewPCG(seedOf("NewReservoir", opts), 0)}
}

func seedOf(who string, opts []Option) (s uint64) {
	for _, o := range opts {
		if o.key != seed {
			o.refuse(who)
		}
		s = math.Float64bits(o.value)
	}
	return s
}

// Add shows a value of weight 1 to the reservoir.
func (r *Reservoir[T]) Add(v T) { r.AddWeighted(v, 1) }

// AddWeighted shows a value of some weight to the reservoir. A weight that is not positive, or is not finite, is no value.
func (r *Reservoir[T]) AddWeighted(v T, weight float64) {
	if weight > 0 && mining.Known(weight) {
		r.offer(drawn[T]{Value: v, Priority: priority(r.random.Uint64()) - math.Log(weight), At: window.Position{Seq: r.n}})
	}
}

// priority is ln(-ln(u)) for u in (0, 1) made of random bits.
func priority(bits uint64) float64 {
	return math.Log(-math.Log((float64(bits>>11) + 0.5) / (1 << 53)))
}

// before is the order of who is in the sample: by priority, and of the same one by place.
func (d drawn[T]) before(e drawn[T]) bool {
	return d.Priority < e.Priority || d.Priority == e.Priority && d.At.Before(e.At)
}

func (r *Reservoir[T]) offer(d drawn[T]) {
	r.n++
	if len(r.heap) < r.k {
		r.heap = append(r.heap, d)
		for i := len(r.heap) - 1; i > 0 && r.heap[(i-1)/2].before(r.heap[i]); i = (i - 1) / 2 {
			r.heap[(i-1)/2], r.heap[i] = r.heap[i], r.heap[(i-1)/2]
		}
		return
	}
	if !d.before(r.heap[0]) {
		return
	}
	r.heap[0] = d
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(r.heap) {
			return
		}
		if child+1 < len(r.heap) && r.heap[child].before(r.heap[child+1]) {
			child++
		}
		if !r.heap[i].before(r.heap[child]) {
			return
		}
		r.heap[i], r.heap[child] = r.heap[child], r.heap[i]
		i = child
	}
}

// N returns how many values were shown.
func (r *Reservoir[T]) N() uint64 { return r.n }

// Values returns the sample, in the order in which it was drawn: its first j values are a sample of j.
func (r *Reservoir[T]) Values() []T {
	order := slices.Clone(r.heap)
	slices.SortFunc(order, func(a, b drawn[T]) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.At.Time, b.At.Time), cmp.Compare(a.At.Seq, b.At.Seq))
	})
	values := make([]T, len(order))
	for i, d := range order {
		values[i] = d.Value
	}
	return values
}

// Merge makes r a sample of what both were shown. Two reservoirs that draw by themselves need different seeds.
func (r *Reservoir[T]) Merge(other *Reservoir[T]) {
	need(r.k == other.k, "Reservoir.Merge: %d values into %d", other.k, r.k)
	n := r.n + other.n
	for _, d := range other.heap {
		r.offer(d)
	}
	r.n = n
}

// AppendBinary appends the reservoir.
func (r *Reservoir[T]) AppendBinary(b []byte) ([]byte, error) {
	return saved.As[plainReservoir[T]]("sketch.Reservoir", 1).Append(b, (*plainReservoir[T])(r))
}

// UnmarshalBinary replaces the reservoir.
func (r *Reservoir[T]) UnmarshalBinary(data []byte) error {
	return saved.As[plainReservoir[T]]("sketch.Reservoir", 1).Read(data, (*plainReservoir[T])(r), func(p *plainReservoir[T]) error {
		if p.k < 1 || p.k > 1<<24 || len(p.heap) > p.k || uint64(len(p.heap)) > p.n {
			return errBroken
		}
		for i, d := range p.heap {
			if !mining.Known(d.Priority) || i > 0 && p.heap[(i-1)/2].before(d) {
				return errBroken
			}
		}
		return nil
	})
}

// Sample returns k values of a window at random, each set of them as likely as any other. The randomness of an event is made of its time, its place
// in its partition and the seed: so the sample is the same whatever the shards, and when a run is repeated. Events of two
// partitions with the same time and place are drawn together, or not at all. Options: Seed.
func Sample[T any](k int, opts ...Option) window.Aggregator[T, *Reservoir[T], []T] {
	NewReservoir[T](k)
	return sample[T]{k, mix(seedOf("Sample", opts)), func(T, window.Position) float64 { return 0 }}
}

// SampleBy is [Sample] with weights: the first value is drawn in proportion to its weight, and so on among the rest. A value whose weight is not
// positive, or is not finite, is not drawn.
func SampleBy[T any](weight func(T) float64, k int, opts ...Option) window.Aggregator[T, *Reservoir[T], []T] {
	need(weight != nil, "SampleBy: the function weight is nil")
	NewReservoir[T](k)
	return sample[T]{k, mix(seedOf("SampleBy", opts)), func(v T, _ window.Position) float64 { return math.Log(weight(v)) }}
}

// SampleRecent is [Sample] of events whose weight halves with each halfLife of event time that goes by: for windows
// that last, which want what is recent.
//
// Source: Cormode, Shkapenyuk, Srivastava, Xu, "Forward decay: a practical time decay model for streaming systems", ICDE 2009.
func SampleRecent[T any](halfLife time.Duration, k int, opts ...Option) window.Aggregator[T, *Reservoir[T], []T] {
	need(halfLife > 0, "SampleRecent: the half-life is positive, not %v", halfLife)
	NewReservoir[T](k)
	return sample[T]{k, mix(seedOf("SampleRecent", opts)), func(_ T, at window.Position) float64 {
		return float64(at.Time) / float64(halfLife) * math.Ln2
	}}
}

type sample[T any] struct {
	k    int
	seed uint64
	log  func(T, window.Position) float64 // of the weight
}

func (s sample[T]) New() *Reservoir[T] { return NewReservoir[T](s.k) }

func (s sample[T]) Add(acc *Reservoir[T], v T) *Reservoir[T] {
	return s.AddAt(acc, v, window.Position{})
}

func (s sample[T]) AddAt(acc *Reservoir[T], v T, at window.Position) *Reservoir[T] {
	if w := s.log(v, at); mining.Known(w) {
		bits := mix(mix(uint64(at.Time)^s.seed) + at.Seq)
		acc.offer(drawn[T]{Value: v, Priority: priority(bits) - w, At: at})
	}
	return acc
}

func (s sample[T]) Merge(a, b *Reservoir[T]) *Reservoir[T] { a.Merge(b); return a }
func (s sample[T]) Result(acc *Reservoir[T]) []T           { return acc.Values() }
