package codec

import (
	"fmt"
	"reflect"
)

// CSV is the format of comma-separated values as RFC 4180 has it: fields may
// stand in quotes, and then hold commas, line feeds and doubled quotes. Rows
// end in "\n" or "\r\n", blank lines hold no value, and a byte order mark at
// the start of a file is ignored. What stands in quotes is kept as it is, line
// ends too. A row has as many fields as the header, else it is an error.
//
// T is a struct; a column belongs to each exported field, those of embedded
// structs included:
//
//	Quantity    int                                              // the column "Quantity"
//	Price       float64   `csv:"UnitPrice"`                      // the column "UnitPrice"
//	Customer    *int64    `csv:"CustomerID"`                     // an empty cell is nil
//	Discount    float64   `csv:",omitempty"`                     // an empty cell is 0, and 0 an empty cell
//	InvoiceDate time.Time `layout:"2006-01-02 15:04:05"`         // see time.Parse
//	PaidAt      time.Time `layout:"02.01.2006" zone:"Europe/Berlin"`
//	note        string                                           // no column; nor has a field tagged `csv:"-"`
//
// A field may be a string, bool, integer or float of any size, a
// [time.Time] (RFC 3339 and UTC unless tagged otherwise; decoded times are in
// UTC), a [time.Duration], a type of these kinds, a type whose pointer is an
// [encoding.TextUnmarshaler], or a pointer to one of these; a pointer to an empty
// string comes back as nil. A cell that does
// not hold what its field needs, the empty cell for a number included, is a
// [*ColumnError].
//
// The first record of a file is the header. It gives the order of the columns;
// those that T does not know are passed over, and one that T misses is the
// error of every record of that file. The format is [Headed] and [Textual], and,
// as a line feed may stand inside a field, not Splittable.
//
// A quote that is not closed costs the row in which it stands, up to the end of
// its line, and the next line is a row again. Whether it is closed is known
// where a quote follows that cannot close a field, which needs a comma or line
// end behind it, or at the end of the file, or where a row gets longer than a
// source allows.
//
// The encoder writes the header before its first row, hence none for no rows.
//
// CSV panics if T is not a struct with at least one column, if two fields
// have the same column, if a field is of a kind that no cell can hold, or if an
// option is nil.
func CSV[T any](opts ...CSVOption) Format[T] {
	c := csvConfig{comma: ',', header: true}
	for i, o := range opts {
		if o == nil {
			panicNilOption("CSV", i)
		}
		o(&c)
	}
	columns, err := csvColumns(reflect.TypeFor[T](), "csv")
	if err != nil {
		panic(fmt.Errorf("codec: CSV of %v: %w", reflect.TypeFor[T](), err))
	}
	return csvFormat[T]{c, columns}
}

// A CSVOption says how a CSV file departs from the usual.
type CSVOption func(*csvConfig)

type csvConfig struct {
	comma  byte
	header bool
}

// NoHeader says that files have no header: the first record is a row, and
// the columns stand in the order of T's fields.
func NoHeader() CSVOption { return func(c *csvConfig) { c.header = false } }

// Comma sets the ASCII character between fields. The default is ','. It
// panics for a quote, a line feed, a carriage return and what is not ASCII.
func Comma(comma byte) CSVOption {
	if comma == '"' || comma == '\n' || comma == '\r' || comma == 0 || comma >= 0x80 {
		panic(fmt.Sprintf("codec: %q cannot stand between CSV fields", comma))
	}
	return func(c *csvConfig) { c.comma = comma }
}

type csvFormat[T any] struct {
	csvConfig
	columns []csvColumn
}

func (f csvFormat[T]) Header() bool { return f.header }
func (csvFormat[T]) Textual() bool  { return true }

func (f csvFormat[T]) NewDecoder() Decoder[T] {
	d := &csvDecoder[T]{format: f, first: true}
	if !f.header {
		for i := range f.columns {
			d.row.cells = append(d.row.cells, f.columns[i].reader())
		}
	}
	return d
}

func (f csvFormat[T]) NewEncoder() Encoder[T] {
	return &csvEncoder[T]{format: f, header: f.header}
}
