// Package parquetsource reads Parquet files.
//
//	type Order struct {
//		ID      int64     `parquet:"id"`
//		Shop    string    `parquet:"shop"`
//		Amount  int64     `parquet:"amount,decimal(2:18)"` // cents
//		Created time.Time `parquet:"created,timestamp(microsecond)"`
//		Coupon  *string   `parquet:"coupon"` // nil where it is null
//	}
//
//	orders := p.From(parquetsource.Files[Order](os.DirFS("lake"), "orders/**/*.parquet",
//		parquetsource.Between("created", from, to)))
//
// # Columns
//
// The fields of the struct say which columns are read, by the tags of
// github.com/parquet-go/parquet-go; what the struct does not name is neither fetched nor decoded. A
// column is found by its name, wherever it stands in the file:
//
//	Go                              column
//	bool                            BOOLEAN
//	int8 … int64, uint8 … uint64    INT32, INT64 of at most as many bits, whose sign fits
//	int32, int64, decimal(s:p)      DECIMAL of scale s, in INT32, INT64, FIXED_LEN_BYTE_ARRAY or BYTE_ARRAY
//	int64, timestamp(unit)          TIMESTAMP of that unit
//	float32, float64                FLOAT; float64 DOUBLE too
//	string, []byte                  BYTE_ARRAY: STRING, ENUM, JSON, BSON, or none of these
//	[N]byte, []byte                 FIXED_LEN_BYTE_ARRAY, of N bytes; [16]byte a UUID
//	time.Time                       TIMESTAMP of any unit, DATE, INT96
//	time.Duration                   TIME of any unit
//	struct                          group
//	slice with the tag list, map    LIST, MAP
//
// Times are UTC. A TIMESTAMP that is not adjusted to UTC is a local time of an unknown place: it is
// read as if it was UTC. A null is nil in a pointer, and the zero value in any other field. Where a file has no such
// column, a field that is a pointer or has the tag optional is null, and any other an error.
//
// Which columns there are and whether their types fit is checked when the run begins, for all files: the
// error names the file, the column and both types.
//
// # Order, failure, cost
//
// See [Files] for partitions, order and offsets. A file that is damaged is a [*source.ReadError] that names the file and
// the row group; [SkipCorrupt] goes on behind it. Sizes that a file claims are checked before memory is
// allocated for them, see [MaxPage].
//
// A struct of scalars, pointers to scalars and structs of these is filled column by column, straight out of the pages; a
// string that stands in a dictionary is made once. Lists and maps, and structs behind pointers, are put together by
// parquet-go, row by row, which takes several times as long. Compression is Snappy, Gzip, Zstd, Brotli or none; LZ4 is refused, as
// parquet-go decompresses some of it wrong.
//
// It is not for files that are being written: a Parquet file can be read when it has its footer. For a table whose files come and go while the
// run lasts, run again from the checkpoint.
package parquetsource
