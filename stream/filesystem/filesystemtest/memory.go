package filesystemtest

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"sync"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// A Memory is a file system in memory. It knows what would be lost if the
// machine died.
type Memory struct {
	mu    sync.Mutex
	now   directories
	safe  directories            // what is durable
	log   map[string][]directory // what was changed in each directory since its Sync
	files int                    // that have been made
	lives int                    // processes that have been killed
	open  int
}

// A directory has nodes by the last elements of their names; directories by
// their whole names.
type (
	directory   map[string]*node
	directories map[string]directory
)

// A node is a file.
type node struct {
	id     int
	data   []byte
	synced int // so many bytes are durable
}

// NewMemory returns an empty one.
func NewMemory() *Memory {
	return &Memory{now: directories{".": {}}, safe: directories{".": {}}, log: map[string][]directory{}}
}

// Dir returns what a process sees that begins now. What it has, a later Kill or Crash takes away.
func (m *Memory) Dir() filesystem.Truncater {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &process{m, m.lives}
}

// Open returns how many files are open.
func (m *Memory) Open() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.open
}

// Kill ends all processes: each of their calls is an error from now on. What
// they have done stays.
func (m *Memory) Kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lives, m.open = m.lives+1, 0
}

// Crash has the machine die. What was synced stays. Of the rest, a part of each
// file and any of the changes of a directory stay, by chance, or nothing if rnd is
// nil: a disk need not keep an order.
func (m *Memory) Crash(rnd *rand.Rand) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lives, m.open = m.lives+1, 0
	for name, dir := range m.safe {
		if rnd != nil {
			m.keep(dir, m.log[name], rnd)
		}
		m.now[name] = maps.Clone(dir)
		for _, n := range dir {
			keep := n.synced
			if rnd != nil {
				keep += rnd.IntN(len(n.data) - n.synced + 1)
			}
			n.data, n.synced = n.data[:keep:keep], keep
		}
	}
	clear(m.log)
}

// keep makes some of the changes of a directory: none, half of them, or all.
func (m *Memory) keep(dir directory, log []directory, rnd *rand.Rand) {
	likely := rnd.IntN(3)
	for _, change := range log {
		if rnd.IntN(2) < likely {
			dir.change(change)
		}
	}
}

// change changes names of a directory: a nil node removes one.
func (d directory) change(names directory) {
	for name, n := range names {
		if n == nil {
			delete(d, name)
		} else {
			d[name] = n
		}
	}
}

// change changes names of a directory, which is not durable yet.
func (m *Memory) change(dir string, names directory) {
	m.now[dir].change(names)
	m.log[dir] = append(m.log[dir], names)
}

func (m *Memory) newNode(data []byte) *node {
	m.files++
	return &node{m.files, bytes.Clone(data), len(data)}
}

// sync makes durable which names a directory has.
func (m *Memory) sync(dir string) {
	m.safe[dir] = maps.Clone(m.now[dir])
	delete(m.log, dir)
}
