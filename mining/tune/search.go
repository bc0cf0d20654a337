package tune

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// An Option says how [Search] searches.
type Option func(*search)

// Trials sets how many trials there are at most. The default is 100. [Grid], [SuccessiveHalving] and [Hyperband] end by themselves, and have
// no bound unless one is set here.
func Trials(n int) Option {
	atLeast(1, n, "Trials")
	return func(s *search) { s.trials = n }
}

// Time sets how long trials may begin. Those that run then are waited for. The default is without a bound. How many trials there are
// then depends on how fast they are: each of them is the same all the same.
func Time(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("tune: Time: more than 0, not %v", d))
	}
	return func(s *search) { s.time = d }
}

// Workers sets how many trials run at once. The default is 1. It changes nothing but the time that it takes. An objective has to be safe for that
// many goroutines.
func Workers(n int) Option {
	atLeast(1, n, "Workers")
	return func(s *search) { s.workers = n }
}

// Ahead sets how far a trial may be ahead of the results that it is proposed from: trial n knows all trials up to n-ahead, and no
// other. The default is 4, which keeps 4 workers busy with [TPE]. More workers want more, and what is found is then a little worse.
func Ahead(n int) Option {
	atLeast(1, n, "Ahead")
	return func(s *search) { s.ahead = n }
}

// Seed sets what random numbers are drawn from. The default is 1.
func Seed(seed uint64) Option { return func(s *search) { s.seed = seed } }

// Maximize has greater figures be better. The default is that less is.
func Maximize() Option { return func(s *search) { s.sign = -1 } }

// Prune has [Trial.Report] stop trials that, at the same step, are worse than the median of earlier ones. It begins once startup
// trials have reported that step, and leaves steps before warm alone. It is Golovin et al., "Google Vizier", KDD 2017.
func Prune(startup, warm int) Option {
	atLeast(1, startup, "Prune: startup")
	return func(s *search) { s.prune = pruning{true, startup, warm} }
}

// Journal has each result be written to a file, a line of JSON each, and synced. If the file is there already, the search goes on from it: what it
// holds is not run again, and the rest comes to what it would have come to. A file of another space, strategy or seed is an
// error, and so are settings that this program would not have proposed. One search at a time may write it.
func Journal(path string) Option { return func(s *search) { s.path = path } }

// Found is what a search came to.
type Found struct {
	// Best is the best of the trials that had the greatest budget. Of equals it is the first. Handles read its settings.
	Best Result
	// Results are all trials, by number.
	Results                 []Result
	Failed, Pruned, Skipped int
	// Resumed is how many of them came from the journal.
	Resumed int

	sign float64 // which makes less better
}

// ErrNone is what Search returns if no trial has a value.
var ErrNone = errors.New("tune: no trial has a value")

// An Objective returns the figure of a trial. It returns soon after its context has ended.
type Objective func(ctx context.Context, t *Trial) (float64, error)

// Search runs the objective on trials that a strategy proposes.
//
// Where the context ends, it waits for the trials that run, and returns what was found so far, with the error of
// the context: with a journal the search can go on later. If no trial has a value it returns [ErrNone], with why the first failed. A journal
// that cannot be read or written is an error. It panics if the space, the strategy or the objective is nil.
func Search(ctx context.Context, space *Space, by Strategy, objective Objective, opts ...Option) (*Found, error) {
	switch {
	case space == nil:
		panic("tune: Search: the space is nil")
	case by == nil:
		panic("tune: Search: the strategy is nil")
	case objective == nil:
		panic("tune: Search: the objective is nil")
	}
	s := &search{space: space.base(), by: by, objective: objective, workers: 1, ahead: 4, seed: 1, sign: 1}
	for _, o := range opts {
		o(s)
	}
	size := by.size(s.space)
	switch {
	case s.trials == 0 && size >= 0:
		s.trials = size
	case s.trials == 0:
		s.trials = 100
	case size >= 0:
		s.trials = min(s.trials, size)
	}
	if s.path != "" {
		j, err := openJournal(s.path, s.header())
		if err != nil {
			return nil, err
		}
		defer j.close()
		s.journal = j
	}
	return s.run(ctx)
}

type search struct {
	space     *Space
	by        Strategy
	objective Objective
	trials    int
	time      time.Duration
	workers   int
	ahead     int
	seed      uint64
	sign      float64
	prune     pruning
	path      string
	journal   *journal

	results []Result
	done    []bool
	prefix  int // all trials before it are done
}

func (s *search) header() header {
	return header{
		Format: 1, Space: s.space.describe(), Strategy: s.by.String(), Seed: s.seed, Ahead: s.ahead, Maximize: s.sign < 0,
		Prune: fmt.Sprint(s.prune),
	}
}

// needs returns how many trials have to be done before trial n begins.
func (s *search) needs(n int) int {
	need := s.by.needs(n, s.ahead)
	if s.prune.on {
		need = max(need, n-s.ahead+1)
	}
	return max(0, need)
}

func (s *search) run(ctx context.Context) (*Found, error) {
	found := &Found{sign: s.sign}
	late := make(<-chan time.Time)
	if s.time > 0 {
		timer := time.NewTimer(s.time)
		defer timer.Stop()
		late = timer.C
	}
	back := make(chan Result)
	running, over := 0, false
	var failed error
	for {
		for !over && failed == nil && running < s.workers && len(s.results) < s.trials && s.needs(len(s.results)) <= s.prefix {
			select {
			case <-ctx.Done():
				over = true
				continue
			case <-late:
				over = true
				continue
			default:
			}
			t, r := s.begin(len(s.results))
			s.results, s.done = append(s.results, r), append(s.done, false)
			if r.Skipped {
				s.settle(r)
				continue
			}
			if known, ok := s.known(r.Number); ok {
				if !fits(known, r) {
					failed = fmt.Errorf("tune: journal %s: trial %d has other settings than this search proposes: %s, not %s", s.path, r.Number, known.Settings, r.Settings)
					break
				}
				known.Settings = r.Settings
				found.Resumed++
				s.settle(known)
				continue
			}
			running++
			go func() { back <- s.try(ctx, t, r) }()
		}
		if running == 0 {
			break
		}
		select {
		case r := <-back:
			running--
			if ctx.Err() != nil && !r.OK() && !r.Pruned {
				continue // it was not the trial that failed
			}
			if s.journal != nil && failed == nil {
				failed = s.journal.write(r)
			}
			s.settle(r)
		case <-late:
			over = true
		}
	}
	return s.sum(ctx, found, failed)
}

func (s *search) known(n int) (Result, bool) {
	if s.journal == nil {
		return Result{}, false
	}
	r, ok := s.journal.results[n]
	return r, ok
}

func (s *search) begin(n int) (*Trial, Result) {
	before := s.results[:s.needs(n):s.needs(n)]
	p := s.by.propose(s.space, n, before, s.sign, rand.New(rand.NewPCG(mix(s.seed, uint64(n)), 0)))
	t := &Trial{
		Number: n, Budget: p.budget, Parent: p.parent,
		settings: p.settings, seed: s.seed, before: before, prune: s.prune, sign: s.sign,
	}
	return t, Result{Number: n, Parent: p.parent, Budget: p.budget, Settings: s.space.say(p.settings), Value: math.NaN(), Skipped: p.skip, settings: p.settings}
}

// try runs the objective once.
func (s *search) try(ctx context.Context, t *Trial, r Result) (result Result) {
	defer func() {
		if p := recover(); p != nil {
			r.Value, r.Failed = math.NaN(), fmt.Sprintf("the objective panicked: %v", p)
			r.Steps = t.steps
			result = r
		}
	}()
	value, err := s.objective(ctx, t)
	r.Steps = t.steps
	switch {
	case errors.Is(err, ErrPruned):
		r.Pruned = true
	case err != nil:
		r.Failed = err.Error()
		if r.Failed == "" {
			r.Failed = "an error without a message"
		}
	case value-value != 0:
		r.Failed = fmt.Sprintf("the objective returned %v", value)
	default:
		r.Value = value
	}
	return r
}

func (s *search) settle(r Result) {
	s.results[r.Number], s.done[r.Number] = r, true
	for s.prefix < len(s.done) && s.done[s.prefix] {
		s.prefix++
	}
}

func (s *search) sum(ctx context.Context, found *Found, failed error) (*Found, error) {
	best, why := -1, ""
	for n, r := range s.results {
		if !s.done[n] {
			continue
		}
		found.Results = append(found.Results, r)
		switch {
		case r.Failed != "":
			found.Failed++
			if why == "" {
				why = fmt.Sprintf(": trial %d: %s", n, r.Failed)
			}
		case r.Pruned:
			found.Pruned++
		case r.Skipped:
			found.Skipped++
		case best < 0 || r.Budget > found.Best.Budget || r.Budget == found.Best.Budget && better(r, found.Best, s.sign) < 0:
			best, found.Best = n, r
		}
	}
	switch {
	case failed != nil:
		return found, failed
	case ctx.Err() != nil:
		return found, fmt.Errorf("tune: the search was stopped: %w", context.Cause(ctx))
	case best < 0:
		return found, fmt.Errorf("%w%s", ErrNone, why)
	}
	return found, nil
}
