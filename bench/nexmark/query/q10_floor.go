package query

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// writeBidsByHand has a file open for each minute, which gets its name when it
// is over and on disk.
func writeBidsByHand(events []auction.Event, disorder time.Duration, dir string) (rows int, err error) {
	const size = int64(time.Minute)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return 0, err
	}
	files := map[int64]*minuteFile{} // by minute
	parts := map[int64]int{}         // how many a minute has, for late bids
	defer func() {
		for _, f := range files {
			f.file.Close()
		}
	}()
	finish := func(minute int64) error {
		f := files[minute]
		delete(files, minute)
		return f.finish()
	}
	newest, newestFile := int64(-1<<63), (*minuteFile)(nil)
	latest := int64(-1 << 62)
	var row []byte
	for i := range events {
		e := &events[i]
		at := e.Time().UnixNano()
		if b := e.Bid; b != nil {
			minute := at / size
			if minute != newest || newestFile == nil {
				f := files[minute]
				if f == nil {
					start := time.Unix(0, minute*size).UTC().Format("20060102T150405Z")
					name := filepath.Join(dir, fmt.Sprintf("bids-%s-000-%06d.csv", start, parts[minute]))
					if f, err = createMinute(name); err != nil {
						return rows, err
					}
					files[minute] = f
					parts[minute]++
				}
				newest, newestFile = minute, f
			}
			row = strconv.AppendInt(row[:0], b.Auction, 10)
			row = strconv.AppendInt(append(row, ','), b.Bidder, 10)
			row = strconv.AppendInt(append(row, ','), b.Price, 10)
			row = b.At.UTC().AppendFormat(append(row, ','), time.RFC3339Nano)
			row = append(appendCell(append(row, ','), b.Extra), '\n')
			if _, err := newestFile.to.Write(row); err != nil {
				return rows, err
			}
			rows++
		}
		if at <= latest {
			continue
		}
		before := (latest - int64(disorder)) / size
		latest = at
		over := (latest - int64(disorder)) / size // the first minute that is not
		if over == before {
			continue
		}
		for minute := range files {
			if minute < over {
				if err := finish(minute); err != nil {
					return rows, err
				}
			}
		}
		newestFile = nil
	}
	for minute := range files {
		if err := finish(minute); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// A minuteFile is a file that is being written.
type minuteFile struct {
	name string
	file *os.File
	to   *bufio.Writer
}

func createMinute(name string) (*minuteFile, error) {
	file, err := os.Create(name + ".tmp")
	if err != nil {
		return nil, err
	}
	f := &minuteFile{name, file, bufio.NewWriterSize(file, 1<<16)}
	_, err = f.to.WriteString("auction,bidder,price,dateTime,extra\n")
	return f, err
}

func (f *minuteFile) finish() error {
	err := f.to.Flush()
	if err == nil {
		err = f.file.Sync()
	}
	if e := f.file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.name+".tmp", f.name)
}

// appendCell puts text in quotes where it needs them.
func appendCell(row []byte, text string) []byte {
	if !strings.ContainsAny(text, "\",\r\n") {
		return append(row, text...)
	}
	row = append(row, '"')
	for i := range len(text) {
		if text[i] == '"' {
			row = append(row, '"')
		}
		row = append(row, text[i])
	}
	return append(row, '"')
}
