package codec

import "fmt"

// panicNilOption says which option of a call is nil, counted from 1.
func panicNilOption(call string, i int) {
	panic(fmt.Sprintf("codec: %s: option %d is nil", call, i+1))
}
