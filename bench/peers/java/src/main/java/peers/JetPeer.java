package peers;

import com.hazelcast.config.Config;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.jet.aggregate.AggregateOperations;
import com.hazelcast.jet.config.JobConfig;
import com.hazelcast.jet.config.ProcessingGuarantee;
import com.hazelcast.jet.core.ProcessorMetaSupplier;
import com.hazelcast.jet.core.ProcessorSupplier;
import com.hazelcast.jet.datamodel.KeyedWindowResult;
import com.hazelcast.jet.pipeline.Pipeline;
import com.hazelcast.jet.pipeline.SinkBuilder;
import com.hazelcast.jet.pipeline.Sources;
import com.hazelcast.jet.pipeline.StreamStage;
import com.hazelcast.jet.pipeline.WindowDefinition;
import com.hazelcast.jet.pipeline.file.FileFormat;
import com.hazelcast.jet.pipeline.file.FileSources;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;

/** The contests on Hazelcast Jet, in a member inside this JVM. */
public final class JetPeer {
    private JetPeer() {}

    public static void main(String[] words) throws Exception {
        try {
            run(Peer.arguments(words));
        } catch (Throwable e) {
            e.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    private static void run(Map<String, String> args) throws Exception {
        int threads = Peer.number(args, "--threads");
        HazelcastInstance hz = member(threads);
        String version = hz.getCluster().getLocalMember().getVersion() + ", Java " + Runtime.version().feature();
        JobConfig job = new JobConfig();
        if (args.containsKey("--saved")) job.setProcessingGuarantee(ProcessingGuarantee.EXACTLY_ONCE).setSnapshotIntervalMillis(1000);
        long events = 0;
        Callable<Map<String, String>> work = switch (args.get("--contest")) {
            case "minutes" -> () -> {
                Cells.clear();
                hz.getJet().newJob(minutes(args.get("--data"), threads), job).join();
                return Cells.result();
            };
            case "keyed" -> {
                Lap.make(Peer.number(args, "--events"), Peer.number(args, "--laps"));
                events = (long) Lap.events * Lap.laps;
                yield () -> {
                    Totals.clear();
                    hz.getJet().newJob(keyed(threads), job).join();
                    return Totals.result();
                };
            }
            case "latency" -> () -> {
                JetLoad.prepare(Peer.number(args, "--rate"), Peer.number(args, "--warm"), Peer.number(args, "--for"), threads);
                hz.getJet().newJob(JetLoad.pipeline(), job).join();
                return JetLoad.result();
            };
            default -> throw new IllegalArgumentException("there is no contest " + args.get("--contest"));
        };
        Peer.run(args, version, events, work);
        hz.getLifecycleService().terminate();
    }

    private static HazelcastInstance member(int threads) {
        System.setProperty("hazelcast.logging.type", "none");
        System.setProperty("hazelcast.phone.home.enabled", "false");
        Config c = new Config();
        c.getJetConfig().setEnabled(true).setCooperativeThreadCount(threads);
        NetworkConfig net = c.getNetworkConfig();
        net.getJoin().getAutoDetectionConfig().setEnabled(false);
        net.getJoin().getMulticastConfig().setEnabled(false);
        net.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        return Hazelcast.newHazelcastInstance(c);
    }

    /**
     * A source for each file, as each has a watermark of its own: a processor that reads several, one after the
     * other, would make all but the first late. There are no later panes, so the lag is that of the latest order.
     */
    private static Pipeline minutes(String data, int threads) throws Exception {
        Pipeline p = Pipeline.create();
        StreamStage<Peer.Sold> all = null;
        for (Path file : Peer.orders(data)) {
            StreamStage<Peer.Sold> one = p
                .readFrom(FileSources.files(file.getParent().toAbsolutePath().toString()).glob(file.getFileName().toString()).format(FileFormat.lines()).build())
                .setLocalParallelism(1)
                .map(line -> (Peer.Sold) Peer.SOLD.readValue(line)).setLocalParallelism(1)
                .addTimestamps(o -> o.at, 125_000);
            all = all == null ? one : all.merge(one);
        }
        all.groupingKey(o -> o.category)
            .window(WindowDefinition.tumbling(60_000))
            .aggregate(AggregateOperations.summingDouble(o -> o.amount)).setLocalParallelism(threads)
            .writeTo(SinkBuilder.sinkBuilder("cells", c -> 0)
                .<KeyedWindowResult<String, Double>>receiveFn((c, r) -> Cells.put(r.start(), r.key(), r.result())).build());
        return p;
    }

    private static Pipeline keyed(int threads) {
        Pipeline p = Pipeline.create();
        p.readFrom(Sources.<JetLaps.Sale>batchFromProcessor("laps", ProcessorMetaSupplier.of(threads, ProcessorSupplier.of(JetLaps::new))))
            .addTimestamps(s -> s.at(), Lap.LATE)
            .groupingKey(s -> s.key())
            .window(WindowDefinition.tumbling(Lap.MINUTE))
            .aggregate(AggregateOperations.summingLong(s -> s.amount())).setLocalParallelism(threads)
            .writeTo(SinkBuilder.sinkBuilder("totals", c -> new Totals())
                .<KeyedWindowResult<Long, Long>>receiveFn((t, r) -> t.add(r.key(), r.start(), r.result()))
                .destroyFn(Totals::close).preferredLocalParallelism(threads).build());
        return p;
    }
}
