package parquetsource

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// unpacks returns an error if compressed data makes more than size bytes, and perhaps more than most, which is what a page may take. parquet-go goes on for as long as
// there is something to decompress: a few kilobytes make gigabytes of zeros. Where a codec does not say beforehand how much it makes, and it could be more than
// most, it is decompressed once, into nothing.
func unpacks(data []byte, codec format.CompressionCodec, size, most int64) error {
	is := size
	switch codec {
	case format.Snappy:
		if v, n := binary.Uvarint(data); n > 0 {
			is = int64(min(v, 1<<40))
		}
	case format.Gzip:
		if int64(len(data)) <= most/deflateRatio {
			return nil
		}
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return fmt.Errorf("a page: %w: %w", err, parquet.ErrCorrupted)
		}
		return within(r, size)
	case format.Brotli: // no ratio bounds it
		return within(brotli.NewReader(bytes.NewReader(data)), size)
	case format.Zstd:
		known, atMost, err := zstdLength(data)
		switch {
		case err != nil:
			return fmt.Errorf("a page: %w: %w", err, parquet.ErrCorrupted)
		case known:
			is = atMost
		case atMost > most:
			return zstdWithin(data, size)
		}
	}
	if is > size {
		return claims("compressed data of a page", is, size)
	}
	return nil
}

// deflateRatio is how many bytes one of deflate makes at most.
const deflateRatio = 1032

// within reads to the end, or until there is more than size.
func within(r io.Reader, size int64) error {
	n, err := io.CopyN(io.Discard, r, size+1)
	switch {
	case err == nil:
		return claims("compressed data of a page", n, size)
	case err != io.EOF:
		return fmt.Errorf("a page: %w: %w", err, parquet.ErrCorrupted)
	}
	return nil
}

func zstdWithin(data []byte, size int64) error {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return err
	}
	defer d.Close()
	if _, err := d.DecodeAll(data, make([]byte, 0, size)); err != nil { // no more than there is room for
		return fmt.Errorf("a page of %d bytes: %w: %w", size, err, parquet.ErrCorrupted)
	}
	return nil
}

// mostZstdBlock is what a block of Zstd makes at most (RFC 8878, 3.1.1.2.4).
const mostZstdBlock = 128 << 10

var errZstd = errors.New("it is no Zstd")

// zstdLength returns how many bytes frames of Zstd make, by the heads of frames and blocks. It is known where each frame says it, which the
// decoder holds it to; else no more than atMost.
func zstdLength(data []byte) (known bool, atMost int64, err error) {
	known = true
	for len(data) > 0 {
		var h zstd.Header
		if err := h.Decode(data); err != nil {
			return false, 0, err
		}
		if len(data) < h.HeaderSize {
			return false, 0, errZstd
		}
		if data = data[h.HeaderSize:]; h.Skippable {
			if uint64(len(data)) < uint64(h.SkippableSize) {
				return false, 0, errZstd
			}
			data = data[h.SkippableSize:]
			continue
		}
		blocks := int64(0)
		for last := false; !last; {
			if len(data) < 3 {
				return false, 0, errZstd
			}
			head := int(data[0]) | int(data[1])<<8 | int(data[2])<<16
			last = head&1 != 0
			length, makes := head>>3, head>>3
			switch head >> 1 & 3 {
			case 1: // one byte, so many times
				length = 1
			case 2:
				makes = mostZstdBlock
			}
			if data = data[3:]; len(data) < length {
				return false, 0, errZstd
			}
			data = data[length:]
			blocks += int64(min(makes, mostZstdBlock))
		}
		if h.HasCheckSum {
			data = data[min(4, len(data)):]
		}
		if known = known && h.HasFCS; h.HasFCS {
			blocks = int64(min(h.FrameContentSize, 1<<40))
		}
		atMost = min(atMost+blocks, 1<<40)
	}
	return known, atMost, nil
}
