package redissource

import (
	"context"
	"io"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
)

// Hashes reads all hashes whose keys fit a pattern, as KEYS has it, and then what becomes of them: every 10 seconds
// (see Every) it looks at them again, and gives what is new, changed and gone as changes. The first image is changes of the
// kind Read. What changes twice between two images is one change. With Notified the server tells which to look at in between.
//
// A hash that cannot be decoded any more is rejected. It still counts as it was given last: once it is mended there is an Update, and once it is gone
// a Delete, with that row as Before; also across runs.
//
// What was read is in memory, one value for each hash: see MaxKeys. In a run with checkpoints it is in the offset as well, with the
// fields that have a part in the value: a run that goes on gives what has become of each hash since, deletes included, and
// nothing that is as it was. So each change is given exactly once, and Before is the row that was given before. Where T is another now, and that
// row cannot be decoded into it any more, an Update or a Delete has no Before (HasBefore is false). Each checkpoint
// has all of it: see MaxImage. With an offset of an earlier version, which has none of it, all hashes come as Read again.
//
// In a cluster all masters are asked; a hash that is moved while they are is not taken for deleted. Hashes is one partition. It panics if client is nil or pattern is empty.
func Hashes[T any](client redis.UniversalClient, pattern string, as Decoding[T], opts ...Option) *Source[stream.Change[T]] {
	if pattern == "" {
		panic("redissource: Hashes: the pattern is empty")
	}
	return newSource(client, "hashes "+pattern, opts, func(o *opened) ([]stream.Reader[stream.Change[T]], error) {
		image, err := newImage(as.newDecoder(), o, o.Offsets[pattern])
		if err != nil {
			return nil, &ReadError{"hashes " + pattern, err}
		}
		r := &hashReader[T]{opened: o, pattern: pattern, image: image}
		r.patient = patience{opened: o, what: "hashes " + pattern}
		r.scan = scanner{opened: o, pattern: pattern}
		r.fetch = newFetch[page](o.Context)
		if o.notified {
			r.news = newNews(o, pattern)
		}
		return []stream.Reader[stream.Change[T]]{r}, nil
	})
}

// A hashReader reads images, and compares each with the one before.
type hashReader[T any] struct {
	*opened
	pattern string
	image   *image[T]
	scan    scanner
	fetch   *fetch[page]
	news    *news // nil without notifications
	patient patience

	phase phase
	keys  []string  // to be looked at, but in scanning
	begun time.Time // when the image was
	end   bool
}

// A phase is what a hashReader is about to do.
type phase int

const (
	resting   phase = iota // until the next image is due, or there is news
	scanning               // all hashes there are
	verifying              // those that the scan has not found
	following              // those of which there is news
)

func (r *hashReader[T]) Partition() string { return r.pattern }
func (r *hashReader[T]) Offset() string    { return r.image.offset() }
func (r *hashReader[T]) Waits() bool       { return true }
func (r *hashReader[T]) Locate(position int64) string {
	return r.image.places.locate(r.pattern, "key", position)
}

// RevealsKeys reports true: a place is the key of a hash.
func (r *hashReader[T]) RevealsKeys() bool { return true }

// Read gives changes, and waits for some if there are none.
func (r *hashReader[T]) Read(ctx context.Context, in *stream.Intake[stream.Change[T]]) error {
	for !r.image.give(in) {
		if r.end {
			return io.EOF
		}
		if err := r.proceed(ctx); err != nil {
			return err
		}
	}
	return nil
}

// proceed is one call, or a wait for what comes next.
func (r *hashReader[T]) proceed(ctx context.Context) error {
	if !r.patient.wait(ctx) {
		return ctx.Err()
	}
	if r.phase == resting {
		return r.rest(ctx)
	}
	r.fetch.start(r.call())
	page, err := r.fetch.wait(ctx)
	if wrong := r.patient.judge(ctx, err); wrong != nil || err != nil {
		return wrong
	}
	if err := r.image.compare(page); err != nil {
		return &ReadError{"hashes " + r.pattern, err}
	}
	switch r.phase {
	case scanning:
		r.scan.done(page)
		if !page.last {
			return nil
		}
		if r.keys = r.image.unseen(); len(r.keys) > 0 {
			r.phase = verifying
			return nil
		}
		r.finish()
	case verifying, following:
		if r.keys = r.keys[min(len(r.keys), r.pageSize()):]; len(r.keys) > 0 {
			return nil
		}
		if r.phase == verifying {
			r.finish()
		}
		r.phase = resting
	}
	return nil
}

// call returns what is to be fetched.
func (r *hashReader[T]) call() func(context.Context) (page, error) {
	if r.phase == scanning {
		return r.scan.next
	}
	keys := r.keys[:min(len(r.keys), r.pageSize())]
	return func(ctx context.Context) (page, error) { return r.scan.read(ctx, keys) }
}

// pageSize is how many hashes are read by one call.
func (r *hashReader[T]) pageSize() int { return r.config.count }

// finish is the end of an image.
func (r *hashReader[T]) finish() {
	r.image.finish()
	r.phase = resting
	r.end = r.bounded
}

// rest waits until something is to be done.
func (r *hashReader[T]) rest(ctx context.Context) error {
	var woken <-chan struct{}
	if r.news != nil {
		r.news.begin()
		woken = r.news.woken
		if keys, all := r.news.take(); all { // also where there are keys: they came later than those that are not known
			r.begun = time.Time{}
		} else if len(keys) > 0 && r.image.whole() {
			r.phase, r.keys = following, keys
			return nil
		}
	}
	timer := time.NewTimer(max(0, r.every-time.Since(r.begun)))
	defer timer.Stop()
	select {
	case <-woken:
	case <-timer.C:
		r.begun = time.Now()
		r.phase = scanning
		r.scan.begin()
		r.image.begin()
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// Close waits for the call that is under way.
func (r *hashReader[T]) Close() error {
	r.fetch.close()
	if r.news != nil {
		r.news.close()
	}
	return nil
}

// A page is what one call has brought.
type page struct {
	rows   []row
	cursor string // of the scan, behind it
	last   bool   // of the image
}

// A row is a hash.
type row struct {
	key   string
	reply redisio.Reply // that begins with its fields and values
}
