package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

const kills = 2

// show has senders send, kills the pipeline in the middle, and checks its books.
func show(ctx context.Context, w io.Writer, n int) error {
	dir, err := os.MkdirTemp("", "collect-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // nginx and rsyslog may run as others
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var d doors
	var all [][]hit
	failed := make(chan error, len(senders))
	killed := make(chan struct{}) // closed when no process is killed any more
	var sending sync.WaitGroup
	for i, s := range senders {
		send, with, err := s.start(dir, &d)
		if err != nil {
			fmt.Fprintf(w, "%-8s left out: %v\n", s.way, err)
			continue
		}
		fmt.Fprintf(w, "%-8s %d hits, sent by %s\n", s.way, n, with)
		hits := hitsOf(s.way, n, rand.New(rand.NewPCG(uint64(i), 7)))
		all = append(all, hits)
		sending.Go(func() {
			if err := send(ctx, closingAfter(ctx, hits, killed)); err != nil && ctx.Err() == nil {
				failed <- fmt.Errorf("%s: %w", s.way, err)
			}
		})
	}
	defer sending.Wait()
	defer cancel()

	for i := range kills {
		p, err := begin(ctx, d, dir)
		if err != nil {
			return err
		}
		select {
		case <-time.After(time.Duration(1500+500*i) * time.Millisecond):
		case err := <-failed:
			return errors.Join(err, p.kill())
		}
		if err := p.kill(); err != nil {
			return err
		}
		fmt.Fprintln(w, "the pipeline is killed, and begins again")
	}
	close(killed)
	p, err := begin(ctx, d, dir)
	if err != nil {
		return err
	}
	if err := p.counted(ctx, failed); err != nil {
		return errors.Join(err, p.kill(), cameSoFar(w, dir))
	}
	if err := p.stop(); err != nil {
		return err
	}
	return booksOf(all).check(ctx, w, resultsOf(dir))
}

// closingAfter gives hits, those that close the way when a channel is closed.
func closingAfter(ctx context.Context, hits []hit, closed <-chan struct{}) iter.Seq[hit] {
	return func(yield func(hit) bool) {
		for _, h := range hits {
			if h.Host == closing {
				select {
				case <-closed:
				case <-ctx.Done():
					return
				}
			}
			if !yield(h) {
				return
			}
		}
	}
}

// A process is this program with -serve.
type process struct {
	*exec.Cmd
	says chan string // what it prints
}

func begin(ctx context.Context, d doors, dir string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{exec.CommandContext(ctx, self, "-serve", dir, "-log", d.Log, "-forward", d.Forward, "-beats", d.Beats, "-relp", d.RELP), make(chan string, 100)}
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	go func() { // ends with the process
		defer close(p.says)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.says <- lines.Text()
		}
	}()
	return p, nil
}

func (p *process) kill() error {
	if err := p.Process.Kill(); err != nil {
		return err
	}
	p.drain()
	_ = p.Wait() // it says that it was killed
	return nil
}

// atMost is how long the last process may take.
const atMost = 2 * time.Minute

// counted waits until all has been counted.
func (p *process) counted(ctx context.Context, failed <-chan error) error {
	select {
	case line := <-p.says:
		if line != allCounted {
			return fmt.Errorf("the pipeline has ended by itself: %q", line)
		}
		return nil
	case err := <-failed:
		return err
	case <-time.After(atMost):
		return fmt.Errorf("not all ways have closed within %v", atMost)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cameSoFar prints how many hits of each way the newest checkpoint has, some of them twice.
func cameSoFar(w io.Writer, dir string) error {
	saved, err := checkpoint.Inspect(checkpoint.Dir(checkpointsOf(dir)))
	if err != nil || len(saved) == 0 {
		return err
	}
	for _, s := range saved[0].Sources {
		fmt.Fprintf(w, "%-8s %d hits in checkpoint %d\n", s.Operator, s.Count, saved[0].ID)
	}
	return nil
}

// stop has the process save all and end.
func (p *process) stop() error {
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	p.drain()
	return p.Wait()
}

func (p *process) drain() {
	for range p.says {
	}
}
