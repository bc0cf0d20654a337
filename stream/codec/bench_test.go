package codec_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json/v2"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream/codec"
)

// Each benchmark has the loop that a good engineer would write by hand beside
// it, as its floor. Both go through a file in memory, and must come to the same
// sum.

const benchRecords = 10_000

// sum decodes file and adds up what value says of each record.
func sum[T any](b *testing.B, f codec.Format[T], file []byte, value func(*T) int64) (total int64) {
	return sumBy(b, f.NewDecoder(), file, value)
}

func sumBy[T any](b *testing.B, d codec.Decoder[T], file []byte, value func(*T) int64) (total int64) {
	var v T
	for len(file) > 0 {
		advance, record, err := d.Split(file, true)
		if err != nil {
			b.Fatal(err)
		}
		file = file[advance:]
		switch err := d.Decode(record, &v); err {
		case nil:
			total += value(&v)
		case codec.ErrSkip:
		default:
			b.Fatal(err)
		}
	}
	return total
}

// run measures pass, which goes through n records and returns their sum.
func run(b *testing.B, name string, n int, want int64, pass func(b *testing.B) int64) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if got := pass(b); got != want {
				b.Fatalf("sum is %d, not %d", got, want)
			}
		}
		records := float64(b.N) * float64(n)
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/records, "ns/record")
	})
}

func byLine(file []byte, each func(line []byte)) {
	for len(file) > 0 {
		line, rest, _ := bytes.Cut(file, []byte{'\n'})
		file = rest
		each(line)
	}
}

type benchOrder struct {
	ID    int64     `json:"id" binary:"1"`
	Shop  string    `json:"shop" binary:"2"`
	Cents int64     `json:"cents" binary:"3"`
	Paid  bool      `json:"paid" binary:"4"`
	At    time.Time `json:"at" binary:"5"`
}

func benchOrders() (orders []benchOrder, total int64) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range benchRecords {
		o := benchOrder{int64(i), "shop-" + strconv.Itoa(i%97), int64(i * 7 % 10_007), i%3 > 0, at.Add(time.Duration(i) * time.Second)}
		orders = append(orders, o)
		total += o.Cents
	}
	return orders, total
}

func BenchmarkJSON(b *testing.B) {
	orders, total := benchOrders()
	format := codec.JSON[benchOrder]()
	file := encodeAll(b, format, orders...)
	run(b, "codec", benchRecords, total, func(b *testing.B) int64 {
		return sum(b, format, file, func(o *benchOrder) int64 { return o.Cents })
	})
	run(b, "floor", benchRecords, total, func(b *testing.B) (total int64) {
		var o benchOrder
		byLine(file, func(line []byte) {
			o = benchOrder{}
			if err := json.Unmarshal(line, &o); err != nil {
				b.Fatal(err)
			}
			total += o.Cents
		})
		return total
	})
}

func BenchmarkJSONAppend(b *testing.B) {
	orders, _ := benchOrders()
	format := codec.JSON[benchOrder]()
	want := int64(len(encodeAll(b, format, orders...)))
	var buf []byte
	run(b, "codec", benchRecords, want, func(b *testing.B) int64 {
		e := format.NewEncoder()
		buf = buf[:0]
		for _, o := range orders {
			buf, _ = e.Append(buf, o)
		}
		return int64(len(buf))
	})
	run(b, "floor", benchRecords, want, func(b *testing.B) int64 {
		buf = buf[:0]
		for i := range orders {
			line, _ := json.Marshal(&orders[i])
			buf = append(append(buf, line...), '\n')
		}
		return int64(len(buf))
	})
}

type benchRow struct {
	Shop     string
	SKU      string
	Quantity int
	Price    float64
}

func BenchmarkCSV(b *testing.B) {
	var plain, quoted strings.Builder
	plain.WriteString("Shop,SKU,Quantity,Price\n")
	quoted.WriteString("Shop,SKU,Quantity,Price\n")
	var total int64
	for i := range benchRecords {
		fmt.Fprintf(&plain, "shop-%d,%d,%d,%d.%02d\n", i%97, 10_000+i%4000, i%50, i%90, i%100)
		fmt.Fprintf(&quoted, "\"shop, %d\",%d,%d,%d.%02d\n", i%97, 10_000+i%4000, i%50, i%90, i%100)
		total += int64(i % 50)
	}
	for name, file := range map[string][]byte{"plain": []byte(plain.String()), "quoted": []byte(quoted.String())} {
		run(b, name+"/codec", benchRecords, total, func(b *testing.B) int64 {
			return sum(b, codec.CSV[benchRow](), file, func(r *benchRow) int64 { return int64(r.Quantity) })
		})
	}
	file := []byte(plain.String())
	// By hand nobody would do the quotes.
	run(b, "plain/floor", benchRecords, total, func(b *testing.B) (total int64) {
		header := true
		byLine(file, func(line []byte) {
			if header {
				header = false
				return
			}
			shop, line, _ := bytes.Cut(line, []byte{','})
			sku, line, _ := bytes.Cut(line, []byte{','})
			quantity, price, _ := bytes.Cut(line, []byte{','})
			n, err := strconv.Atoi(string(quantity))
			if err != nil {
				b.Fatal(err)
			}
			x, err := strconv.ParseFloat(string(price), 64)
			if err != nil {
				b.Fatal(err)
			}
			keptRow = benchRow{string(shop), string(sku), n, x}
			total += int64(n)
		})
		return total
	})
}

var keptRow benchRow

func BenchmarkCSVAppend(b *testing.B) {
	format := codec.CSV[benchRow]()
	row := benchRow{"shop-7", "85123A", 6, 2.55}
	var buf []byte
	run(b, "codec", benchRecords, benchRecords*21+24, func(b *testing.B) int64 {
		e := format.NewEncoder()
		buf = buf[:0]
		for range benchRecords {
			buf, _ = e.Append(buf, row)
		}
		return int64(len(buf))
	})
	run(b, "floor", benchRecords, benchRecords*21+24, func(b *testing.B) int64 {
		buf = append(buf[:0], "Shop,SKU,Quantity,Price\n"...)
		for range benchRecords {
			buf = append(append(buf, row.Shop...), ',')
			buf = append(append(buf, row.SKU...), ',')
			buf = append(strconv.AppendInt(buf, int64(row.Quantity), 10), ',')
			buf = append(strconv.AppendFloat(buf, row.Price, 'f', -1, 64), '\n')
		}
		return int64(len(buf))
	})
}

// benchLine is how many a program reads an access log.
var benchLine = regexp.MustCompile(`^(\S+) (\S+) (\S+) \[([^\]]+)\] "(\S+) (\S+) (\S+)" (\d+) (\d+) "([^"]*)" "([^"]*)"$`)

func BenchmarkAccess(b *testing.B) {
	var file []byte
	var total int64
	at := time.Date(2015, 5, 17, 10, 5, 3, 0, time.UTC)
	for i := range benchRecords {
		file = append(file, fmt.Sprintf("83.149.%d.%d - - [%s] \"GET /presentations/logstash/images/%d.png HTTP/1.1\" 200 %d \"http://semicomplete.com/presentations/%d\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.%d (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36\"\n",
			i%7, i%251, at.Add(time.Duration(i)*time.Second).Format("02/Jan/2006:15:04:05 -0700"), i%300, i, i%50, i%90)...)
		total += int64(i)
	}
	run(b, "codec", benchRecords, total, func(b *testing.B) int64 {
		return sum(b, codec.Access(), file, func(r *codec.AccessRecord) int64 { return r.Bytes })
	})
	// The least that can be done: find the fields, copy the line once for all
	// its strings, and parse time and numbers.
	run(b, "floor", benchRecords, total, func(b *testing.B) (total int64) {
		byLine(file, func(line []byte) {
			s := string(line)
			var r codec.AccessRecord
			r.Host, s, _ = strings.Cut(s, " ")
			_, s, _ = strings.Cut(s, "[")
			when, s, _ := strings.Cut(s, `] "`)
			r.Time, _ = time.Parse("02/Jan/2006:15:04:05 -0700", when)
			r.Method, s, _ = strings.Cut(s, " ")
			r.Path, s, _ = strings.Cut(s, " ")
			r.Protocol, s, _ = strings.Cut(s, `" `)
			status, s, _ := strings.Cut(s, " ")
			size, s, _ := strings.Cut(s, ` "`)
			r.Status, _ = strconv.Atoi(status)
			r.Bytes, _ = strconv.ParseInt(size, 10, 64)
			r.Referer, s, _ = strings.Cut(s, `" "`)
			r.UserAgent = s[:len(s)-1]
			keptAccess = r
			total += r.Bytes
		})
		return total
	})
	run(b, "regexp", benchRecords, total, func(b *testing.B) (total int64) {
		byLine(file, func(line []byte) {
			m := benchLine.FindSubmatch(line)
			size, _ := strconv.ParseInt(string(m[9]), 10, 64)
			total += size
		})
		return total
	})
}

var keptAccess codec.AccessRecord

func BenchmarkBinary(b *testing.B) {
	orders, total := benchOrders()
	format := codec.Binary[benchOrder]()
	file := encodeAll(b, format, orders...)
	run(b, "codec", benchRecords, total, func(b *testing.B) int64 {
		return sum(b, format, file, func(o *benchOrder) int64 { return o.Cents })
	})
	var plain []byte
	for i := range orders {
		plain = appendPlain(plain, &orders[i])
	}
	run(b, "floor", benchRecords, total, func(b *testing.B) (total int64) {
		for in := plain; len(in) > 0; {
			id, n := binary.Varint(in)
			in = in[n:]
			length, n := binary.Uvarint(in)
			shop := string(in[n : n+int(length)])
			in = in[n+int(length):]
			cents, n := binary.Varint(in)
			paid := in[n] == 1
			in = in[n+1:]
			sec, n := binary.Varint(in)
			in = in[n:]
			nsec, n := binary.Uvarint(in)
			in = in[n:]
			keptOrder = benchOrder{id, shop, cents, paid, time.Unix(sec, int64(nsec)).UTC()}
			total += cents
		}
		return total
	})
}

var keptOrder benchOrder

func BenchmarkBinaryAppend(b *testing.B) {
	orders, _ := benchOrders()
	format := codec.Binary[benchOrder]()
	want := int64(len(encodeAll(b, format, orders...)))
	var buf []byte
	run(b, "codec", benchRecords, want, func(b *testing.B) int64 {
		e := format.NewEncoder()
		buf = buf[:0]
		for _, o := range orders {
			buf, _ = e.Append(buf, o)
		}
		return int64(len(buf))
	})
	var plain []byte
	for i := range orders {
		plain = appendPlain(plain, &orders[i])
	}
	run(b, "floor", benchRecords, int64(len(plain)), func(b *testing.B) int64 {
		buf = buf[:0]
		for i := range orders {
			buf = appendPlain(buf, &orders[i])
		}
		return int64(len(buf))
	})
}

func appendPlain(dst []byte, o *benchOrder) []byte {
	dst = binary.AppendVarint(dst, o.ID)
	dst = append(binary.AppendUvarint(dst, uint64(len(o.Shop))), o.Shop...)
	dst = binary.AppendVarint(dst, o.Cents)
	paid := byte(0)
	if o.Paid {
		paid = 1
	}
	dst = append(dst, paid)
	dst = binary.AppendVarint(dst, o.At.Unix())
	return binary.AppendUvarint(dst, uint64(o.At.Nanosecond()))
}

func BenchmarkAccessSharedLog(b *testing.B) {
	file := sharedFile(b, "apache_logs_10k.log.gz")
	run(b, "codec", 10_000, 2_747_282_740, func(b *testing.B) int64 {
		return sum(b, codec.Access(), file, func(r *codec.AccessRecord) int64 { return r.Bytes })
	})
}
