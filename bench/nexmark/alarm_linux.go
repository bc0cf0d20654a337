package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// fileAlarm is an alarm by a timer of the kernel that is read like a connection: the reader is woken by the runtime's
// poller, as one of a socket is when an event has come, and so by the microsecond.
type fileAlarm struct {
	file *os.File
	fd   int
}

func newAlarm() (alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("nexmark: make a timer: %w", err)
	}
	return &fileAlarm{os.NewFile(uintptr(fd), "timer"), fd}, nil
}

// longest is how long an alarm waits at once: so it needs nobody to tell it that ctx has ended.
const longest = 10 * time.Millisecond

func (a *fileAlarm) wait(ctx context.Context, d time.Duration) error {
	for d > 0 && ctx.Err() == nil {
		n := min(d, longest)
		spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(n))}
		if err := unix.TimerfdSettime(a.fd, 0, &spec, nil); err != nil {
			return fmt.Errorf("nexmark: set the timer: %w", err)
		}
		var expired [8]byte
		if _, err := a.file.Read(expired[:]); err != nil {
			return fmt.Errorf("nexmark: wait for the timer: %w", err)
		}
		d -= n
	}
	return ctx.Err()
}

func (a *fileAlarm) Close() error { return a.file.Close() }
