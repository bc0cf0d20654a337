package tune

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
)

// ErrPruned is what an objective returns once [Trial.Report] has told it to stop.
var ErrPruned = errors.New("tune: the trial was pruned")

// A Trial is one try: settings, which handles read, and how much it may cost. One goroutine uses it.
type Trial struct {
	// Number counts the trials of a search, from 0.
	Number int
	// Budget is how much the trial may cost, in the unit that was given to [SuccessiveHalving] or [Hyperband]: epochs, events, trees. With
	// other strategies it is 0.
	Budget float64
	// Parent is the trial with the same settings and a smaller budget that this one follows, or -1. An objective
	// that keeps its models may go on where that was.
	Parent int

	settings []float64
	seed     uint64
	steps    []Step
	before   []Result // which it may be compared with
	prune    pruning
	sign     float64
}

// A Step is a figure that a trial reported while it ran.
type Step struct {
	At    int
	Value float64
}

func (t *Trial) setting(number int) float64 { return t.settings[number] }

// Seed returns a number that is the trial's own, the same for the same seed of the search.
func (t *Trial) Seed() uint64 { return mix(t.seed, uint64(t.Number)) }

// Rand returns a source of random numbers that begins with Seed.
func (t *Trial) Rand() *rand.Rand { return rand.New(rand.NewPCG(t.Seed(), 1)) }

// Report notes a figure of the trial so far, at a step: after an epoch, or a fold. It returns true if the trial is not worth going on: it then
// returns [ErrPruned]. Steps ascend. A figure that is NaN is worse than any other. Without [Prune] it returns false.
func (t *Trial) Report(at int, value float64) bool {
	if n := len(t.steps); n > 0 && t.steps[n-1].At >= at {
		panic("tune: Trial.Report: steps ascend")
	}
	t.steps = append(t.steps, Step{at, value})
	if !t.prune.on || at < t.prune.warm {
		return false
	}
	var others []float64
	for _, r := range t.before {
		for _, s := range r.Steps {
			if s.At == at && !math.IsNaN(s.Value) {
				others = append(others, t.sign*s.Value)
			}
		}
	}
	if len(others) < t.prune.startup {
		return false
	}
	slices.Sort(others)
	n := len(others)
	median := others[n/2]
	if n%2 == 0 {
		median = others[n/2-1] + (others[n/2]-others[n/2-1])/2
	}
	return !(t.sign*value <= median)
}

type pruning struct {
	on            bool
	startup, warm int
}

// A Result is what became of a trial.
type Result struct {
	Number   int
	Parent   int
	Budget   float64
	Settings string // as people read them
	// Value is what the objective returned, and NaN if it failed.
	Value float64
	// Failed says why there is no value. Empty: there is one, or the trial was pruned or skipped.
	Failed string
	// Pruned trials were stopped early, as their steps were worse than the median.
	Pruned bool
	// Skipped trials were not run, as too few of the trials that they were to follow had a value.
	Skipped bool
	Steps   []Step

	settings []float64
}

func (r Result) setting(number int) float64 {
	if number >= len(r.settings) {
		return math.NaN()
	}
	return r.settings[number]
}

// OK reports whether the trial has a value.
func (r Result) OK() bool { return r.Failed == "" && !r.Pruned && !r.Skipped }

// mix makes one seed of two numbers: it is SplitMix64, Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
// OOPSLA 2014.
func mix(seed, n uint64) uint64 {
	z := seed + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
