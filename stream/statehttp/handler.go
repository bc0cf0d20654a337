package statehttp

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// An Option sets how a Handler answers.
type Option func(*settings)

type settings struct {
	limit   int
	timeout time.Duration
}

// Limit sets how many keys one answer has at most. The default is 1,000. It panics if n is not positive.
func Limit(n int) Option {
	if n <= 0 {
		panic(fmt.Sprintf("statehttp: Limit(%d): not positive", n))
	}
	return func(s *settings) { s.limit = n }
}

// Timeout sets for how long an answer is waited for: a shard that waits for a slow sink answers when that is over. The
// default is a second. It panics if d is not positive.
func Timeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("statehttp: Timeout(%v): not positive", d))
	}
	return func(s *settings) { s.timeout = d }
}

// Handler answers what v shows. Keys are strings, integers, bools, or have UnmarshalText; Handler panics for
// others. Values are written by encoding/json/v2.
//
// With ?key= it gives what is held for that key, or 404. Without, it gives all keys, the least ones first where keys are strings
// or integers; ?from= and ?to= give those that are not less than from and less than to; more says that Limit has left some out. That
// looks at every key: it takes as long as copying all that is held.
//
// Other methods than GET and HEAD are 405, a key or a bound that is none 400, and 503 says that the pipeline does not
// run, or has not answered within Timeout. Errors are JSON, too: {"error":"…"}. The handler may be used by any number of requests at a
// time, each of which interrupts the stream between two batches.
func Handler[K comparable, V any](v *stream.View[K, V], opts ...Option) http.Handler {
	s := settings{limit: 1000, timeout: time.Second}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("statehttp: Handler: option %d of %d is nil", i+1, len(opts)))
		}
		o(&s)
	}
	return &handler[K, V]{settings: s, view: v, keys: keysOf[K]()}
}

type handler[K comparable, V any] struct {
	settings
	view *stream.View[K, V]
	keys keys[K]
}

type list[K comparable, V any] struct {
	Items []stream.KeyValue[K, V] `json:"items"`
	More  bool                    `json:"more"`
}

func (h *handler[K, V]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, errors.New("only GET and HEAD"))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.timeout)
	defer cancel()
	if query := r.URL.Query(); query.Has("key") {
		h.one(ctx, w, query.Get("key"))
	} else {
		h.some(ctx, w, query)
	}
}

func (h *handler[K, V]) one(ctx context.Context, w http.ResponseWriter, text string) {
	k, err := h.keys.parse(text)
	if err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("key: %w", err))
		return
	}
	value, known, err := h.view.Get(ctx, k)
	switch {
	case err != nil:
		fail(w, status(err), err)
	case !known:
		fail(w, http.StatusNotFound, errors.New("nothing is held for this key"))
	default:
		write(w, http.StatusOK, stream.KeyValue[K, V]{Key: k, Value: value})
	}
}

func (h *handler[K, V]) some(ctx context.Context, w http.ResponseWriter, query map[string][]string) {
	within, err := h.keys.within(query)
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	answer := list[K, V]{Items: []stream.KeyValue[K, V]{}}
	cut := func() {
		slices.SortFunc(answer.Items, func(a, b stream.KeyValue[K, V]) int { return h.keys.compare(a.Key, b.Key) })
		if len(answer.Items) > h.limit {
			clear(answer.Items[h.limit:])
			answer.Items, answer.More = answer.Items[:h.limit], true
		}
	}
	for kv, err := range h.view.All(ctx) {
		if err != nil {
			fail(w, status(err), err)
			return
		}
		if !within(kv.Key) {
			continue
		}
		if answer.Items = append(answer.Items, kv); len(answer.Items) >= 4*h.limit {
			cut()
		}
	}
	cut()
	write(w, http.StatusOK, answer)
}

func status(err error) int {
	if errors.Is(err, stream.ErrNotRunning) || errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func fail(w http.ResponseWriter, code int, err error) {
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	write(w, code, map[string]string{"error": err.Error()})
}

func write(w http.ResponseWriter, code int, v any) {
	b, err := json.Marshal(v, jsontext.AllowInvalidUTF8(true)) // keys may be anything
	if err != nil {
		code = http.StatusInternalServerError
		b, _ = json.Marshal(map[string]string{"error": err.Error()}, jsontext.AllowInvalidUTF8(true))
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write(append(b, '\n')) // who asked may have gone
}
