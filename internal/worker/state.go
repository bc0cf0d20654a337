package worker

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/door"
)

// A State is put together of the messages that bring it.
type State struct {
	Groups [door.Groups][]byte
	Rest   [][]byte
}

// Add takes a message. It reports false for one that brings no state.
func (s *State) Add(m Message) (bool, error) {
	switch m.Kind {
	case Group:
		if len(m.Body) < 2 {
			return true, errors.New("worker: state of no key group")
		}
		g := binary.BigEndian.Uint16(m.Body)
		if g >= door.Groups {
			return true, fmt.Errorf("worker: state of key group %d, of %d", g, door.Groups)
		}
		s.Groups[g] = append(s.Groups[g], m.Body[2:]...)
	case Rest:
		s.Rest = append(s.Rest, m.Body)
	case More:
		if len(s.Rest) == 0 {
			return true, errors.New("worker: more of a state that nothing is of")
		}
		last := &s.Rest[len(s.Rest)-1]
		*last = append(*last, m.Body...)
	default:
		return false, nil
	}
	return true, nil
}
