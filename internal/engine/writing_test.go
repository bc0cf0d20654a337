package engine

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/state"
)

// A page is state as a whole, or of a group of keys, of which a letter changes from
// checkpoint to checkpoint, or a few.
type page struct {
	mu    sync.Mutex
	text  []byte
	saves int
	group uint64 // a hash; 0 for the whole
}

func (x *page) Save(s *state.Saving) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := 1
	if x.saves++; x.saves%10 == 2 {
		n = 20
	}
	for i := range n {
		x.text[100+i]++
	}
	var b *[]byte
	if x.group > 0 {
		b = s.Group(x.group)
	} else {
		b = s.Rest()
	}
	*b = append(*b, x.text...)
	return nil
}

func (x *page) Restore(r *state.Restoring) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, b := range append(r.Whole, r.Groups...) {
		x.text = append([]byte(nil), b...)
	}
	return nil
}

// Of state that has changed in part patches are written, until it is written whole
// again: each piece in a turn of its own. What is restored is what was saved last.
func TestPatchesAreWritten(t *testing.T) { synctest.Test(t, areWritten) }

func areWritten(t *testing.T) {
	a, store := newTopic("a"), keeper.Memory()
	var pages []*page
	plan := func() *tallying {
		pages = nil
		p := newTallying(newTarget(), a)
		p.sink.Committer, p.shards = nil, 3
		p.begin = func(op *Instance) {
			x := &page{text: []byte(strings.Repeat("abcdefgh", 40))}
			if op.Index() == 2 {
				x.group = 100 << 57 // which is one of the last shard's
			}
			op.Hold(x, state.NewCoder[tallied]())
			pages = append(pages, x)
		}
		return p
	}
	p := plan()
	run := p.start(t, p.config(store))
	whole := map[[2]int][]int64{} // of each piece, in which checkpoints it was written whole
	most := 0
	for range 132 {
		id := p.takes(t)
		m := newest(t, store)
		require.Len(t, m.Operators, 1)
		require.Len(t, m.Operators[0].Pieces, 3)
		for _, piece := range m.Operators[0].Pieces {
			key := [2]int{piece.Group, piece.Instance}
			if len(piece.Patches) == 0 {
				whole[key] = append(whole[key], id)
			}
			most = max(most, len(piece.Patches))
			if id == 2 {
				require.Len(t, piece.Patches, 1)
			}
		}
	}
	require.Equal(t, map[[2]int][]int64{
		{keeper.Whole, 0}: {1, 128}, {keeper.Whole, 1}: {1, 127}, {100, 0}: {1, 27},
	}, whole)
	require.Greater(t, most, 1)
	run.stop(t)

	before := pages
	p = plan()
	run = p.start(t, p.config(store))
	for i, x := range before {
		require.Equal(t, string(x.text), string(pages[i].text))
	}
	run.stop(t)
}
