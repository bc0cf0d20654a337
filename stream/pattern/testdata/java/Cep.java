import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.cep.configuration.SharedBufferCacheConfig;
import org.apache.flink.cep.nfa.NFA;
import org.apache.flink.cep.nfa.NFAState;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.nfa.compiler.NFACompiler;
import org.apache.flink.cep.nfa.sharedbuffer.SharedBuffer;
import org.apache.flink.cep.nfa.sharedbuffer.SharedBufferAccessor;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.IterativeCondition;

/**
 * Runs patterns over events by the automaton of Flink CEP. Each line of its input is a pattern and the events of a key
 * in the order of their times; each line of its output is what matches and what times out. Between events time advances
 * by a millisecond at a time, as a watermark of every millisecond would have the operator do.
 */
public final class Cep {
    private Cep() {}

    /** An event. */
    public static final class Ev implements Serializable {
        public int id;
        public String kind;
        public int n;
        public long at;
    }

    /** A condition of an element: a kind among letters, and a number not below that of an earlier event. */
    static final class Where extends IterativeCondition<Ev> {
        final String kinds;
        final String than;

        Where(String kinds, String than) {
            this.kinds = kinds;
            this.than = than;
        }

        @Override
        public boolean filter(Ev v, Context<Ev> c) throws Exception {
            if (!kinds.contains(v.kind)) {
                return false;
            }
            if (than.isEmpty()) {
                return true;
            }
            Ev last = null;
            for (Ev e : c.getEventsForPattern(than)) {
                last = e;
            }
            return last == null || v.n >= last.n;
        }
    }

    public static void main(String[] args) throws Exception {
        ObjectMapper json = new ObjectMapper();
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            JsonNode c = json.readTree(line);
            ObjectNode answer = json.createObjectNode();
            try {
                run(c.get("spec"), c.get("events"), answer.putArray("matches"), answer.putArray("timeouts"));
            } catch (Exception e) {
                answer.put("error", e.toString());
            }
            out.println(json.writeValueAsString(answer));
        }
        out.flush();
    }

    static void run(JsonNode spec, JsonNode events, ArrayNode matches, ArrayNode timeouts) throws Exception {
        Pattern<Ev, ?> pattern = pattern(spec);
        long within = spec.get("within").asLong();
        AfterMatchSkipStrategy skip = skip(spec);
        NFA<Ev> nfa = NFACompiler.compileFactory(pattern, true).createNFA();
        TypeSerializer<Ev> serializer = TypeInformation.of(Ev.class).createSerializer(new SerializerConfigImpl());
        SharedBuffer<Ev> buffer = new SharedBuffer<>(store(), serializer, new SharedBufferCacheConfig());
        try {
            run(nfa, buffer, skip, spec, events, within, matches, timeouts);
        } finally {
            buffer.releaseCacheStatisticsTimer(); // a thread for each buffer
        }
    }

    static void run(NFA<Ev> nfa, SharedBuffer<Ev> buffer, AfterMatchSkipStrategy skip, JsonNode spec, JsonNode events, long within, ArrayNode matches, ArrayNode timeouts)
            throws Exception {
        NFAState state = nfa.createInitialNFAState();
        long now = Long.MIN_VALUE;
        for (JsonNode e : events) {
            Ev v = new Ev();
            v.id = e.get("id").asInt();
            v.kind = e.get("kind").asText();
            v.n = e.get("n").asInt();
            v.at = e.get("at").asLong();
            for (long t = now == Long.MIN_VALUE ? v.at : now + 1; t <= v.at; t++) {
                advance(nfa, buffer, state, skip, t, spec, matches, timeouts);
            }
            now = v.at;
            try (SharedBufferAccessor<Ev> accessor = buffer.getAccessor()) {
                add(nfa.process(accessor, state, v, v.at, skip, () -> 0L), spec, matches);
            }
        }
        if (within > 0 && now > Long.MIN_VALUE) {
            for (long t = now + 1; t <= now + within; t++) {
                advance(nfa, buffer, state, skip, t, spec, matches, timeouts);
            }
        }
    }

    static void advance(NFA<Ev> nfa, SharedBuffer<Ev> buffer, NFAState state, AfterMatchSkipStrategy skip, long t, JsonNode spec, ArrayNode matches, ArrayNode timeouts)
            throws Exception {
        try (SharedBufferAccessor<Ev> accessor = buffer.getAccessor()) {
            Tuple2<Collection<Map<String, List<Ev>>>, Collection<Tuple2<Map<String, List<Ev>>, Long>>> found = nfa.advanceTime(accessor, state, t, skip);
            add(found.f0, spec, matches);
            for (Tuple2<Map<String, List<Ev>>, Long> late : found.f1) {
                timeouts.add(say(late.f0, spec) + " at " + late.f1);
            }
        }
    }

    static void add(Collection<Map<String, List<Ev>>> found, JsonNode spec, ArrayNode to) {
        for (Map<String, List<Ev>> m : found) {
            to.add(say(m, spec));
        }
    }

    static String say(Map<String, List<Ev>> m, JsonNode spec) {
        StringJoiner groups = new StringJoiner("; ");
        for (JsonNode e : spec.get("elements")) {
            List<Ev> taken = m.get(e.get("name").asText());
            if (taken == null || taken.isEmpty()) {
                continue;
            }
            StringBuilder group = new StringBuilder(e.get("name").asText()).append(":");
            for (Ev v : taken) {
                group.append(" ").append(v.id);
            }
            groups.add(group);
        }
        return groups.toString();
    }

    static AfterMatchSkipStrategy skip(JsonNode spec) {
        switch (spec.get("skip").asText()) {
            case "toNext":
                return AfterMatchSkipStrategy.skipToNext();
            case "pastLast":
                return AfterMatchSkipStrategy.skipPastLastEvent();
            case "toFirst":
                return AfterMatchSkipStrategy.skipToFirst(spec.get("skipTo").asText());
            case "toLast":
                return AfterMatchSkipStrategy.skipToLast(spec.get("skipTo").asText());
            default:
                return AfterMatchSkipStrategy.noSkip();
        }
    }

    static Pattern<Ev, ?> pattern(JsonNode spec) {
        Pattern<Ev, Ev> p = null;
        for (JsonNode e : spec.get("elements")) {
            String name = e.get("name").asText();
            switch (e.get("op").asText()) {
                case "begin":
                    p = Pattern.begin(name, skip(spec));
                    break;
                case "next":
                    p = p.next(name);
                    break;
                case "followedBy":
                    p = p.followedBy(name);
                    break;
                case "followedByAny":
                    p = p.followedByAny(name);
                    break;
                case "notNext":
                    p = p.notNext(name);
                    break;
                default:
                    p = p.notFollowedBy(name);
            }
            p = p.where(new Where(e.get("kinds").asText(), e.get("than").asText()));
            if (e.get("op").asText().startsWith("not")) {
                continue;
            }
            int min = e.get("min").asInt();
            int max = e.get("max").asInt();
            if (max == 0) {
                p = min == 1 ? p.oneOrMore() : p.timesOrMore(min);
            } else if (max > 1) {
                p = min == max ? p.times(min) : p.times(min, max);
            }
            switch (e.get("inner").asText()) {
                case "consecutive":
                    p = p.consecutive();
                    break;
                case "combinations":
                    p = p.allowCombinations();
                    break;
                default:
            }
            if (e.get("greedy").asBoolean()) {
                p = p.greedy();
            }
            if (e.get("optional").asBoolean()) {
                p = p.optional();
            }
            if (!e.get("until").asText().isEmpty()) {
                p = p.until(new Where(e.get("until").asText(), ""));
            }
        }
        long within = spec.get("within").asLong();
        return within > 0 ? p.within(Duration.ofMillis(within)) : p;
    }

    /** State in memory, for one key. */
    static KeyedStateStore store() {
        return (KeyedStateStore) Proxy.newProxyInstance(Cep.class.getClassLoader(), new Class<?>[] {KeyedStateStore.class}, (self, method, args) -> {
            switch (method.getName()) {
                case "getMapState":
                    return new Memory<Object, Object>();
                case "getState":
                    return new Cell<Object>();
                default:
                    throw new UnsupportedOperationException(method.getName());
            }
        });
    }

    static final class Cell<V> implements ValueState<V> {
        private V v;

        @Override
        public V value() {
            return v;
        }

        @Override
        public void update(V to) {
            v = to;
        }

        @Override
        public void clear() {
            v = null;
        }
    }

    static final class Memory<K, V> implements MapState<K, V> {
        private final Map<K, V> m = new HashMap<>();

        @Override
        public V get(K k) {
            return m.get(k);
        }

        @Override
        public void put(K k, V v) {
            m.put(k, v);
        }

        @Override
        public void putAll(Map<K, V> all) {
            m.putAll(all);
        }

        @Override
        public void remove(K k) {
            m.remove(k);
        }

        @Override
        public boolean contains(K k) {
            return m.containsKey(k);
        }

        @Override
        public Iterable<Map.Entry<K, V>> entries() {
            return m.entrySet();
        }

        @Override
        public Iterable<K> keys() {
            return m.keySet();
        }

        @Override
        public Iterable<V> values() {
            return m.values();
        }

        @Override
        public Iterator<Map.Entry<K, V>> iterator() {
            return m.entrySet().iterator();
        }

        @Override
        public boolean isEmpty() {
            return m.isEmpty();
        }

        @Override
        public void clear() {
            m.clear();
        }
    }
}
