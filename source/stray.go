package source

import (
	"fmt"
	"maps"
	"slices"
)

// stray returns an error where a checkpoint has partitions that a source has not. Its settings were others then, and what was read
// of them would be read again.
func stray(offsets map[string]string, partitions ...string) error {
	for _, name := range slices.Sorted(maps.Keys(offsets)) {
		if !slices.Contains(partitions, name) {
			return fmt.Errorf("source: the checkpoint has a partition %q, and not the source: what was read of it would be read again; %s", name, wayOut)
		}
	}
	return nil
}

const wayOut = "set the source as it was then, or read all of it again under another stream.Name, with stream.DropState of the one it had"
