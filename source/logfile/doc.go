// Package logfile follows log files while they are written and rotated, and loses or repeats no line.
//
// A log is a path. In the course of time many files have that path: they are its
// generations, one of which has it now, and the others have been renamed, copied,
// compressed or removed. [Follow] makes one partition of each log. Its reader goes
// through the generations in their order, so the order and the watermark hold from one to the next.
//
//	requests := p.From(logfile.Follow("/var/log/nginx/*.log", codec.NginxLog[Request](codec.NginxCombined))).
//		EventTime(Request.At, stream.Disorder(time.Minute), stream.Idle(10*time.Second))
//
// # How a file is known
//
// By its device and inode, and by a hash of its first KiB, or of as much as it has: so it keeps its
// identity while it grows from nothing. Inodes are given to new files when old ones are removed,
// and headers may be the same in all files, so each alone is not enough. Of the place that has been
// come to, the 512 bytes before it are known as well.
//
// When a reader has read its file to the end, it looks whether that still has the path of the log,
// and still holds what was read. If not, one way serves all kinds of rotation, also of several
// since the last look, and of those while no run was on:
//
//   - What was read is looked for among the files of the log: by its inode, or, if that is gone
//     or holds something else by now, by the same beginning in another file, decompressed if need be.
//   - It is read to its end there; then come those that are younger, the oldest first; then the file at
//     the path.
//
// A log that is renamed to a name that no rotator gives is found by its inode beside it. Where that name matches the pattern, it becomes a log of its own
// when the other is done with it, and goes on where that has ended. A link is followed: rotated files are looked for
// beside it and beside what it leads to, and of several paths that lead to one file one is read.
//
// A file that is open is read to its end though it has been removed. What has been read from the
// file at the path counts only after a look whether the file still begins as it did: one that was
// copied and truncated, and has grown beyond the place by then, is noticed before a line of it is
// taken for one of the file before.
//
// # What it guarantees
//
//   - Order: inside a log, that in which the lines were written.
//   - Each line is given once, also where the run is killed and goes on from its
//     checkpoint, in which the place is. Nothing is written beside it.
//   - An unfinished line waits for its end. If its file is rotated, what there is of it is a
//     record once the next file is there.
//   - Concurrency: logs are read by the tasks of the source, one a shard, however many there are. Goroutines begin
//     with the run and end with it. Nothing waits for a log that is silent, but for
//     its watermark: that is what [stream.Idle] is for.
//   - Failure: what cannot be decoded is rejected with its place. A file that cannot be read is
//     tried again. What is lost, as a file was removed before it was read to its end, is
//     logged, with the bytes if they are known.
//
// # What nobody can see
//
// Lines that are written between copying and truncating (copytruncate) are in no file, and are
// given only if they were read in between. A copy may end in the middle of a line, as the system writes
// a page at a time: that half is a record, unless the whole line was read before. Of a copy of less than a KiB
// that ends before what was read, that is not seen if the run was stopped in between: it is given again. What a writer that was not told of the rotation writes
// to the old file later than [RotateWait] after it is read with [Late] alone, and otherwise a warning says how many bytes that are while the run goes on; it is not read, either, where that file has been removed and the log rotated
// again, what it writes once others have written to the file that came next. Of files that begin alike and are
// shorter than a KiB, such as those that hold nothing but the same header, one may be taken for the
// other. A copy by a name that no rotator gives, which matches the pattern, is a log of its own and read from the beginning; so is what such a file is compressed to. A log whose file was truncated in place with no copy, is truncated: what was not read is
// gone, and the log says so.
//
// # When settings change
//
// A run may go on from the checkpoint of one with other settings. A log is known by its path, as the pattern
// has it: by another path, such as one through a link, it is another log and read from the beginning. One that does not match any more is not read, keeps
// its place in the checkpoint, and goes on there when it matches again. One that matches only now is read from the beginning. [FromEnd] says
// nothing to such a run. With another [MaxLine], or format, it goes on at the first record that was not given; a record that was
// too long and whose end had not come is judged anew.
//
// # When not to use it
//
// For files that nobody writes to any more there is [source.Files], which ends. Where a program
// could send its events, sending them spares the file. On systems without inodes Open returns
// [errors.ErrUnsupported].
package logfile
