// Package keeper writes the checkpoints of a pipeline into a store and finds the newest whole
// one. Package checkpoint is what users see of it.
//
// A checkpoint is a manifest and the pieces that it names. A piece is the
// state of one operator for one group of keys. Pieces lie in files, one for each
// task that wrote; one that has not changed since the checkpoint before is not
// written again, and the manifest names the older file. Of one that has changed in
// part, a patch is written, and the manifest names the older piece and its
// patches.
//
// A [Store] is where the files are: [Dir] is a directory on disk. A [Keeper]
// writes checkpoints into it. Every file
// begins with a header of its format, its version, its length and a checksum,
// so that one which was torn, cut short or changed is found out.
//
// The order of writing is what makes a crash harmless: first the pieces,
// each file synced, renamed to its name and its folder synced; then, in the same
// way, the manifest; and only then is anything removed that no manifest names
// any more. A checkpoint without its manifest has not been: what was written of
// it goes when it is given up, and when the store is opened.
//
// A checksum tells that a file is as it was written, and not that it was a run that wrote it.
// So manifests that no run writes are damaged, too, and no more memory is
// taken on the word of one than its files are large, a few times.
package keeper
