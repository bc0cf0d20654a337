package keeper

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
)

// An Option sets how a Keeper works. Users have checkpoint.Settings.
type Option func(*Keeper)

// Keep is checkpoint.Keep.
func Keep(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("checkpoint: Keep(%d): want at least 1", n))
	}
	return func(k *Keeper) { k.keep = n }
}

// Logger sets where the keeper says that it passed over a damaged
// checkpoint. The default is nowhere.
func Logger(l *slog.Logger) Option { return func(k *Keeper) { k.logger = l } }

// A Keeper keeps the checkpoints of one pipeline in a store, which it locks.
// Its methods may be called by several goroutines.
type Keeper struct {
	store    Store
	pipeline string
	keep     int
	logger   *slog.Logger
	unlock   func() error

	mu      sync.Mutex
	last    int64               // the highest id that the store has seen
	kept    map[int64]*Manifest // those that can be read
	broken  []int64             // those that cannot
	damaged map[int64]bool      // of these, those whose bytes are wrong: no better read will come
	passed  map[int64]struct{}  // those that a run has passed over, see GoOn
	unsure  map[int64]bool      // of kept, those that were given up and may be there
	files   map[string]struct{} // all files of state
}

// Open locks the store, looks through it, and removes what belongs to no
// checkpoint.
func Open(store Store, pipeline string, opts ...Option) (*Keeper, error) {
	k := &Keeper{
		store: store, pipeline: pipeline, keep: 3, logger: slog.New(slog.DiscardHandler),
		kept: map[int64]*Manifest{}, damaged: map[int64]bool{}, passed: map[int64]struct{}{}, unsure: map[int64]bool{}, files: map[string]struct{}{},
	}
	for _, o := range opts {
		o(k)
	}
	unlock, err := store.Lock()
	if err != nil {
		return nil, err
	}
	k.unlock = unlock
	if err := k.look(); err != nil {
		return nil, errors.Join(err, unlock())
	}
	k.sweep(k.last)
	return k, nil
}

func (k *Keeper) look() error {
	names, err := k.store.List()
	if err != nil {
		return fmt.Errorf("checkpoint: list the store: %w", err)
	}
	for _, name := range names {
		if id, ok := idOf(name); ok {
			k.last = max(k.last, id)
			switch name[0] {
			case 's':
				k.files[name] = struct{}{}
			case 'p':
				k.passed[id] = struct{}{}
			}
		}
	}
	for _, id := range manifestsIn(names) {
		m, err := readManifest(k.store, id)
		if withheld(err) {
			return fmt.Errorf("checkpoint %d: %w", id, err)
		}
		if err != nil {
			k.pass(id, err)
			k.broken = append(k.broken, id)
			k.damaged[id] = errors.Is(err, ErrDamaged)
			continue
		}
		if m.Pipeline != k.pipeline {
			return fmt.Errorf("%w: it is of pipeline %q, not of %q", ErrOtherPipeline, m.Pipeline, k.pipeline)
		}
		k.kept[id] = m
	}
	return nil
}

// ErrOtherPipeline says that a store holds checkpoints of another pipeline.
var ErrOtherPipeline = errors.New("checkpoint: the store is not of this pipeline")

func (k *Keeper) pass(id int64, err error) {
	k.logger.Error("a checkpoint cannot be read", "pipeline", k.pipeline, "checkpoint", id, "cause", err)
}

// Close lets go of the store.
func (k *Keeper) Close() error { return k.unlock() }

// Held returns an ErrLockLost if another process may use the store by now, as far as the
// store can tell. It is asked before results of a checkpoint are shown.
func (k *Keeper) Held() error {
	if s, ok := k.store.(Holder); ok {
		if err := s.Held(); errors.Is(err, ErrLockLost) {
			return err
		}
	}
	return nil
}

// ErrUnreadable says that there are checkpoints and none can be read.
var ErrUnreadable = errors.New("none of the checkpoints can be read")

// An UnreadableError is an ErrUnreadable.
type UnreadableError struct {
	Store Store
	// Damaged says that it is of no use to try again: each is damaged, or was
	// ruled out.
	Damaged bool
	Err     error // of each checkpoint
}

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("checkpoint: none of the checkpoints in %v can be read: %v", e.Store, e.Err)
}

// Is reports whether target is ErrUnreadable.
func (e *UnreadableError) Is(target error) bool { return target == ErrUnreadable }

func (e *UnreadableError) Unwrap() error { return e.Err }

// Latest returns the newest checkpoint that is whole, and nil if there has
// never been one. Damaged ones are passed over and said so in the log, and so
// are those that GoOn has ruled out. If there are only such, it returns an
// *UnreadableError. One of a later program's format is an error, ErrVersion, and so is one for
// which there is no key, ErrSealed or ErrKeysAway.
func (k *Keeper) Latest() (*Snapshot, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var bad []error
	damaged := true
	for _, id := range slices.Backward(k.ids()) {
		if _, ok := k.passed[id]; ok {
			bad = append(bad, fmt.Errorf("checkpoint %d: another run went on from an older one", id))
			continue
		}
		snap, err := load(k.store, id)
		if withheld(err) {
			return nil, fmt.Errorf("checkpoint %d: %w", id, err)
		}
		if err == nil {
			if len(bad) > 0 {
				k.logger.Error("going on from an older checkpoint", "pipeline", k.pipeline, "checkpoint", id)
			}
			return snap, nil
		}
		if !slices.Contains(k.broken, id) {
			k.pass(id, err)
		}
		damaged = damaged && errors.Is(err, ErrDamaged)
		bad = append(bad, fmt.Errorf("checkpoint %d: %w", id, err))
	}
	if len(bad) > 0 {
		return nil, &UnreadableError{k.store, damaged, errors.Join(bad...)}
	}
	return nil, nil
}

// ids returns the ids of all checkpoints, in ascending order.
func (k *Keeper) ids() []int64 {
	return slices.Sorted(slices.Values(slices.Concat(k.broken, slices.Collect(maps.Keys(k.kept)))))
}

// GoOn rules out the checkpoints that are newer than id, from which a run is
// about to go on: they could not be read, or an older savepoint was asked for.
// If one of them could be read later it would hold results that the run
// has shown by then. Nothing is removed: a savepoint that was ruled out can
// still be asked for by its name.
func (k *Keeper) GoOn(id int64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, newer := range k.ids() {
		if _, ok := k.passed[newer]; ok || newer <= id {
			continue
		}
		note := fmt.Sprintf("A run of %s went on from checkpoint %d.\n", k.pipeline, id)
		if err := k.store.Write(fmt.Sprintf(passedName, newer), []byte(note)); err != nil {
			return fmt.Errorf("checkpoint %d: rule it out: %w", newer, err)
		}
		k.passed[newer] = struct{}{}
	}
	if _, ok := k.passed[id]; !ok {
		return nil
	}
	return k.readmit(id)
}

// readmit takes back that a checkpoint was ruled out.
func (k *Keeper) readmit(id int64) error {
	if err := k.store.Remove(fmt.Sprintf(passedName, id)); err != nil {
		return fmt.Errorf("checkpoint %d: %w", id, err)
	}
	delete(k.passed, id)
	return nil
}

// At returns the checkpoint of an id.
func (k *Keeper) At(id int64) (*Snapshot, error) {
	snap, err := load(k.store, id)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %d: %w", id, err)
	}
	return snap, nil
}

// Begin returns the id of a new checkpoint, which no other has ever had.
func (k *Keeper) Begin() int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last++
	return k.last
}

// Blob is state that is to be written: a piece without a place.
type Blob struct {
	Group, Instance int
	Data            []byte
}

// Write writes state of checkpoint id as one file and returns where each
// blob lies. Part tells the files of one checkpoint apart.
func (k *Keeper) Write(id int64, part int, codec uint16, blobs []Blob) ([]Piece, error) {
	if len(blobs) == 0 {
		return nil, nil
	}
	name := fmt.Sprintf(stateName, id, part)
	pieces := make([]Piece, len(blobs))
	parts := make([][]byte, len(blobs))
	at := int64(0)
	for i, b := range blobs {
		pieces[i] = Piece{Group: b.Group, Instance: b.Instance, File: name, At: at, Size: int64(len(b.Data))}
		parts[i] = b.Data
		at += int64(len(b.Data))
	}
	k.mu.Lock()
	k.files[name] = struct{}{}
	k.mu.Unlock()
	if err := k.write(id, name, seal(kindState, codec, parts...)...); err != nil {
		return nil, fmt.Errorf("checkpoint %d: write %s: %w", id, name, err)
	}
	return pieces, nil
}

// Commit makes the checkpoint: it writes the manifest, behind which the
// checkpoint is found again, and removes what is no longer needed. An error
// of the removal is only logged; it is tried again at the next Commit.
func (k *Keeper) Commit(m *Manifest) error {
	m.Pipeline = k.pipeline
	data, err := json.Marshal(m, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("checkpoint %d: %w", m.ID, err)
	}
	name := fmt.Sprintf(manifestName, m.ID)
	err = k.write(m.ID, name, seal(kindManifest, 0, data)...)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		// It may be there all the same. Then what it names has to stay. Where the
		// lock is lost, it may be another's.
		if errors.Is(err, ErrLockLost) || k.store.Remove(name) != nil {
			k.kept[m.ID], k.unsure[m.ID] = m, true
		}
		return fmt.Errorf("checkpoint %d: write the manifest: %w", m.ID, err)
	}
	k.kept[m.ID] = m
	k.prune(m.ID)
	return nil
}
