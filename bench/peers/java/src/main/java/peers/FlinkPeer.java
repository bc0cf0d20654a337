package peers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.legacy.RichSinkFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** The contests on Flink, in a cluster inside this JVM. */
public final class FlinkPeer {
    private FlinkPeer() {}

    public static void main(String[] words) throws Exception {
        try {
            Map<String, String> args = Peer.arguments(words);
            String data = args.get("--data");
            String version = Peer.version(StreamExecutionEnvironment.class, "2.3.0");
            switch (args.get("--contest")) {
                case "sum" -> Peer.run(args, version, 0, () -> sum(environment(args), data));
                case "minutes" -> Peer.run(args, version, 0, () -> minutes(environment(args), data));
                case "keyed" -> {
                    Lap.make(Peer.number(args, "--events"), Peer.number(args, "--laps"));
                    Peer.run(args, version, (long) Lap.events * Lap.laps, () -> keyed(environment(args)));
                }
                default -> throw new IllegalArgumentException("there is no contest " + args.get("--contest"));
            }
        } catch (Throwable e) {
            e.printStackTrace();
            System.exit(1);
        }
        System.exit(0); // threads of the cluster would hold it
    }

    private static StreamExecutionEnvironment environment(Map<String, String> args) {
        int threads = Peer.number(args, "--threads");
        Configuration c = new Configuration();
        c.set(PipelineOptions.OBJECT_REUSE, true);
        c.set(RestOptions.BIND_PORT, "0");
        c.set(TaskManagerOptions.NUM_TASK_SLOTS, threads);
        c.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(128));
        c.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(128));
        c.setString("state.backend.type", "hashmap");
        if (args.containsKey("--saved")) {
            c.setString("execution.checkpointing.interval", "1s");
            c.setString("execution.checkpointing.storage", "filesystem");
            c.setString("execution.checkpointing.dir", Path.of(args.get("--saved")).toUri().toString());
        }
        return StreamExecutionEnvironment.createLocalEnvironment(threads, c);
    }

    private static FileSource<String> lines(Path file) {
        return FileSource.forRecordStreamFormat(new TextLineInputFormat(), org.apache.flink.core.fs.Path.fromLocalFile(file.toFile())).build();
    }

    /** In batch mode: each subtask adds up its part. */
    private static Map<String, String> sum(StreamExecutionEnvironment env, String data) throws Exception {
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        org.apache.flink.core.fs.Path[] files = Peer.orders(data).stream()
            .map(p -> org.apache.flink.core.fs.Path.fromLocalFile(p.toFile())).toArray(org.apache.flink.core.fs.Path[]::new);
        DataStream<Double> parts = env
            .fromSource(FileSource.forRecordStreamFormat(new TextLineInputFormat(), files).build(), WatermarkStrategy.noWatermarks(), "orders")
            .map(line -> ((Peer.Priced) Peer.PRICED.readValue(line)).amount).returns(Types.DOUBLE)
            .fullWindowPartition()
            .reduce((a, b) -> a + b);
        double sum = 0;
        try (var all = parts.executeAndCollect()) {
            while (all.hasNext()) sum += all.next();
        }
        return Map.of("sum", "" + sum);
    }

    /** As a stream: a source for each file, as each has a watermark of its own. */
    private static Map<String, String> minutes(StreamExecutionEnvironment env, String data) throws Exception {
        env.setRuntimeMode(RuntimeExecutionMode.STREAMING);
        Cells.clear();
        DataStream<Peer.Sold> all = null;
        for (Path file : Peer.orders(data)) {
            DataStream<Peer.Sold> one = env.fromSource(lines(file), WatermarkStrategy.noWatermarks(), file.getFileName().toString()).setParallelism(1)
                .map(line -> (Peer.Sold) Peer.SOLD.readValue(line)).returns(Types.POJO(Peer.Sold.class)).setParallelism(1)
                .assignTimestampsAndWatermarks(WatermarkStrategy.<Peer.Sold>forBoundedOutOfOrderness(Duration.ofSeconds(5))
                    .withTimestampAssigner((o, t) -> o.at)).setParallelism(1);
            all = all == null ? one : all.union(one);
        }
        all.keyBy(o -> o.category)
            .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
            .allowedLateness(Duration.ofMinutes(5))
            .aggregate(new Revenue(), new Keep(), Types.DOUBLE, Types.DOUBLE, Types.VOID)
            .addSink(new RichSinkFunction<Void>() {});
        env.execute();
        return Cells.result();
    }

    private static final class Revenue implements AggregateFunction<Peer.Sold, Double, Double> {
        public Double createAccumulator() { return 0.0; }
        public Double add(Peer.Sold o, Double sum) { return sum + o.amount; }
        public Double getResult(Double sum) { return sum; }
        public Double merge(Double a, Double b) { return a + b; }
    }

    private static final class Keep extends ProcessWindowFunction<Double, Void, String, TimeWindow> {
        public void process(String category, Context c, Iterable<Double> sum, Collector<Void> out) {
            Cells.put(c.window().getStart(), category, sum.iterator().next());
        }
    }

    private static Map<String, String> keyed(StreamExecutionEnvironment env) throws Exception {
        Totals.clear();
        env.addSource(new FlinkLaps(), "laps", FlinkLaps.Sale.TYPE)
            .assignTimestampsAndWatermarks(WatermarkStrategy.<FlinkLaps.Sale>forBoundedOutOfOrderness(Duration.ofMillis(Lap.LATE))
                .withTimestampAssigner((s, t) -> s.at))
            .keyBy(s -> s.key, Types.LONG)
            .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
            .aggregate(new Sum(), new AsPane(), Types.LONG, Types.LONG, TypeInformation.of(Pane.class))
            .addSink(new Adding());
        env.execute();
        return Totals.result();
    }

    private static final class Sum implements AggregateFunction<FlinkLaps.Sale, Long, Long> {
        public Long createAccumulator() { return 0L; }
        public Long add(FlinkLaps.Sale s, Long sum) { return sum + s.amount; }
        public Long getResult(Long sum) { return sum; }
        public Long merge(Long a, Long b) { return a + b; }
    }

    public static final class Pane {
        public long key, start, value;
    }

    private static final class AsPane extends ProcessWindowFunction<Long, Pane, Long, TimeWindow> {
        private transient Pane pane; // object reuse is on

        public void process(Long key, Context c, Iterable<Long> sum, Collector<Pane> out) {
            if (pane == null) pane = new Pane();
            pane.key = key;
            pane.start = c.window().getStart();
            pane.value = sum.iterator().next();
            out.collect(pane);
        }
    }

    private static final class Adding extends RichSinkFunction<Pane> {
        private transient Totals totals;

        @Override
        public void invoke(Pane p, Context c) {
            if (totals == null) totals = new Totals();
            totals.add(p.key, p.start, p.value);
        }

        @Override
        public void finish() {
            if (totals != null) totals.close();
        }
    }
}
