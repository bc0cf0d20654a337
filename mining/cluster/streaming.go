package cluster

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Streaming follows k groups on a stream, whose centers move with what comes. It keeps the first events, 20 for each group, and
// finds the first centers among them as KMeans does; until then Assign returns -1. After that, each event
// moves the nearest center towards itself by 1/n of the distance, where n is how many events the center has had, of which one
// that is older by the half-life counts half. One goroutine at a time uses it.
//
// It is MacQueen's k-means, "Some methods for classification and analysis of multivariate
// observations", 1967, with the decay of Spark's StreamingKMeans. A group whose n falls below 1e-9 of the largest takes over half
// of that one, as there: both stand a hair beside its center.
type Streaming struct {
	k, features int
	keep        float64 // what an event counts after the next one
	seed        uint64

	first   []float64 // the first events, one behind the other
	centers [][]float64
	n       []float64
	row     []float64
}

// NewStreaming returns a model of k groups of events with that many features. It panics if one is not positive. Options: HalfLife; Seed.
func NewStreaming(k, features int, opts ...Option) *Streaming {
	if k < 1 || features < 1 {
		panic(fmt.Sprintf("cluster: NewStreaming(%d, %d): want at least 1 group and 1 feature", k, features))
	}
	c := config{keep: 1}.with(opts, "NewStreaming", "HalfLife", "Seed")
	return &Streaming{k: k, features: features, keep: c.keep, seed: c.seed}
}

// firsts is how many events a group needs before there are centers.
const firsts = 20

// Learn moves the nearest center, and returns which that is: -1 while there are none. It panics if x has a place that
// the model does not have.
func (s *Streaming) Learn(x mining.Vector) int {
	row := s.fill(x)
	if s.centers == nil {
		s.first = append(s.first, row...)
		if len(s.first) == firsts*s.k*s.features {
			s.begin()
		}
		return -1
	}
	c, _ := nearest(row, s.centers)
	for i := range s.n {
		s.n[i] *= s.keep
	}
	s.n[c]++
	for f, v := range row {
		if v == v {
			s.centers[c][f] += (v - s.centers[c][f]) / s.n[c]
		}
	}
	if s.keep < 1 {
		s.split()
	}
	return c
}

// begin finds centers among the first events. Where fewer of them differ than there are groups, some centers are the same.
func (s *Streaming) begin() {
	l := lloyd{}
	for at := 0; at < len(s.first); at += s.features {
		l.rows, l.weights = append(l.rows, s.first[at:at+s.features]), append(l.weights, 1)
	}
	l.of = make([]int, len(l.rows))
	l.begin(s.k, rand.New(rand.NewPCG(s.seed, 0)))
	l.run(100, 0)
	l.settle()
	s.centers, s.n, s.first = clone(l.centers), make([]float64, s.k), nil
	for c, size := range l.sizes {
		s.n[c] = max(1, float64(size))
	}
}

// split has a group that is dying take over half of the largest.
func (s *Streaming) split() {
	least, most := 0, 0
	for c, n := range s.n {
		if n < s.n[least] {
			least = c
		}
		if n > s.n[most] {
			most = c
		}
	}
	if s.n[least] >= 1e-9*s.n[most] {
		return
	}
	half := s.n[most] / 2
	s.n[least], s.n[most] = half, half
	for f, v := range s.centers[most] {
		hair := 1e-9 * max(math.Abs(v), 1)
		s.centers[least][f], s.centers[most][f] = v-hair, v+hair
	}
}

// Assign returns the group whose center is nearest: of several the first, and -1 while there are no centers.
func (s *Streaming) Assign(x mining.Vector) int {
	row := s.fill(x)
	if s.centers == nil {
		return -1
	}
	c, _ := nearest(row, s.centers)
	return c
}

// Centers returns copies of the centers, and nil while there are none.
func (s *Streaming) Centers() [][]float64 { return clone(s.centers) }

// Weights returns how many events each group has had, as they count now.
func (s *Streaming) Weights() []float64 { return slices.Clone(s.n) }

func (s *Streaming) fill(x mining.Vector) []float64 {
	x.Within(s.features, "cluster: Streaming")
	if s.row == nil {
		s.row = make([]float64, s.features)
	}
	fill(s.row, x)
	return s.row
}

type plainStreaming struct {
	K, Features int
	Keep        float64
	Seed        uint64
	First       []float64
	Centers     [][]float64
	N           []float64
}

var kindStreaming = saved.As[plainStreaming]("cluster.Streaming", 1)

// AppendBinary appends all that s holds.
func (s *Streaming) AppendBinary(b []byte) ([]byte, error) {
	return kindStreaming.Append(b, &plainStreaming{s.k, s.features, s.keep, s.seed, s.first, s.centers, s.n})
}

// UnmarshalBinary replaces all that s holds by what AppendBinary has appended.
func (s *Streaming) UnmarshalBinary(data []byte) error {
	var p plainStreaming
	err := kindStreaming.Read(data, &p, func(p *plainStreaming) error {
		if len(p.N) != len(p.Centers) || len(p.First) > firsts*p.K*p.Features {
			return fmt.Errorf("%d weights of %d centers, and %d first values", len(p.N), len(p.Centers), len(p.First))
		}
		return checkCenters(p.Centers, p.K, p.Features)
	})
	if err != nil {
		return err
	}
	*s = Streaming{p.K, p.Features, p.Keep, p.Seed, p.First, p.Centers, p.N, nil}
	return nil
}
