package contest

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// Args are what a program is told.
type Args struct {
	Contest string
	Data    string // the folder of the orders
	Threads int
	Jobs    int    // how often the work is done, in one process
	Events  int    // of a lap, in the keyed contest
	Laps    int    // how often these are given, each time later
	Saved   string // the folder of checkpoints, one a second; none if empty
}

// A Report is what a program prints.
type Report struct {
	Version string  `json:"version"`
	Setup   float64 `json:"setup"` // seconds from the program's start to its first job, where it has work before that
	Jobs    []Job   `json:"jobs"`
	Events  int64   `json:"events"` // of a job, where they are made in memory
	Result  Result  `json:"result"`
}

// A Job is one time that the work was done, in seconds.
type Job struct {
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"` // of all threads
}

// A Result is what the work comes to: by name, numbers in decimal. Text keeps
// 64 bits whole in every language.
type Result map[string]string

// Work prepares a contest and returns what is timed.
type Work func(Args) (job func() (Result, error), err error)

// Run is the whole of a Go program: it does the contest that args name, and
// prints the report.
func Run(works map[string]Work, args []string, out io.Writer) error {
	var (
		begin = time.Now()
		flags = flag.NewFlagSet("program", flag.ContinueOnError)
		a     Args
	)
	flags.StringVar(&a.Contest, "contest", "", "what to do")
	flags.StringVar(&a.Data, "data", "", "the folder of the orders")
	flags.IntVar(&a.Threads, "threads", runtime.NumCPU(), "how many threads, or shards")
	flags.IntVar(&a.Jobs, "jobs", 1, "how often to do it")
	flags.IntVar(&a.Events, "events", 8_000_000, "events of a lap")
	flags.IntVar(&a.Laps, "laps", 1, "how often these are given")
	flags.StringVar(&a.Saved, "saved", "", "the folder of checkpoints; none if empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	work, ok := works[a.Contest]
	if !ok {
		return fmt.Errorf("there is no contest %q here", a.Contest)
	}
	if a.Threads < 1 || a.Jobs < 1 || a.Events < 1 || a.Laps < 1 {
		return fmt.Errorf("threads, jobs, events and laps have to be above 0")
	}
	job, err := work(a)
	if err != nil {
		return err
	}
	r := Report{Version: version(), Setup: time.Since(begin).Seconds()}
	if strings.HasPrefix(a.Contest, "keyed") {
		r.Events = int64(a.Events) * int64(a.Laps)
	}
	for range a.Jobs {
		runtime.GC()
		start, cpu := time.Now(), processorTime()
		if r.Result, err = job(); err != nil {
			return err
		}
		r.Jobs = append(r.Jobs, Job{time.Since(start).Seconds(), (processorTime() - cpu).Seconds()})
	}
	return json.NewEncoder(out).Encode(r)
}

// version is Go's, and the commit of what was built.
func version() string {
	v := runtime.Version()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 7 {
			v = s.Value[:7] + ", " + v
		}
	}
	return v
}

// processorTime returns what this process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
