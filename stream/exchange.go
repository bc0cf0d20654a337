package stream

import "github.com/freshet-go/freshet/internal/keyhash"

// keyGroups is how many groups keys fall into, by hash. A group is the unit
// in which keys are spread over shards and state is saved; the number is
// fixed, so that it outlives any number of shards.
const keyGroups = 128

// shardOf returns the shard of n that a key hash belongs to.
func shardOf(hash uint64, n int) int {
	return keyhash.Group(hash, keyGroups) * n / keyGroups
}

// A port is where batches of one stream enter a stage from others: it merges
// its lanes' watermarks and tells the operator behind.
type port struct {
	task     *task
	progress *progress
	next     func(control) error
}

// lane opens a lane into the port for one more sender.
func (p *port) lane() *lane {
	input := p.progress.grow()
	return p.task.inbox.lane(func(c control) error {
		out, changed := p.progress.take(input, c)
		if !changed {
			return nil
		}
		if out.kind == ctlEnd {
			p.task.ports--
		}
		return p.next(out)
	}, p.task.rt.sync)
}

func newPort(t *task, next func(control) error) *port {
	t.ports++
	p := &port{task: t, progress: newProgress(0), next: next}
	t.entries = append(t.entries, p)
	return p
}

// open is called when all lanes are there. A port that nobody sends to, as
// there are more shards than senders, has seen its end.
func (p *port) open() error {
	if len(p.progress.inputs) > 0 {
		return nil
	}
	p.task.ports--
	if err := p.next(control{kind: ctlWatermark, watermark: maxTime}); err != nil {
		return err
	}
	return p.next(control{kind: ctlEnd})
}

// ended reports whether nothing follows.
func (p *port) ended() bool { return p.progress.live == 0 }

// An envelope carries a batch from one stage to another. B is the batch and
// its columns; the receiver hands the memory back when it is done.
type envelope[B any] struct {
	batch B
	to    func(*B) error
	home  chan *envelope[B]
}

func (e *envelope[B]) deliver() error {
	err := e.to(&e.batch)
	select {
	case e.home <- e:
	default:
	}
	return err
}

// A sender fills envelopes for one lane.
type sender[B any] struct {
	lane *lane
	to   func(*B) error
	env  *envelope[B] // being filled; nil when nothing has been put in
	home chan *envelope[B]
}

func newSender[B any](l *lane, to func(*B) error) *sender[B] {
	// The lane's depth, one being filled and one being read.
	return &sender[B]{lane: l, to: to, home: make(chan *envelope[B], laneDepth+2)}
}

// fill returns the batch to put rows into.
func (s *sender[B]) fill() *B {
	if s.env == nil {
		select {
		case s.env = <-s.home:
		default:
			s.env = &envelope[B]{to: s.to, home: s.home}
		}
	}
	return &s.env.batch
}

// ship sends on what has been filled in, if anything.
func (s *sender[B]) ship(t *task) error {
	if s.env == nil {
		return nil
	}
	env := s.env
	s.env = nil
	return s.lane.send(message{batch: env}, t)
}

func (s *sender[B]) control(c control, t *task) error {
	if err := s.ship(t); err != nil {
		return err
	}
	return s.lane.send(message{ctl: c}, t)
}

// senders are those of one instance, one for each task of the stage behind.
type senders[B any] struct {
	task    *task
	all     []*sender[B]
	held    control // a watermark that waits to be sent
	holding int     // how many watermarks it stands for
}

// watermarksHeld is how many watermarks are sent as one under load. A source
// derives one from each batch, and each would cost a batch that is not full
// and a wake-up on every shard. Delaying a watermark is always right.
const watermarksHeld = 16

func (s *senders[B]) control(c control) error {
	if c.kind == ctlWatermark {
		s.held = c
		if s.holding++; s.holding < watermarksHeld && c.watermark < maxTime {
			return nil
		}
		return s.release()
	}
	if err := s.release(); err != nil {
		return err
	}
	return s.send(c)
}

// release sends the watermark that waits, if one does.
func (s *senders[B]) release() error {
	if s.holding == 0 {
		return nil
	}
	s.holding = 0
	return s.send(s.held)
}

func (s *senders[B]) send(c control) error {
	for _, x := range s.all {
		if err := x.control(c, s.task); err != nil {
			return err
		}
	}
	return nil
}

// flush sends on all that waits: the stage has nothing to do for now.
func (s *senders[B]) flush() error {
	if s.holding > 0 {
		return s.release() // which ships what goes before it
	}
	for _, x := range s.all {
		if err := x.ship(s.task); err != nil {
			return err
		}
	}
	return nil
}

// An entrance is how batches of one stream come into the stage that node n
// begins: one port a task, made when the first sender asks.
type entrance[B any] struct {
	rt    *run
	n     *node
	ports []*port
	to    []func(*B) error
}

// enter returns the entrance for consumer key of the stage that n begins, with
// build making what stands behind the port of one task.
func enter[B any](rt *run, n *node, key any, build func(*place) (func(*B) error, func(control) error)) *entrance[B] {
	if e, ok := rt.entrances[key]; ok {
		return e.(*entrance[B])
	}
	e := &entrance[B]{rt: rt, n: n}
	rt.entrances[key] = e
	for _, pl := range rt.stageOf(n) {
		to, ctl := build(pl)
		e.ports = append(e.ports, newPort(pl.task, ctl))
		e.to = append(e.to, to)
	}
	return e
}

// senders opens one lane to each task of the stage.
func (e *entrance[B]) senders(pl *place) *senders[B] {
	s := &senders[B]{task: pl.task}
	for i, p := range e.ports {
		s.all = append(s.all, newSender(p.lane(), e.to[i]))
	}
	pl.task.flushers = append(pl.task.flushers, s.flush)
	return s
}

// sender opens a lane to one task only.
func (e *entrance[B]) sender(pl *place, task int) *senders[B] {
	s := &senders[B]{task: pl.task, all: []*sender[B]{newSender(e.ports[task].lane(), e.to[task])}}
	pl.task.flushers = append(pl.task.flushers, s.flush)
	return s
}

// takes reports whether rows of b can be added: those with and without event
// times do not go together.
func (to *Batch[T]) takes(b *Batch[T]) bool {
	return len(to.values) == 0 || (to.times == nil) == (b.times == nil)
}

// add copies a row of b to the end of the batch, which takes it.
func (to *Batch[T]) add(b *Batch[T], row int, cursor *int) {
	to.values = append(to.values, b.values[row])
	if b.times != nil {
		to.times = append(to.times, b.times[row])
	} else {
		to.times = nil
	}
	to.seqs = append(to.seqs, b.seqOf(row))
	if len(b.late) > 0 {
		if wm, late := b.lateness(row, cursor); late {
			to.late = append(to.late, lateMark{int32(len(to.values) - 1), wm})
		}
	}
	if to.born == 0 {
		to.born = b.born
	}
}

// empty makes the batch one of no rows, and keeps its memory.
func (to *Batch[T]) empty() {
	*to = Batch[T]{values: to.values[:0], times: to.times[:0], seqs: to.seqs[:0], late: to.late[:0], rows: to.rows[:0]}
}

// A forwarder sends batches on as they are: between stages that need no key.
type forwarder[T any] struct {
	*senders[Batch[T]]
	size  int
	turn  int  // the sender whose turn it is
	round bool // senders take turns
}

func (f *forwarder[T]) push(b *Batch[T]) error {
	s := f.all[f.turn]
	to := s.fill()
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		if len(to.values) >= f.size || !to.takes(b) {
			if err := s.ship(f.task); err != nil {
				return err
			}
			s, to = f.next()
		}
		to.add(b, b.at(k), &cursor)
	}
	return nil
}

// next returns the batch to fill once one has been sent.
func (f *forwarder[T]) next() (*sender[Batch[T]], *Batch[T]) {
	if f.round {
		f.turn = (f.turn + 1) % len(f.all)
	}
	return f.all[f.turn], f.all[f.turn].fill()
}

// forward makes the receiver that takes a stream into the stage that n begins.
func forward[T any](pl *place, n *node, key any, round bool, build func(*place) receiver[T]) receiver[T] {
	e := enter(pl.rt, n, key, func(pl *place) (func(*Batch[T]) error, func(control) error) {
		r := build(pl)
		return func(b *Batch[T]) error {
			err := r.push(b)
			b.empty()
			return err
		}, r.control
	})
	f := &forwarder[T]{size: pl.rt.batch, round: round}
	if round {
		f.senders = e.senders(pl)
		f.turn = pl.index % len(f.all)
	} else {
		f.senders = e.sender(pl, pl.index%len(e.ports))
	}
	return f
}
