package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/statehttp"
)

func rulesIn(dir string) string  { return filepath.Join(dir, "rules.jsonl") }
func alertsIn(dir string) string { return filepath.Join(dir, "alerts") }

// A service is the pipeline while it runs, and a server that answers what it has decided.
type service struct {
	pipeline *stream.Pipeline
	shards   int
	addr     string
	stops    context.CancelFunc
	ended    chan error
}

// start goes on where the service before it has stopped.
func start(ctx context.Context, dir string, shards int) (*service, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var decisions stream.View[string, Decision]
	ctx, cancel := context.WithCancel(ctx)
	s := &service{pipeline(dir, &decisions), shards, listener.Addr().String(), cancel, make(chan error, 1)}
	mux := http.NewServeMux()
	mux.Handle("GET /decisions", statehttp.Handler(&decisions)) // a service asks here who it is
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	go func() {
		err := s.pipeline.Run(ctx, stream.Shards(shards), stream.Checkpoints(checkpoint.Dir(filepath.Join(dir, "checkpoints")), 200*time.Millisecond))
		err = errors.Join(err, server.Close())
		<-served // it says that it was closed
		s.ended <- err
	}()
	return s, nil
}

// stop has the pipeline save all, and ends it.
func (s *service) stop() error {
	s.stops()
	if err := <-s.ended; !errors.Is(err, context.Canceled) {
		return err
	}
	return nil // it was told to
}

// until waits for something to hold of the service, which must not end meanwhile.
func (s *service) until(holds func(stream.Stats) bool) error {
	var before int64
	deadline := time.Now().Add(time.Minute)
	for now := s.pipeline.Stats(); !holds(now); now = s.pipeline.Stats() {
		if n := worked(now); n > before {
			before, deadline = n, time.Now().Add(time.Minute)
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("the service has ended by itself: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return errors.New("the service has come no further for a minute")
		}
	}
	return nil
}

// worked returns how many events all operators have taken.
func worked(now stream.Stats) (n int64) {
	for _, o := range now.Operators {
		for _, i := range o.Instances {
			n += i.In
		}
	}
	return n
}

// reached waits until there are the alerts and decisions of all that happened before a time.
func (s *service) reached(at time.Time) error {
	return s.until(func(now stream.Stats) bool {
		alerts, _ := now.Operator("alerts")
		decisions, _ := now.Operator("decisions")
		return !alerts.Watermark.Before(at) && !decisions.Watermark.Before(at)
	})
}

// edited waits until so many lines of the file of rules have come to all who judge.
func (s *service) edited(lines int) error {
	return s.until(func(now stream.Stats) bool {
		for _, e := range now.Edges {
			if e.To == "judge" && e.Input == 1 {
				return e.Events >= int64(lines*s.shards) && e.Queued == 0 // each rule goes to each shard
			}
		}
		return false
	})
}
