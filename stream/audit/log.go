package audit

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// An Option sets how a Log is kept.
type Option func(*Log)

// With Heads, f is called with each new Head, to be kept where who can write the log cannot: sent to another machine,
// say. Its error is that of the call which has made the entry. f is called by one goroutine at a time, and checkpoints wait for
// it.
func Heads(f func(ctx context.Context, h Head) error) Option {
	if f == nil {
		panic("audit: Heads: the function is nil")
	}
	return func(l *Log) { l.heads = f }
}

// Continue makes a new log go on where another one ended: its first entry names the last one of that. It is
// an error of Open if the log is not empty and did not begin so.
func Continue(h Head) Option { return func(l *Log) { l.first = h.Hash } }

// CheckpointsEvery has successful checkpoints entered at most once in d; the entry says how many have
// been left out before it. The first of a run, failed ones and savepoints are always entered. By default all are. It
// panics if d is negative.
func CheckpointsEvery(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("audit: CheckpointsEvery(%v): negative", d))
	}
	return func(l *Log) { l.every = d }
}

// With Redact, f is called with each text that comes from elsewhere, errors above all, before it is written: what it returns is written
// instead. By default texts are written as they are.
func Redact(f func(text string) string) Option {
	if f == nil {
		panic("audit: Redact: the function is nil")
	}
	return func(l *Log) { l.redact = f }
}

// By sets who runs the pipelines, as entries have it: a user whom the caller knows. The default is the user
// of the operating system, at the host.
func By(who string) Option {
	if who == "" {
		panic("audit: By: who is empty")
	}
	return func(l *Log) { l.who = who }
}

// Policies sets by which policies fields are masked or sealed in the pipelines that Log.Run runs: those of packages mask and shred, or anything else that
// says what it does. An entry of each run has their texts. It panics if there is none, or one is nil.
func Policies(all ...fmt.Stringer) Option {
	if len(all) == 0 || slices.Contains(all, nil) {
		panic("audit: Policies: there is none, or one is nil")
	}
	all = slices.Clone(all)
	return func(l *Log) { l.policies = append(l.policies, all...) }
}

// A Log is one that entries can be added to. Several goroutines may use it, and several runs at once; another process or Log may
// not have the same storage.
type Log struct {
	storage Storage
	signer  crypto.Signer
	key     ed25519.PublicKey
	heads   func(context.Context, Head) error
	first   string // hash that the first entry has as Prev
	every   time.Duration
	redact  func(string) string
	who     string
	now     func() time.Time

	policies []fmt.Stringer

	mu     sync.Mutex
	head   Head
	plans  map[string]bool // fingerprints that the log has seen
	broken error           // why nothing can be added any more
}

// Format writes by which key the log is signed, whatever the verb: a Log has the private one.
func (l *Log) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "audit log of key "+KeyID(l.key)) }

// Open opens a log, and begins it if it is empty. It reads all of it, and returns an error
// that is ErrTampered if an entry is not what follows the one before, or the last one has the signer's key and a wrong
// signature; [Verify] looks at all signatures. The signer is that of an Ed25519 key: an [ed25519.PrivateKey], or one in hardware. It
// may be another one than before: verifiers need both keys then.
func Open(ctx context.Context, storage Storage, signer crypto.Signer, opts ...Option) (*Log, error) {
	if storage == nil || signer == nil {
		return nil, errors.New("audit: Open: the Storage or the signer is nil")
	}
	key, ok := signer.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("audit: Open: the signer has a key of type %T, not of Ed25519", signer.Public())
	}
	l := &Log{
		storage: storage, signer: signer, key: key, first: noHash, who: operator(),
		redact: func(s string) string { return s }, now: time.Now, plans: map[string]bool{},
	}
	for i, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("audit: Open: option %d of %d is nil", i+1, len(opts))
		}
		o(l)
	}
	left, err := storage.Open(ctx)
	if err == nil {
		err = l.begin(ctx, left)
		if err != nil {
			err = errors.Join(err, storage.Close())
		}
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// begin reads what is there. Left is what an unfinished entry had of bytes.
func (l *Log) begin(ctx context.Context, left int) error {
	c := &checker{prev: l.first}
	for line, err := range l.storage.Lines(ctx) {
		if err != nil {
			return err
		}
		e, _, _, err := parse(line)
		if err == nil {
			err = c.follows(e)
		}
		if err != nil {
			return &TamperedError{[]Problem{{c.seq + 1, err.Error()}}}
		}
		c.take(e, line)
		if e.What == PlanSeen {
			l.plans[e.Plan] = true
		}
		c.last = append(c.last[:0], line...)
	}
	if l.head = (Head{Seq: c.seq, Hash: c.prev}); c.seq == 0 {
		var id [16]byte // so that no two logs have entries in common
		if _, err := rand.Read(id[:]); err != nil {
			return err
		}
		_, err := l.add(ctx, Entry{What: LogBegins, Detail: map[string]string{"log": fmt.Sprintf("%x", id), "public key": fmt.Sprintf("%x", []byte(l.key))}})
		return err
	}
	if e, body, sig, err := parse(c.last); err != nil || e.Key == KeyID(l.key) && !verified(l.key, signed, body, sig) {
		return &TamperedError{[]Problem{{c.seq, "the signature of the last entry is wrong"}}}
	}
	if left > 0 {
		_, err := l.add(ctx, Entry{What: LogMended, Detail: map[string]string{"bytes": fmt.Sprint(left)}})
		return err
	}
	return l.head.sign(l.signer, l.key)
}

// Close lets go of the storage.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == nil {
		l.broken = errors.New("audit: the log is closed")
	}
	return l.storage.Close()
}

// Head returns that of the last entry.
func (l *Log) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// Note adds an entry of the caller's own: that a savepoint was removed, a key destroyed, a policy
// changed. What follows are names and values in turn. It panics if there is a name without a value.
func (l *Log) Note(ctx context.Context, what string, details ...string) error {
	if len(details)%2 != 0 {
		panic(fmt.Sprintf("audit: Note(%q): the detail %q has no value", what, details[len(details)-1]))
	}
	e := Entry{What: what, Who: l.who}
	for i := 0; i < len(details); i += 2 {
		if e.Detail == nil {
			e.Detail = map[string]string{}
		}
		e.Detail[details[i]] = details[i+1]
	}
	_, err := l.add(ctx, e)
	return err
}

// add makes an entry, and returns its number. Where it may or may not have been written, the log takes no other: the next one could have the same
// number.
func (l *Log) add(ctx context.Context, e Entry) (seq int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return 0, l.broken
	}
	e.Seq = l.head.Seq + 1
	line, err := l.line(e)
	if err != nil {
		return 0, err
	}
	h := Head{Seq: e.Seq, Hash: hashOf(line)}
	if err := h.sign(l.signer, l.key); err != nil {
		return 0, err
	}
	if err := l.storage.Append(context.WithoutCancel(ctx), e.Seq, line); err != nil {
		l.broken = fmt.Errorf("audit: entry %d (%s) cannot be written: %w", e.Seq, e.What, err)
		return 0, l.broken
	}
	l.head = h
	if e.What == PlanSeen {
		l.plans[e.Plan] = true
	}
	if l.heads != nil {
		if err := l.heads(ctx, h); err != nil {
			return e.Seq, fmt.Errorf("audit: the head of entry %d cannot be kept: %w", h.Seq, err)
		}
	}
	return e.Seq, nil
}

// line returns the next entry as it is written.
func (l *Log) line(e Entry) ([]byte, error) {
	e.Version, e.Prev, e.Key, e.Time = 1, l.head.Hash, KeyID(l.key), l.now().UTC()
	l.clean(&e)
	line, err := e.line(l.signer)
	if err == nil && len(line) > mostLine {
		err = fmt.Errorf("audit: an entry of %d bytes (%s): %d is the most", len(line), e.What, mostLine)
	}
	return line, err
}

// clean has texts redacted and cut.
func (l *Log) clean(e *Entry) {
	for _, s := range []*string{&e.What, &e.Who, &e.Pipeline, &e.Operator, &e.Savepoint} {
		*s = fit(*s, mostText)
	}
	e.Error = fit(l.redact(e.Error), mostText)
	detail := map[string]string{}
	for name, value := range e.Detail {
		most := mostText
		if e.What == PlanSeen || e.What == MaskedFields { // which come from no record
			most = mostPlan
		} else {
			value = l.redact(value)
		}
		detail[fit(name, mostText)] = fit(value, most)
	}
	if e.Detail = detail; len(detail) == 0 {
		e.Detail = nil
	}
}
