package promstats

import _ "embed"

//go:embed freshet.rules.yml
var rules string

// Rules returns alert rules in YAML, for a file that rule_files of Prometheus names. They
// are of these alerts; each has a label severity, and annotations that say what to do.
//
//	FreshetNotRunning            a pipeline that is shown does not run for 5 minutes
//	FreshetRestarting            it has restarted more than twice in 15 minutes
//	FreshetNoCheckpoint          no checkpoint for 5 intervals, and a minute at least
//	FreshetCheckpointsFail       checkpoints were given up
//	FreshetWatermarkStandsStill  the watermark of a sink stands still for 15 minutes, and sources give events
//	FreshetBackPressure          a stage is held up for more than half of its time, for 10 minutes
//	FreshetFailures              an operator's function fails on events
//	FreshetLateDrops             events are left out as they are too late
//	FreshetFarAhead              a watermark is a day or more ahead of the clock: one event has a wrong time
func Rules() string { return rules }
