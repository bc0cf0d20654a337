package engine

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/state"
)

// A tallying is a pipeline with all that checkpoints are about: topics, sums by
// key, which are state, and a sink with transactions. It is made anew for each run
// that another program would be, and the store, topics and target outlive it.
type tallying struct {
	plan                *Plan
	source, tally, sink *Node
	target              *target
	picky               bool // the target refuses odd numbers
	shards              int  // 2 if it is not set
	each                func(n int)
	watch               func(context.Context, *Assignment) error // of a source whose partitions come and go
	reads               func(op *Instance)                       // is called with each source
	begin               func(op *Instance)                       // of each tally
	moves               func(op *Instance)                       // its watermark, behind what it has been told
	restores            func(*state.Restoring) error             // instead of the tally, if it is set
	log                 *log
	cannotCross         error // to another process
	deaf                bool  // readers are not told what is safe

	mu      sync.Mutex
	tallies []*tally    // of the run under way, or the last one
	refused []any       // that the sink has passed on
	told    [][]Control // what each instance of the sink was told
}

func newTallying(to *target, topics ...*topic) *tallying {
	p := &tallying{target: to, each: pass, begin: func(*Instance) {}, reads: func(*Instance) {}, moves: func(*Instance) {}, log: &log{}, plan: &Plan{Name: "tallying"}}
	p.source = &Node{Kind: "source", Name: "count", Named: true}
	p.tally = &Node{Kind: "tally", Name: "tally", Named: true, Keyed: true, Inputs: []*Node{p.source}}
	p.sink = &Node{Kind: "sink", Name: "write", Named: true, Inputs: []*Node{p.tally}, Diverts: func() bool { return false }}
	p.source.Source = func(r *Run) (Opened, error) { return p.open(r, topics), nil }
	p.source.Build = p.build
	p.sink.Committer = func(*Run) (Committer, error) {
		if p.picky {
			return picky{to}, to.failure("open")
		}
		return to, to.failure("open")
	}
	for _, n := range []*Node{p.source, p.tally, p.sink} {
		p.plan.Add(n)
	}
	return p
}

func (p *tallying) open(r *Run, topics []*topic) (opened Opened) {
	p.mu.Lock()
	p.tallies, p.told = nil, nil
	p.mu.Unlock()
	_, rested := r.RestedSources(p.source)
	at := r.Offsets(p.source)
	for _, t := range topics {
		offset, _ := strconv.Atoi(at[t.name])
		if rested {
			t = newTopic(t.name).end()
		}
		var x reader = t.reader(offset)
		if p.deaf {
			x = deafReader{x}
		}
		part := NewPartition(p.source.Name, x)
		part.Waits = t.waits
		opened.Partitions = append(opened.Partitions, part)
	}
	opened.Watch = p.watch
	return opened
}

func (p *tallying) build(r *Run) {
	var ports []*Port
	var to []intLink
	for _, pl := range r.Stage(p.tally) {
		if pl.Hollow() {
			to, ports = append(to, nil), append(ports, pl.HollowPort(p.tally, 0))
			continue
		}
		x := p.in(pl)
		to, ports = append(to, x), append(ports, pl.Port(p.tally, 0, x.Control))
	}
	for _, pl := range r.Stage(p.source) {
		if pl.Hollow() {
			continue
		}
		e := &topicEntry{op: pl.Instance(p.source)}
		if pl.Continues(p.tally) {
			e.next = p.in(pl)
		} else {
			e.next = &intLanes{pl.Lanes(ports, -1), to, func(n int) int { return shardOf(n, len(to)) }}
		}
		if pl.Foreign() {
			pl.Crosses(p.tally, 0, intWire{}, p.cannotCross, func(at int) Parcel { return &intParcel{to: to[at], home: make(chan Parcel, 1)} })
		}
		e.op.Read(e)
		p.reads(e.op)
	}
}

// in makes the tally and the sink of a place.
func (p *tallying) in(pl *Place) *tally {
	op := pl.Instance(p.tally) // in front of the sink, as plans are built
	w := &writer{op: pl.Instance(p.sink), target: p.target}
	w.op.Prepare(w)
	p.mu.Lock()
	defer p.mu.Unlock()
	at := len(p.told)
	p.told = append(p.told, nil)
	w.end = func(c Control) {
		p.mu.Lock()
		defer p.mu.Unlock()
		c.Born = 0 // the clock's
		p.told[at] = append(p.told[at], c)
	}
	w.refused = func(rows []Refusal) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, r := range rows {
			p.refused = append(p.refused, r.Value)
		}
	}
	a := newTally(op, p.each, w)
	a.restores, a.moves = p.restores, p.moves
	p.begin(op)
	p.tallies = append(p.tallies, a)
	return a
}

// sums are those of the last run.
func (p *tallying) sums() map[int]int {
	var all []map[int]int
	for _, a := range p.tallies {
		all = append(all, a.sums)
	}
	return merged(all...)
}

func (p *tallying) config(store keeper.Store) Config {
	cfg := testConfig()
	if p.shards > 0 {
		cfg.Shards = p.shards
	}
	cfg.Store, cfg.Every, cfg.Logger = store, time.Hour, p.log.logger()
	return cfg
}

// A running plan is one whose Run has been called.
type running struct {
	cancel context.CancelFunc
	err    chan error
}

// start calls Run in a bubble, and returns when all that is there has been read.
func (p *tallying) start(t *testing.T, cfg Config) *running {
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{cancel, make(chan error, 1)}
	go func() { r.err <- p.plan.Run(ctx, cfg) }()
	synctest.Wait()
	return r
}

// stop tells the run to, and waits for it.
func (r *running) stop(t *testing.T) {
	r.cancel()
	require.ErrorIs(t, <-r.err, context.Canceled)
}

// takes has a checkpoint be taken.
func (p *tallying) takes(t *testing.T) int64 {
	id, err := p.plan.Savepoint(t.Context(), "")
	require.NoError(t, err)
	synctest.Wait()
	return id
}

// newest is the manifest of the last checkpoint.
func newest(t *testing.T, s keeper.Store) *keeper.Manifest {
	all, err := keeper.Inspect(s)
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all[0]
}

// upTo are the numbers from 0 up to n.
func upTo(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// A log is what a run has logged.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
