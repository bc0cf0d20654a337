package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
)

// A Choice is what k groups would be.
type Choice struct {
	K          int
	Inertia    float64
	Silhouette float64 // from -1 to 1: how much nearer events are to their own group than to the next
	Sizes      []int   // the largest first
}

// silhouetted is how many events a silhouette is of: each pair of them takes a distance.
const silhouetted = 5000

// ChooseK fits KMeans for each k from least to most, and returns what each gives. The greatest silhouette is the clearest
// split; a person looks at sizes and at [Describe] as well. Of a table of more than 5,000 events the silhouette is that of
// 5,000 that are drawn.
func ChooseK(t *mining.Table, least, most int, opts ...Option) ([]Choice, error) {
	if least < 2 || most < least {
		panic(fmt.Sprintf("cluster: ChooseK from %d to %d: want at least 2, and no less than that", least, most))
	}
	features := max(1, t.Features())
	var choices []Choice
	for k := least; k <= most; k++ {
		m := NewKMeans(k, features, opts...)
		if err := m.Fit(t); err != nil {
			return nil, err
		}
		sample := t.X
		if len(sample) > silhouetted {
			random := rand.New(rand.NewPCG(m.seed, 0))
			sample = slices.Clone(sample)
			random.Shuffle(len(sample), func(i, j int) { sample[i], sample[j] = sample[j], sample[i] })
			sample = sample[:silhouetted]
		}
		of := make([]int, len(sample))
		for i, x := range sample {
			of[i] = m.Assign(x)
		}
		choices = append(choices, Choice{k, m.Inertia(), eval.Silhouette(sample, of), m.Sizes()})
	}
	return choices, nil
}
