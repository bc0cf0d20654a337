package redissource

import "testing"

// Offsets are read as they are written, and as runs of before have written them.
func TestUnackedOffset(t *testing.T) {
	t.Parallel()
	for _, offset := range []string{"0-0 as 0", "5-1 as 17", "5-1 as 17; 3-1 3-2", "5-1 as 17 without 4", "5-1 as 17 without 4; 3-1"} {
		var u unacked
		if err := u.parse(offset); err != nil || u.String() != offset {
			t.Errorf("%q becomes %q, %v", offset, u.String(), err)
		}
		if _, err := u.until(offset); err != nil {
			t.Errorf("%q: %v", offset, err)
		}
	}
	for _, offset := range []string{"", "5-1", "5-1 as x", "5-1 as 17 without", "5-1 as 17 without x", "5-1 as 17 without -1", "5-1 as 17; x"} {
		if err := new(unacked).parse(offset); err == nil {
			t.Errorf("%q is taken", offset)
		}
	}
}
