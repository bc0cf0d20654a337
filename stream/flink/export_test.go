package flink

import "time"

// Patience sets how long a job is looked for that the cluster does not know. A test has none.
func Patience(d time.Duration) Option { return func(c *config) { c.patience = d } }
