package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A numbered parcel is the n-th of its lane.
type numbered struct{ lane, n int }

func (numbered) Deliver() error { return nil }
func (numbered) Len() int       { return 1 }

// Barriers are aligned: nothing that a lane has sent behind its barrier is taken
// before the barrier has come by every other lane, nothing is lost, and what a
// lane has sent comes in order. Checkpoints are begun anew before others have
// come about, as they are when one is given up.
func TestAlignment(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 4))
		in := newInbox()
		lanes := make([]*lane, 1+r.IntN(4))
		for i := range lanes {
			lanes[i] = in.lane(func(Control) error { return nil }, true)
		}
		sent, got := make([]int, len(lanes)), make([]int, len(lanes))
		ended := make([]bool, len(lanes))
		barrier := make([]int64, len(lanes)) // sent last by each lane
		cut := map[int64][]int{}             // of each checkpoint, how many parcels each lane had sent before it
		send := func(i int, m message) { require.NoError(t, lanes[i].send(m, nil)) }
		newest, met := int64(0), int64(0)
		end := func(i int) {
			ended[i] = true
			for id := barrier[i] + 1; id <= newest+200; id++ { // all that it has sent is in later ones
				if cut[id] == nil {
					cut[id] = make([]int, len(lanes))
				}
				cut[id][i] = sent[i]
			}
			send(i, message{ctl: Control{Kind: End}})
		}

		take := func() bool {
			m, from := in.next(false)
			if from == nil {
				return false
			}
			i := 0
			for lanes[i] != from {
				i++
			}
			switch {
			case m.batch != nil:
				require.Equal(t, numbered{i, got[i]}, m.batch)
				got[i]++
			default:
				if id := in.meet(from, m.ctl); id != 0 {
					require.Greater(t, id, met)
					met = id
					for k := range lanes {
						require.Equal(t, cut[id][k], got[k], "seed %d: lane %d at checkpoint %d", seed, k, id)
					}
				}
			}
			return true
		}
		for range 200 {
			i := r.IntN(len(lanes))
			switch k := r.IntN(10); {
			case k < 4 && !ended[i]:
				send(i, message{batch: numbered{i, sent[i]}})
				sent[i]++
			case k < 5 && !ended[i]:
				if barrier[i] == newest || r.IntN(20) == 0 {
					newest++
				}
				barrier[i] = newest
				if cut[newest] == nil {
					cut[newest] = make([]int, len(lanes))
				}
				cut[newest][i] = sent[i]
				send(i, message{ctl: Control{Kind: Barrier, id: newest}})
			case k == 5 && !ended[i] && r.IntN(10) == 0:
				end(i)
			default:
				take()
			}
		}
		for i := range lanes {
			if !ended[i] {
				end(i)
			}
		}
		for take() {
		}
		require.Equal(t, sent, got, "seed %d: nothing is lost", seed)
	}
}

// A lane holds back its sender when it is full, and lets it go on when there is
// space again.
func TestLaneIsBounded(t *testing.T) {
	r := testRun(t)
	in := newInbox()
	l := in.lane(func(Control) error { return nil }, false)
	sender := &task{rt: r}
	done := make(chan int)
	go func() {
		defer close(done)
		for n := range 3 * laneDepth {
			if l.send(message{batch: numbered{0, n}}, sender) != nil {
				return
			}
			done <- n
		}
	}()
	for n := range laneDepth {
		require.Equal(t, n, <-done)
	}
	select {
	case <-done:
		t.Fatal("more was sent than a lane holds")
	default:
	}
	for n := range 3 * laneDepth {
		var m message
		for from := (*lane)(nil); from == nil; {
			m, from = in.next(false)
		}
		require.Equal(t, numbered{0, n}, m.batch)
		if n+laneDepth < 3*laneDepth {
			require.Equal(t, n+laneDepth, <-done)
		}
	}
	<-done

	// The end of the run ends a sender that waits.
	for n := range laneDepth {
		require.NoError(t, l.send(message{batch: numbered{0, n}}, sender))
	}
	waits := make(chan error)
	go func() { waits <- l.send(message{batch: numbered{}}, sender) }()
	r.cancel(nil)
	require.ErrorIs(t, <-waits, ErrStopped)
}
