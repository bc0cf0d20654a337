// Package mask hides fields of events that not everyone is to see: redacted, shortened, hashed with a key, encrypted, or made
// coarse. Tags of a struct say which and how:
//
//	type Visit struct {
//		Name  string     `mask:"redact"`
//		Card  string     `mask:"last=4"`
//		Addr  netip.Addr `mask:"network"`
//		Email string     `mask:"hash"`
//		Phone string     `mask:"encrypt"`
//		Age   int        `mask:"band=10"`
//		At    time.Time  `mask:"every=1h"`
//		Page  string
//	}
//
//	policy, err := mask.For[Visit](mask.HashKey(key), mask.Encryption(aead))
//	visits.Map(policy.Apply).To(sink)
//
// A [Policy] is compiled once and is a plain function of a value: it goes into Map, in front of a sink, or over
// records that failed, whose errors [Policy.Hide] takes the values out of.
//
// # Ways
//
//	redact       text becomes "[redacted]", all else its zero value
//	last=N       all but the last N letters and digits of a text become "*"; a text that has not twice as many is redacted
//	network      of an address: IPv4 /24, IPv6 /48, and /40 where that is an address of IPv4 (2002::/16); a text that is no address is redacted
//	hash         HMAC-SHA-256 (RFC 2104) of a text, in 64 hexadecimal digits: equal values stay equal, so that it joins
//	encrypt      deterministic encryption, in base64: equal values stay equal, and who has the key reads them
//	band=N       an integer becomes the lowest of its band [k·N, (k+1)·N)
//	every=D      a time becomes the beginning of its interval of length D, counted from 1970, in UTC
//	clear        nothing: the field was thought of
//
// Fields of structs, pointers, slices and arrays are looked into. What cannot be, an interface or a map that could hold anything that is
// marked, is an error of For unless it has a tag itself: no field is passed over in silence. Empty texts, zero times and
// invalid addresses stay as they are.
//
// # What it does not do
//
// Hashing with a key keeps who has not the key from trying all values; who has it can. Equal values show
// that they are equal, with hash and encrypt. A band or an hour may still tell who it is.
package mask
