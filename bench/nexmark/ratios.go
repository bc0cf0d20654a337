package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// worse is by how much the ratio of the best round may be above the median that
// was kept: what else the machine does then has no part in it. A query that
// takes less time than its loop is fast enough.
const worse = 1.5

// ratiosOf are what is kept: times the loop, on one core without checkpoints,
// in the median round.
func ratiosOf(all []measured) map[string]float64 {
	ratios := map[string]float64{}
	for _, m := range all {
		ratios[m.Query] = m.One.PlainRatio
	}
	return ratios
}

func keepRatios(file string, all []measured) error {
	data, err := json.MarshalIndent(ratiosOf(all), "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}

// checkRatios reports the queries that have become slower. One that seems so is
// measured again, twice at most: a busy machine is not a slower query.
func checkRatios(file string, all []measured, again func(name string) (measured, error)) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	kept := map[string]float64{}
	if err := json.Unmarshal(data, &kept); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var errs []error
	for _, m := range all {
		was, ok := kept[m.Query]
		if !ok {
			errs = append(errs, fmt.Errorf("%s knows no %s: run with -update %s", file, m.Query, file))
			continue
		}
		best, most := m.One.Best, max(1, worse*was)
		for try := 0; best > most && try < 2; try++ {
			if m, err = again(m.Query); err != nil {
				return err
			}
			best = min(best, m.One.Best)
		}
		if best > most {
			errs = append(errs, fmt.Errorf("%s takes %.2f times the time of its loop at best, and took %.2f", m.Query, best, was))
		}
	}
	return errors.Join(errs...)
}
