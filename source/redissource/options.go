package redissource

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/option"
)

// An Option sets how a source reads.
type Option func(*config)

type config struct {
	start      string
	bounded    bool
	count      int
	block      time.Duration
	claimAfter time.Duration
	failOnLoss bool
	retry      time.Duration
	queue      int
	every      time.Duration
	notified   bool
	maxKeys    int
	maxImage   int
}

func configOf(opts []Option) config {
	c := config{
		start: "0-0", count: 1000, block: 250 * time.Millisecond, claimAfter: 5 * time.Minute, retry: time.Minute,
		queue: 65536, every: 10 * time.Second, maxKeys: 1 << 20, maxImage: 16 << 20,
	}
	option.Apply("redissource", &c, opts)
	return c
}

// FromEnd has a stream be read from its end, where no offset says otherwise: entries that come after
// the run has begun. For a consumer group it counts when the group is made. The default is all entries
// that are there.
func FromEnd() Option { return func(c *config) { c.start = "$" } }

// FromID has a stream be read behind the entry with this id, where no offset says otherwise. What
// is trimmed is noticed once the end of the stream was reached.
func FromID(id string) Option { return func(c *config) { c.start = id } }

// Bounded makes the source end where there is nothing more to read: a stream or list at its end, hashes
// after one image. The default is to wait for more.
func Bounded() Option { return func(c *config) { c.bounded = true } }

// Count sets how many entries one call asks for. The default is 1000. The replies of two calls are in memory
// at most. It panics if n is less than 1.
func Count(n int) Option {
	positive("Count", n)
	return func(c *config) { c.count = n }
}

// Block sets how long a call waits at the server for something to come. It has to be shorter than
// the client's ReadTimeout. The default is 250ms. Results do not wait for it, but Close does. It
// panics if d is less than a millisecond or more than a second.
func Block(d time.Duration) Option {
	if d < time.Millisecond || d > time.Second {
		panic(fmt.Sprintf("redissource: Block(%v): want between a millisecond and a second", d))
	}
	return func(c *config) { c.block = d }
}

// ClaimAfter sets how long an entry has to have been delivered to another consumer of the group
// without an acknowledgement for that one to be taken for dead, and the entry to be taken over. It has to be
// a good deal longer than the time between two checkpoints. The default is 5 minutes; 0 leaves them.
// It panics if d is negative.
func ClaimAfter(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("redissource: ClaimAfter(%v): negative", d))
	}
	return func(c *config) { c.claimAfter = d }
}

// FailOnLoss ends the run with ErrLost when entries were trimmed or deleted before they were read. The
// default is to log and to count them. Later runs end in the same way, as what is lost stays lost: once it is known what to do about it, run without
// FailOnLoss until a checkpoint has been taken, which holds that it was told. Of a group that is read without checkpoints the server
// has to be told: XGROUP SETID key group id ENTRIESREAD n.
func FailOnLoss() Option { return func(c *config) { c.failOnLoss = true } }

// RetryFor sets how long a call is made again that fails for a reason which passes, such as
// a server that restarts or fails over. The default is a minute. It panics if d is negative.
func RetryFor(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("redissource: RetryFor(%v): negative", d))
	}
	return func(c *config) { c.retry = d }
}

// Queue sets how many messages of channels wait for the pipeline at most; what comes then is dropped
// and counted. The default is 65536. It panics if n is less than 1.
func Queue(n int) Option {
	positive("Queue", n)
	return func(c *config) { c.queue = n }
}

// Every sets how much time lies between the beginnings of two images of hashes. The default is
// 10 seconds. It panics if d is not positive.
func Every(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("redissource: Every(%v): not positive", d))
	}
	return func(c *config) { c.every = d }
}

// Notified has hashes be read as soon as the server tells that they have changed, between two images: it needs
// "notify-keyspace-events" of the server to have K and at least g, h, x and e ("Kghxe"). Such news may be lost, which is what the images are for.
// The default is images alone.
func Notified() Option { return func(c *config) { c.notified = true } }

// MaxKeys sets how many hashes an image holds at most; with more the run fails. The default is 1048576.
// It panics if n is less than 1.
func MaxKeys(n int) Option {
	positive("MaxKeys", n)
	return func(c *config) { c.maxKeys = n }
}

// MaxImage bounds the bytes that each checkpoint has of the image of hashes: some four thirds of the keys and fields of all
// hashes that count, and up to twice that in a checkpoint. With more the run fails. With 0 checkpoints have nothing of it, and
// a run that goes on gives all hashes as Read again, and not what was deleted meanwhile. The default is 16 MiB, which is some 12 MiB of keys and fields.
//
// The image costs much more than these bytes where checkpoints are frequent. For 20 MB of hashes and a checkpoint every 200 ms
// a heap of 371 MB at its peak was measured, which is 18 times the data, and 77 MB on disk, which is 4 times the data. So
// raise it only with memory for that, and with checkpoints that are rarer. It panics if bytes is negative.
func MaxImage(bytes int) Option {
	if bytes < 0 {
		panic(fmt.Sprintf("redissource: MaxImage(%d): negative", bytes))
	}
	return func(c *config) { c.maxImage = bytes }
}

func positive(option string, n int) {
	if n < 1 {
		panic(fmt.Sprintf("redissource: %s(%d): want at least 1", option, n))
	}
}
