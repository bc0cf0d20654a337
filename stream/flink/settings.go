package flink

import (
	"fmt"
	"time"
)

// fixed are settings that are not the caller's, and why.
var fixed = map[string]string{
	"execution.checkpointing.interval":                               "the option Checkpoints sets it, and has workers keep their state",
	"execution.checkpointing.interval-during-backlog":                "the option Checkpoints sets how often there are checkpoints",
	"execution.checkpointing.mode":                                   "a worker's state stands behind a barrier",
	"execution.checkpointing.checkpoints-after-tasks-finish":         noneAfterEnd,
	"execution.checkpointing.checkpoints-after-tasks-finish.enabled": noneAfterEnd,
}

const noneAfterEnd = "Flink would not start a task again that had finished at the checkpoint, and what is behind that would wait for it for ever"

// Setting sets something of the job in Flink's own words: Setting("restart-strategy.type", "none"). Whoever sees the cluster's page sees it.
//
// It panics if the key is one that the pipeline depends on: those of Checkpoints, and whether there are any after tasks have finished.
func Setting(key, value string) Option {
	if why := fixed[key]; why != "" {
		panic(fmt.Sprintf("flink: Setting(%q): %s", key, why))
	}
	return func(c *config) { c.settings[key] = value }
}

// leastInterval is what Flink takes, at least, between two checkpoints.
const leastInterval = 10 * time.Millisecond

// flinkSettings are those that the job is run with.
func (c *config) flinkSettings() map[string]string {
	s := map[string]string{"execution.checkpointing.checkpoints-after-tasks-finish": "false"}
	if c.every > 0 {
		s["execution.checkpointing.interval"] = fmt.Sprintf("%d ms", c.every.Milliseconds())
		s["execution.checkpointing.mode"] = "EXACTLY_ONCE"
	}
	if c.settings["restart-strategy.type"] == "" && c.settings["restart-strategy"] == "" {
		s["restart-strategy.type"] = "none"
		if c.every > 0 || c.end == saves { // Flink goes on by a restart from a savepoint that has failed
			s["restart-strategy.type"] = "failure-rate"
			s["restart-strategy.failure-rate.max-failures-per-interval"] = "3"
			s["restart-strategy.failure-rate.failure-rate-interval"] = "5 min"
			s["restart-strategy.failure-rate.delay"] = "1 s"
		}
	}
	for k, v := range c.settings {
		s[k] = v
	}
	return s
}
