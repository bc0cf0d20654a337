package hdfsfs

import (
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// sentPacket is what the library sends: a length, the length of the header, the header, checksums and data.
func sentPacket(number int64, data int) []byte {
	header := protowire.AppendTag(nil, 1, protowire.Fixed64Type)
	header = protowire.AppendFixed64(header, 512)
	header = protowire.AppendTag(header, 2, protowire.Fixed64Type)
	header = protowire.AppendFixed64(header, uint64(number))
	p := binary.BigEndian.AppendUint32(nil, uint32(4+data))
	p = binary.BigEndian.AppendUint16(p, uint16(len(header)))
	return append(append(p, header...), make([]byte, data)...)
}

// acked is what a DataNode answers, for each of the DataNodes of a block.
func acked(number int64, statuses ...uint64) []byte {
	m := protowire.AppendTag(nil, 1, protowire.VarintType)
	m = protowire.AppendVarint(m, protowire.EncodeZigZag(number))
	for _, s := range statuses {
		m = protowire.AppendTag(m, 2, protowire.VarintType)
		m = protowire.AppendVarint(m, s)
	}
	m = protowire.AppendTag(m, 4, protowire.BytesType) // flags
	m = protowire.AppendBytes(m, []byte{0})
	return protowire.AppendBytes(nil, m)
}

func TestPacket(t *testing.T) {
	for _, number := range []int64{1, 1 << 40, -1} {
		got, ok := packet(sentPacket(number, 700))
		require.True(t, ok)
		require.Equal(t, number, got)
	}
	for name, p := range map[string][]byte{
		"nothing":            nil,
		"a request":          append([]byte{0, 28, 80, 40}, make([]byte, 40)...),
		"cut":                sentPacket(1, 700)[:500],
		"encrypted":          append(binary.BigEndian.AppendUint32(nil, 300), make([]byte, 300)...),
		"a header too long":  {0, 0, 0, 2, 0, 2},
		"no number":          {0, 0, 0, 4, 0, 0},
		"a header of refuse": {0, 0, 0, 4, 0, 2, 0xff, 0xff},
	} {
		_, ok := packet(p)
		require.False(t, ok, name)
	}
}

// Who waits is answered when the last packet is acknowledged, or a DataNode has failed, however the answers are cut.
func TestAcks(t *testing.T) {
	waiting := func(t *testing.T, f func(a *acks, waits func() bool), want error) {
		synctest.Test(t, func(t *testing.T) {
			a := newAcks()
			a.read(protowire.AppendBytes(nil, []byte{0x08, 0x00, 0x12, 0x01, 0x78}), nil) // the answer to the request
			a.write(sentPacket(1, 700))
			a.write(sentPacket(2, 700))
			a.write(sentPacket(-1, 0)) // a heartbeat
			ended := make(chan error, 1)
			go func() { ended <- a.wait() }()
			f(a, func() bool {
				synctest.Wait()
				return len(ended) == 0
			})
			err := <-ended
			if want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, want.Error())
			}
		})
	}
	waiting(t, func(a *acks, waits func() bool) {
		for _, b := range append(acked(1, 0, 0), acked(-1, 0, 0)...) {
			a.read([]byte{b}, nil)
		}
		require.True(t, waits())
		a.read(acked(2, 0, 0), nil)
	}, nil)
	waiting(t, func(a *acks, _ func() bool) { a.read(append(acked(1, 0), acked(2, 0)...), io.EOF) }, nil)
	waiting(t, func(a *acks, _ func() bool) { a.read(acked(1, 0), io.EOF) }, io.EOF)
	waiting(t, func(a *acks, _ func() bool) { a.read(acked(2, 0, 1), nil) }, errors.New("by status 1"))
	waiting(t, func(a *acks, _ func() bool) { a.read([]byte{0xff, 0xff, 0xff, 0x7f}, nil) }, errors.New("no acknowledgements"))
	waiting(t, func(a *acks, _ func() bool) { a.read(protowire.AppendBytes(nil, []byte{0xff}), nil) }, io.ErrUnexpectedEOF)

	a := newAcks()
	a.write(append(binary.BigEndian.AppendUint32(nil, 300), make([]byte, 300)...))
	require.ErrorIs(t, a.wait(), errors.ErrUnsupported)
}
