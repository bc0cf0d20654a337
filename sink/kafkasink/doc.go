// Package kafkasink writes topics of Kafka, by the client github.com/twmb/franz-go.
//
//	client := []kgo.Opt{kgo.SeedBrokers("kafka1:9092", "kafka2:9092"), kgo.DialTLSConfig(config), kgo.SASL(mechanism)}
//	key := func(dst []byte, s Sale) []byte { return append(dst, s.Shop...) }
//	sales.To(kafkasink.ExactlyOnce(kafkasink.Topic(client, "sales", kafkasink.Keyed(key, codec.Message(codec.JSON[Sale]())))))
//
// [Topic] is at least once: a checkpoint waits until all records are acknowledged by all replicas in sync, and what was written
// after the last one comes again when a run goes on from it. [ExactlyOnce] writes in transactions that are committed with the checkpoint.
//
//   - Order: records of one instance are in the order of the events in each partition. Behind KeyBy and an operator with the same key, so are
//     those of a key.
//   - Failure: an event that cannot be encoded, or is too long, is a failure of that event. What passes is tried again for [RetryFor]. What the brokers
//     refuse ends the run, with a *[WriteError].
//   - Concurrency: each instance has a client of its own; with ExactlyOnce three, in turn, and one commits.
//   - Cost: kgo.MaxBufferedRecords (10,000) wait in each client at most; then Write waits.
//
// Brokers, TLS, SASL, compression and the partitioner are options of the client, which are the caller's.
package kafkasink
