package fault

import "fmt"

// A RewindError says that a run would begin with a checkpoint that is older
// than the results which a transactional sink has shown: they would come
// again.
type RewindError struct {
	Begins, Committed int64  // checkpoints
	Marker            string // where the sink notes Committed, if it says so
}

func (e *RewindError) Error() string {
	if e.Begins == 0 {
		return fmt.Sprintf("the run begins empty, but the results of checkpoint %d are there: they would come twice; who wants that removes %s",
			e.Committed, marker(e.Marker))
	}
	return fmt.Sprintf("the run begins with checkpoint %d, but the results of checkpoint %d are there: they would come twice; who wants that has %s hold %d",
		e.Begins, e.Committed, marker(e.Marker), e.Begins)
}

func marker(s string) string {
	if s == "" {
		return "what the sink has noted of it"
	}
	return s
}

// A LostResultsError says that a transactional sink shows less than it has
// shown when a checkpoint was made: what it writes to has been emptied, put back from a
// copy, or is another place. Results would be missing.
type LostResultsError struct {
	Begins    int64  // the checkpoint that the run begins with, or is about to make
	Shown     int64  // the checkpoint whose results were the last to be shown before that was made
	Committed int64  // the one whose results are the last to be shown now, or 0
	Marker    string // where the sink notes Committed, if it says so
}

func (e *LostResultsError) Error() string {
	now := "and now there are none"
	if e.Committed > 0 {
		now = fmt.Sprintf("and now there are those up to checkpoint %d", e.Committed)
	}
	return fmt.Sprintf("the results up to checkpoint %d had been shown before checkpoint %d was made, %s: put back what is missing; who wants to go on without it has %s hold %d",
		e.Shown, e.Begins, now, marker(e.Marker), e.Shown)
}
