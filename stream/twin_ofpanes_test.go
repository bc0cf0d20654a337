package stream_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

type countPane = stream.Pane[int, int64]

func paneKey(p countPane) int  { return p.Key }
func paneHalf(p countPane) int { return p.Key % 2 }

// The last panes of each window are grouped by that window, whatever its kind,
// whether they come early, once or late again. What the windows themselves are is for the
// other twins.
func FuzzOfPanes(f *testing.F) {
	addSeeds(f, 4)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		plain := pick(&sh.rest, plainSpecs...)
		triggers := pick(&sh.rest, nil, []window.Option{window.EarlyCount(3)}, []window.Option{window.EarlyCount(2), window.Discarding()})
		all := sh.ticks(data)
		lateness, opts := plain.lateness(sh)
		opts = append(opts, triggers...)
		spec := pick(&sh.rest, plain.spec(opts...), plain.spec(opts...),
			window.Session(4*time.Second), window.Calendar(window.Day, berlin, window.Lateness(time.Duration(lateness)*time.Second)),
			window.CumulatingCalendar(window.Day, time.Minute, berlin, triggers...))

		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		counts := sh.disordered(p.From(in)).KeyBy(tickKey).Window(spec).Count()
		inner := streamtest.Collect(counts)
		list := window.Then(window.Collect[countPane](), listed)
		again := func(key func(countPane) int) *streamtest.Output[textPane] {
			w := counts.KeyBy(key).Window(spec.OfPanes())
			if spec.OfPanes().Replaced() || spec.Kind() == window.KindSession {
				return streamtest.Collect(w.Aggregate(stream.LastPanes(list)))
			}
			return streamtest.Collect(w.Aggregate(list))
		}
		halves, whole := again(paneHalf), again(func(countPane) int { return 0 })
		sh.drive(t, p, in, all)

		panes := inner.Take()
		for name, x := range map[string]struct {
			key func(countPane) int
			out *streamtest.Output[textPane]
		}{"halves": {paneHalf, halves}, "whole": {func(countPane) int { return 0 }, whole}} {
			got, err := final(x.out.Take())
			require.NoError(t, err)
			requireSame(t, groupedPanes(panes, x.key, spec.OfPanes().Parts()), got, "%s of %v, %+v", name, spec, sh)
		}
	})
}

// listed writes out panes by key.
func listed(panes []countPane) string {
	slices.SortStableFunc(panes, func(a, b countPane) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Index, b.Index)) })
	text := ""
	for _, p := range panes {
		text += fmt.Sprint(p.Key, ":", p.Value, " ")
	}
	return text
}

// groupedPanes returns the panes of each window and group: of those of one key the last
// one, or all if they are parts.
func groupedPanes(panes []countPane, group func(countPane) int, parts bool) map[result]string {
	held := map[result][]countPane{}
	for _, p := range panes {
		r := result{group(p), p.Start.Unix(), p.End.Unix()}
		if !parts {
			held[r] = slices.DeleteFunc(held[r], func(old countPane) bool { return old.Key == p.Key })
		}
		held[r] = append(held[r], p)
	}
	texts := map[result]string{}
	for r, all := range held {
		texts[r] = listed(all)
	}
	return texts
}

// What would count a pane twice, or not at all, is refused.
func TestPanesThatAreNotGrouped(t *testing.T) {
	counted := func() stream.Stream[countPane] {
		return stream.New("p").From(streamtest.NewInput[tick]()).KeyBy(tickKey).Window(window.Tumbling(1)).Count()
	}
	count := window.Count[countPane]()
	late := window.Tumbling(1, window.Lateness(1))
	for want, f := range map[string]func(){
		"stream: aggregate: LastPanes is for the windows of panes: see Spec.OfPanes": func() {
			counted().Window(window.Tumbling(1)).Aggregate(stream.LastPanes(count))
		},
		"stream: aggregate: the panes of these windows are parts, of which LastPanes would keep the last one": func() {
			counted().Window(window.Tumbling(1, window.EarlyCount(1), window.Discarding()).OfPanes()).Aggregate(stream.LastPanes(count))
		},
		"stream: aggregate: of the panes in these windows a later one takes the place of an earlier one: Aggregate them by LastPanes": func() {
			counted().Window(late.OfPanes()).Count()
		},
		"stream: cogroup: of the panes in these windows a later one takes the place of an earlier one: Aggregate them by LastPanes": func() {
			k := counted().KeyBy(paneKey)
			k.CoGroup(k, late.OfPanes(), func(stream.Pane[int, stream.Group[countPane, countPane]]) int { return 0 })
		},
		"stream: aggregate: Aggregate panes of sessions by LastPanes, which knows their windows": func() {
			counted().Window(window.Session(1).OfPanes()).Count()
		},
		"stream: LastPanes: the Aggregator is nil": func() { stream.LastPanes[int, int64, int64, int64](nil) },
	} {
		require.PanicsWithValue(t, want, f)
	}
}
