// Package sqlsource reads tables of a database that database/sql knows.
//
// # The model
//
// There are three sources. [Query] streams what a query finds. [Table] reads a table to its end, in pages by its
// key and, if wanted, in parts at once. [Poll] goes on: it looks for rows whose key is higher than those it has, and for
// those that come late. The caller opens the [database/sql.DB], with a driver of their own, and closes it behind Run.
//
// Rows go into a struct, by its tags:
//
//	type Order struct {
//		ID    int64     `sql:"id,key"`                      // by which rows are read
//		Shop  *string   `sql:"shop"`                        // NULL is nil
//		Total string    `sql:"total"`                       // a decimal as it is written; or a type with Scan
//		At    time.Time `sql:"at" zone:"Europe/Berlin"`     // in UTC; zone is of texts that have none
//	}
//
// A driver may give times as texts: go-sql-driver/mysql does without parseTime=true. A DATETIME is then of the field's zone, or of UTC. With
// parseTime=true the driver says the zone, its loc; Table and Poll refuse a tag that says another one.
//
// The tags are those of package sqlsink. Fields are bools, numbers, strings, []byte, time.Time, types with a
// Scan or UnmarshalText, and pointers to them; embedded structs belong to the struct around them. A field
// that has no column is an error that names both, and so is a column of a Query that no field takes. A value that does not fit its field,
// a number out of range or a NULL, is a failure of its row, for [stream.SkipFailures] and [stream.Divert].
//
// # What is guaranteed
//
//   - Delivery: each row once, also across restarts from a checkpoint: Table and Poll go on behind a key, Query
//     behind a number of rows.
//   - Order: that of the query, or of the keys; in Poll, rows that come late stand behind those that were there. Between
//     parts there is none.
//   - Failure: Table and Poll ask again where an error passes, for [Retry]. Others end the run with a
//     [*source.ReadError].
//
// # Keys
//
// Rows are read in the order of the database, whatever that is: of texts that of the collation, where 'a' and 'A' may be equal. Then
// they are no key alone, but with another column. An ENUM or a SET of MySQL cannot be a key: it is ordered by the places of its members and compared by
// their names. A time can, in MySQL and PostgreSQL.
//
// A TIMESTAMP of MySQL is shown by the clock of the session's time_zone. Table and Poll look whether that is what the driver takes it for, and
// whether a key's clock is never put back, and say what the DSN lacks. A run that goes on from an offset is only warned: it goes on as
// it was, and once the DSN is mended its offset means another place. Query does not look.
//
// What each source sees of rows that are written meanwhile stands there. For every change of a table, deletes included, there is change
// capture.
//
// # Limits and options
//
//	Ranges     1 part of a Table
//	PageRows   2,000 rows a query of Table and Poll; two pages are in memory
//	By         the fields tagged as keys
//	Where      no condition
//	Every      1 s between two looks of Poll
//	Overlap    10 s for which Poll looks for rows that come late
//	Retry      30 s
//
// Each part has one connection while it reads a page, and a Query one from its first row to its last: a pool of one
// connection that a sink uses, too, is too small for that.
package sqlsource
