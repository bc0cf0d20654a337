//go:build unix

package keeper

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A run that begins again opens the store at once, also while another part of the process begins a program, which has all descriptors
// until it becomes that program.
func TestOpenedAgainWhileAProgramBegins(t *testing.T) {
	store := Dir(t.TempDir())
	k := open(t, store)
	child, err := syscall.Dup(int(store.(*dir).has.(*fileLock).file.Fd()))
	require.NoError(t, err)
	defer syscall.Close(child)
	require.NoError(t, k.Close())
	require.NoError(t, open(t, store).Close())
}
