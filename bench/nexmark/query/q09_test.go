package query

import "testing"

func TestQ9(t *testing.T) { check(t, q09, winners) }
