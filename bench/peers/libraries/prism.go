//go:build beam

package main

import (
	"context"
	"log/slog"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/filter"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/stats"
)

// github.com/apache/beam/sdks/v2, on its Prism runner in this process
var prismPeer = peer{
	Name:   "Beam on Prism",
	Cannot: "checkpoints and recovery, and large inputs in sliding windows: they take gigabytes. On Flink and others Beam can do more.",
	most:   map[string]int{"filter-map-filter": 300_000, "sum": 300_000, "tumbling": 300_000, "sliding": 50_000},
	can: map[string]doing{
		"filter-map-filter": onPrism(beamFilters),
		"sum":               onPrism(beamSum),
		"tumbling":          onPrism(beamTumbling),
		"sliding":           onPrism(beamSliding),
	},
}

func init() {
	optional = append(optional, prismPeer)
	register.DoFn3x0[context.Context, []byte, func(beam.EventTime, sale)](&makeSales{})
	register.Emitter2[beam.EventTime, sale]()
	register.Function1x1(sale.paid)
	register.Function1x1(sale.gross)
	register.Function1x1(sale.large)
	register.Function1x1(sale.shop)
	register.Function1x2(shopAndCents)
	register.Function1x0(addSale)
	register.Function2x0(addSum)
	register.Function3x0(addWindowSum)
	register.Function3x0(addWindowCount)
}

// makeSales makes sales where Beam would read them: what is in memory would
// have to be encoded before.
type makeSales struct{ N int64 }

func (m *makeSales) ProcessElement(_ context.Context, _ []byte, emit func(beam.EventTime, sale)) {
	for i := range m.N {
		s := saleAt(i)
		emit(mtime.FromTime(s.time()), s)
	}
}

// This process is Beam's worker too. It logs each step that it takes.
var initBeam = sync.OnceFunc(func() {
	beam.Init()
	slog.SetDefault(slog.New(slog.DiscardHandler))
})

func onPrism(build func(s beam.Scope, sales beam.PCollection)) doing {
	return func(n int) func() (total, error) {
		initBeam()
		return func() (total, error) {
			beamSums.total = total{}
			p := beam.NewPipeline()
			s := p.Root()
			build(s, beam.ParDo(s, &makeSales{int64(n)}, beam.Impulse(s)))
			_, err := prism.Execute(context.Background(), p)
			return beamSums.total, err
		}
	}
}

func beamFilters(s beam.Scope, sales beam.PCollection) {
	paid := filter.Include(s, sales, sale.paid)
	gross := beam.ParDo(s, sale.gross, paid)
	beam.ParDo0(s, addSale, filter.Include(s, gross, sale.large))
}

func beamSum(s beam.Scope, sales beam.PCollection) {
	beam.ParDo0(s, addSum, stats.SumPerKey(s, beam.ParDo(s, shopAndCents, sales)))
}

func beamTumbling(s beam.Scope, sales beam.PCollection) {
	windows := beam.WindowInto(s, window.NewFixedWindows(size), sales)
	beam.ParDo0(s, addWindowSum, stats.SumPerKey(s, beam.ParDo(s, shopAndCents, windows)))
}

func beamSliding(s beam.Scope, sales beam.PCollection) {
	windows := beam.WindowInto(s, window.NewSlidingWindows(slide, size), sales)
	beam.ParDo0(s, addWindowCount, stats.Count(s, beam.ParDo(s, sale.shop, windows)))
}

func shopAndCents(s sale) (shop, cents int64) { return s.Shop, s.Cents }

// beamSums is where results go: a function of Beam's has no other way out of the
// pipeline in this process.
var beamSums struct {
	sync.Mutex
	total
}

func addSale(s sale)                                  { addToBeamSums(0, 0, s.Cents) }
func addSum(shop, cents int64)                        { addToBeamSums(shop, 0, cents) }
func addWindowSum(w beam.Window, shop, cents int64)   { addToBeamSums(shop, endOf(w), cents) }
func addWindowCount(w beam.Window, shop int64, n int) { addToBeamSums(shop, endOf(w), int64(n)) }

func endOf(w beam.Window) int64 { return w.(window.IntervalWindow).End.ToTime().UnixNano() }

func addToBeamSums(shop, end, value int64) {
	beamSums.Lock()
	defer beamSums.Unlock()
	beamSums.add(shop, end, value)
}
