package redissource

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// Where there was news of more keys than are kept, a new image is taken, also where there is news of others since.
func TestTooMuchNews(t *testing.T) {
	t.Parallel()
	o := &opened{SourceContext: &stream.SourceContext{Context: t.Context(), Logger: slog.New(slog.DiscardHandler)}, config: configOf([]Option{Every(time.Hour)})}
	for _, later := range []int{0, 1} {
		r := &hashReader[int]{opened: o, image: &image[int]{opened: o, round: 2}, news: newNews(o, "cart:*"), begun: time.Now()}
		r.scan = scanner{opened: o, pattern: "cart:*"}
		r.news.once.Do(func() {}) // nobody is to be asked
		for i := range mostNews + 1 + later {
			r.news.tell(fmt.Sprint("cart:", i))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		for r.phase == resting {
			if err := r.rest(ctx); err != nil {
				t.Fatalf("with %d keys more: %v", later, err)
			}
		}
		cancel()
		if r.phase != scanning {
			t.Errorf("with %d keys more the phase is %d, and %d keys are looked at", later, r.phase, len(r.keys))
		}
		r.news.close()
	}
}
