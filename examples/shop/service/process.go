package service

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// ready is what a process prints when it can be told to stop.
const ready = "serving"

// serve is the service: it runs the pipeline, and goes on where the one before it was stopped or
// killed, until it is told to stop.
func serve(ctx context.Context, a address, dir string, shards int) error {
	s, err := a.open()
	if err != nil {
		return err
	}
	defer s.close()
	fmt.Println(ready)
	err = pipeline(s).Run(ctx, stream.Checkpoints(checkpoint.Dir(dir), 200*time.Millisecond), stream.Shards(shards))
	if errors.Is(err, context.Canceled) {
		return nil // all is saved
	}
	return err
}

// A service is this program, with -serve or -pack, in a process of its own.
type service struct {
	process *os.Process
	ended   chan error // has what the process has ended with
}

// begin starts a process with these flags, and waits until it is ready.
func begin(ctx context.Context, a address, flags ...string) (*service, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, flags...)
	// By the environment: the password of a database on a command line is everybody's to read.
	cmd.Env = append(os.Environ(), "SHOP_LOG="+a.Log, "SHOP_REDIS="+a.Redis, "SHOP_DATABASE="+a.Database)
	for _, part := range a.Parts {
		cmd.Env = append(cmd.Env, part.variable()+"="+part.addr)
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || said != ready+"\n" {
		return nil, fmt.Errorf("the service says %q: %w", said, errors.Join(err, cmd.Wait()))
	}
	s := &service{cmd.Process, make(chan error, 1)}
	go func() { s.ended <- cmd.Wait() }()
	return s, nil
}

// runs waits until something holds. It is an error if the process ends before.
func (s *service) runs(ctx context.Context, holds func() (bool, error)) error {
	for {
		if ok, err := holds(); ok || err != nil {
			return err
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("the service has ended by itself: %w", err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// kill kills the process, as a machine that fails would.
func (s *service) kill() error {
	if err := s.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.ended // it says that it was killed
	return nil
}

// stop has the process save all and end.
func (s *service) stop() error {
	err := s.process.Signal(syscall.SIGTERM)
	return errors.Join(err, <-s.ended)
}
