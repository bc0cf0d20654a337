package stream

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/window"
)

// A header is what a batch is besides its values: which rows are selected, and
// when and where they come from. It is compiled once for all types.
type header struct {
	times  []Time  // nil while the events have no event time
	rows   []int32 // the selected rows, ascending; meaningful where narrow is set
	narrow bool

	// Where the rows come from, for errors and to break ties between events
	// of one time: seqs[i], or seq+i where seqs is nil.
	seq   uint64
	seqs  []uint64
	marks int64 // the bits of all places that a reader has marked

	// No selected row is earlier than first or later than last, where bounded
	// is set: many operators then need not look at each time.
	first, last Time
	bounded     bool

	late    []lateMark        // rows that were behind their partition's watermark, ascending
	born    int64             // when a source read the batch, in nanoseconds of the run's clock; 0 if unknown
	rejects []Rejected        // what a reader could make no events of
	part    *engine.Partition // the source partition that the rows are from; nil behind an exchange
}

// A lateMark says that a row was behind the watermark of its own partition on
// arrival. It travels with the row, so that what counts as late does not
// depend on how fast other partitions are read.
type lateMark struct {
	row       int32
	watermark Time
}

func (h *header) timeOf(row int) Time {
	if h.times == nil {
		return window.MinTime
	}
	return h.times[row]
}

// at returns the row of the k-th selected event.
func (h *header) at(k int) int {
	if h.narrow {
		return int(h.rows[k])
	}
	return k
}

// selected returns the selected rows, or nil if all are.
func (h *header) selected() []int32 {
	if h.narrow {
		return h.rows
	}
	return nil
}

// seqOf returns the position of a row as one number: which partition, and
// where in it.
func (h *header) seqOf(row int) uint64 {
	if h.seqs != nil {
		return h.seqs[row]
	}
	return h.seq + uint64(row)
}

func (h *header) isLate(row int) bool {
	if len(h.late) == 0 { // nearly always
		return false
	}
	_, late := h.lateAt(row)
	return late
}

// lateAt is lateness of any row, without a cursor.
func (h *header) lateAt(row int) (Time, bool) {
	i, late := slices.BinarySearchFunc(h.late, int32(row), func(m lateMark, row int32) int {
		return cmp.Compare(m.row, row)
	})
	if !late {
		return 0, false
	}
	return h.late[i].watermark, true
}

// lateness returns the watermark that a row was behind on arrival, and false
// for a row that was on time. *cursor must start at 0 and rows must ascend.
func (h *header) lateness(row int, cursor *int) (Time, bool) {
	for *cursor < len(h.late) {
		m := h.late[*cursor]
		if int(m.row) == row {
			return m.watermark, true
		}
		if int(m.row) > row {
			break
		}
		*cursor++
	}
	return 0, false
}

// behind returns the watermark that a row has to be held against: its
// partition's when it arrived if it was late there, and the operator's own.
func (h *header) behind(row int, cursor *int, now Time) Time {
	if wm, late := h.lateness(row, cursor); late {
		return max(wm, now)
	}
	return now
}

// copyRow makes a row of another batch the n-th of this one, as far as headers
// go.
func (h *header) copyRow(n int, from *header, row int, cursor *int) {
	if from.times != nil {
		h.times = append(h.times, from.times[row])
	} else {
		h.times = nil
	}
	h.seqs = append(h.seqs, from.seqOf(row))
	if len(from.late) > 0 {
		if wm, late := from.lateness(row, cursor); late {
			h.late = append(h.late, lateMark{int32(n), wm})
		}
	}
	if h.born == 0 {
		h.born = from.born
	}
}

// mark notes the place of the next row.
func (h *header) mark(position int64) {
	h.marks |= position
	h.seqs = append(h.seqs, h.seq|uint64(position))
}

// whole returns an error if only some of the n events that a reader has put in have a time, or a mark, or if
// one has what no event can have.
func (h *header) whole(n int) error {
	if t := len(h.times); t > 0 && t != n {
		return fmt.Errorf("its reader has put in %d events, and %d event times: AppendAt is for all events of a Read or for none", n, t)
	}
	for i, at := range h.times {
		if at == engine.MinTime || at == engine.MaxTime {
			return fmt.Errorf("its reader has put in an event, the %d. of a Read, at %v, when no event is: a time that cannot be held is for Reject", i+1, at)
		}
	}
	if m := len(h.seqs); m > 0 && m != n {
		return fmt.Errorf("its reader has put in %d events, and marked %d: Mark is for all events of a Read or for none", n, m)
	}
	if h.marks>>engine.SeqBits != 0 {
		return fmt.Errorf("its reader has marked an event with a place that is not from 0 to 2^%d-1", engine.SeqBits)
	}
	return nil
}

// without narrows the selection of n rows by those at the places lost. It may be
// the sender's, so it is copied to the memory of rows.
func (h *header) without(lost []int32, n int, rows *[]int32) {
	if len(lost) == 0 {
		return
	}
	kept := (*rows)[:0]
	for k := range n {
		if len(lost) > 0 && int(lost[0]) == k {
			lost = lost[1:]
			continue
		}
		kept = append(kept, int32(h.at(k)))
	}
	*rows = kept
	h.rows, h.narrow = kept, true
}

// emptied is the header of no rows, on the same memory.
func (h *header) emptied() header {
	return header{times: h.times[:0], seqs: h.seqs[:0], late: h.late[:0], rows: h.rows[:0], rejects: h.rejects[:0]}
}
