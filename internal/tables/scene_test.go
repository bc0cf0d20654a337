package tables_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A row is what all tables of these tests have: few types compile fast.
type row struct {
	Key int
	Ref int // to a row of another table, or a group
	Val int64
}

func (r row) key() int   { return r.Key }
func (r row) val() int64 { return r.Val }

type change = stream.Change[row]

func keyOf(c change) int { return c.Row().Key }

// A change of a table, as a scene has it.
type event struct {
	change
	at        int64 // seconds
	part, pos int
	late      bool
}

// A step gives an event to an input, or moves its watermark.
type step struct {
	input, part int
	watermark   bool
	at          int64
	event       event
}

// A scene is what happens to two inputs.
type scene struct {
	parts int
	keys  int
	steps []step
}

// sceneOf makes a scene of fuzzed bytes, four for each step.
func sceneOf(data []byte, n uint64) scene {
	s := scene{parts: 1 + int(n%2), keys: []int{1, 4, 30}[n/2%3]}
	base := []int64{0, -50, 1_700_000_000}[n/6%3]
	clock, pos := [2]int64{base, base}, [2][2]int{}
	var wm [2][2]int64
	for i := range wm {
		wm[i] = [2]int64{never, never}
	}
	for ; len(data) >= 4; data = data[4:] {
		input, part := int(data[0])%2, int(data[0]>>1)%s.parts
		clock[input] += int64(data[1] % 3)
		if data[0]>>5 == 0 { // one in eight
			at := max(clock[input]-int64(data[2]%6), wm[input][part])
			wm[input][part] = at
			s.steps = append(s.steps, step{input: input, part: part, watermark: true, at: at})
			continue
		}
		e := event{at: clock[input] - int64(data[1]>>2)%5, part: part, pos: pos[input][part]}
		pos[input][part]++
		e.late = e.at < wm[input][part]
		r := row{int(data[2]) % s.keys, int(data[3]>>2) % max(2, s.keys/3), int64(data[3]%7) - 3}
		switch data[3] % 8 {
		case 0, 1:
			e.change = change{Kind: stream.Delete, Before: r}
		case 2:
			e.change = change{Kind: stream.Read, After: r}
		case 3, 4:
			e.change = change{Kind: stream.Insert, After: r}
		default:
			e.change = change{Kind: stream.Update, After: r}
		}
		s.steps = append(s.steps, step{input: input, part: part, at: e.at, event: e})
	}
	return s
}

const never = -1 << 40

// byTime orders events as operators on tables see them.
func byTime(a, b event) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.part, b.part), cmp.Compare(a.pos, b.pos))
}

// upTo returns the events of the first steps of an input up to a time, in order. Late ones do not count.
func (s scene) upTo(input int, steps int, at int64) (all []event) {
	for _, x := range s.steps[:steps] {
		if x.input == input && !x.watermark && !x.event.late && x.at <= at {
			all = append(all, x.event)
		}
	}
	slices.SortFunc(all, byTime)
	return all
}

// reached returns the watermark behind the first steps: the lowest of the inputs that count.
func (s scene) reached(steps int, both bool) int64 {
	var wm [2][2]int64
	for i := range wm {
		wm[i] = [2]int64{never, never}
	}
	for _, x := range s.steps[:steps] {
		if x.watermark {
			wm[x.input][x.part] = x.at
		}
	}
	least := slices.Min(wm[0][:s.parts])
	if both {
		least = min(least, slices.Min(wm[1][:s.parts]))
	}
	return least
}

// furthest is the watermark that the partition had which came furthest: that of the stream at its end.
func (s scene) furthest() int64 {
	at := int64(never)
	for _, x := range s.steps {
		if x.watermark && x.input == 0 {
			at = max(at, x.at)
		}
	}
	return at
}

// A shown row is a row of a result: the key and what is to be seen of the value.
type shown struct {
	Key  int
	Text string
}

func show[V any](t stream.Table[int, V]) stream.Stream[stream.Change[shown]] {
	return t.MapValues(func(k int, v V) shown { return shown{k, fmt.Sprint(v)} }).Changes()
}

// A subject is what is tested, with its twin.
type subject struct {
	name string
	both bool // it has two inputs
	add  func(a, b stream.Keyed[int, change]) stream.Stream[stream.Change[shown]]
	twin func(a, b []event) map[int]string // from all events up to a time, in order
}

type output = stream.Event[stream.Change[shown]]

// A playing is a run of a subject.
type playing struct {
	in  [2]*streamtest.Input[change]
	out *streamtest.Output[stream.Change[shown]]
	p   *stream.Pipeline
}

func (x subject) start(parts int) playing {
	g := playing{p: stream.New("tables")}
	var keyed [2]stream.Keyed[int, change]
	for i := range 1 + b2i(x.both) {
		g.in[i] = streamtest.NewInput[change](parts)
		keyed[i] = g.p.From(g.in[i]).KeyBy(keyOf)
	}
	g.out = streamtest.Collect(x.add(keyed[0], keyed[1]))
	return g
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (g playing) push(x step) {
	switch in := g.in[x.input]; {
	case in == nil:
	case x.watermark:
		in.AdvanceWatermarkOf(x.part, time.Unix(x.at, 0))
	default:
		in.PushAtTo(x.part, time.Unix(x.at, 0), x.event.change)
	}
}

func (g playing) end() {
	for _, in := range g.in {
		if in != nil {
			in.End()
		}
	}
}

// play runs a subject on a scene, ended and begun again from a checkpoint before step cut, if there is such a
// step, and holds what is there behind each watermark against the twin.
func (x subject) play(t *testing.T, s scene, shards, batch, cut int) (all []output) {
	store := checkpoint.Memory()
	g := x.start(s.parts)
	d := streamtest.Start(t, g.p, streamtest.Shards(shards), streamtest.BatchSize(batch), streamtest.Checkpoints(store))
	f := folded{}
	for i, step := range s.steps {
		if i == cut {
			d.Checkpoint()
			all = append(all, f.take(t, g.out)...)
			g.push(step) // what it does now is lost
			d.Settle()
			d.Kill()
			g = x.start(s.parts)
			for _, before := range s.steps[:i] {
				g.push(before)
			}
			shards = shards%3 + 1
			d = streamtest.Start(t, g.p, streamtest.Shards(shards), streamtest.BatchSize(batch), streamtest.Checkpoints(store))
		}
		g.push(step)
		if step.watermark {
			d.Settle()
			all = append(all, f.take(t, g.out)...)
			wm := s.reached(i+1, x.both)
			require.Equal(t, x.twin(s.upTo(0, i+1, wm-1), s.upTo(1, i+1, wm-1)), f.rows(), "%s behind the watermark %d, step %d", x.name, wm, i)
		}
	}
	g.end()
	d.Settle()
	all = append(all, f.take(t, g.out)...)
	d.Kill()
	return all
}

// A folded table is what changes add up to. They have to be possible, minimal and in order.
type folded map[int]foldedRow

type foldedRow struct {
	text string
	is   bool
	at   stream.Time
}

func (f folded) take(t *testing.T, out *streamtest.Output[stream.Change[shown]]) []output {
	all := out.TakeEvents()
	for _, e := range all {
		f.add(t, e)
	}
	return all
}

func (f folded) add(t *testing.T, e output) {
	c := e.Value
	k := c.Row().Key
	was, seen := f[k]
	if seen {
		require.Less(t, was.at, e.Time, "changes of %d come once for each time, in order", k)
	}
	require.Equal(t, c.Kind != stream.Insert, c.HasBefore, "%+v", c)
	require.Equal(t, was.is, c.HasBefore, "%+v", c)
	if c.HasBefore {
		require.Equal(t, shown{k, was.text}, c.Before)
	}
	if c.Kind == stream.Update {
		require.NotEqual(t, c.Before, c.After, "an update that changes nothing")
	}
	if c.Kind == stream.Delete {
		require.Equal(t, shown{}, c.After)
	}
	f[k] = foldedRow{c.After.Text, c.Kind != stream.Delete, e.Time}
}

func (f folded) rows() map[int]string {
	rows := map[int]string{}
	for k, r := range f {
		if r.is {
			rows[k] = r.text
		}
	}
	return rows
}

// requireTwin plays a scene in several ways: each gives the same changes, and as of each time
// they add up to the twin's table.
func (x subject) requireTwin(t *testing.T, s scene, n uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(n, 7))
	batch := []int{1, 3, 512}[r.IntN(3)]
	all := x.play(t, s, 1, batch, -1)
	sortOutputs(all)

	f, rest := folded{}, all
	for _, at := range s.times() {
		for len(rest) > 0 && rest[0].Time <= window.Time(at)*1e9 {
			f.add(t, rest[0])
			rest = rest[1:]
		}
		require.Equal(t, x.twin(s.upTo(0, len(s.steps), at), s.upTo(1, len(s.steps), at)), f.rows(), "%s as of %d", x.name, at)
	}
	require.Empty(t, rest, "changes at times at which nothing came")

	cut := -1
	if len(s.steps) > 0 {
		cut = r.IntN(len(s.steps))
	}
	for _, way := range [][2]int{{2 + r.IntN(2), -1}, {1 + r.IntN(3), cut}} {
		got := x.play(t, s, way[0], batch, way[1])
		sortOutputs(got)
		require.Equal(t, all, got, "%s on %d shards, killed at %d", x.name, way[0], way[1])
	}
}

// times returns the times at which something came, ascending.
func (s scene) times() (all []int64) {
	for _, x := range s.steps {
		if !x.watermark {
			all = append(all, x.at)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func sortOutputs(all []output) {
	slices.SortFunc(all, func(a, b output) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Value.Row().Key, b.Value.Row().Key))
	})
}

// fuzz holds subjects against their twins: all of them on each seed in a plain run.
func fuzz(f *testing.F, subjects ...subject) {
	fuzzScenes(f, func(t *testing.T, s scene, n uint64) {
		for _, x := range subjects {
			x.requireTwin(t, s, n)
		}
	})
}

func fuzzScenes(f *testing.F, check func(t *testing.T, s scene, n uint64)) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 12 {
		data := make([]byte, 4*[]int{60, 12, 160, 4}[i%4])
		for j := range data {
			data[j] = byte(rng.UintN(256))
		}
		f.Add(data, rng.Uint64())
	}
	f.Add([]byte(nil), uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, n uint64) { check(t, sceneOf(data, n), n) })
}
