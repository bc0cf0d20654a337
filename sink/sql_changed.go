package sink

import (
	"fmt"
	"regexp"
	"strings"
)

// A changedError says that rows of a checkpoint do not fit the statement. Drivers would
// fail for too few arguments, and some would leave out what is too many.
type changedError struct{ before, now string }

func (e *changedError) Error() string {
	say := func(s string) string {
		return fmt.Sprintf("%s (with %d)", shorten(strings.Join(strings.Fields(s), " "), 200), placeholders(s))
	}
	return fmt.Sprintf("rows with the arguments of %s, and the statement is %s now", say(e.before), say(e.now))
}

// sqlParts are what a statement may have a placeholder in that is none, and placeholders: ?, ?1, $1,
// and :name, @name and $name. A doubled quote is two texts, one behind the other.
var sqlParts = regexp.MustCompile(`(?s)'[^']*'|"[^"]*"|` + "`[^`]*`" + `|--[^\n]*|/\*.*?\*/|::|@@|\?\d*|[$:@]\w+`)

// placeholders counts the arguments that a statement takes, as well as can be told without
// the database. It need only be right enough to see that one has come or gone.
func placeholders(statement string) int {
	named := map[string]bool{}
	n := 0
	for _, part := range sqlParts.FindAllString(statement, -1) {
		switch {
		case part == "?":
			n++
		case part == "::" || part == "@@" || !strings.ContainsAny(part[:1], "?$:@"):
		default:
			named[part] = true
		}
	}
	return n + len(named)
}
