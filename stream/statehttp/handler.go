package statehttp

import (
	"context"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An Option sets how a Handler answers.
type Option func(*settings)

type settings struct {
	limit   int
	timeout time.Duration
	store   checkpoint.Store // nil if nothing is answered from checkpoints
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
// others. Values are written by encoding/json/v2, and floats that JSON has no numbers for as "NaN", "Infinity" and
// "-Infinity". A value that cannot be written is an error, 500, and among others only of its own entry:
// {"key":…,"error":"…"}.
//
// With ?key= it gives what is held for that key, or 404. Without, it gives all keys, the least ones first where keys are strings
// or integers; ?from= and ?to= give those that are not less than from and less than to; more says that Limit has left some out. That
// looks at every key: it takes as long as copying all that is held. With ?checkpoint= the answer is as of that checkpoint, see [Checkpoints].
//
// Other methods than GET and HEAD are 405, a key or a bound that is none and a query that is not escaped as it has to be 400, and 503 says that the pipeline does not
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
	return &handler[K, V]{settings: s, view: v, keys: keysOf[K](), saved: saved[K, V]{view: v, store: s.store}}
}

type handler[K comparable, V any] struct {
	settings
	view  *stream.View[K, V]
	keys  keys[K]
	saved saved[K, V]
}

// Answers come from a View, or from what a checkpoint has of it.
type answers[K comparable, V any] struct {
	get func(K) (V, bool, error)
	all iter.Seq2[stream.KeyValue[K, V], error]
	of  origin
}

type one[K comparable, V any] struct {
	Key   K `json:"key"`
	Value V `json:"value"`
	origin
}

type list struct {
	Items []jsontext.Value `json:"items"`
	More  bool             `json:"more"`
	origin
}

// A faulty entry has a value that cannot be written.
type faulty[K comparable] struct {
	Key   K      `json:"key"`
	Error string `json:"error"`
}

func (h *handler[K, V]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, errors.New("only GET and HEAD"))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.timeout)
	defer cancel()
	query, err := url.ParseQuery(r.URL.RawQuery) // Query leaves out what is broken: without its key a question is for all keys
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	from := answers[K, V]{
		get: func(k K) (V, bool, error) { return h.view.Get(ctx, k) },
		all: h.view.All(ctx),
	}
	if query.Has("checkpoint") {
		if from, err = h.saved.asOf(query.Get("checkpoint")); err != nil {
			fail(w, statusOfSaved(err), err)
			return
		}
	}
	if query.Has("key") {
		h.one(w, query.Get("key"), from)
	} else {
		h.some(w, query, from)
	}
}

func (h *handler[K, V]) one(w http.ResponseWriter, text string, from answers[K, V]) {
	k, err := h.keys.parse(text)
	if err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("key: %w", err))
		return
	}
	value, known, err := from.get(k)
	switch {
	case err != nil:
		fail(w, status(err), err)
	case !known:
		fail(w, http.StatusNotFound, errors.New("nothing is held for this key"))
	default:
		write(w, http.StatusOK, one[K, V]{k, value, from.of})
	}
}

func (h *handler[K, V]) some(w http.ResponseWriter, query map[string][]string, from answers[K, V]) {
	within, err := h.keys.within(query)
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	var all []stream.KeyValue[K, V]
	more := false
	cut := func() {
		slices.SortFunc(all, func(a, b stream.KeyValue[K, V]) int { return h.keys.compare(a.Key, b.Key) })
		if len(all) > h.limit {
			clear(all[h.limit:])
			all, more = all[:h.limit], true
		}
	}
	for kv, err := range from.all {
		if err != nil {
			fail(w, status(err), err)
			return
		}
		if !within(kv.Key) {
			continue
		}
		if all = append(all, kv); len(all) >= 4*h.limit {
			cut()
		}
	}
	cut()
	answer := list{Items: make([]jsontext.Value, len(all)), More: more, origin: from.of}
	for i, kv := range all {
		answer.Items[i] = entry(kv)
	}
	write(w, http.StatusOK, answer)
}

// entry returns what is written of a key among others.
func entry[K comparable, V any](kv stream.KeyValue[K, V]) jsontext.Value {
	b, err := marshal(kv)
	if err != nil {
		reason := err.Error()
		if b, err = marshal(faulty[K]{kv.Key, reason}); err != nil { // the key cannot be written
			b, _ = marshal(map[string]string{"error": reason})
		}
	}
	return b
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
	b, err := marshal(v)
	if err != nil {
		code = http.StatusInternalServerError
		b, _ = marshal(map[string]string{"error": err.Error()})
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write(append(b, '\n')) // who asked may have gone
}
