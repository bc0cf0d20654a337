package oracle

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
)

// A question that fails is told, and the next one finds all as the first did.
func TestServer(t *testing.T) {
	unhurried(t)
	python := os.Getenv("FRESHET_ORACLE")
	if python == "" {
		servertest.Missing(t, "the Python of the oracles (FRESHET_ORACLE)", "mining/internal/oracle/testdata/install DIR, and export FRESHET_ORACLE=DIR/bin/python")
	}
	s, err := serving(python, "testdata/fails.py")
	require.NoError(t, err)
	for range 2 {
		answer, err := s.answer(t, []byte(`{"How": "tell"}`))
		require.NoError(t, err)
		require.JSONEq(t, `{"How": "nothing before"}`, string(answer))
		_, err = s.answer(t, []byte(`{"How": "raise"}`))
		require.ErrorContains(t, err, "ValueError: no answer to raise")
		_, err = s.answer(t, []byte(`{"How": "exit"}`))
		require.ErrorContains(t, err, "it ends with 3")
	}
	again, err := serving(python, "testdata/fails.py")
	require.NoError(t, err)
	require.Same(t, s, again)

	none, err := serving(python, "testdata/none.py")
	require.NoError(t, err)
	_, err = none.answer(t, []byte(`{}`))
	require.ErrorContains(t, err, "none.py")
}
