package engine

// A Control travels in the stream, in order with the data.
type Control struct {
	Kind      controlKind
	Watermark Time  // of Watermark
	id        int64 // of Barrier: the checkpoint's
}

type controlKind uint8

const (
	Watermark controlKind = iota // no event before watermark follows
	Idle                         // nothing comes for now: do not wait for this input's watermark
	End                          // nothing follows at all
	Barrier                      // what comes before belongs to the checkpoint, what follows does not
)
