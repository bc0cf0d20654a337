// Package parquetsink writes Parquet files, each row exactly once.
//
//	type Sale struct {
//		Shop   string    `parquet:"shop,dict"`
//		Amount int64     `parquet:"amount,decimal(2:18)"` // cents
//		At     time.Time `parquet:"at"`
//	}
//
//	sales.To(parquetsink.Files[Sale]("lake/sales", "sales-*.parquet",
//		parquetsink.Roll(sink.RollEvery(time.Hour)), parquetsink.Compression(parquetsink.Zstd)))
//
// The columns are the fields of the struct, by the tags of github.com/parquet-go/parquet-go. A time.Time is a
// TIMESTAMP of microseconds in UTC, unless its tag says otherwise: Spark does not read nanoseconds. In lists, maps and structs, too, but for
// a []time.Time without the tag list, of which parquet-go makes nanoseconds.
//
// Files appear, roll and are recovered as those of [sink.Files] do, which writes them. What differs is that rows are gathered in memory
// until they are a row group. A checkpoint does not end one: rows of an open row group are part of the
// checkpoint while they are few, up to a MiB in each instance, and become a row group of their own where they are more. So a checkpoint each second does
// not make files of tiny row groups. In a run without checkpoints a flush ends the row group.
//
// # What is refused
//
// A row that would make a file that others cannot read is a failure of its event, by the pipeline's policy: a string that
// is no UTF-8, in a column of text; a time that the column's unit cannot hold; a decimal of more digits than the tag has. Types that parquet-go writes
// wrong are refused when the sink is made: a time.Time with the tag date (take an int32, and [Days]), a time.Duration with the tag time.
//
// It is not for tables that others update: a Parquet file is written once.
package parquetsink
