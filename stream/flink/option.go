package flink

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Cluster is the address of a cluster's REST interface, that of its page: "host:8081", or "https://host/flink".
type Cluster string

// An Option sets how a pipeline is run on a cluster. Of two that set the same thing the last one counts.
type Option func(*config)

type config struct {
	parallelism int // 0 for the slots that are free
	batch       int
	every       time.Duration
	restore     string
	from        door.From
	dropped     bool
	end         ending
	savepoints  string
	saved       func(path string)
	allowed     map[string]bool
	program     string
	arguments   []string
	environment [][2]string
	settings    map[string]string
	progress    func(Job)
	patience    time.Duration // how long a job is looked for that the cluster does not know
	log         *slog.Logger
	http        *http.Client
}

// An ending is what becomes of the job when the context ends.
type ending uint8

const (
	cancels ending = iota
	saves
	leaves
)

// Parallelism sets how many instances operators have behind an exchange: what [stream.Shards] is in one process. Sources have as many as they have
// partitions, at most. The default is the number of slots that are free, or 1 where the cluster starts task managers when it needs them.
//
// It panics if n is not in 1 to 128.
func Parallelism(n int) Option {
	if n < 1 || n > 128 {
		panic(fmt.Sprintf("flink: Parallelism(%d): want 1 to 128", n))
	}
	return func(c *config) { c.parallelism = n }
}

// BatchSize sets how many events a frame has at most. The default is 512.
func BatchSize(n int) Option {
	if n < 1 || n > 1<<20 {
		panic(fmt.Sprintf("flink: BatchSize(%d): want 1 to %d", n, 1<<20))
	}
	return func(c *config) { c.batch = n }
}

// Checkpoints has Flink take a checkpoint every so often, and restart the job from the last one when it fails: after a second, up to three times in
// five minutes, and after that the job has failed. [Setting] says it otherwise. Without, and without [StopWithSavepoint], a failure ends the job.
//
// Tasks that read stay until all sources of the job have ended. When the first of them has finished after that, there are no more checkpoints, and a failure goes back to the
// last one.
//
// Where checkpoints are kept is the cluster's matter ("execution.checkpointing.dir", "state.checkpoints.dir"): the default is in the JobManager's memory.
// It panics if every is less than 10 ms, which is what Flink takes.
func Checkpoints(every time.Duration) Option {
	if every < leastInterval {
		panic(fmt.Sprintf("flink: Checkpoints(%v): want %v at least", every, leastInterval))
	}
	return func(c *config) { c.every = every }
}

// Restore makes the job go on from a savepoint or a checkpoint of Flink's that was kept, with any parallelism. Path is where it lies, as Flink said it.
// The sources have to have the partitions that they had, and may have more; another source has to stand behind all others, which have the same partitions then. A job whose operators differ is
// refused by Flink unless DropState is given, too.
func Restore(path string) Option {
	if path == "" {
		panic("flink: Restore: the path is empty")
	}
	return func(c *config) { c.restore = path }
}

// From makes the job go on from a checkpoint that [stream.Pipeline.Run] has made: the newest of a store, or the newest savepoint of a name where savepoint is not empty. So a
// pipeline that has outgrown its machine loses nothing. No run may use the store, and it is an error if there is no such checkpoint.
//
// The store has to be one that every machine of the cluster reaches by what the program gives as store: a folder that all of them see, a [checkpoint.Store] of HDFS or of a
// database. Workers read it, each what is its own, when the job begins, and when it begins again before Flink has made a checkpoint of it. After that the store is not needed any more: go on by [Restore]. A job with
// From is one that saves, as with [Checkpoints], and it takes no checkpoint into the store.
//
// It panics if store is nil.
func From(store checkpoint.Store, savepoint string) Option {
	if store == nil {
		panic("flink: From: the Store is nil")
	}
	return func(c *config) { c.from = door.From{Store: store, Savepoint: savepoint} }
}

// DropState lets Restore leave out the state of operators that the pipeline does not have any more.
func DropState() Option { return func(c *config) { c.dropped = true } }

// StopWithSavepoint stops the job with a savepoint when ctx ends, in a folder of the cluster's, or in the one that it is set to where dir is
// empty. Saved is called with the savepoint's path, for [Restore], before Run returns; it may be nil. The default is that the job is cancelled.
// Where tasks are being started, or started again, they are waited for first, for a minute at most.
//
// Should the savepoint fail, as it does when all sources have ended and tasks have finished, the job goes on: Flink restarts it from the last checkpoint, and without [Checkpoints]
// from where it began. Run's error says so, or what else has become of it. So a job with this option restarts after a failure as one with Checkpoints does;
// [Setting] says it otherwise.
func StopWithSavepoint(dir string, saved func(path string)) Option {
	return func(c *config) { c.end, c.savepoints, c.saved = saves, dir, saved }
}

// Leave makes the job go on when ctx ends: Run returns, and whoever has the cluster's page looks after it.
func Leave() Option { return func(c *config) { c.end = leaves } }

// Allow lets operators run in workers that are refused as they are of one process (see [stream.Local]): a function of sink.Func that
// writes to the outside, a source.Slice that each process fills alike. What they keep in memory is lost.
func Allow(operators ...string) Option {
	return func(c *config) {
		for _, name := range operators {
			c.allowed[name] = true
		}
	}
}

// Program sets the file of the program that workers run, where it is not the one that is running: built from the same
// sources for the platform of the cluster.
func Program(file string) Option { return func(c *config) { c.program = file } }

// Arguments sets what workers are started with. The default is os.Args[1:]. Whoever may list the processes of the cluster's machines sees them, and
// they are in Flink's store of jars: for a secret see [Environment].
func Arguments(args ...string) Option {
	return func(c *config) { c.arguments = append([]string{}, args...) }
}

// Environment sets a variable for workers. They inherit those of the task manager, and none of the first process. The value is in the job's jar
// and in Flink's store of jars: a secret is better had from a file on the task manager's machine.
func Environment(name, value string) Option {
	return func(c *config) { c.environment = append(c.environment, [2]string{name, value}) }
}

// With Progress, f is called with how the job stands, about once a second and when it has ended. Run waits for f.
func Progress(f func(Job)) Option { return func(c *config) { c.progress = f } }

// Logger sets where Run logs to: the job's id, its states, and why it restarts. The default is nowhere.
func Logger(l *slog.Logger) Option {
	if l == nil {
		panic("flink: Logger: the Logger is nil")
	}
	return func(c *config) { c.log = l }
}

// Client sets what requests are made with: one that has certificates, or adds a header by which a gateway knows the caller. The default is a client of its own.
// It panics if client is nil.
func Client(client *http.Client) Option {
	if client == nil {
		panic("flink: Client: the client is nil")
	}
	return func(c *config) { c.http = client }
}

func configure(name string, opts []Option) *config {
	c := &config{
		batch: 512, patience: looked, allowed: map[string]bool{}, settings: map[string]string{},
		log: slog.New(slog.DiscardHandler), http: new(http.Client),
	}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("flink: Run of pipeline %q: option %d of %d is nil", name, i+1, len(opts)))
		}
		o(c)
	}
	return c
}
