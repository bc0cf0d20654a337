package stream

import (
	"encoding/binary"
	"errors"

	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/panes"
)

// Instances of one operator stand at the same watermark behind a barrier, but
// for the last one of a run that was told to stop: some may have heard that while
// windows fired, and others have fired them all. A checkpoint has the lowest of
// their watermarks. So each says then how far it had come, of which keys.

// saveFired saves how far the windows of an instance have fired, if the run has
// been told to stop.
func saveFired(s *saving, op *instance, store *panes.Sliced) {
	if op.place.rt.stop.Err() == nil {
		return
	}
	b := s.rest()
	*b = binary.AppendVarint(*b, int64(op.place.index))
	*b = binary.AppendVarint(*b, int64(op.place.count))
	*b = binary.AppendVarint(*b, int64(store.Watermark()))
}

var errFired = errors.New("how far windows have fired is cut short")

// restoreFired begins a store at the watermark of the checkpoint, and tells it
// which keys are further.
func restoreFired(r *restoring, store *panes.Sliced) error {
	store.Pass(r.watermark)
	var fired [keyGroups]Time
	until := r.watermark
	for g := range fired {
		fired[g] = r.watermark
	}
	for _, b := range r.whole {
		var of [3]int64 // which instance of how many, and how far it was
		for i := range of {
			n := 0
			if of[i], n = binary.Varint(b); n <= 0 {
				return errFired
			}
			b = b[n:]
		}
		for g := range fired {
			if ownerOf(g, int(of[1])) == int(of[0]) {
				fired[g] = max(fired[g], Time(of[2]))
			}
		}
		until = max(until, Time(of[2]))
	}
	if until > r.watermark {
		store.FiredAhead(func(hash uint64) Time { return fired[keyhash.Group(hash, keyGroups)] }, until)
	}
	return nil
}
