package peers;

import java.util.Map;

/** What sums by key and minute come to, in whatever order they come. Each instance of a sink has its own. */
final class Totals {
    private static final Totals ALL = new Totals();

    private long panes, sum, mix;

    static void clear() {
        synchronized (ALL) {
            ALL.panes = ALL.sum = ALL.mix = 0;
        }
    }

    void add(long key, long startMillis, long value) {
        panes++;
        sum += value;
        mix += (key * 31 + startMillis / Lap.MINUTE * 17 + 7) * (value + 1);
    }

    /** Hands in what an instance has. */
    void close() {
        synchronized (ALL) {
            ALL.panes += panes;
            ALL.sum += sum;
            ALL.mix += mix;
            panes = sum = mix = 0;
        }
        Lap.end();
    }

    static Map<String, String> result() {
        synchronized (ALL) {
            return Map.of("panes", "" + ALL.panes, "sum", "" + ALL.sum, "mix", Long.toUnsignedString(ALL.mix));
        }
    }
}
