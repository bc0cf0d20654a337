import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.cep.CEP;
import org.apache.flink.cep.PatternSelectFunction;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.legacy.SinkFunction;
import org.apache.flink.streaming.api.functions.source.legacy.SourceFunction;

/**
 * Measures a pattern of three steps by Flink CEP, in a cluster inside this JVM with one task slot, its state on the heap. It reads
 * events, three longs each, from a file into memory, runs the job twice, and prints the second run's milliseconds, the number
 * of matches and the sum of the times of their events.
 */
public final class Speed {
    private Speed() {}

    static long[] cards;
    static long[] kinds;
    static long[] times; // in milliseconds
    static long matches;
    static long sum;

    /** An event. */
    public static final class Swipe {
        public long card;
        public long kind;
        public long at;
    }

    static final class Events implements SourceFunction<Swipe> {
        private volatile boolean cancelled;

        @Override
        public void run(SourceContext<Swipe> out) {
            for (int i = 0; i < cards.length && !cancelled; i++) {
                Swipe s = new Swipe();
                s.card = cards[i];
                s.kind = kinds[i];
                s.at = times[i];
                out.collect(s);
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    static SimpleCondition<Swipe> is(long kind) {
        return SimpleCondition.of(s -> s.kind == kind);
    }

    static long run(long within) throws Exception {
        Configuration c = new Configuration();
        c.set(PipelineOptions.OBJECT_REUSE, true);
        c.set(RestOptions.BIND_PORT, "0");
        c.setString("state.backend.type", "hashmap");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, c);
        env.getConfig().setAutoWatermarkInterval(50);
        matches = 0;
        sum = 0;
        DataStream<Swipe> swipes = env.addSource(new Events(), Types.POJO(Swipe.class))
                .assignTimestampsAndWatermarks(WatermarkStrategy.<Swipe>forMonotonousTimestamps().withTimestampAssigner((s, t) -> s.at));
        Pattern<Swipe, ?> pattern = Pattern.<Swipe>begin("first").where(is(0))
                .followedBy("second").where(is(1))
                .followedBy("third").where(is(2))
                .within(Duration.ofMillis(within));
        CEP.pattern(swipes.keyBy(s -> s.card), pattern)
                .select(new PatternSelectFunction<Swipe, Long>() {
                    @Override
                    public Long select(Map<String, List<Swipe>> m) {
                        return m.get("first").get(0).at + m.get("second").get(0).at + m.get("third").get(0).at;
                    }
                })
                .addSink(new SinkFunction<Long>() {
                    @Override
                    public void invoke(Long at, Context context) {
                        matches++;
                        sum += at;
                    }
                });
        long start = System.nanoTime();
        env.execute();
        return (System.nanoTime() - start) / 1_000_000;
    }

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        int n = (int) (Files.size(file) / 24);
        cards = new long[n];
        kinds = new long[n];
        times = new long[n];
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
            for (int i = 0; i < n; i++) {
                cards[i] = in.readLong();
                kinds[i] = in.readLong();
                times[i] = in.readLong();
            }
        }
        long within = Long.parseLong(args[1]);
        run(within);
        System.out.println(run(within) + " " + matches + " " + sum);
        System.exit(0); // threads of the cluster would hold it
    }
}
