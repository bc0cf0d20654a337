package peers;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Revenues by minute and category. A later one of a minute replaces the one before. */
final class Cells {
    private record Cell(long minute, String category) {}

    private static final Map<Cell, Double> ALL = new ConcurrentHashMap<>();

    private Cells() {}

    static void clear() {
        ALL.clear();
    }

    static void put(long startMillis, String category, double revenue) {
        ALL.put(new Cell(startMillis / 60_000, category), revenue);
    }

    static Map<String, String> result() {
        long total = 0, mix = 0;
        for (var e : ALL.entrySet()) {
            long cents = Math.round(e.getValue() * 100), name = 0;
            for (byte b : e.getKey().category.getBytes(StandardCharsets.UTF_8)) name = name * 31 + (b & 0xff);
            total += cents;
            mix += (e.getKey().minute * 131 + name) * cents;
        }
        return Map.of("cells", "" + ALL.size(), "cents", "" + total, "mix", Long.toUnsignedString(mix));
    }
}
