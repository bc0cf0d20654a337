// Package edges asks every operator of package stream the same questions, on
// which one or another was once silently wrong: what it does without event
// times, with a nil argument, with an option that means nothing to it, beside
// an input that is silent, when each of its functions fails, and with state
// that is of other settings.
//
// The operators, their parameters and the options are read from the source of
// package stream and of packages beside it that add operators: one that the table of this package does not have fails its
// test.
//
// So are the abilities that are asked for by type assertions, which a method loses without a word
// when it becomes generic.
package edges
