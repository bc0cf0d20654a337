package linear_test

import (
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/linear"
)

// processor is the time that the processor spent on this process so far: other processes do not count.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// sample has n events of p features, of a value or with so many sparse ones.
func sample(n, p, sparse int) *mining.Table {
	random := rand.New(rand.NewPCG(1, 2))
	t := new(mining.Table)
	for range n {
		var x mining.Vector
		s := 0.0
		for i := range max(p*min(1, 1-min(1, sparse)), sparse) {
			v := random.NormFloat64()
			if sparse > 0 {
				x.Put(i*(p/sparse)+random.IntN(p/sparse), v)
			} else {
				x.Append(v)
			}
			s += v * float64(i%3-1)
		}
		y := 0.0
		if s+random.NormFloat64() > 0 {
			y = 1
		}
		t.Add(x, y)
	}
	return t
}

// BenchmarkLearn is a prediction and a step, of 6 features, and of 20 values among 262,144 places.
func BenchmarkLearn(b *testing.B) {
	dense, sparse := sample(1024, 6, 0), sample(1024, 1<<18, 20)
	for name, m := range map[string]interface {
		mining.Learner
		Score(mining.Vector) float64
	}{
		"Logistic": linear.NewLogistic(6), "Logistic-L2": linear.NewLogistic(6, linear.L2(1e-4)), "Logistic-AdaGrad": linear.NewLogistic(6, linear.AdaGrad()),
		"Logistic-Adam": linear.NewLogistic(6, linear.Adam()), "SVM": linear.NewSVM(6), "PassiveAggressive": linear.NewPassiveAggressive(6),
		"FTRL": linear.NewFTRL(6), "Logistic-sparse20": linear.NewLogistic(1 << 18), "FTRL-sparse20": linear.NewFTRL(1 << 18),
	} {
		b.Run(name, func(b *testing.B) {
			t := dense
			if name == "Logistic-sparse20" || name == "FTRL-sparse20" {
				t = sparse
			}
			sum, i := 0.0, 0
			b.ReportAllocs()
			start := processor()
			for b.Loop() {
				sum += 1 / (1 + math.Exp(-m.Score(t.X[i])))
				m.Learn(t.X[i], t.Y[i])
				i = (i + 1) & 1023
			}
			b.ReportMetric(float64(processor()-start)/float64(b.N), "cpu-ns/event")
			if !mining.Known(sum) {
				b.Fatal(sum)
			}
		})
	}
	b.Run("hand", func(b *testing.B) {
		var w [6]float64
		bias, sum, i := 0.0, 0.0, 0
		b.ReportAllocs()
		start := processor()
		for b.Loop() {
			x, y := (*[6]float64)(dense.X[i].Value), dense.Y[i]
			s := bias
			for p, v := range x {
				s += w[p] * v
			}
			sum += 1 / (1 + math.Exp(-s))
			s = bias
			for p, v := range x {
				s += w[p] * v
			}
			g := 0.01 * (1/(1+math.Exp(-s)) - y)
			bias -= g
			for p, v := range x {
				w[p] -= g * v
			}
			i = (i + 1) & 1023
		}
		b.ReportMetric(float64(processor()-start)/float64(b.N), "cpu-ns/event")
		if !mining.Known(sum) {
			b.Fatal(sum)
		}
	})
}

func BenchmarkFit(b *testing.B) {
	t := sample(10_000, 20, 0)
	for name, m := range map[string]mining.Fitter{"Logistic": linear.NewLogistic(20), "Regression": linear.NewRegression(20), "Softmax": linear.NewSoftmax(20, 2)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := m.Fit(t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
