package checkpoint

import "github.com/freshet-go/freshet/internal/keeper"

// An Option sets how checkpoints are kept.
type Option func(*keeper.Keeper)

// Keep sets how many checkpoints are kept, savepoints not counted. The
// default is 3. Where the store has no space for a new one, which it says by an
// error that is syscall.ENOSPC or EDQUOT, the oldest go until there is,
// and the newest stays. It panics if n is less than 1.
func Keep(n int) Option { return Option(keeper.Keep(n)) }
