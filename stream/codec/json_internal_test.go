package codec

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Options that allow more than the plan of a type does leave what they allow to encoding/json/v2, and all else to the plan.
func TestOptionsThatKeepThePlan(t *testing.T) {
	type hit struct{ UA string }
	any, dup := jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)
	for _, c := range []struct {
		opts []json.Options
		kept bool
	}{
		{nil, true},
		{[]json.Options{any}, true},
		{[]json.Options{any, dup}, true},
		{[]json.Options{dup, any}, true},
		{[]json.Options{jsontext.AllowInvalidUTF8(false)}, false},
		{[]json.Options{any, json.MatchCaseInsensitiveNames(true)}, false},
		{[]json.Options{json.JoinOptions(any, json.RejectUnknownMembers(true))}, false},
	} {
		f := JSON[hit](c.opts...).(*jsonFormat[hit])
		require.Equal(t, c.kept, f.text.plan != nil, "%v", c.opts)
	}
}
