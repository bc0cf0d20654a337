// Package hbaserest is HBase's REST gateway as the source and the sink need it: cells as protobuf, scanners,
// gets, puts and deletes over a *http.Client of the caller's, rows to structs by tags, and errors that say whether to try again.
//
// What was found out about the gateway of HBase 2.6.1, and is relied on:
//
//   - A scanner of the gateway lives in its memory. An answer is given once: where it is lost, the scanner is past it. So a
//     request for one is never repeated, also not by net/http, and the scanner is made again by key.
//   - Where a scan fails behind the gateway (a region that is not there, a family that does not exist, a user that may
//     not read), the gateway logs that and says that the scan has ended. See Client.Ended.
//   - A scanner of a table that does not exist is made, and is then not found. A get says that there is no such row. A put says why.
//   - The stateless scan has 16 bits for the length of an answer in protobuf, and cannot be given a start key that is
//     no UTF-8. It is used, in JSON, to confirm an end.
//   - With e=b64 a row key in a path is base64 for URLs; so are the columns of a delete, but not those of a multiget.
//   - A family has no colon behind it: "d:" is the column of d without a qualifier. A scan finds nothing in it, and a
//     delete deletes nothing and says 200.
package hbaserest
