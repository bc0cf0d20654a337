// Benthos adds up orders with Benthos. It is run by the command peers, whose
// package contest says how; it is a module of its own, as Benthos has many
// dependencies.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	_ "github.com/redpanda-data/benthos/v4/public/components/io"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
	"github.com/redpanda-data/benthos/v4/public/service"
)

// version is what go.mod requires.
const version = "v4.60.0"

const (
	input = `
broker:
  inputs:
    - file:
        paths: [ '%s/orders-*.jsonl' ]
        scanner:
          lines: {}
  batching:
    count: 1000
    period: 1s
`
	// The first message of a batch becomes its sum.
	adding = `
mapping: |
  root = if batch_index() == 0 { json("amount").from_all().sum() } else { deleted() }
`
)

func main() {
	var (
		contest = flag.String("contest", "sum", "what to do: sum")
		data    = flag.String("data", "", "the folder of the orders")
		threads = flag.Int("threads", 2, "of the pipeline")
		jobs    = flag.Int("jobs", 1, "how often to do it")
	)
	flag.Parse()
	if err := run(*contest, *data, *threads, *jobs); err != nil {
		fmt.Fprintln(os.Stderr, "benthos:", err)
		os.Exit(1)
	}
}

func run(contest, data string, threads, jobs int) error {
	if contest != "sum" {
		return fmt.Errorf("there is no contest %q here", contest)
	}
	type job struct {
		Wall float64 `json:"wall"`
		CPU  float64 `json:"cpu"`
	}
	var (
		all []job
		sum float64
	)
	for range jobs {
		start := time.Now()
		var err error
		if sum, err = total(data, threads); err != nil {
			return err
		}
		all = append(all, job{Wall: time.Since(start).Seconds()})
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"version": version, "jobs": all,
		"result": map[string]string{"sum": strconv.FormatFloat(sum, 'g', -1, 64)},
	})
}

func total(data string, threads int) (sum float64, err error) {
	b := service.NewStreamBuilder()
	b.SetThreads(threads)
	if err := b.SetLoggerYAML("level: ERROR"); err != nil {
		return 0, err
	}
	if err := b.AddInputYAML(fmt.Sprintf(input, data)); err != nil {
		return 0, err
	}
	if err := b.AddProcessorYAML(adding); err != nil {
		return 0, err
	}
	var mu sync.Mutex
	err = b.AddBatchConsumerFunc(func(_ context.Context, batch service.MessageBatch) error {
		for _, m := range batch {
			if err := m.GetError(); err != nil {
				return err
			}
			v, err := m.AsStructured()
			if err != nil {
				return err
			}
			n, ok := v.(float64)
			if !ok {
				return fmt.Errorf("a batch comes to %v", v)
			}
			mu.Lock()
			sum += n
			mu.Unlock()
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s, err := b.Build()
	if err != nil {
		return 0, err
	}
	err = s.Run(context.Background())
	return sum, err
}
