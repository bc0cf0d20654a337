package statehttp

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Checkpoints has a Handler answer from the checkpoints of a store, too, where the request says so: ?checkpoint=17 is that with the id 17, and ?checkpoint=latest the
// newest one. Such an answer is of one moment of the stream on all shards, and needs no run: see [stream.View.AsOf]. It says which checkpoint it is of:
//
//	GET /stock?key=teapot&checkpoint=latest    {"key":"teapot","value":42,"checkpoint":17,"taken":"2026-11-30T08:00:00Z"}
//
// Several Handlers answer as of one moment if they are asked for one id. A checkpoint that the store does not have is 404, and without this option
// all of them are 400.
//
// The Handler holds what the last such checkpoint has of the operator, encoded. A request for another one reads it anew, and so does each one for the latest. A request
// for a key decodes one in 128 of all keys. It panics if store is nil.
func Checkpoints(store checkpoint.Store) Option {
	if store == nil {
		panic("statehttp: Checkpoints: the Store is nil")
	}
	return func(s *settings) { s.store = store }
}

// An origin is the checkpoint that an answer is of, if it is of one.
type origin struct {
	Checkpoint int64     `json:"checkpoint,omitzero"`
	Taken      time.Time `json:"taken,omitzero"`
}

// saved answers from checkpoints.
type saved[K comparable, V any] struct {
	view  *stream.View[K, V]
	store checkpoint.Store

	mu   sync.Mutex // one at a time reads a checkpoint
	last *stream.SavedView[K, V]
}

var errNoCheckpoint = errors.New("checkpoint")

// asOf returns what answers as of a checkpoint.
func (s *saved[K, V]) asOf(text string) (from answers[K, V], err error) {
	if s.store == nil {
		return from, fmt.Errorf("%w: no answers are given from any", errNoCheckpoint)
	}
	id := int64(0)
	if text != "latest" {
		if id, err = strconv.ParseInt(text, 10, 64); err != nil || id <= 0 {
			return from, fmt.Errorf("%w: %q is neither an id nor latest", errNoCheckpoint, text)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.last
	if held == nil || id == 0 || idOf(held) != id {
		if held, err = s.view.AsOf(s.store, id); err != nil {
			return from, err
		}
		s.last = held
	}
	from.get, from.all = held.Get, held.All()
	from.of.Checkpoint, from.of.Taken = held.Checkpoint()
	return from, nil
}

func idOf[K comparable, V any](s *stream.SavedView[K, V]) int64 {
	id, _ := s.Checkpoint()
	return id
}

func statusOfSaved(err error) int {
	switch {
	case errors.Is(err, errNoCheckpoint):
		return http.StatusBadRequest
	case errors.Is(err, fs.ErrNotExist):
		return http.StatusNotFound
	}
	return http.StatusInternalServerError
}
