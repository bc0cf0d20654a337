package parquetsource

import (
	"slices"
	"sync"
)

// A table bounds how many readers of a source hold files and pages. Where one too many begins, the one that was
// used longest ago gives up what it holds, and takes it up again where it was when it is read next.
type table struct {
	most int

	mu   sync.Mutex
	open []holder // by last use, the oldest first
}

// A holder is a reader. Rest gives up what it holds, unless it is at work, which it reports.
type holder interface{ rest() bool }

// admit notes that h is used, and makes room for it. Readers that are at work stay, even if there are more of them than
// may be.
func (t *table) admit(h holder) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.open, h); i >= 0 {
		if i < len(t.open)-1 {
			t.open = append(slices.Delete(t.open, i, i+1), h)
		}
		return
	}
	for i := 0; i < len(t.open) && len(t.open) >= t.most; {
		if t.open[i].rest() {
			t.open = slices.Delete(t.open, i, i+1)
		} else {
			i++
		}
	}
	t.open = append(t.open, h)
}

// dismiss notes that h holds nothing any more.
func (t *table) dismiss(h holder) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.open, h); i >= 0 {
		t.open = slices.Delete(t.open, i, i+1)
	}
}
