package spark

import (
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/internal/door"
)

// Master is where Spark runs, as spark-submit --master has it: "spark://host:7077", "yarn", "k8s://https://host:6443", "local[4]".
type Master string

// usualParallelism is how many instances operators have behind an exchange where nobody says.
const usualParallelism = 8

// parallelism returns as many as this machine runs at once, if it is the one, or else the usual number.
func (m Master) parallelism() int {
	within, ok := strings.CutPrefix(string(m), "local")
	if !ok || strings.HasPrefix(within, "-cluster") {
		return usualParallelism
	}
	number, _, _ := strings.Cut(strings.Trim(within, "[]"), ",")
	n, err := strconv.Atoi(number)
	switch {
	case number == "*":
		n = runtime.NumCPU()
	case err != nil:
		n = 1
	}
	return min(max(n, 1), door.Groups)
}

// An Option sets how a pipeline is run on Spark. Of two that set the same thing the last one counts.
type Option func(*config)

type config struct {
	home        string
	parallelism int // 0 for that of the master
	batch       int
	allowed     map[string]bool
	program     string
	arguments   []string
	environment [][2]string
	settings    map[string]string
	progress    func(Job)
	log         *slog.Logger
}

// Home sets the folder in which Spark is installed: bin/spark-submit below it is started. The default is that of the variable SPARK_HOME, or else
// the spark-submit of the PATH.
func Home(folder string) Option { return func(c *config) { c.home = folder } }

// Parallelism sets how many instances operators have behind an exchange: what [stream.Shards] is in one process. Sources have as many as they have
// partitions, at most. The default is 8, or N for "local[N]". More than the cluster runs at once wait for one another.
//
// It panics if n is not in 1 to 128.
func Parallelism(n int) Option {
	if n < 1 || n > door.Groups {
		panic(fmt.Sprintf("spark: Parallelism(%d): want 1 to %d", n, door.Groups))
	}
	return func(c *config) { c.parallelism = n }
}

// BatchSize sets how many events a frame has at most. The default is 512.
func BatchSize(n int) Option {
	if n < 1 || n > 1<<20 {
		panic(fmt.Sprintf("spark: BatchSize(%d): want 1 to %d", n, 1<<20))
	}
	return func(c *config) { c.batch = n }
}

// Allow lets operators run in workers that are refused: those of one process (see [stream.Local]), as a source.Slice that each process fills alike,
// and sinks whose rows appear as they are written, and so again where Spark runs a task again: one that puts rows by their keys does not mind.
func Allow(operators ...string) Option {
	return func(c *config) {
		for _, name := range operators {
			c.allowed[name] = true
		}
	}
}

// Program sets the file of the program that workers run, where it is not the one that is running: built from the same
// sources for the platform of the cluster. The driver, which is on this machine, runs it too, where sinks commit.
func Program(file string) Option { return func(c *config) { c.program = file } }

// Arguments sets what workers are started with. The default is os.Args[1:]. Whoever may list the processes of the cluster's machines sees them:
// for a secret see [Environment].
func Arguments(args ...string) Option {
	return func(c *config) { c.arguments = append([]string{}, args...) }
}

// Environment sets a variable for workers. They inherit those of the executor, and none of this process. The value is sent to the executors
// as Spark sends tasks.
func Environment(name, value string) Option {
	return func(c *config) { c.environment = append(c.environment, [2]string{name, value}) }
}

// fixed are settings that are not the caller's, and why.
var fixed = map[string]string{
	"spark.submit.deployMode": "the driver runs where Run does, which hands it the program and follows it",
	"spark.master":            "it is an argument of Run",
}

// Setting sets something in Spark's own words, as spark-submit --conf does: Setting("spark.executor.memory", "2g"). Whoever may list the processes of this
// machine sees it, and so does whoever sees the application's page.
//
// It panics if the key is that of the master or of the deploy mode, which is "client".
func Setting(key, value string) Option {
	if why := fixed[key]; why != "" {
		panic(fmt.Sprintf("spark: Setting(%q): %s", key, why))
	}
	return func(c *config) { c.settings[key] = value }
}

// With Progress, f is called with how the job stands, about twice a second and when it has ended. Run waits for f.
func Progress(f func(Job)) Option { return func(c *config) { c.progress = f } }

// Logger sets where Run logs to: the application's id, and which tasks have failed and why. The default is nowhere.
func Logger(l *slog.Logger) Option {
	if l == nil {
		panic("spark: Logger: the Logger is nil")
	}
	return func(c *config) { c.log = l }
}

func configure(name string, opts []Option) *config {
	c := &config{batch: 512, allowed: map[string]bool{}, settings: map[string]string{}, log: slog.New(slog.DiscardHandler)}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("spark: Run of pipeline %q: option %d of %d is nil", name, i+1, len(opts)))
		}
		o(c)
	}
	return c
}
