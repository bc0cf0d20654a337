package shred

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Persons has the keys of persons at hand: it asks a Keeper, and remembers for a while what that has said. One is shared by all policies of a
// program. Any number of goroutines may use it.
type Persons struct {
	keeper   Keeper
	size     int
	life     time.Duration
	patience time.Duration

	mu sync.Mutex
	// What is remembered, in two generations: when the young one is full it becomes the old one, and what nobody has asked for in the
	// meantime is gone.
	young, old map[string]entry
	forgets    int // how often Forget has been called: what was asked for before is not remembered behind it
	asked      int64
}

// An entry is what is known of a person. It is zero for nothing.
type entry struct {
	key       *key
	forgotten bool
	until     time.Time
}

// An Option sets how Persons asks.
type Option func(*Persons)

// CacheSize sets how many persons are remembered, which takes about 1 KiB for each. The default is 10,000. It panics if n is less than 2.
func CacheSize(n int) Option {
	if n < 2 {
		panic(fmt.Sprintf("shred: CacheSize(%d): want at least 2", n))
	}
	return func(p *Persons) { p.size = n }
}

// CacheTime sets for how long a key is remembered: a person whom another process has forgotten is forgotten here when
// it is over. The default is a minute. It panics if d is not positive.
func CacheTime(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("shred: CacheTime(%v): want a positive duration", d))
	}
	return func(p *Persons) { p.life = d }
}

// Patience sets for how long a keeper is asked again that does not answer. The default is a minute; with 0 it is asked
// once. It panics if d is negative.
func Patience(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("shred: Patience(%v): want a duration that is not negative", d))
	}
	return func(p *Persons) { p.patience = d }
}

// New returns Persons whose keys a Keeper has. It panics if the keeper or an option is nil.
func New(keeper Keeper, opts ...Option) *Persons {
	if keeper == nil {
		panic("shred: New: the Keeper is nil")
	}
	p := &Persons{keeper: keeper, size: 10_000, life: time.Minute, patience: time.Minute, young: map[string]entry{}}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("shred: New: option %d of %d is nil", i+1, len(opts)))
		}
		o(p)
	}
	return p
}

// Format writes where keys are, whatever the verb: it has names and keys at hand.
func (p *Persons) Format(to fmt.State, _ rune) { _, _ = fmt.Fprintf(to, "persons of a %T", p.keeper) }

// Forget destroys the keys of persons, for good: there is no way back. When it returns, nobody who asks this Persons seals or opens
// anything of theirs; others who share the keeper, within their CacheTime. Persons of whom there is nothing are forgotten, too. With
// an error some may be forgotten and some not: it is to be called again, which does no harm.
//
// Events that are being worked on may still pass. What they leave is sealed with the key that is gone, unless Open has opened it.
func (p *Persons) Forget(ctx context.Context, persons ...string) error {
	for _, name := range persons {
		if name == "" {
			return fmt.Errorf("shred: Forget: %w", ErrNobody)
		}
	}
	p.drop(persons)
	err := p.keeper.Forget(ctx, persons...)
	p.drop(persons) // who has asked in between may have been told the key
	if err != nil {
		return fmt.Errorf("shred: forget: %w", err)
	}
	return nil
}

func (p *Persons) drop(persons []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgets++
	for _, name := range persons {
		delete(p.young, name)
		delete(p.old, name)
	}
}

// Asked returns how often the keeper was asked for keys.
func (p *Persons) Asked() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// find fills in what is known of persons, and asks the keeper for the others.
func (p *Persons) find(ctx context.Context, whose map[string]entry, create bool) error {
	missing, forgets := p.remembered(whose)
	if len(missing) == 0 {
		return nil
	}
	found, err := p.ask(ctx, missing, create)
	if err != nil {
		return err
	}
	now := time.Now()
	for i, name := range missing {
		e := entry{forgotten: found[i].Forgotten, until: now.Add(p.life)}
		if found[i].Key != nil && !e.forgotten {
			if e.key, err = newKey(found[i].Key); err != nil {
				return err
			}
		}
		whose[name] = e
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.forgets == forgets {
		for _, name := range missing {
			if e := whose[name]; e.key != nil || e.forgotten {
				p.remember(name, e)
			}
		}
	}
	return nil
}

// remembered fills in what is remembered, and returns whom it is not of.
func (p *Persons) remembered(whose map[string]entry) (missing []string, forgets int) {
	if len(whose) == 0 {
		return nil, 0
	}
	now := time.Now() // of keys, and of no event: a person is forgotten in time also where a run's clock stands still
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range whose {
		e, ok := p.young[name]
		if !ok {
			if e, ok = p.old[name]; ok {
				p.remember(name, e)
			}
		}
		if !ok || now.After(e.until) {
			missing = append(missing, name)
			continue
		}
		whose[name] = e
	}
	return missing, p.forgets
}

func (p *Persons) remember(name string, e entry) {
	if _, ok := p.young[name]; !ok && len(p.young) >= p.size/2 {
		p.young, p.old = make(map[string]entry, len(p.young)), p.young
	}
	p.young[name] = e
}

const (
	firstWait   = 10 * time.Millisecond
	longestWait = time.Second
)

// ask asks the keeper until it answers.
func (p *Persons) ask(ctx context.Context, persons []string, create bool) ([]Found, error) {
	until := time.Now().Add(p.patience)
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		found, err := p.once(ctx, persons, create)
		switch {
		case err == nil && len(found) == len(persons):
			return found, nil
		case err == nil:
			return nil, fmt.Errorf("shred: the keeper was asked for %d persons and answers for %d", len(persons), len(found))
		case errors.Is(err, checkpoint.ErrSealed), errors.Is(err, checkpoint.ErrDamaged), ctx.Err() != nil:
			return nil, fmt.Errorf("shred: the keeper of persons' keys: %w", err)
		case time.Now().Add(wait).After(until):
			return nil, fmt.Errorf("shred: the keeper of persons' keys: %w: %w", checkpoint.ErrKeysAway, err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

// once asks once, for no longer than there is patience, and for ten seconds at least.
func (p *Persons) once(ctx context.Context, persons []string, create bool) ([]Found, error) {
	p.mu.Lock()
	p.asked++
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, max(p.patience, 10*time.Second))
	defer cancel()
	return p.keeper.Keys(ctx, persons, create)
}
