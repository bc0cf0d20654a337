package fluentsource

import (
	"fmt"
)

// options are what a client says behind its entries.
type options struct {
	chunk  string
	signal signal
}

// A signal is what entries are.
type signal int64

const logs signal = 0

func (s signal) String() string {
	switch s {
	case logs:
		return "logs"
	case 1:
		return "metrics"
	case 2:
		return "traces"
	}
	return fmt.Sprintf("signal %d", int64(s))
}

const (
	mostOptions = 16 << 10
	mostChunk   = 256 // Fluentd's have 24
)

// readOptions reads the map of options. Those that say nothing new are passed over:
// size, which nobody may rely on, and compressed, which the payload tells by itself.
func (m *message[T]) readOptions() error {
	b, err := m.in.whole(1, mostOptions)
	if err != nil {
		return tooLarge(err, "its options")
	}
	if isNil(b) {
		return nil
	}
	if !isMap(b[0]) {
		return fmt.Errorf("%w: its options are %s", errMessage, describe(b))
	}
	n, b, err := mapHead(b, m.d.depth)
	if err != nil {
		return err
	}
	for range n {
		key, value, err := mapKey(b)
		if err == nil {
			b, err = skip(value, m.d.depth)
		}
		if err == nil {
			err = m.option(string(key), value)
		}
		if err != nil {
			return fmt.Errorf("%w: its options: %w", errMessage, err)
		}
	}
	return nil
}

func (m *message[T]) option(key string, value []byte) error {
	switch key {
	case "chunk":
		if isNil(value) {
			return nil
		}
		if !isText(value[0]) {
			return fmt.Errorf("the chunk is %s", describe(value))
		}
		text, _, err := readText(value)
		if len(text) > mostChunk {
			return fmt.Errorf("the chunk's id has %d bytes", len(text))
		}
		m.options.chunk = string(text)
		return err
	case "compressed":
		if !isText(value[0]) {
			return nil
		}
		text, _, err := readText(value)
		if s := string(text); err == nil && s != "gzip" && s != "text" && s != "" {
			return fmt.Errorf("compressed by %.20q, which is not known here: say `compress gzip`", s)
		}
		return err
	case "fluent_signal":
		n, _, err := anyNumber(value, "a signal")
		m.options.signal = signal(n.bits)
		return err
	}
	return nil
}
