package sink_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// committing is the context of a run with checkpoints.
func committing(t *testing.T) *stream.SinkContext {
	return &stream.SinkContext{Context: t.Context(), Pipeline: "p/1", Name: "store", Count: 1, Transactional: true, Checkpoint: func() {}}
}

func begin(t *testing.T, s stream.Sink[string]) (stream.Committer, stream.Writer[string]) {
	c, err := s.(stream.TransactionalSink[string]).OpenCommitter(committing(t))
	require.NoError(t, err)
	w, err := s.Open(committing(t))
	require.NoError(t, err)
	return c, w
}

func prepare(t *testing.T, w stream.Writer[string]) [][]byte {
	data, err := w.(stream.Preparer).Prepare(t.Context())
	require.NoError(t, err)
	return [][]byte{data}
}
