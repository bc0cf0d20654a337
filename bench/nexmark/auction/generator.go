package auction

// A Config says which events are made.
type Config struct {
	Seed     uint64
	Rate     int64 // events a second, of event time
	Disorder int64 // how late one event in ten may be, in milliseconds
}
