// Package kafkasource reads topics of Kafka, by the client github.com/twmb/franz-go.
//
//	client := []kgo.Opt{kgo.SeedBrokers("kafka1:9092", "kafka2:9092"), kgo.DialTLSConfig(config), kgo.SASL(mechanism)}
//	orders := p.From(kafkasource.Topics(client, []string{"orders"}, kafkasource.Values(codec.Message(codec.JSON[Order]())),
//		kafkasource.Timestamps(time.Minute)), stream.Idle(10*time.Second))
//
// [Topics] and [Matching] name the topics; [Values], [Messages] and [Func] say what becomes of a record. Brokers, TLS and SASL are options of the
// client, which are the caller's. What is not committed is not read, unless the client has kgo.FetchIsolationLevel.
//
//   - Partitions: each of Kafka's is one, called as there, "orders-3", with a watermark of its own. They come and go while the run lasts, but on Flink: those of new topics that
//     match, those added to a topic, and with [Group] those that the group hands out.
//   - Place: the offset of the next record is in the checkpoint, with the topic's id and the leader's epoch. It is committed to a group behind
//     the checkpoint, with [Group] or [CommitTo], for others to see. In a run without checkpoints a member of a group goes on from what is committed.
//   - Order: records of a partition come in their order.
//   - Failure: a record that cannot be decoded is rejected, with its place "orders-3 offset 1234". What passes, as when a broker restarts or a leader moves, is tried
//     again. Records that are gone before they were read end the run with a *[LostError], or are counted with [CountLoss]; nothing is passed over in silence. That a
//     compacted topic has only the last record of a key is no loss.
//   - Concurrency: one goroutine fetches, in which the client has some of its own; readers decode, one a shard at once.
//   - Cost: see [Buffer] for what waits in memory.
//
// With a group, who gets a partition has not seen what the one before holds in its windows and operators: state does not move with partitions. Where it is kept by key, give
// each instance topics of its own.
//
// On Flink, by stream/flink, the job hands out the partitions that there are when it begins, and its checkpoints hold how far each is. [Group] is refused, and [CommitTo] shows each
// checkpoint that is complete. What comes later is read by nobody, which is logged: [AllowMissing] and [Matching] wait for nothing, and a source that finds no partition is refused. See also [FromEnd]
// and [CountLoss].
//
// Do not use it to read what one process has to see of all partitions, and then give it [Group] with several instances: the group shares, it does not copy.
package kafkasource
