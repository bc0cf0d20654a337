import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** The jobs of command flink by Flink's own DataStream API: DO EVENTS FOLDER KEYS. Sales are made as in Go, and rows are written to files. */
public class DataStreamJob {
  /** As in Go. */
  static final long WINDOWS = 20;
  static final long MINUTE = 60_000;

  public static void main(String[] args) throws Exception {
    long events = Long.parseLong(args[1]);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.getConfig().enableObjectReuse();
    long part = events / 2;
    long keys = Long.parseLong(args[3]);
    DataStream<Tuple3<Long, Long, Long>> sales = env.fromSequence(0, events - 1)
        .map(i -> sale(i, part, keys))
        .returns(Types.TUPLE(Types.LONG, Types.LONG, Types.LONG))
        .assignTimestampsAndWatermarks(WatermarkStrategy.<Tuple3<Long, Long, Long>>forBoundedOutOfOrderness(Duration.ofSeconds(1))
            .withTimestampAssigner((s, t) -> s.f1));
    KeyedStream<Tuple3<Long, Long, Long>, Long> keyed = sales.keyBy(s -> s.f0, Types.LONG);
    DataStream<Tuple3<Long, Long, Long>> rows = args[0].equals("sum")
        ? keyed.window(TumblingEventTimeWindows.of(Duration.ofMinutes(1))).aggregate(new Sum(), new Row())
        : keyed.process(new Balances());
    String folder = args[2];
    rows.map(new Write(folder)).sinkTo(new DiscardingSink<>());
    env.execute(args[0]);
  }

  static Tuple3<Long, Long, Long> sale(long i, long part, long keys) {
    long x = i * 0x9E3779B97F4A7C15L;
    x ^= x >>> 32;
    return Tuple3.of((x & Long.MAX_VALUE) % keys, i % part * (WINDOWS * MINUTE) / part, i % 1000);
  }

  static class Sum implements AggregateFunction<Tuple3<Long, Long, Long>, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Tuple3<Long, Long, Long> s, Long sum) {
      return sum + s.f2;
    }

    @Override
    public Long getResult(Long sum) {
      return sum;
    }

    @Override
    public Long merge(Long a, Long b) {
      return a + b;
    }
  }

  static class Row extends ProcessWindowFunction<Long, Tuple3<Long, Long, Long>, Long, TimeWindow> {
    @Override
    public void process(Long key, Context c, Iterable<Long> sums, Collector<Tuple3<Long, Long, Long>> out) {
      out.collect(Tuple3.of(key, c.window().getEnd(), sums.iterator().next()));
    }
  }

  /** State is pairs: the end of a minute, and what was sold in it so far. */
  static class Balances extends KeyedProcessFunction<Long, Tuple3<Long, Long, Long>, Tuple3<Long, Long, Long>> {
    private transient ValueState<long[]> minutes;

    @Override
    public void open(OpenContext c) {
      minutes = getRuntimeContext().getState(new ValueStateDescriptor<>("minutes", PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO));
    }

    @Override
    public void processElement(Tuple3<Long, Long, Long> s, Context c, Collector<Tuple3<Long, Long, Long>> out) throws IOException {
      long end = s.f1 / MINUTE * MINUTE + MINUTE;
      long[] all = minutes.value();
      if (all != null) {
        for (int i = 0; i < all.length; i += 2) {
          if (all[i] == end) {
            all[i + 1] += s.f2;
            minutes.update(all);
            return;
          }
        }
      }
      int n = all == null ? 0 : all.length;
      long[] more = new long[n + 2];
      if (n > 0) {
        System.arraycopy(all, 0, more, 0, n);
      }
      more[n] = end;
      more[n + 1] = s.f2;
      minutes.update(more);
      c.timerService().registerEventTimeTimer(end);
    }

    @Override
    public void onTimer(long at, OnTimerContext c, Collector<Tuple3<Long, Long, Long>> out) throws IOException {
      long[] all = minutes.value();
      long[] rest = new long[all.length - 2];
      for (int i = 0, n = 0; i < all.length; i += 2) {
        if (all[i] == at) {
          out.collect(Tuple3.of(c.getCurrentKey(), at, all[i + 1]));
          continue;
        }
        rest[n++] = all[i];
        rest[n++] = all[i + 1];
      }
      if (rest.length == 0) {
        minutes.clear();
      } else {
        minutes.update(rest);
      }
    }
  }

  /** Writes rows to a file of its own. */
  static class Write extends RichMapFunction<Tuple3<Long, Long, Long>, Long> {
    private final String folder;
    private transient BufferedWriter to;

    Write(String folder) {
      this.folder = folder;
    }

    @Override
    public void open(OpenContext c) throws IOException {
      to = Files.newBufferedWriter(Path.of(folder, "rows-" + UUID.randomUUID()));
    }

    @Override
    public Long map(Tuple3<Long, Long, Long> r) throws IOException {
      to.write(r.f0 + " " + r.f1 + " " + r.f2 + "\n");
      return 0L;
    }

    @Override
    public void close() throws IOException {
      if (to != null) {
        to.close();
      }
    }
  }
}
