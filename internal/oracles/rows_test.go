package oracles_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// droppedBy returns how many events the operators of a pipeline have dropped.
func droppedBy(p *stream.Pipeline) (n int64) {
	for _, op := range p.Stats().Operators {
		for _, instance := range op.Instances {
			n += instance.TooLate
		}
	}
	return n
}

// readRows returns the rows of a file of JSON lines. A member that R does not
// know is an error.
func readRows[R any](t *testing.T, path string) (rows []R) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	for d := jsontext.NewDecoder(f); ; {
		var r R
		err := json.UnmarshalDecode(d, &r, json.RejectUnknownMembers(true))
		if errors.Is(err, io.EOF) {
			return rows
		}
		require.NoError(t, err, path)
		rows = append(rows, r)
	}
}

// agreement returns how many rows two multisets share, and says which rows
// they do not.
func agreement[R comparable](want, got []R) (agree int, diff []string) {
	left := map[R]int{}
	for _, r := range want {
		left[r]++
	}
	for _, r := range got {
		if left[r] > 0 {
			left[r]--
			agree++
		} else {
			diff = append(diff, fmt.Sprintf("only ours: %+v", r))
		}
	}
	for r, n := range left {
		for range n {
			diff = append(diff, fmt.Sprintf("only theirs: %+v", r))
		}
	}
	return agree, diff
}

// requireAgreement requires that two multisets are equal, and returns how many
// rows that are.
func requireAgreement[R comparable](t *testing.T, want, got []R, format string, args ...any) int {
	t.Helper()
	require.NotEmpty(t, want)
	agree, diff := agreement(want, got)
	if len(diff) > 0 {
		t.Fatalf("%s: %d of %d rows agree; of %d others: %q", fmt.Sprintf(format, args...), agree, len(want), len(diff), diff[:min(6, len(diff))])
	}
	return agree
}
