package oracles_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// beamTranscripts returns all documents.
func beamTranscripts(t *testing.T) []transcript {
	t.Helper()
	return readTranscripts(t, shared(t, "oracles", "beam", "trigger_transcripts.yaml"))
}

// beamRefused says of each document that is wrong on purpose how that has to
// be found out.
var beamRefused = map[string]string{
	"bad_output":            "unmatched output {window [0 9], values [1 2 3]} in []", // too early
	"bad_expected_values":   "unmatched output {window [0 9], values [1 2]} in [on time: window [0 9], values [1 2 3], timestamp 9, index 0]",
	"bad_expected_window":   "unmatched output {window [0 19], values [1 2 3]} in [on time: window [0 9], values [1 2 3], timestamp 9, index 0]",
	"missing_output":        "unexpected output [on time: window [0 9], values [1 2 3], timestamp 9, index 0] before watermark 200",
	"missing_output_at_end": "unexpected output [on time: window [0 9], values [1 2 3], timestamp 9, index 0] at the end",
}

// beamDropped says how many events of a transcript show in no pane, as they
// come too late or after the only pane. They have to be counted as dropped.
var beamDropped = map[string]int64{
	"fixed_drop_late_data_after_allowed_lateness": 4, // 7, 8, 17, 18
	"garbage_collection":                          1, // 3: two events have fired [0, 9] for good
}

// Every transcript is played on one, two and three shards, with the events of
// an input in one batch and one by one, on every store that can hold it, for
// seven keys at once; and on two shards with three checkpoints, where it is
// killed after the third, be that taken after any of its steps, and restored on
// three.
func TestBeamTranscripts(t *testing.T) {
	agree, refused, plays, restored := 0, 0, 0, 0
	for _, doc := range beamTranscripts(t) {
		for _, w := range doc.ways(t) {
			plays++
			if w.killed > 0 {
				restored++
			}
			x, err := doc.play(t, w)
			if doc.Error == "" {
				require.NoError(t, err, "%s: %+v", doc.Name, w)
				require.Equal(t, beamKeys*beamDropped[doc.Name], x.dropped(), "%s: %+v", doc.Name, w)
			} else {
				require.EqualError(t, err, beamRefused[doc.Name], "%s: %+v", doc.Name, w)
				require.ErrorContains(t, err, strings.ToLower(doc.Error), doc.Name)
			}
		}
		if doc.Error == "" {
			agree++
		} else {
			refused++
			t.Logf("%s is refused: %s", doc.Name, beamRefused[doc.Name])
		}
	}
	assert.Equal(t, 13, agree)
	assert.Equal(t, 5, refused)
	t.Logf("%d transcripts: %d agree and %d are refused, in %d plays, of which %d with three checkpoints on 2 shards, killed and restored on 3", agree+refused, agree, refused, plays, restored)
}

// What a transcript says is all checked: when one thing of it is changed, it
// is refused.
func TestBeamTranscriptsChanged(t *testing.T) {
	changed := 0
	for _, doc := range beamTranscripts(t) {
		if doc.Error != "" {
			continue
		}
		ways := doc.ways(t)
		for what, wrong := range doc.changes() {
			changed++
			for _, w := range []way{ways[0], ways[len(ways)-1]} { // undisturbed, and killed
				_, err := wrong.play(t, w)
				assert.Error(t, err, "%s with %s: %+v", doc.Name, what, w)
			}
		}
	}
	assert.Equal(t, 265, changed)
	t.Logf("%d changed transcripts are refused", changed)
}

// ways returns how a transcript is played.
func (doc transcript) ways(t *testing.T) (all []way) {
	specs, err := doc.specs()
	require.NoError(t, err, doc.Name)
	for _, spec := range specs {
		for _, shards := range []int{1, 2, 3} {
			all = append(all, way{spec, shards, 512, 0}, way{spec, shards, 1, 0})
		}
		for killed := 1; killed < doc.plays(); killed++ {
			all = append(all, way{spec, 2, 512, killed}, way{spec, 2, 1, killed})
		}
	}
	return all
}

// plays returns how many steps of the transcript do something.
func (doc transcript) plays() (n int) {
	for _, a := range doc.Steps {
		if a.plays() {
			n++
		}
	}
	return n
}
