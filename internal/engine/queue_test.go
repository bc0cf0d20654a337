package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The queue chooses as a look at all partitions would: of those that may be read and were not
// put aside the one with the least watermark, and of several the first.
func TestQueue(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 4))
		shut := map[*Partition]bool{}
		l := &reading{task: &task{rt: testRun(t)}}
		l.task.gates = append(l.task.gates, func(p *Partition) bool { return !shut[p] })
		add := func() {
			p := &Partition{Front: Time(r.IntN(5)), Local: len(l.task.parts)}
			l.task.parts = append(l.task.parts, p)
			if l.queue.full || r.IntN(2) == 0 {
				l.queue.put(p)
			}
		}
		for range r.IntN(20) {
			add()
		}
		for range 300 {
			l.steps++
			l.queue.again(l.task.parts)
			for {
				var want *Partition
				for _, p := range l.task.parts {
					front := func(p *Partition) Time { return max(p.Front, Time(p.remote.Load())) }
					if !p.Done && !p.silent && p.passed != l.steps && !shut[p] && (want == nil || front(p) < front(want)) {
						want = p
					}
				}
				require.Same(t, want, l.choose())
				if want == nil {
					break
				}
				switch r.IntN(8) { // what a read does
				case 0:
					want.Done = r.IntN(8) == 0
				case 1:
					want.silent = true
				case 2:
					want.passed = l.steps
				default:
					want.Front += Time(r.IntN(3))
				}
				l.queue.moved(want)
				if r.IntN(3) == 0 {
					break
				}
			}
			for _, p := range l.task.parts { // what happens between two steps
				switch r.IntN(20) {
				case 0:
					p.Reached(p.Front + Time(r.IntN(9)))
				case 1:
					shut[p] = !shut[p]
				case 2:
					if p.silent {
						l.stirred.add(p)
					}
				}
			}
			l.begun = true
			require.NoError(t, l.stir())
			switch n := len(l.task.parts); {
			case r.IntN(10) == 0:
				add()
			case n > 0 && r.IntN(10) == 0: // as dismiss does
				p, last := l.task.parts[r.IntN(n)], l.task.parts[n-1]
				last.Local, l.task.parts[p.Local] = p.Local, last
				l.task.parts = l.task.parts[:n-1]
				l.queue.moved(last)
				l.queue.take(p)
				p.leaving = true
			}
			for i, p := range l.queue.heap {
				require.Equal(t, i+1, p.place)
			}
		}
	}
}

// Ready notes a partition once until it is read, and again after that.
func TestStirred(t *testing.T) {
	var s stirred
	p := &Partition{}
	s.add(p)
	s.add(p)
	require.Equal(t, []*Partition{p}, s.take())
	require.Empty(t, s.take())
	s.add(p)
	require.Empty(t, s.take(), "it has not been read since")
	p.ready.Store(false)
	s.add(p)
	require.Equal(t, []*Partition{p}, s.take())
}
