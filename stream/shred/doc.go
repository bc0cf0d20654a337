// Package shred makes it possible to forget a person. Each has a key of their own, and what is theirs in an event is encrypted
// under it before anything is stored. When the key is destroyed, nobody can read that any more, wherever a copy lies: in
// state and checkpoints, in files, in databases, in backups. This is known as crypto-shredding.
//
//	type Order struct {
//		Customer string `shred:"person"`
//		Name     string `shred:"sealed"`
//		Address  string `shred:"sealed"`
//		Cents    int64
//	}
//
//	keeper, err := shred.OpenFile("/var/lib/persons", ring)
//	persons := shred.New(keeper)
//	policy, err := shred.For[Order](persons)
//
//	orders, _ := shred.Seal(p.From(source), policy) // the first operator
//	…                                               // all that is stored is ciphertext
//	open, _ := shred.Open(orders, policy)           // for who has to read it
//
//	err = persons.Forget(ctx, "c-17")
//
// From then on Seal and Open pass on nothing of that person: their events go to a second stream, in which the
// sealed fields are empty, or nowhere if nobody consumes it.
//
// # Tags
//
//	person        whose the data is: a text or an integer. It stays as it is, as a key to join and to group by
//	sealed        a text, a []byte or a Box is encrypted under the key of the person
//	sealed=LABEL  the same, and cannot be opened as a field with another label
//	clear         nothing: the field was thought of
//
// The person is that of the struct in which the field lies, or of the nearest one around it. Structs, pointers, slices and
// arrays are looked into. An interface, or a map that could hold a marked field, is an error of [For] unless it is tagged. Numbers
// and times go into a [Box], which holds a value of any type.
//
// A person's name is in the clear wherever the event is. It should be a number that says nothing, or the
// "hash" of package mask, which is applied before Seal.
//
// # Ciphertext
//
// A field is encrypted by AES-256-GCM with a random nonce. The key is derived from the person's by HKDF-SHA-256 (RFC 5869).
// The name of the person and the label are authenticated, so that nothing of one person can be put in the place of another's. An
// empty field stays empty. In a text the ciphertext is "shred1." and base64: a third longer than the text was, and 57 bytes.
// What is equal does not stay equal: join and group by the person.
//
// # Keys
//
// A [Keeper] is where the keys of persons are: [OpenFile] has them in a file, package sqlshred in a table, and a
// caller's own may ask a key server. It also remembers who is forgotten, so that nobody gets a new key by coming again.
// A backup of the keeper is a backup of the keys: it must not lie with the backups of data, and has to be gone by the time by
// which a person has to be.
//
// [Persons] remembers keys for a while, a minute by default. So another process forgets a person within
// a minute; the one in which Forget was called, at once.
//
// # Failures
//
// A keeper that does not answer is asked again for a minute. Then the run fails, with [checkpoint.ErrKeysAway], which
// stream.Restarts tries again: nothing is passed on in the clear meanwhile. In a value that comes with an error all
// sealed fields are empty.
//
// # What it does not do
//
// Copies in memory stay until they are collected: batches in flight, and what Open has opened. Results that were computed from a person's data
// stay: a sum is no personal data, a name in a report is. What a source has read stays where it read it. Events
// before Seal, errors of a decoder among them, are in the clear.
//
// [checkpoint.ErrKeysAway]: https://pkg.go.dev/github.com/freshet-go/freshet/stream/checkpoint#ErrKeysAway
package shred
