package livepage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// events sends a state every interval, or as often as the pace allows, until the viewer goes or the run is over. It is
// a stream of server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	if !p.enter() {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many viewers", http.StatusServiceUnavailable)
		return
	}
	defer p.leave()
	out := feed{zipped: takesGzip(r)}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would keep events back
	h.Set("Vary", "Accept-Encoding")
	if out.zipped {
		h.Set("Content-Encoding", "gzip")
	}
	control := http.NewResponseController(w)
	defer control.SetWriteDeadline(time.Time{})
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for sent := 0; ; {
		s, fresh, ok := p.next(r.Context(), sent)
		if !ok {
			return
		}
		if fresh {
			if sent == 0 || s.over {
				out.add(p.again(s.over))
			}
			out.add(s.event)
			if s.over {
				out.end()
			}
			if err := control.SetWriteDeadline(time.Now().Add(p.patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return
			}
			if _, err := w.Write(out.out); err != nil {
				return
			}
			if control.Flush() != nil {
				return
			}
			out.out = nil // a viewer who waits holds nothing
			sent = s.version
		}
		if s.over {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// next returns what a viewer is sent behind a version, and whether it is another one. Of a viewer who has one already it waits for its turn. It returns false where the
// viewer has gone, or there is no state.
func (p *Page) next(ctx context.Context, sent int) (s snapshot, fresh, ok bool) {
	if sent > 0 {
		if !p.pace.wait(ctx) {
			return s, false, false
		}
		defer p.pace.done()
	}
	s, err := p.snapshot()
	fresh = err == nil && s.version != sent
	if fresh && !s.over { // a run that is over is disturbed by nothing
		p.pace.note()
	}
	return s, fresh, err == nil
}

// again says how long a browser waits until it asks once more: the longer the more there are, and not all equally long.
func (p *Page) again(over bool) piece {
	wait := 2 * time.Second
	if over {
		wait = 5 * time.Second
	}
	p.mu.Lock()
	wait = max(wait, time.Duration(p.viewers)*2*p.pace.each)
	p.mu.Unlock()
	return stored(fmt.Sprintf("retry: %d\n", (wait + rand.N(wait/2)).Milliseconds()))
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
