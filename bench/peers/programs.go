package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// dirs are the folders of a run.
type dirs struct {
	source    string // bench/peers
	built     string // our programs
	installed string // those of others
	data      string
}

// A program does contests: ours, or one of others. What is said of it stands
// below the tables.
type program struct {
	Title  string
	Heap   string // what it is given; none where it takes what it needs
	Starts string // what is in its time beside the work
	Reads  string // what it reads, and how it is written

	needs   func(d dirs) string // a file without which it cannot be run
	command func(d dirs, e entry) []string
}

// heapSize is what each JVM is given; with_spark.py says the same.
const heapSize = "4g"

const notInstalled = "not installed: run peers/install"

var programs = map[string]program{
	"freshet": {
		Title:  "Freshet",
		Starts: "a Go process",
		Reads: "by the README: source.Files with codec.JSON into a struct of the fields that the work needs, the sum as well the time that a window wants (\"nine fields\": of all), EventTime, a window, a sink. " +
			"In memory, slices that are copied in, with times as integers; its latencies are nexmark latency's",
		command: func(d dirs, e entry) []string {
			if e.Do == "latency" {
				return []string{filepath.Join(d.built, "nexmark"), "latency"}
			}
			return []string{filepath.Join(d.built, "freshet")}
		},
	},
	"loop": {
		Title:  "Go loop",
		Starts: "a Go process",
		Reads: "bufio.Scanner and encoding/json/v2 into a struct of the fields that the work needs, a goroutine for each core with a map of its own; no watermarks over files, as it waits for the end. " +
			"In memory, maps or tables with open addressing, with watermarks, merged when all goroutines have passed a minute; times are integers",
		command: func(d dirs, _ entry) []string { return []string{filepath.Join(d.built, "loop")} },
	},
	"duckdb": {
		Title:   "DuckDB",
		Starts:  "Python and its import",
		Reads:   "SQL over read_json_auto, which samples the files for types and reads the columns that the query needs; a batch, so nothing is late",
		needs:   venv,
		command: python("with_duckdb.py"),
	},
	"polars": {
		Title:   "Polars",
		Starts:  "Python and its import",
		Reads:   "scan_ndjson with the streaming engine, the columns that the query needs; a batch, so nothing is late",
		needs:   venv,
		command: python("with_polars.py"),
	},
	"spark": {
		Title:   "Spark",
		Heap:    heapSize,
		Starts:  "Python, and a JVM with a local session",
		Reads:   "DataFrames of the columns that the work needs, with a schema given or, where it says so, inferred in a pass of its own; the stream is one micro-batch with a watermark",
		needs:   venv,
		command: python("with_spark.py"),
	},
	"onspark": {
		Title:  "Freshet on Spark",
		Heap:   heapSize,
		Starts: "a Go process, spark-submit with a local session, and a Go process for each task",
		Reads: "the pipelines of Freshet, which spark.Run has the same Spark run: a stage that reads and one that adds up, with a shuffle between them; " +
			"results are in files, which are read back",
		needs: venv,
		command: func(d dirs, _ entry) []string {
			return []string{"env", "SPARK_HOME=" + pyspark(d), filepath.Join(d.built, "onspark")}
		},
	},
	"flink": {
		Title:  "Flink",
		Heap:   heapSize,
		Starts: "a JVM and a cluster in it; in memory neither, and the first job warms up",
		Reads: "FileSource and Jackson into an object of the fields that the work needs, in batch mode for the sum, as a stream with a source a file for the minutes; object reuse is on. " +
			"In memory, a source of arrays, a serializer by hand, state on the heap, checkpoints to disk",
		needs:   classes,
		command: java("peers.FlinkPeer"),
	},
	"jet": {
		Title:  "Jet",
		Heap:   heapSize,
		Starts: "a JVM and a member in it; in memory neither, and the first job warms up",
		Reads: "FileSources and Jackson into an object of the fields that the work needs, a source a file; no later panes, so it is given as much lateness as the data has. " +
			"In memory, a source processor over arrays, as many cooperative threads as cores, snapshots in the member's memory; for latencies G1 with a goal of 5 ms",
		needs:   classes,
		command: java("peers.JetPeer"),
	},
	"timely": {
		Title:   "timely",
		Starts:  "nothing; the first job warms up",
		Reads:   "vectors that are copied in, times as integers, an Exchange by key, hashbrown maps with foldhash by minute, which fire by the frontier; no checkpoints",
		needs:   func(d dirs) string { return filepath.Join(d.installed, "bin", "timely") },
		command: func(d dirs, _ entry) []string { return []string{filepath.Join(d.installed, "bin", "timely")} },
	},
	"benthos": {
		Title:  "Benthos",
		Starts: "a Go process",
		Reads: "a file input of lines in batches of 1000, Bloblang in a thread for each core that adds up a batch, a Go function that adds up batches. " +
			"Its windows go by the wall clock, so revenue by minute of recorded orders is left out. It reads a twentieth of the orders, and its figures are twenty times what it took",
		needs:   func(d dirs) string { return filepath.Join(d.installed, "bin", "benthos") },
		command: func(d dirs, _ entry) []string { return []string{filepath.Join(d.installed, "bin", "benthos")} },
	},
}

// programNames are those of -only, ours first.
func programNames() []string {
	return slices.SortedFunc(maps.Keys(programs), func(a, b string) int {
		order := []string{"freshet", "loop", "duckdb", "polars", "flink", "spark", "onspark", "jet", "timely", "benthos"}
		return slices.Index(order, a) - slices.Index(order, b)
	})
}

func venv(d dirs) string { return filepath.Join(d.installed, "venv", "bin", "python") }

// pyspark is the Spark that PySpark brings.
func pyspark(d dirs) string {
	found, _ := filepath.Glob(filepath.Join(d.installed, "venv", "lib", "python*", "site-packages", "pyspark")) // the pattern is right
	return strings.Join(found, "")
}

func python(script string) func(dirs, entry) []string {
	return func(d dirs, _ entry) []string { return []string{venv(d), filepath.Join(d.source, "python", script)} }
}

func classes(d dirs) string { return filepath.Join(d.installed, "java", "peers.jar") }

func java(class string) func(dirs, entry) []string {
	return func(d dirs, e entry) []string {
		cmd := []string{"java", "-Xms" + heapSize, "-Xmx" + heapSize}
		if e.Do == "latency" {
			cmd = append(cmd, "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=5")
		} else {
			cmd = append(cmd, "-XX:+UseParallelGC")
		}
		for _, p := range []string{"java.lang", "java.net", "java.nio", "java.time", "java.util", "java.util.concurrent", "sun.nio.ch"} {
			cmd = append(cmd, "--add-opens", "java.base/"+p+"=ALL-UNNAMED")
		}
		return append(cmd, "-cp", classes(d)+":"+filepath.Join(d.installed, "java", "lib", "*"), class)
	}
}
