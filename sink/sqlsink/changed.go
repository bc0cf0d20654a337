package sqlsink

import (
	"fmt"
	"strings"

	"github.com/freshet-go/freshet/internal/sqldb"
)

// A changedError says that rows of a checkpoint do not fit the statement. Drivers would
// fail for too few arguments, and some would leave out what is too many.
type changedError struct{ before, now string }

func (e *changedError) Error() string {
	say := func(s string) string {
		return fmt.Sprintf("%s (with %d)", sqldb.Shorten(strings.Join(strings.Fields(s), " "), 200), placeholders(s))
	}
	return fmt.Sprintf("rows with the arguments of %s, and the statement is %s now", say(e.before), say(e.now))
}
