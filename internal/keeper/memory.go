package keeper

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sort"
	"sync"
)

// Memory is checkpoint.Memory.
func Memory() Store { return &memory{files: map[string][]byte{}} }

type memory struct {
	mu     sync.Mutex
	files  map[string][]byte
	locked bool
}

func (*memory) String() string { return "memory" }

func (m *memory) Write(name string, parts ...[]byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[name] = slices.Concat(parts...)
	return nil
}

func (m *memory) Read(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.files[name]
	if !ok {
		return nil, fmt.Errorf("checkpoint: %s: %w", name, fs.ErrNotExist)
	}
	return slices.Clone(data), nil
}

func (m *memory) List() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := slices.Collect(maps.Keys(m.files))
	sort.Strings(names)
	return names, nil
}

func (m *memory) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, name)
	return nil
}

func (m *memory) Lock() (unlock func() error, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locked {
		return nil, ErrLocked
	}
	m.locked = true
	return func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.locked = false
		return nil
	}, nil
}
