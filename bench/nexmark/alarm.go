package main

import (
	"context"
	"time"
)

// An alarm wakes the reader of an open loop when its next event is due.
type alarm interface {
	// wait returns when d is over, or sooner, or when ctx ends.
	wait(ctx context.Context, d time.Duration) error
	Close() error
}

// timerAlarm is an alarm by the runtime's timers. Where nothing else is to be done these wake a goroutine by the
// millisecond, as the runtime then waits in epoll_wait, which counts in milliseconds.
type timerAlarm struct{}

func newTimerAlarm() (alarm, error) { return timerAlarm{}, nil }

func (timerAlarm) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (timerAlarm) Close() error { return nil }
