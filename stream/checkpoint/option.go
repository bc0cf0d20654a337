package checkpoint

import "fmt"

// An Option sets how checkpoints are kept.
type Option func(*Settings)

// Settings are what options set. The zero value is the default.
type Settings struct {
	Keep int // how many checkpoints are kept, savepoints not counted; 0 for 3
}

// Keep sets how many checkpoints are kept, savepoints not counted. The
// default is 3. Where the store has no space for a new one, which it says by an
// error that is syscall.ENOSPC or EDQUOT, the oldest go until there is,
// and the newest stays. It panics if n is less than 1.
func Keep(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("checkpoint: Keep(%d): want at least 1", n))
	}
	return func(s *Settings) { s.Keep = n }
}
