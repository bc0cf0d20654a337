package peers;

/** The events of the keyed contest, in arrays: a lap is given some times over, each time later by a span. */
final class Lap {
    static final long MINUTE = 60_000, LATE = 3_000, KEYS = 100_000;
    static final long BEGIN = 1_773_478_800_000L; // 2026-03-14 09:00

    static int events, laps;
    static long[] keys, amounts, times;
    static long began, ended; // of a job, from its first event to its last result: deployment is not counted

    private Lap() {}

    /** The finalizer of SplitMix64. */
    static long scattered(long i) {
        long x = i * 0x9e3779b97f4a7c15L;
        x = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
        x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
        return x ^ x >>> 31;
    }

    static long span() {
        return (long) events * 60 / 1000;
    }

    static void make(int n, int times) {
        events = n;
        laps = times;
        keys = new long[n];
        amounts = new long[n];
        Lap.times = new long[n];
        for (int i = 0; i < n; i++) {
            long x = scattered(i), at = BEGIN + (long) i * 60 / 1000;
            if (Long.remainderUnsigned(x, 10) == 0) at -= (x >>> 20) % LATE;
            keys[i] = (x >>> 8) % KEYS;
            amounts[i] = (x >>> 40) % 1000;
            Lap.times[i] = at;
        }
    }

    static synchronized void begin() {
        if (began == 0) began = System.nanoTime();
    }

    static synchronized void end() {
        ended = System.nanoTime();
    }
}
