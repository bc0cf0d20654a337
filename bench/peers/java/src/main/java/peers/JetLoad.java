package peers;

import com.hazelcast.jet.aggregate.AggregateOperations;
import com.hazelcast.jet.core.AbstractProcessor;
import com.hazelcast.jet.core.BroadcastKey;
import com.hazelcast.jet.core.ProcessorMetaSupplier;
import com.hazelcast.jet.core.ProcessorSupplier;
import com.hazelcast.jet.datamodel.KeyedWindowResult;
import com.hazelcast.jet.pipeline.Pipeline;
import com.hazelcast.jet.pipeline.SinkBuilder;
import com.hazelcast.jet.pipeline.Sources;
import com.hazelcast.jet.pipeline.WindowDefinition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import org.HdrHistogram.Histogram;

/**
 * Counts of keys in windows of a second, every 10 ms, at a rate that does not wait: as bench/nexmark's latency does it. A
 * result counts from when the event was due that moves the last partition's watermark to the end of its window.
 */
final class JetLoad {
    private static final long SLIDE = 10, SIZE = 1_000, LATE = 100; // ms
    private static final int KEYS = 10_000, BLOCK = 256;
    private static final long MOST = 60_000_000_000L;

    private static int threads;
    private static double gap; // ns between events
    private static long warm, length; // ms
    private static volatile long start, behind; // ns
    private static AtomicLongArray[] closed; // by partition and window, when it could close, in ns after start
    private static final List<Histogram> HISTOGRAMS = new ArrayList<>();

    private JetLoad() {}

    static void prepare(int rate, int warmMillis, int lengthMillis, int processors) {
        threads = processors;
        gap = 1e9 / rate;
        warm = warmMillis;
        length = lengthMillis;
        start = behind = 0;
        HISTOGRAMS.clear();
        closed = new AtomicLongArray[threads];
        for (int i = 0; i < threads; i++) closed[i] = new AtomicLongArray((int) ((warm + length) / SLIDE) + 1);
    }

    static Pipeline pipeline() {
        Pipeline p = Pipeline.create();
        p.readFrom(Sources.<Tick>batchFromProcessor("load", ProcessorMetaSupplier.of(threads, ProcessorSupplier.of(OpenLoop::new))))
            .addTimestamps(t -> t.at(), LATE)
            .groupingKey(t -> t.key())
            .window(WindowDefinition.sliding(SIZE, SLIDE))
            .aggregate(AggregateOperations.counting()).setLocalParallelism(threads)
            .writeTo(SinkBuilder.sinkBuilder("latencies", c -> histogram())
                .<KeyedWindowResult<Long, Long>>receiveFn((h, r) -> record(h, r.end())).preferredLocalParallelism(threads).build());
        return p;
    }

    private static Histogram histogram() {
        Histogram h = new Histogram(1, MOST, 3);
        synchronized (HISTOGRAMS) {
            HISTOGRAMS.add(h);
        }
        return h;
    }

    private static void record(Histogram h, long end) {
        long now = System.nanoTime() - start, due = 0;
        int window = (int) ((end - Lap.BEGIN) / SLIDE);
        for (AtomicLongArray c : closed) {
            long at = window < c.length() ? c.get(window) : 0;
            if (at == 0) return; // only the end of the input closed it
            due = Math.max(due, at);
        }
        if (due >= warm * 1_000_000) h.recordValue(Math.min(MOST, Math.max(1, now - due)));
    }

    record Tick(long key, long at) implements Serializable {}

    private static synchronized long started() {
        if (start == 0) start = System.nanoTime(); // the job is up
        return start;
    }

    private static synchronized void late(long by) {
        behind = Math.max(behind, by);
    }

    private static final class OpenLoop extends AbstractProcessor {
        private int me, all;
        private long next; // of the events of all processors
        private long edge = Lap.BEGIN + SLIDE; // the window's end that the watermark has not passed
        private Tick pending;

        @Override
        protected void init(Context c) {
            me = c.globalProcessorIndex();
            all = c.totalParallelism();
            next = me;
        }

        @Override
        public boolean complete() {
            long now = System.nanoTime() - started();
            for (int n = 0; n < BLOCK; n++) {
                long due = (long) (next * gap);
                if (due >= (warm + length) * 1_000_000) {
                    late(now - due);
                    return true;
                }
                if (due > now) return false;
                if (pending == null) {
                    long x = Lap.scattered(next), at = Lap.BEGIN + due / 1_000_000;
                    if (next % 10 == 9) at = Math.max(Lap.BEGIN, at - (x >>> 32) % LATE);
                    pending = new Tick(Long.remainderUnsigned(x, KEYS), at);
                    for (; at >= edge + LATE; edge += SLIDE) closed[me].set((int) ((edge - Lap.BEGIN) / SLIDE), Math.max(1, due));
                }
                if (!tryEmit(pending)) return false;
                pending = null;
                next += all;
            }
            return false;
        }

        @Override
        public boolean saveToSnapshot() {
            return tryEmitToSnapshot(BroadcastKey.broadcastKey(me), next);
        }

        @Override
        protected void restoreFromSnapshot(Object key, Object value) {
            if (((BroadcastKey<?>) key).key().equals(me)) next = (Long) value;
        }
    }

    static Map<String, String> result() {
        Histogram all = new Histogram(1, MOST, 3);
        synchronized (HISTOGRAMS) {
            HISTOGRAMS.forEach(all::add);
        }
        Map<String, String> r = new LinkedHashMap<>();
        r.put("results", "" + all.getTotalCount());
        r.put("behind", ms(behind));
        for (String p : List.of("50", "99", "99.9", "99.99")) r.put("p" + p, ms(all.getValueAtPercentile(Double.parseDouble(p))));
        r.put("max", ms(all.getMaxValue()));
        return r;
    }

    private static String ms(long nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
    }
}
