package redissource

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/freshet-go/freshet/internal/redisio"
)

// unacked are the entries that a consumer was given and has not acknowledged, in the order in which
// it was given them. They make its offset:
//
//	1692632086370-0 as 17 without 5; 1692632080000-3 1692632080000-4
//
// All entries that were delivered as new ones come in the order of their ids. So the highest that was given
// says of each that is pending whether it was given. Those that were taken over come in no order, and are listed.
// The first number is how many were given in all runs; the second, which is left out where it is 0, how many of those that the
// server's count of the group lacks were told to be lost.
type unacked struct {
	mu      sync.Mutex
	high    redisio.ID // of those delivered as new
	given   int64
	waiting []waitingEntry
	claimed []claimedEntry // among waiting, or of an earlier run
	forget  []redisio.ID   // claimed ones that are acknowledged
	told    int64          // see groupTrimming
}

type waitingEntry struct {
	id      redisio.ID
	claimed bool
}

type claimedEntry struct {
	id     redisio.ID
	number int64 // of given, when it was
}

// give notes an entry. The caller holds mu.
func (u *unacked) give(id redisio.ID, claimed bool) {
	u.given++
	u.waiting = append(u.waiting, waitingEntry{id, claimed})
	if claimed {
		u.claimed = append(u.claimed, claimedEntry{id, u.given})
	} else {
		u.high = id // not the maximum: XGROUP SETID may have the group begin again
	}
}

func (u *unacked) String() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	b := u.high.Append(nil)
	b = strconv.AppendInt(append(b, " as "...), u.given, 10)
	if u.told > 0 {
		b = strconv.AppendInt(append(b, without...), u.told, 10)
	}
	for i, c := range u.claimed {
		if i == 0 {
			b = append(b, ';')
		}
		b = c.id.Append(append(b, ' '))
	}
	return string(b)
}

const without = " without "

// parseOffset returns what stands in an offset: that of a run of before has no second number.
func parseOffset(offset string) (at spot, told int64, claimed string, err error) {
	place, claimed, _ := strings.Cut(offset, ";")
	place, number, some := strings.Cut(place, without)
	if at, err = parseSpot(place); err == nil && some {
		told, err = strconv.ParseInt(number, 10, 64)
	}
	if err != nil || !at.known || told < 0 {
		return spot{}, 0, "", fmt.Errorf("%q is no offset of a consumer", offset)
	}
	return at, told, claimed, nil
}

// parse goes on at an offset of an earlier run.
func (u *unacked) parse(offset string) error {
	at, told, claimed, err := parseOffset(offset)
	if err != nil {
		return err
	}
	u.high, u.given, u.told = at.id, at.position, told
	for _, text := range strings.Fields(claimed) {
		id, err := redisio.ParseID(text)
		if err != nil {
			return err
		}
		u.claimed = append(u.claimed, claimedEntry{id, u.given})
	}
	return nil
}

// tell notes how many of those that the server's count lacks have been told.
func (u *unacked) tell(told int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.told = told
}

// until returns what waits before an offset. It stays until it is acked.
func (u *unacked) until(offset string) (ids []redisio.ID, err error) {
	s, _, _, err := parseOffset(offset)
	if err != nil {
		return nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	n := int64(len(u.waiting)) - (u.given - s.position)
	for i := range max(n, 0) {
		ids = append(ids, u.waiting[i].id)
	}
	return ids, nil
}

// acked forgets the first n that wait.
func (u *unacked) acked(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	number := u.given - int64(len(u.waiting)) + int64(n) // of the last of them
	u.waiting = u.waiting[n:]
	if len(u.waiting) == 0 {
		u.waiting = nil // let the memory go
	}
	k := 0
	for k < len(u.claimed) && u.claimed[k].number <= number {
		u.forget = append(u.forget, u.claimed[k].id)
		k++
	}
	u.claimed = u.claimed[k:]
}

// forgotten returns the entries that were taken over and are acknowledged, once.
func (u *unacked) forgotten() []redisio.ID {
	u.mu.Lock()
	defer u.mu.Unlock()
	ids := u.forget
	u.forget = nil
	return ids
}
