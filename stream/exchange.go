package stream

import "github.com/freshet-go/freshet/internal/keyhash"

// keyGroups is how many groups keys fall into, by hash. A group is the unit
// in which keys are spread over shards and state is saved; the number is
// fixed, so that it outlives any number of shards.
const keyGroups = 128

// shardOf returns the shard of n that a key hash belongs to.
func shardOf(hash uint64, n int) int { return ownerOf(keyhash.Group(hash, keyGroups), n) }

// ownerOf returns the shard of n that a key group belongs to.
func ownerOf(group, n int) int { return group * n / keyGroups }

// An envelope carries a batch from one stage to another; the receiver hands the
// memory back when it is done. P is a pointer to the batch and its columns. Go
// compiles code for all types of pointers once, and so it does an envelope,
// senders and an entrance.
type envelope[P any] struct {
	batch P
	to    func(P) error
	home  chan parcel
}

func (e *envelope[P]) deliver() error {
	err := e.to(e.batch)
	select {
	case e.home <- e:
	default:
	}
	return err
}

// A sender sends parcels over one lane.
type sender struct {
	lane *lane
	next parcel      // being filled; nil when nothing has been put in
	home chan parcel // those that have come back
}

func newSender(l *lane) *sender {
	// The lane's depth, one being filled and one being read.
	return &sender{lane: l, home: make(chan parcel, laneDepth+2)}
}

// ship sends on what has been filled in, if anything.
func (s *sender) ship(t *task) error {
	if s.next == nil {
		return nil
	}
	p := s.next
	s.next = nil
	return s.lane.send(message{batch: p}, t)
}

func (s *sender) control(c control, t *task) error {
	if err := s.ship(t); err != nil {
		return err
	}
	return s.lane.send(message{ctl: c}, t)
}

// lanes are the senders of one instance, one for each task of the stage behind.
type lanes struct {
	task    *task
	all     []*sender
	held    control // a watermark that waits to be sent
	holding int     // how many watermarks it stands for
}

// watermarksHeld is how many watermarks are sent as one under load. A source
// derives one from each batch, and each would cost a batch that is not full
// and a wake-up on every shard. Delaying a watermark is always right.
const watermarksHeld = 16

func (s *lanes) control(c control) error {
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
func (s *lanes) release() error {
	if s.holding == 0 {
		return nil
	}
	s.holding = 0
	return s.send(s.held)
}

func (s *lanes) send(c control) error {
	for _, x := range s.all {
		if err := x.control(c, s.task); err != nil {
			return err
		}
	}
	return nil
}

// flush sends on all that waits: the stage has nothing to do for now.
func (s *lanes) flush() error {
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

// senders are lanes with the batches that they fill.
type senders[P any] struct {
	lanes   *lanes
	filling []P // of each lane, while the lane has something next
	to      []func(P) error
	fresh   func() P
}

// count returns the number of lanes.
func (s *senders[P]) count() int { return len(s.filling) }

// fill returns the batch to put rows into that are for a lane.
func (s *senders[P]) fill(lane int) P {
	if s.lanes.all[lane].next == nil {
		s.begin(lane)
	}
	return s.filling[lane]
}

// begin has a lane fill an envelope that is empty.
func (s *senders[P]) begin(lane int) {
	x := s.lanes.all[lane]
	select {
	case x.next = <-x.home:
	default:
		x.next = &envelope[P]{batch: s.fresh(), to: s.to[lane], home: x.home}
	}
	s.filling[lane] = x.next.(*envelope[P]).batch
}

// ship sends on what a lane has been filled with, if anything.
func (s *senders[P]) ship(lane int) error { return s.lanes.all[lane].ship(s.lanes.task) }

func (s *senders[P]) control(c control) error { return s.lanes.control(c) }

// An entrance is how batches of one stream come into the stage that node n
// begins: one port a task, made when the first sender asks.
type entrance[P any] struct {
	ports []*port
	to    []func(P) error
	fresh func() P
}

// enter returns the entrance for consumer key of the stage that n begins, with
// build making what stands behind the port of one task, and fresh a batch.
func enter[P any](rt *run, n *node, key any, fresh func() P, build func(*place) (func(P) error, func(control) error)) *entrance[P] {
	if e, ok := rt.entrances[key]; ok {
		return e.(*entrance[P])
	}
	e := &entrance[P]{fresh: fresh}
	rt.entrances[key] = e
	for _, pl := range rt.stageOf(n) {
		to, ctl := build(pl)
		e.ports = append(e.ports, newPort(pl.task, ctl))
		e.to = append(e.to, to)
	}
	return e
}

// senders opens one lane to each task of the stage.
func (e *entrance[P]) senders(pl *place) *senders[P] {
	return &senders[P]{lanes: openLanes(pl.task, e.ports), filling: make([]P, len(e.ports)), to: e.to, fresh: e.fresh}
}

// sender opens a lane to one task only.
func (e *entrance[P]) sender(pl *place, task int) *senders[P] {
	return &senders[P]{lanes: openLanes(pl.task, e.ports[task:task+1]), filling: make([]P, 1), to: e.to[task : task+1], fresh: e.fresh}
}

// openLanes opens a lane from t into each port.
func openLanes(t *task, ports []*port) *lanes {
	s := &lanes{task: t}
	for _, p := range ports {
		s.all = append(s.all, newSender(p.lane(t)))
	}
	t.flushers = append(t.flushers, s.flush)
	return s
}

// takes reports whether rows of b can be added: those with and without event
// times do not go together.
func (to *Batch[T]) takes(b *Batch[T]) bool {
	return len(to.values) == 0 || (to.times == nil) == (b.times == nil)
}

// add copies a row of b to the end of the batch, which takes it.
func (to *Batch[T]) add(b *Batch[T], row int, cursor *int) {
	to.copyRow(len(to.values), &b.header, row, cursor)
	to.values = append(to.values, b.values[row])
}

// empty makes the batch one of no rows, and keeps its memory.
func (to *Batch[T]) empty() {
	to.header, to.values = to.emptied(), to.values[:0]
}

// A forwarder sends batches on as they are: between stages that need no key.
type forwarder[T any] struct {
	senders *senders[*Batch[T]]
	size    int
	turn    int  // the lane whose turn it is
	round   bool // lanes take turns
}

func (f *forwarder[T]) push(b *Batch[T]) error {
	to := f.senders.fill(f.turn)
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		if len(to.values) >= f.size || !to.takes(b) {
			if err := f.senders.ship(f.turn); err != nil {
				return err
			}
			if f.round {
				f.turn = (f.turn + 1) % f.senders.count()
			}
			to = f.senders.fill(f.turn)
		}
		to.add(b, b.at(k), &cursor)
	}
	return nil
}

func (f *forwarder[T]) control(c control) error { return f.senders.control(c) }

// forward makes the receiver that takes a stream into the stage that n begins.
func forward[T any](pl *place, n *node, key any, round bool, build func(*place) receiver[T]) receiver[T] {
	fresh := func() *Batch[T] { return new(Batch[T]) }
	e := enter(pl.rt, n, key, fresh, func(pl *place) (func(*Batch[T]) error, func(control) error) {
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
		f.turn = pl.index % f.senders.count()
	} else {
		f.senders = e.sender(pl, pl.index%len(e.ports))
	}
	return f
}
