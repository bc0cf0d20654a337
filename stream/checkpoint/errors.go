package checkpoint

import "github.com/freshet-go/freshet/internal/keeper"

var (
	// ErrLocked says that another process uses the store.
	ErrLocked = keeper.ErrLocked
	// ErrLockLost says that a process had locked the store, and that another may
	// have it now: the file of the lock was removed or replaced.
	ErrLockLost = keeper.ErrLockLost
	// ErrDamaged says that a file is not what was written.
	ErrDamaged = keeper.ErrDamaged
	// ErrVersion says that a later program has written a file. Going on from an
	// older checkpoint instead would do again what that program has done.
	ErrVersion = keeper.ErrVersion
	// ErrOtherPipeline says that a store holds checkpoints of another pipeline.
	ErrOtherPipeline = keeper.ErrOtherPipeline
	// ErrNoSavepoint says that there is no savepoint of a name.
	ErrNoSavepoint = keeper.ErrNoSavepoint
	// ErrUnreadable says that there are checkpoints and none can be read. A
	// run does not begin empty then: what the store holds has to be repaired, or
	// moved away by who knows that it can be lost. The error has the cause of each.
	ErrUnreadable = keeper.ErrUnreadable
	// ErrSealed says that a file is sealed and the keys at hand do not open it, or that it
	// is not sealed where it has to be: see package sealed. A run does not begin then, neither empty nor
	// with an older checkpoint.
	ErrSealed = keeper.ErrSealed
	// ErrKeysAway says that the source of keys has failed. A run does not begin then, and
	// stream.Restarts tries again.
	ErrKeysAway = keeper.ErrKeysAway
)
