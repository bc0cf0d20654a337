package shop

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

const (
	orderFiles = 3
	visitFiles = 2
)

// write writes the input: events out of order, some of them late.
func write(dir string, seed uint64, events int) (err error) {
	rng := rand.New(rand.NewPCG(seed, 2))
	file := func(name string, row func(i int, at int64) any) {
		var lines bytes.Buffer
		clock := int64(1_700_000_000_000)
		for i := range events {
			clock += rng.Int64N(100)
			at := clock - rng.Int64N(1500)
			if rng.IntN(200) == 0 {
				at -= 10_000
			}
			err = errors.Join(err, json.MarshalWrite(&lines, row(i, at)))
			lines.WriteByte('\n')
		}
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), lines.Bytes(), 0o644))
	}
	for n := range orderFiles {
		file(fmt.Sprintf("orders-%d.jsonl", n), func(i int, at int64) any {
			return order{ID: i*orderFiles + n, Customer: rng.IntN(200), Cents: rng.Int64N(10_000), At: at, Note: strings.Repeat("x", rng.IntN(40))}
		})
	}
	for n := range visitFiles {
		file(fmt.Sprintf("visits-%d.jsonl", n), func(i int, at int64) any { return visit{Customer: rng.IntN(200), At: at} })
	}
	return err
}
