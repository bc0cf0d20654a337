// Package saved writes models down and reads them again.
//
// A saved model is the name of its kind and a NUL, the version of its format, a checksum
// (CRC-32C of all else), and a record of its fields: a model may gain and lose
// fields, as codec.Binary says, and a change of meaning is a new version.
package saved

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"strings"
	"unsafe"

	"github.com/freshet-go/freshet/internal/record"
)

// A Kind is a kind of model whose fields are those of T. It may be used by several
// goroutines at once.
//
// T is the type of the model without its methods (type plain Model): with them, the model would
// be asked to write itself.
type Kind[T any] struct {
	name    string
	version byte
	plan    *record.Plan
}

// As returns the kind with that name and version. The name is the one that
// users know, "linear.Logistic". It panics if T has fields that cannot be saved;
// what is scratch has the tag `binary:"-"`.
func As[T any](name string, version byte) Kind[T] {
	plan, err := record.PlanOf(reflect.TypeFor[T]())
	if err != nil {
		panic(err)
	}
	if name == "" || strings.ContainsRune(name, 0) {
		panic("saved: the name of a kind is not empty and has no NUL")
	}
	return Kind[T]{name, version, plan}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Append appends what v points to.
func (k Kind[T]) Append(b []byte, v *T) ([]byte, error) {
	start := len(b)
	b = append(b, k.name...)
	b = append(b, 0, k.version)
	sum := len(b)
	b = append(b, 0, 0, 0, 0)
	e := k.plan.NewEncoder()
	b, err := e.Append(b, unsafe.Pointer(v))
	if err != nil {
		return b[:start], fmt.Errorf("mining: save a %s: %w", k.name, err)
	}
	binary.LittleEndian.PutUint32(b[sum:], checksum(b[start:], sum-start))
	return b, nil
}

// Read sets what v points to, once check, if it is not nil, says that it is sound. Where it
// returns an error, v is as before. Nothing of data is kept.
func (k Kind[T]) Read(data []byte, v *T, check func(*T) error) error {
	name, rest, ok := bytes.Cut(data, []byte{0})
	switch {
	case !ok || len(rest) < 5:
		return fmt.Errorf("mining: restore a %s: %w", k.name, errShort)
	case string(name) != k.name:
		return fmt.Errorf("mining: restore a %s: these bytes are a saved %.40q", k.name, name)
	case rest[0] > k.version:
		return fmt.Errorf("mining: restore a %s: it was saved by a later version of Freshet, in format %d; this one reads up to %d", k.name, rest[0], k.version)
	case binary.LittleEndian.Uint32(rest[1:]) != checksum(data, len(name)+2):
		return fmt.Errorf("mining: restore a %s: the bytes are damaged, their checksum differs", k.name)
	}
	body := rest[5:]
	n, content, err := record.Split(body, true)
	if err == nil && n != len(body) {
		err = errors.New("there are bytes behind it")
	}
	var read T
	if err == nil {
		d := k.plan.NewDecoder()
		err = d.Decode(bytes.Clone(content), unsafe.Pointer(&read))
	}
	if err == nil && check != nil {
		err = check(&read)
	}
	if err != nil {
		return fmt.Errorf("mining: restore a %s: %w", k.name, err)
	}
	*v = read
	return nil
}

var errShort = errors.New("the bytes end too early")

// checksum is that of all of b but the four bytes at sum.
func checksum(b []byte, sum int) uint32 {
	c := crc32.Checksum(b[:sum], castagnoli)
	return crc32.Update(c, castagnoli, b[sum+4:])
}
