package flink_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/flink"
)

// A fake is a cluster's REST interface, for what a real one will not do on demand.
type fake struct {
	*httptest.Server

	mu       sync.Mutex
	version  string
	noJars   bool
	states   []string // what the job is, one after another; the last one stays
	trace    string   // why it has failed
	broken   int      // so many questions for the job are answered by 503
	unknown  bool     // the job is not known
	runs     int      // status of /run if it is not 0
	lost     bool     // the answer of /run is lost
	begun    func()   // called by /run
	saving   string   // the answer for a savepoint
	survives string   // what the job is behind that, if not as it says
	parting  int      // so many requests for a savepoint are answered by 503
	stumbles int      // and so many questions behind it
	starting int      // so many times the job says that one of its tasks does not run yet
	tooSoon  bool     // a savepoint was asked for meanwhile
	atOnce   []string // what the job is behind its first state
	forgets  bool     // the job is not known any more when it has been asked for
	requests []string
	run      map[string]any
	jar      []byte
}

func fakeCluster() *fake {
	f := &fake{version: "1.20.3", states: []string{"RUNNING", "FINISHED"}}
	f.Server = httptest.NewServer(f)
	return f
}

func newFake(t *testing.T) *fake {
	f := fakeCluster()
	t.Cleanup(f.Close)
	return f
}

func (f *fake) cluster() flink.Cluster { return flink.Cluster(f.URL + "/") }

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r.Method+" "+r.URL.Path)
	at := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case at[0] == "config":
		fmt.Fprintf(w, `{"flink-version":%q,"features":{"web-submit":%t}}`, f.version, !f.noJars)
	case at[0] == "overview":
		fmt.Fprint(w, `{"slots-available":3}`)
	case r.URL.Path == "/jars/upload":
		part, _, err := r.FormFile("jarfile")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.jar, _ = io.ReadAll(part)
		fmt.Fprint(w, `{"filename":"/tmp/upload/7_x.jar","status":"success"}`)
	case strings.HasSuffix(r.URL.Path, "/run"):
		_ = json.UnmarshalRead(r.Body, &f.run)
		if f.runs != 0 {
			w.WriteHeader(f.runs)
			fmt.Fprintf(w, `{"errors":["Internal server error.","<Exception on server side:\norg.apache.Outer: no\n\tat x\nCaused by: org.apache.Inner: there is no class\n\tat y\n\t... 5 more\nEnd of exception on server side>"]}`)
			return
		}
		if f.begun != nil {
			f.begun()
		}
		if f.lost {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprintf(w, `{"jobid":%q}`, f.run["jobId"])
	case at[0] == "jars":
	case f.broken > 0 && r.Method != http.MethodPost:
		f.broken--
		w.WriteHeader(http.StatusServiceUnavailable)
	case len(at) == 2 && r.Method == http.MethodPatch:
		f.states = []string{"CANCELLING", "CANCELED"}
		w.WriteHeader(http.StatusAccepted)
	case len(at) == 2 && f.unknown, len(at) == 3 && f.unknown:
		w.WriteHeader(http.StatusNotFound)
	case len(at) == 2:
		tasks := `"RUNNING":2,"INITIALIZING":0`
		if f.starting > 0 {
			f.starting--
			tasks = `"RUNNING":1,"INITIALIZING":1`
		}
		if f.states[0] == "FINISHED" || f.states[0] == "FAILED" {
			tasks = `"FAILED":1,"CANCELED":1`
		}
		fmt.Fprintf(w, `{"state":%q,"vertices":[{"name":"a, b","parallelism":2,"status":"RUNNING","tasks":{`+tasks+`},"metrics":{"read-records":1,"write-records":2}}]}`, f.states[0])
		if len(f.states) > 1 {
			f.states = f.states[1:]
		}
		f.unknown = f.forgets
	case at[2] == "exceptions" && f.trace == "":
		fmt.Fprint(w, `{"exceptionHistory":{"entries":[]}}`)
	case at[2] == "exceptions":
		text, _ := json.Marshal(f.trace)
		fmt.Fprintf(w, `{"exceptionHistory":{"entries":[{"timestamp":5,"taskName":"Source: ticks (2/3) - execution #0","endpoint":"h:1","stacktrace":"old"},{"timestamp":9,"stacktrace":"Recovery is suppressed","concurrentExceptions":[
			{"timestamp":8,"taskName":"other (2/2) - execution #1","endpoint":"h:2","stacktrace":"Connection lost"},{"timestamp":7,"taskName":"ticks, filter (1/3) - execution #1","endpoint":"h:1","stacktrace":%s}]}]}}`, text)
	case at[2] == "stop" && (f.states[0] == "FINISHED" || f.states[0] == "FAILED"):
		w.WriteHeader(http.StatusConflict)
	case at[2] == "stop":
		f.tooSoon = f.starting > 0
		f.states = []string{"RUNNING"}
		if f.parting > 0 {
			f.parting--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		f.broken = f.stumbles
		fmt.Fprint(w, `{"request-id":"s"}`)
	case at[2] == "savepoints":
		switch {
		case f.survives != "":
			f.states = []string{"FAILING", f.survives}
		case !strings.Contains(f.saving, "failure"):
			f.states = []string{"FINISHED"}
		}
		fmt.Fprint(w, f.saving)
	}
}

func ticks() *stream.Pipeline {
	p := stream.New("ticks & tocks")
	p.From(source.Generate(10, func(i int64) int { return int(i) }), stream.Name("ticks")).Filter(func(int) bool { return true }).To(sink.Discard[int]())
	return p
}

// What is uploaded is a jar with the shim, the description and the program; what is asked for are Flink's words for the options.
func TestSubmission(t *testing.T) {
	f := newFake(t)
	program := t.TempDir() + "/program"
	self, err := os.Executable()
	require.NoError(t, err)
	text, err := os.ReadFile(self)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, text, 0o600))
	var states []string
	require.NoError(t, flink.Run(t.Context(), ticks(), f.cluster(), flink.Checkpoints(1500*time.Millisecond), flink.Restore("s3://x/y"), flink.DropState(),
		flink.Setting("a", "b"), flink.Environment("K", "V"), flink.Arguments("-x", "a b"), flink.Program(program),
		flink.Progress(func(j flink.Job) { states = append(states, fmt.Sprint(j.State, j.Operators)) })))
	require.Equal(t, []string{"RUNNING[{a, b RUNNING 2 1 2}]", "FINISHED[{a, b RUNNING 2 1 2}]"}, states)

	jar, err := zip.NewReader(bytes.NewReader(f.jar), int64(len(f.jar)))
	require.NoError(t, err)
	found := map[string]string{}
	for _, e := range jar.File {
		r, err := e.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		found[e.Name] = string(text)
	}
	require.Contains(t, found["META-INF/MANIFEST.MF"], "Main-Class: org.freshet.Job\r\n")
	require.NotEmpty(t, found["org/freshet/Job.class"])
	require.Equal(t, string(text), found["freshet/program"])
	require.Contains(t, found["freshet/job"], "\nargument LXg=\nargument YSBi\nenvironment Sw== Vg==\nstage 0 source 1 plain dGlja3M= ")

	id := f.run["jobId"]
	require.Len(t, id, 32)
	require.Equal(t, map[string]any{
		"entryClass": "org.freshet.Job", "jobId": id, "parallelism": 3.0, "savepointPath": "s3://x/y", "allowNonRestoredState": true,
		"flinkConfiguration": map[string]any{
			"execution.checkpointing.checkpoints-after-tasks-finish": "false",
			"execution.checkpointing.interval":                       "1500 ms", "execution.checkpointing.mode": "EXACTLY_ONCE", "a": "b",
			"restart-strategy.type": "failure-rate", "restart-strategy.failure-rate.max-failures-per-interval": "3",
			"restart-strategy.failure-rate.failure-rate-interval": "5 min", "restart-strategy.failure-rate.delay": "1 s",
		},
	}, f.run)
	require.Contains(t, f.requests, "DELETE /jars/7_x.jar", "the jar does not stay")
}

// A lone source waits, and says nothing of other processes.
type lone struct{}

func (lone) Open(*stream.SourceContext) ([]stream.Reader[string], error) {
	return []stream.Reader[string]{lonely{}}, nil
}

type lonely struct{}

func (lonely) Partition() string                                  { return "one" }
func (lonely) Offset() string                                     { return "" }
func (lonely) Waits() bool                                        { return true }
func (lonely) Close() error                                       { return nil }
func (lonely) Read(context.Context, *stream.Intake[string]) error { return io.EOF }

// What the cluster cannot do is said before anything is uploaded, and what it refuses in its own words.
func TestClusterRefuses(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*fake)
		wants  string
	}{
		"an old version": {func(f *fake) { f.version = "1.18.1" }, `is of version "1.18.1" of Flink, and this library runs on 1.19, 1.20 and 2.0 to 2.3`},
		"a new version":  {func(f *fake) { f.version = "2.4.0" }, `version "2.4.0"`},
		"no jars":        {func(f *fake) { f.noJars = true }, "takes no jars: set web.submit.enable"},
		"no job":         {func(f *fake) { f.runs, f.unknown = 500, true }, "is not there: POST /jars/7_x.jar/run: status 500: org.apache.Inner: there is no class"},
		"forbidden":      {func(f *fake) { f.runs = 403 }, ": the option Client sets"},
		"a lost job":     {func(f *fake) { f.unknown = true }, "is not heard of any more, and may be running"},
		"cancelled":      {func(f *fake) { f.states = []string{"RUNNING", "CANCELED"} }, "is CANCELED"},
		"failed": {func(f *fake) {
			f.states = []string{"RUNNING", "FAILED"}
			f.trace = "java.lang.Exception: it\nis\n\tat a\nCaused by: org.freshet.WorkerException: stream: map: no\nsecond line\n\tat b\n\t... 3 more"
		}, "is FAILED: task ticks, filter (1/3) on h:1: stream: map: no\nsecond line"},
		"failed, without a word of a worker": {func(f *fake) {
			f.states = []string{"FAILED"}
			f.trace = "java.lang.Exception: outer\n\tat a\nCaused by: java.io.IOException: no room on the disk\n\tat b"
		}, "is FAILED: task other (2/2) on h:2: Connection lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			x.change(f)
			err := flink.Run(t.Context(), ticks(), f.cluster(), small(t), flink.Patience(2*time.Second))
			require.ErrorContains(t, err, x.wants)
			require.True(t, strings.HasPrefix(err.Error(), "flink: "), err)
			require.NotContains(t, strings.TrimPrefix(err.Error(), "flink: "), "flink: ")
			require.NotContains(t, err.Error(), "\tat ")
		})
	}
	web := httptest.NewServer(http.NotFoundHandler())
	web.Close()
	require.ErrorContains(t, flink.Run(t.Context(), ticks(), flink.Cluster(web.URL)), "refused")
	require.Error(t, flink.Run(t.Context(), ticks(), "a b:%"))
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello") }))
	defer other.Close()
	require.ErrorContains(t, flink.Run(t.Context(), ticks(), flink.Cluster(other.URL)), "no answer of Flink's")
}

// A cluster that is silent for a while is asked again, and each failure is logged once.
func TestSilentCluster(t *testing.T) {
	f := newFake(t)
	f.broken = 2
	f.states = []string{"RUNNING", "RESTARTING", "RUNNING", "FINISHED"}
	f.trace = "org.freshet.WorkerException: it was killed"
	var log bytes.Buffer
	require.NoError(t, flink.Run(t.Context(), ticks(), f.cluster(), small(t), flink.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
	require.Equal(t, 2, strings.Count(log.String(), "the cluster does not answer"))
	require.Equal(t, 1, strings.Count(log.String(), `cause="it was killed"`), log.String())
	require.Equal(t, 1, strings.Count(log.String(), "cause=old"))
}

// A job whose submission was not answered is followed if it is there, and cancelled where the context has ended.
func TestLostAnswer(t *testing.T) {
	f := newFake(t)
	f.lost = true
	require.NoError(t, flink.Run(t.Context(), ticks(), f.cluster(), small(t)))

	f = newFake(t)
	f.lost, f.unknown = true, true
	err := flink.Run(t.Context(), ticks(), f.cluster(), small(t), flink.Patience(2*time.Second))
	require.ErrorContains(t, err, fmt.Sprintf("flink: job %v is not there: Post ", f.run["jobId"]))

	f = newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.lost, f.begun = true, cancel
	err = flink.Run(ctx, ticks(), f.cluster(), small(t))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, fmt.Sprintf("job %v has been cancelled", f.run["jobId"]))
	require.Equal(t, []string{"CANCELLING", "CANCELED"}, f.states)
}

// A request that is not a question follows no redirect. The cluster's password is in no error.
func TestAddress(t *testing.T) {
	f := newFake(t)
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			f.ServeHTTP(w, r)
			return
		}
		http.Redirect(w, r, "https://u:secret@elsewhere/x?token=secret", http.StatusFound)
	}))
	defer gate.Close()
	err := flink.Run(t.Context(), ticks(), flink.Cluster(gate.URL))
	require.ErrorContains(t, err, "POST /jars/upload: status 302: it leads to https://elsewhere: give Run that address")
	f.version = "1.18"
	err = flink.Run(t.Context(), ticks(), flink.Cluster(strings.Replace(f.URL, "://", "://me:secret@", 1)))
	require.ErrorContains(t, err, `://me:xxxxx@127.0.0.1`)
	require.NotContains(t, err.Error(), "secret")
	err = flink.Run(t.Context(), ticks(), "http://me:secret@ho st")
	require.ErrorContains(t, err, "the address of the cluster")
	require.NotContains(t, err.Error(), "secret")
}

// When the context ends, the job is cancelled, or stopped with a savepoint, or left alone.
func TestContextEnds(t *testing.T) {
	cause := errors.New("a signal")
	run := func(f *fake, opts ...flink.Option) error {
		ctx, cancel := context.WithCancelCause(t.Context())
		f.states = append([]string{"RUNNING"}, f.atOnce...)
		return flink.Run(ctx, ticks(), f.cluster(), append(opts, small(t), flink.Progress(func(flink.Job) { cancel(cause) }))...)
	}
	asked := func(f *fake, what string) (n int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, r := range f.requests {
			if strings.Contains(r, what) {
				n++
			}
		}
		return n
	}
	f := newFake(t)
	err := run(f)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
	require.Equal(t, 1, asked(f, "PATCH"))

	f = newFake(t)
	require.ErrorIs(t, run(f, flink.Leave()), cause)
	require.Zero(t, asked(f, "PATCH")+asked(f, "stop"))

	f = newFake(t)
	f.saving = `{"status":{"id":"COMPLETED"},"operation":{"location":"file:/savepoint-1"}}`
	var path string
	err = run(f, flink.StopWithSavepoint("file:/there", func(p string) { path = p }))
	require.ErrorIs(t, err, cause)
	require.Equal(t, "file:/savepoint-1", path)

	f = newFake(t)
	f.saving, f.starting, path = `{"status":{"id":"COMPLETED"},"operation":{"location":"file:/savepoint-2"}}`, 4, ""
	require.ErrorIs(t, run(f, flink.StopWithSavepoint("", func(p string) { path = p })), cause)
	require.Equal(t, "file:/savepoint-2", path)
	require.False(t, f.tooSoon, "Flink makes no savepoint while a task does not run")

	f = newFake(t)
	f.starting, f.atOnce = 1<<20, []string{"RESTARTING", "FINISHED"}
	require.NoError(t, run(f, flink.StopWithSavepoint("", nil)), "it has finished meanwhile")

	f = newFake(t)
	f.starting, f.atOnce, f.trace = 1<<20, []string{"RESTARTING", "FAILED"}, "no luck"
	err = run(f, flink.StopWithSavepoint("", nil))
	require.ErrorIs(t, err, cause)
	require.ErrorContains(t, err, "is FAILED: task other (2/2) on h:2")
	require.NotContains(t, err.Error(), "goes on")

	f = newFake(t)
	f.starting, f.forgets = 1<<20, true
	begun := time.Now()
	err = run(f, flink.Patience(0), flink.StopWithSavepoint("", nil))
	require.ErrorIs(t, err, cause)
	require.ErrorContains(t, err, "status 404")
	require.Less(t, time.Since(begun), 20*time.Second, "nothing is waited for that is not there")

	f = newFake(t)
	f.saving = `{"status":{"id":"COMPLETED"},"operation":{"failure-cause":{"stack-trace":"java.io.IOException: no folder\n\tat x"}}}`
	err = run(f, flink.Patience(0), flink.StopWithSavepoint("", func(string) { t.Error("there is no savepoint") }))
	require.ErrorIs(t, err, cause)
	require.ErrorContains(t, err, "goes on: there is no savepoint: java.io.IOException: no folder")
	require.Zero(t, asked(f, "PATCH"), "nothing is lost")

	f = newFake(t)
	f.parting, f.stumbles = 2, 3
	f.saving = `{"status":{"id":"COMPLETED"},"operation":{"location":"file:/savepoint-1"}}`
	err = run(f, flink.StopWithSavepoint("file:/there", func(p string) { path = "again " + p }))
	require.ErrorIs(t, err, cause)
	require.Equal(t, "again file:/savepoint-1", path, "bad answers are borne: %v", err)
	require.Equal(t, 3, asked(f, "stop"))

	f = newFake(t)
	f.survives = "FAILED"
	f.saving = `{"status":{"id":"COMPLETED"},"operation":{"failure-cause":{"stack-trace":"java.Outer: A savepoint has been created at: file:/a b/savepoint-2, but the corresponding job x failed during stopping.\n\tat x\nCaused by: java.Inner: no connection\n\tat y"}}}`
	err = run(f, flink.StopWithSavepoint("", func(p string) { path = p }))
	require.ErrorIs(t, err, cause)
	require.Equal(t, "file:/a b/savepoint-2", path)
	require.ErrorContains(t, err, "there is a savepoint at file:/a b/savepoint-2, and the job has not stopped in order: java.Inner: no connection")
	require.ErrorContains(t, err, "is FAILED")
	require.NotContains(t, err.Error(), "goes on")
	require.Equal(t, "failure-rate", f.run["flinkConfiguration"].(map[string]any)["restart-strategy.type"])

	f = newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, flink.Run(ctx, ticks(), f.cluster(), small(t)), context.Canceled)
	require.Empty(t, f.requests)
}

// together is a sink whose writers and committer are of one process.
type together struct {
	stream.TransactionalSink[string]
}

func (together) LocalCommits() string { return "its committer has what its writers have" }

// What cannot run there is refused by its name before anything is sent.
func TestRefused(t *testing.T) {
	f := newFake(t)
	slice := func(p *stream.Pipeline) stream.Stream[string] {
		return p.From(source.Slice([]string{"a"}), stream.Name("letters"))
	}
	for name, x := range map[string]struct {
		build func(p *stream.Pipeline)
		opts  []flink.Option
		wants []string
	}{
		"memory": {func(p *stream.Pipeline) { slice(p).To(sink.Collect[string](), stream.Name("kept")) }, nil, []string{
			`flink: letters of pipeline "x" cannot run on Flink: its slices are in the memory of one process. Use one that every machine of the cluster reaches, or give the option Allow("letters")`,
			`flink: kept of pipeline "x" cannot run on Flink: what it collects is in the memory of one process`,
		}},
		"a channel": {func(p *stream.Pipeline) {
			p.From(source.Chan(make(chan string)), stream.Name("letters")).To(sink.Discard[string]())
		}, []flink.Option{flink.Allow("letters")}, []string{"letters of pipeline", "wait for the outside world"}},
		"the terminal": {func(p *stream.Pipeline) { slice(p).To(sink.JSONLines[string](os.Stdout), stream.Name("lines")) }, []flink.Option{flink.Allow("letters")},
			[]string{`lines of pipeline "x" cannot run on Flink: it writes to a *os.File of one process`}},
		"a function": {func(p *stream.Pipeline) {
			slice(p).To(sink.Func(func(context.Context, stream.Event[string]) error { return nil }), stream.Name("calls"))
		}, []flink.Option{flink.Allow("letters")}, []string{`calls of pipeline "x" cannot run on Flink: its function is called in other processes`}},
		"files": {func(p *stream.Pipeline) {
			slice(p).To(sink.Files(t.TempDir(), "*.txt", codec.Lines()), stream.Name("books"))
		}, []flink.Option{flink.Allow("letters")},
			[]string{`books of pipeline "x" cannot run on Flink: the writers of its folder`}},
		"commits of one process": {func(p *stream.Pipeline) {
			slice(p).To(together{sink.Files(t.TempDir(), "*.txt", codec.Lines()).(stream.TransactionalSink[string])}, stream.Name("books"))
		}, []flink.Option{flink.Allow("letters", "books"), flink.Checkpoints(time.Second)}, []string{`books of pipeline "x" cannot run on Flink: its committer has what its writers have`, `Allow("books"): pipeline "x" has no operator of that name that needs it`}},
		"a group of Redis": {func(p *stream.Pipeline) {
			p.From(redissource.Group(redis.NewClient(&redis.Options{}), "books", "one", []string{"orders"}, redissource.Tags[order]()), stream.Name("orders")).To(sink.Discard[order]())
		}, []flink.Option{flink.Checkpoints(time.Second)}, []string{`orders of pipeline "x" cannot run on Flink: its group goes by the names of consumers`, "Read with Streams"}},
		"a server": {func(p *stream.Pipeline) { p.From(lone{}, stream.Name("letters")).To(sink.Discard[string]()) }, nil,
			[]string{`letters of pipeline "x" cannot run on Flink: its partitions wait for the outside world, and each task would open all of them`}},
		"commits with rows left out": {func(p *stream.Pipeline) {
			slice(p).To(sink.Files(t.TempDir(), "*.txt", codec.Lines()), stream.SkipFailures(), stream.Name("books"))
		}, []flink.Option{flink.Allow("letters"), flink.Checkpoints(time.Second)}, []string{"stream: books cannot be run by another engine: rows that are refused when they are committed"}},
		"a name that nobody has": {func(p *stream.Pipeline) { slice(p).To(sink.Discard[string]()) }, []flink.Option{flink.Allow("letters", "leters")},
			[]string{`Allow("leters"): pipeline "x" has no operator of that name that needs it`}},
		"no codec": {func(p *stream.Pipeline) {
			slice(p).Map(func(string) func() { return nil }, stream.Name("calls")).Rebalance().To(sink.Discard[func()]())
		}, []flink.Option{flink.Allow("letters")}, []string{"stream: calls cannot be run by another engine: what it sends to rebalance cannot be stored"}},
	} {
		p := stream.New("x")
		x.build(p)
		err := flink.Run(t.Context(), p, f.cluster(), x.opts...)
		for _, wants := range x.wants {
			require.ErrorContains(t, err, wants, name)
		}
	}
	require.NotContains(t, strings.Join(f.requests, "\n"), "jars")
	p := stream.New("x")
	slice(p).To(sink.Discard[string]())
	require.NoError(t, flink.Run(t.Context(), p, f.cluster(), flink.Allow("letters")))
	f.states = []string{"FINISHED"}
	require.ErrorContains(t, flink.Run(t.Context(), ticks(), f.cluster(), flink.Program("/nowhere")), "of option Program")

	for wants, call := range map[string]func(){
		"Parallelism(0)": func() { flink.Parallelism(0) }, "Parallelism(129)": func() { flink.Parallelism(129) },
		"Checkpoints(9ms): want 10ms at least":                                func() { flink.Checkpoints(9 * time.Millisecond) },
		`Setting("execution.checkpointing.interval"): the option Checkpoints`: func() { flink.Setting("execution.checkpointing.interval", "1 s") },
		"Flink would not start a task again":                                  func() { flink.Setting("execution.checkpointing.checkpoints-after-tasks-finish.enabled", "true") },
		"BatchSize(0)":                                                        func() { flink.BatchSize(0) }, "Checkpoints(0s)": func() { flink.Checkpoints(0) },
		"the path is empty": func() { flink.Restore("") }, "the Logger is nil": func() { flink.Logger(nil) }, "the client is nil": func() { flink.Client(nil) },
		"the Pipeline is nil":  func() { _ = flink.Run(t.Context(), nil, "") },
		"option 1 of 1 is nil": func() { _ = flink.Run(t.Context(), ticks(), "", nil) },
	} {
		func() {
			defer func() { require.Contains(t, fmt.Sprint(recover()), wants) }()
			call()
		}()
	}
}
