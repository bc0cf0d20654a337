package engine

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

// What says nothing of records is left as it is, and texts that may are hidden, in groups as well.
func TestHidden(t *testing.T) {
	redact := func(string) string { return "***" }
	for _, err := range []error{ErrStopped, context.Canceled, context.DeadlineExceeded} {
		require.Exactly(t, err, hidden(err, redact))
	}
	secret := errors.New("secret")
	require.NotContains(t, hidden(secret, redact).Error(), "secret")
	log := &log{}
	l := slog.New(redacting{slog.NewTextHandler(log, nil), redact})
	l.Info("said", "cause", "secret1", "err", "secret2", "error", "secret3", "other", "shown", "of", secret, slog.Group("in", "cause", "secret4"))
	require.NotContains(t, log.String(), "secret")
	require.Contains(t, log.String(), "other=shown")
}

// Readers are told of what is safe where one wants to know, or one may come that does.
func TestAcknowledges(t *testing.T) {
	r := &Run{}
	require.False(t, r.acknowledges())
	r.opened = []*Partition{NewPartition("count", deafReader{newTopic("a").reader(0)})}
	require.False(t, r.acknowledges())
	r.assigned = []*Assignment{{}}
	require.True(t, r.acknowledges())
	r.assigned = nil
	r.opened = append(r.opened, NewPartition("count", newTopic("a").reader(0)))
	require.True(t, r.acknowledges())
	require.True(t, (&Instance{Place: &Place{run: r}}).SameRun(&Instance{Place: &Place{run: r}}))
	require.False(t, (&Instance{Place: &Place{run: r}}).SameRun(&Instance{Place: &Place{run: &Run{}}}))
	require.False(t, (&Instance{Place: &Place{run: r}}).SameRun(nil))
}
