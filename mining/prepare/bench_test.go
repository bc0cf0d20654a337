package prepare_test

import (
	"math"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/prepare"
)

// processor is the time that the processor spent on this process so far: other processes do not count.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// prequential predicts each event of Elec2, and then learns it.
func prequential(table *mining.Table) (right int) {
	m := prepare.NewClassifier(linear.NewLogistic(6, linear.Rate(0.005)), prepare.NewStandard(6))
	p := make([]float64, 2)
	for i, x := range table.X {
		y := table.Y[i]
		p = m.Probabilities(x, p)
		if (p[1] > 0.5) == (y == 1) {
			right++
		}
		m.Learn(x, y)
	}
	return right
}

// byHand is the same, as one would write it for these six features alone.
func byHand(table *mining.Table) (right int) {
	var n, b float64
	var w, mean, squares, inverse, z [6]float64
	for i, x := range table.X {
		v, y := (*[6]float64)(x.Value), table.Y[i]
		s := b
		for p := range v {
			s += w[p] * (v[p] - mean[p]) * inverse[p]
		}
		if (1/(1+math.Exp(-s)) > 0.5) == (y == 1) {
			right++
		}
		n++
		s = b
		for p := range v {
			d := v[p] - mean[p]
			mean[p] += d / n
			squares[p] += d * (v[p] - mean[p])
			if squares[p] > 0 {
				inverse[p] = math.Sqrt(n / squares[p])
			}
			z[p] = (v[p] - mean[p]) * inverse[p]
			s += w[p] * z[p]
		}
		g := 1/(1+math.Exp(-s)) - y
		b -= 0.01 * g
		for p := range z {
			w[p] -= 0.005 * g * z[p]
		}
	}
	return right
}

// BenchmarkElec2 is the prequential loop of scaler and logistic regression, as a pipeline, by hand, and in river, which is timed
// in the same run. An event is a prediction and a step.
func BenchmarkElec2(b *testing.B) {
	table := shopdata.Elec2(b)
	const right = 36654
	pipeline := 0.0
	for name, loop := range map[string]func(*mining.Table) int{"pipeline": prequential, "hand": byHand} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			start := processor()
			for b.Loop() {
				if n := loop(table); n != right {
					b.Fatalf("%d right, not %d", n, right)
				}
			}
			each := float64(processor()-start) / float64(b.N) / float64(table.Len())
			b.ReportMetric(each, "cpu-ns/event")
			if name == "pipeline" && (pipeline == 0 || each < pipeline) {
				pipeline = each
			}
		})
	}
	b.Run("river", func(b *testing.B) {
		var in struct {
			X [][]float64
			Y []float64
		}
		for i, x := range table.X {
			in.X, in.Y = append(in.X, x.Value), append(in.Y, table.Y[i])
		}
		var out struct {
			Seconds float64
			Right   int
		}
		for b.Loop() {
			oracle.Ask(b, "testdata/elec2.py", in, &out)
		}
		if out.Right != right {
			b.Fatalf("river has %d right, not %d", out.Right, right)
		}
		each := out.Seconds * 1e9 / float64(table.Len())
		b.ReportMetric(each, "cpu-ns/event")
		if pipeline > 0 {
			b.ReportMetric(each/pipeline, "times-pipeline")
		}
	})
}

func BenchmarkSteps(b *testing.B) {
	table := shopdata.Elec2(b)
	for name, s := range map[string]prepare.Step{
		"Standard": prepare.NewStandard(6), "MinMax": prepare.NewMinMax(6), "Robust1000": prepare.NewRobust(6, 1000),
		"ImputeMean": prepare.NewImpute(6, prepare.Mean(), false), "Polynomial2": prepare.NewPolynomial(6, 2, false),
		"OneHot": prepare.NewOneHot(6, 0, 50), "Target": prepare.NewTarget(6, 0, 50, 10),
	} {
		b.Run(name, func(b *testing.B) {
			mining.Learn(s, table, 1, 0)
			var to mining.Vector
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				x := table.X[i]
				s.Learn(x, table.Y[i])
				s.Transform(x, &to)
				if i++; i == table.Len() {
					i = 0
				}
			}
		})
	}
}

func BenchmarkWords(b *testing.B) {
	texts, _ := shopdata.SMS(b)
	h := prepare.Hashing{Size: 1 << 12}
	var x mining.Vector
	i, bytes := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		x.Reset()
		h.Words(&x, texts[i])
		bytes += len(texts[i])
		if i++; i == len(texts) {
			i = 0
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(bytes), "ns/byte")
}
