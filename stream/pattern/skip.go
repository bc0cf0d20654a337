package pattern

// A Skip says what becomes of other matches when one has matched, which are complete or partial. Where
// one has to wait for another, that which begins first goes first: a match is held back while a partial
// match that began before it may yet match. Of those with the same first event the one goes first that was
// complete first, and then the one whose next events are earlier.
type Skip struct {
	kind skipKind
	step string // of toFirst and toLast
}

type skipKind uint8

const (
	none skipKind = iota
	toNext
	pastLast
	toFirst
	toLast
)

// NoSkip gives every match, as soon as it is complete.
func NoSkip() Skip { return Skip{} }

// SkipToNext leaves out all others that begin with the first event of the match.
func SkipToNext() Skip { return Skip{kind: toNext} }

// SkipPastLast leaves out all others that begin before the end of the match: none overlap. It is the default of
// SQL's MATCH_RECOGNIZE.
func SkipPastLast() Skip { return Skip{kind: pastLast} }

// SkipToFirst leaves out all others that begin before the first event of a step in the match. If it has none,
// nothing is left out.
func SkipToFirst(step string) Skip { return Skip{toFirst, named("SkipToFirst", step)} }

// SkipToLast leaves out all others that begin before the last event of a step in the match. If it has none,
// nothing is left out.
func SkipToLast(step string) Skip { return Skip{toLast, named("SkipToLast", step)} }

func named(call, step string) string {
	if step == "" {
		panic("pattern: " + call + ": the name of the step is empty")
	}
	return step
}

// String returns how s is written.
func (s Skip) String() string {
	name := [...]string{"NoSkip", "SkipToNext", "SkipPastLast", "SkipToFirst", "SkipToLast"}[s.kind]
	if s.step != "" {
		return name + "(" + s.step + ")"
	}
	return name
}
