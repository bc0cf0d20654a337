package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An alarm wakes nobody too early, not behind one that was given up either, and hears when the run ends.
func TestAlarm(t *testing.T) {
	for name, alarms := range map[string]func() (alarm, error){"the system's": newAlarm, "a timer": newTimerAlarm} {
		t.Run(name, func(t *testing.T) {
			a, err := alarms()
			require.NoError(t, err)
			for _, d := range []time.Duration{time.Nanosecond, 300 * time.Microsecond, 25 * time.Millisecond} {
				begun := time.Now()
				require.NoError(t, a.wait(t.Context(), d))
				require.GreaterOrEqual(t, time.Since(begun), d)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			require.ErrorIs(t, a.wait(ctx, time.Hour), context.DeadlineExceeded)
			require.NoError(t, a.Close())
		})
	}
}
