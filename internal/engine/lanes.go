package engine

// A sender sends parcels over one lane.
type sender struct {
	lane *lane
	next Parcel      // being filled; nil when nothing has been put in
	home chan Parcel // those that have come back
}

func newSender(l *lane) *sender {
	// The lane's depth, one being filled and one being read.
	return &sender{lane: l, home: make(chan Parcel, laneDepth+2)}
}

// ship sends on what has been filled in, if anything.
func (s *sender) ship(t *task) error {
	if s.next == nil {
		return nil
	}
	p := s.next
	s.next = nil
	if err := s.lane.send(message{batch: p}, t); err != nil || s.lane.leaves == nil {
		return err
	}
	s.home <- p // it was sent as bytes; there is room, as no other is under way
	return nil
}

func (s *sender) control(c Control, t *task) error {
	if err := s.ship(t); err != nil {
		return err
	}
	return s.lane.send(message{ctl: c}, t)
}

// Lanes are the senders of one instance, one for each task of the stage behind.
type Lanes struct {
	task    *task
	all     []*sender
	held    Control // a watermark that waits to be sent
	holding int     // how many watermarks it stands for
}

// watermarksHeld is how many watermarks are sent as one under load. A source
// derives one from each batch, and each would cost a batch that is not full
// and a wake-up on every shard. Delaying a watermark is always right.
const watermarksHeld = 16

func (s *Lanes) Control(c Control) error {
	if c.Kind == Watermark && c.Watermark == MaxTime && s.holding > 0 { // how far it came is not for the last of all to hide
		if err := s.send(Control{Kind: Came, Watermark: s.held.Watermark}); err != nil {
			return err
		}
	}
	if c.Kind == Watermark {
		if s.holding > 0 && s.held.Born != 0 { // what the first one makes due waits, too
			c.Born = s.held.Born
		}
		s.held = c
		if s.holding++; s.holding < watermarksHeld && c.Watermark < MaxTime {
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
func (s *Lanes) release() error {
	if s.holding == 0 {
		return nil
	}
	s.holding = 0
	return s.send(s.held)
}

func (s *Lanes) send(c Control) error {
	for _, x := range s.all {
		if err := x.control(c, s.task); err != nil {
			return err
		}
	}
	return nil
}

// flush sends on all that waits: the stage has nothing to do for now.
func (s *Lanes) flush() error {
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

// Filling reports whether something has been put in for a lane.
func (s *Lanes) Filling(lane int) bool { return s.all[lane].next != nil }

// Begin has a lane fill a parcel that has come back, or else a fresh one.
func (s *Lanes) Begin(lane int, fresh func(home chan Parcel) Parcel) Parcel {
	x := s.all[lane]
	select {
	case x.next = <-x.home:
	default:
		x.next = fresh(x.home)
	}
	return x.next
}

// Ship sends on what a lane has been filled with, if anything.
func (s *Lanes) Ship(lane int) error { return s.all[lane].ship(s.task) }

// Lanes opens a lane from the place's task into each port of an entrance, or into only one
// of them, if only is not negative.
func (pl *Place) Lanes(ports []*Port, only int) *Lanes {
	if f := pl.run.foreign; f != nil {
		return f.leads(pl, ports, only)
	}
	s := &Lanes{task: pl.task}
	for i, p := range ports {
		if only < 0 || i == only {
			s.all = append(s.all, newSender(p.lane(pl.task)))
		}
	}
	pl.task.flushers = append(pl.task.flushers, s.flush)
	return s
}
