package livepage

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// events sends a state every interval, until the viewer goes or the run is over. It is
// a stream of server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	if !p.enter() {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many viewers", http.StatusServiceUnavailable)
		return
	}
	defer p.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep events back
	control := http.NewResponseController(w)
	defer control.SetWriteDeadline(time.Time{})
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for sent := 0; ; {
		state, version, over, err := p.snapshot()
		if err != nil {
			return
		}
		if version != sent {
			if err := control.SetWriteDeadline(time.Now().Add(p.patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return
			}
			again := 2000 // milliseconds until the browser asks once more
			if over {
				again = 5000
			}
			if _, err := fmt.Fprintf(w, "retry: %d\ndata: %s\n\n", again, state); err != nil {
				return
			}
			if control.Flush() != nil {
				return
			}
			sent = version
		}
		if over {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

func (p *Page) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.viewers >= p.most {
		return false
	}
	p.viewers++
	return true
}

func (p *Page) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.viewers--
}
