package stream

import "github.com/freshet-go/freshet/internal/engine"

// end passes on how far the stream has come, in front of the last of all watermarks: as far as its furthest partition,
// in whichever order they have ended. So what is true as of the end of a stream, as which rows of a table live,
// depends on event times alone.
func (e *watermarks) end(born int64) error {
	e.whole = true
	high := max(e.high, e.past)
	if high <= e.sent {
		return nil
	}
	e.sent = high
	return e.pass(engine.Control{Kind: engine.Watermark, Watermark: high, Born: born})
}
