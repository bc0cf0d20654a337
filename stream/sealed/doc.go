// Package sealed encrypts what a pipeline leaves on disk: checkpoints, and the files that
// sinks stage and finish, failed records among them. Nobody without the key reads it, and nobody
// changes it unnoticed.
//
//	ring, err := sealed.NewRing(sealed.Key{ID: "2026-11", Secret: secret})
//	store := sealed.Store(checkpoint.Dir("/var/lib/orders"), "orders", ring)
//	err = p.Run(ctx, stream.Checkpoints(store, time.Second))
//
// [Store] is for checkpoints, [Files] for a file system that [sink.FilesIn] writes to and
// [source.FilesIn] reads. [Keys] is where keys come from: a [Ring] in memory, or a key server that the
// caller connects.
//
// # What is sealed, and with what
//
// Each piece, a file, is encrypted by AES-256-GCM with a key of its own. That is derived
// (HKDF-SHA-256, RFC 5869) from a data key and 32 random bytes of the piece. The data key is made
// at random each time a store is locked and whenever the key of Keys is another one, and stands in front of the piece, wrapped by Keys:
// envelope encryption.
//
// A piece is cut into segments of 64 KiB. The nonce of each has its number, and whether it is the last: segments
// cannot be left out, repeated, reordered or cut off at the end. That is the STREAM construction of
// Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
// Misuse-Resistance", CRYPTO 2015. The body of a piece is what Tink calls AES256_GCM_HKDF streaming AEAD, and
// Tink reads it.
//
// The key of a piece also depends on the header in front of it, on the name of the pipeline, and on that of the
// piece, which in a store has the checkpoint in it. So no piece can be put in the place of another one. The
// manifest of a checkpoint has the random bytes of each piece that there is, so that the pieces of
// one checkpoint are those that it was made of, and not of the same name from another time.
//
// # Rotation
//
// [Ring.Use] adds a key and has what is written from then on sealed with it; no run has to stop. Pieces of
// before are read with the keys they name as long as the Ring has them. A store lets go of old pieces by
// itself, savepoints aside; [InUse] tells which keys it still needs. A key that is forgotten
// makes all that it has sealed unreadable for good, wherever a copy lies.
//
// # Errors
//
// A key that is not there, or is another one of the same name, is an error that is [checkpoint.ErrSealed]; a
// source of keys that fails is [checkpoint.ErrKeysAway]. Neither is ever taken for a store that is empty, or
// passed over for an older checkpoint. A piece that was changed is [checkpoint.ErrDamaged]. One that is not
// sealed at all is refused, unless [AllowPlain] is given.
//
// # What it does not do
//
// Names, sizes and times of files can be seen. Who may write to the store can put back an older state of
// all of it, or remove it: that has to be noticed from outside, by sinks that have shown more (a run is refused
// then), or by a log of what was done, as package audit keeps one. Keys are in the memory of the process as long
// as it runs.
//
// [sink.FilesIn]: https://pkg.go.dev/github.com/freshet-go/freshet/sink#FilesIn
// [source.FilesIn]: https://pkg.go.dev/github.com/freshet-go/freshet/source#FilesIn
package sealed
