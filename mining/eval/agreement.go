package eval

import (
	"math"

	"github.com/freshet-go/freshet/mining"
)

// MCC returns Matthews' correlation of labels and predictions, from -1 to 1: for several
// classes that of Gorodkin, "Comparing two K-category assignments by a K-category correlation
// coefficient", Computational Biology and Chemistry 28, 2004. It is 0 if all labels or all predictions are
// of one class.
func (c *Confusion) MCC() float64 {
	n := c.Total()
	agree, labels, predictions := c.right()*n, n*n, n*n
	for class := range c.k {
		l, p := c.Labelled(class), c.Predicted(class)
		agree, labels, predictions = agree-l*p, labels-l*l, predictions-p*p
	}
	return c.none(over(agree, math.Sqrt(labels)*math.Sqrt(predictions), 0))
}

// Kappa returns Cohen's kappa: how much better the predictions agree with the labels than predictions that
// are drawn at random, as often of each class.
//
//	(accuracy - chance) / (1 - chance),  chance = Σ labelled(c)·predicted(c) / n²
//
// It is NaN if all labels and all predictions are of one and the same class. It is Cohen, "A coefficient of
// agreement for nominal scales", Educational and Psychological Measurement 20, 1960.
func (c *Confusion) Kappa() float64 {
	n, wrong, chance := c.Total(), 0.0, 0.0
	for l := range c.k {
		for p := range c.k {
			if l != p {
				wrong += c.Count(l, p)
				chance += c.Labelled(l) * c.Predicted(p)
			}
		}
	}
	return 1 - wrong/(chance/n)
}

// KappaM returns kappa against the class that is the most frequent among the labels: 0 for who always
// predicts it. It is NaN if there is no other. It is Bifet et al., "Efficient online evaluation of big data stream
// classifiers", KDD 2015. That class is known in hindsight only: KappaOver compares with a majority
// that is learnt as the stream goes.
func (c *Confusion) KappaM() float64 {
	most := 0.0
	for class := range c.k {
		most = max(most, c.Labelled(class))
	}
	return better(c.Accuracy(), most/c.Total())
}

// KappaOver returns kappa against another predictor of the same labels,
//
//	(accuracy - baseline) / (1 - baseline)
//
// Against the label before ([NoChange]) it is the temporal kappa of Žliobaitė et al., "Evaluation methods and decision
// theory for classification of streaming data with temporal dependence", Machine Learning 98, 2015. It is NaN if
// the baseline is always right.
func (c *Confusion) KappaOver(baseline *Confusion) float64 {
	return better(c.Accuracy(), baseline.Accuracy())
}

func better(accuracy, baseline float64) float64 {
	if baseline == 1 {
		return math.NaN()
	}
	return (accuracy - baseline) / (1 - baseline)
}

// KappaTemporal returns kappa of a batch in the order of time against the label before. The first label counts for
// neither, as it has none before. A pair in which one is NaN or infinite does not count, and the label before is the last
// one that is known. It is NaN if labels never change, or of fewer than two.
func KappaTemporal(labels, predicted []float64) float64 {
	batch(labels, predicted, nil, "KappaTemporal")
	right, same, n := 0.0, 0.0, 0.0
	before := math.NaN()
	for i, y := range labels {
		if !mining.Known(y) {
			continue
		}
		if mining.Known(before) && mining.Known(predicted[i]) {
			n++
			if predicted[i] == y {
				right++
			}
			if before == y {
				same++
			}
		}
		before = y
	}
	return better(right/n, same/n)
}

// ARI returns the adjusted Rand index of two clusterings, one in the rows and one in the columns: 1 if they are the
// same but for names, about 0 if they have nothing to do with each other. It counts whole numbers of events. It is 1 if
// both have one cluster, or each event is one. It is Hubert and Arabie, "Comparing partitions", Journal of
// Classification 2, 1985.
func (c *Confusion) ARI() float64 {
	rows, columns := c.margins()
	return ari(c.matrix(), rows, columns)
}

// NMI returns the mutual information of two clusterings over the mean of their entropies, from 0 to 1. It is 1 if both
// have one cluster.
func (c *Confusion) NMI() float64 {
	rows, columns := c.margins()
	return nmi(c.matrix(), rows, columns)
}

func (c *Confusion) matrix() []float64 {
	m := make([]float64, len(c.cells))
	for i, cell := range c.cells {
		m[i] = cell.value()
	}
	return m
}

func (c *Confusion) margins() (rows, columns []float64) {
	for class := range c.k {
		rows, columns = append(rows, c.Labelled(class)), append(columns, c.Predicted(class))
	}
	return rows, columns
}
