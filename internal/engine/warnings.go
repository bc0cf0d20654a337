package engine

import (
	"log/slog"
	"maps"
	"slices"
	"time"
)

// warn logs a warning about the operator once a run, whichever of its
// instances sees it first.
func (i *Instance) warn(about, text string, args ...any) {
	i.once(slog.LevelWarn, about, text, args)
}

func (i *Instance) once(level slog.Level, about, text string, args []any) {
	r := i.Place.run
	r.statsMu.Lock()
	if r.warned == nil {
		r.warned = map[warning]bool{}
	}
	first := !r.warned[warning{i.Node, about}]
	r.warned[warning{i.Node, about}] = true
	r.statsMu.Unlock()
	if first {
		i.Logger().Log(i.Ctx(), level, text, args...)
	}
}

type warning struct {
	n     *Node
	about string
}

// warnDropped says that events are too late, when the first one is.
func (i *Instance) warnDropped() {
	if i.told {
		return
	}
	i.told = true
	if i.Node.Late {
		return
	}
	args := []any{"dropped", i.stats.tooLate.Load()}
	if wm := Time(i.stats.watermark.Load()); wm > MinTime {
		args = append(args, "watermark", wm.Std())
	}
	i.warn("dropped", "events are dropped, as they are behind the watermark: see Disorder, Lateness, Late and SplitLate", args...)
}

// WarnMixed says that the operator takes times of events whose partitions cannot be told apart, if there may be several. What is late
// then depends on speed, and on the number of shards.
func (i *Instance) WarnMixed() {
	first := i.Place.task.stage
	sources := map[string]bool{}
	for _, in := range first.Inputs {
		in.sources(sources)
	}
	if first.Kind != "merge" || len(sources) < 2 || i.Node.Behind("eventtime") {
		if i.Place.count > 1 || len(i.Partitions()) > 1 || i.Grows() {
			i.warn("mixed", "event times are taken of events that an operator in front of it has put out itself, or that have gone to the shard of a key: each shard counts as one partition, so what is late depends on how many there are, and on speed. Take the times next to the source", "shards", i.Place.count)
		}
		return
	}
	i.warn("mixed", "event times are taken behind a Merge or Union of several sources, which count as one, as an operator in front of it puts out events of its own: what the slower ones give may be late. Take the times of each, in front of it",
		"sources", slices.Sorted(maps.Keys(sources)))
}

// sources adds the names of the sources that n goes back to.
func (n *Node) sources(names map[string]bool) {
	if n.Source != nil {
		names[n.Name] = true
	}
	for _, in := range n.Inputs {
		in.sources(names)
	}
}

// WarnDrift says that nothing is bounded by a MaxDrift.
func (i *Instance) WarnDrift() {
	i.warn("drift", "MaxDrift bounds nothing: no partition is read in the tasks of this operator. Take the times next to the source")
}

// warnIdle says that a partition is idle of which no watermark is known.
func (i *Instance) warnIdle(partition string) {
	i.warn("idle", "a partition is idle that has promised no watermark so far. Idle of a source is for readers that promise some: if they do not, it is for EventTime", "partition", partition)
}

// noteLower says that a reader has promised a watermark that is lower than one before. It is no fault: what holds for the higher one holds for it.
func (i *Instance) noteLower(p *Partition) {
	i.once(slog.LevelInfo, "lower", "a reader has promised a watermark that is lower than one before, which still holds: a watermark never goes back",
		[]any{"partition", p.Name, "watermark", p.said.Std()})
	p.fell = false
}

// WarnAhead says that a watermark is far ahead of the clock.
func (i *Instance) WarnAhead(partition string, wm Time) {
	i.warn("ahead", "the watermark is a day or more ahead of the clock: has one event a wrong time? Those that follow it may be late; see MaxAhead",
		"partition", partition, "watermark", wm.Std(), "clock", i.Place.run.Now().UTC())
}

// farAhead is how far ahead of the clock a watermark is that is worth a warning.
const farAhead = 24 * time.Hour

// A Horizon finds the first watermark that is far ahead of the clock. It
// looks at the clock only where a watermark is beyond what was far the last
// time.
type Horizon struct{ until Time }

func (h *Horizon) Passed(i *Instance, wm Time) bool {
	if wm <= h.until || wm == MaxTime {
		return false
	}
	if h.until = Clamp(i.Now()).Add(farAhead - 1); wm <= h.until {
		return false
	}
	h.until = MaxTime // once is enough
	return true
}
