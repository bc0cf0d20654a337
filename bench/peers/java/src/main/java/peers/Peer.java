package peers;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** What the Java programs share: arguments, orders and the report. Package contest says how it works. */
final class Peer {
    private Peer() {}

    /** The fields of an order that the work needs. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public static final class Priced {
        public double amount;
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    public static final class Sold implements Serializable {
        public String category;
        public double amount;
        public long at; // milliseconds since 1970

        @JsonProperty("paid_at")
        public void paidAt(String text) {
            at = Instant.parse(text).toEpochMilli();
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    static final ObjectReader PRICED = JSON.readerFor(Priced.class);
    static final ObjectReader SOLD = JSON.readerFor(Sold.class);

    static Map<String, String> arguments(String[] words) {
        Map<String, String> args = new HashMap<>(Map.of("--threads", "2", "--jobs", "1", "--events", "8000000", "--laps", "1"));
        for (int i = 0; i + 1 < words.length; i += 2) args.put(words[i], words[i + 1]);
        return args;
    }

    static int number(Map<String, String> args, String name) {
        return Integer.parseInt(args.get(name));
    }

    static List<Path> orders(String dir) throws IOException {
        try (Stream<Path> all = Files.list(Path.of(dir))) {
            return all.filter(p -> p.getFileName().toString().startsWith("orders-")).sorted().toList();
        }
    }

    /** A time that the work was done, in seconds. */
    private record Job(double wall, double cpu) {}

    /** Does the work some times over, and prints the report. */
    static void run(Map<String, String> args, String version, long events, Callable<Map<String, String>> work) throws Exception {
        double setup = (System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime()) / 1e3;
        List<Job> jobs = new ArrayList<>();
        Map<String, String> result = Map.of();
        for (int i = 0; i < number(args, "--jobs"); i++) {
            System.gc();
            Lap.began = Lap.ended = 0;
            long start = System.nanoTime();
            double cpu = processorSeconds();
            result = work.call();
            long wall = Lap.began == 0 ? System.nanoTime() - start : Lap.ended - Lap.began;
            jobs.add(new Job(wall / 1e9, processorSeconds() - cpu));
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("version", version);
        report.put("setup", setup);
        report.put("jobs", jobs);
        report.put("events", events);
        report.put("result", result);
        System.out.println(JSON.writeValueAsString(report));
        System.out.flush();
    }

    private static double processorSeconds() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    static String version(Class<?> of, String fallback) {
        String v = of.getPackage().getImplementationVersion();
        return (v == null ? fallback : v) + ", Java " + Runtime.version().feature();
    }
}
