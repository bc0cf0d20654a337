package org.freshet;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.Partitioner;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Makes a job of Flink's of the plan that the jar has. How often there are checkpoints, and all else, is in the configuration that it is run with. */
public class Job {
  private Job() {}

  public static void main(String[] args) throws Exception {
    Plan plan = Plan.read();
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setMaxParallelism(Plan.GROUPS);
    // Behind a barrier a worker's state stands, and what is in the channels has to be behind it, too.
    env.getCheckpointConfig().enableUnalignedCheckpoints(false);
    env.getCheckpointConfig().setMaxConcurrentCheckpoints(1);
    if (!plan.saves) {
      env.getCheckpointConfig().disableCheckpointing(); // the cluster may have an interval for jobs that say nothing
    }
    int members = (int) plan.stages.values().stream().filter(s -> s.kind.equals("source") || s.commits()).count();
    Ends ends = new Ends(UUID.randomUUID().toString(), members);
    Map<Integer, SingleOutputStreamOperator<byte[]>> made = new HashMap<>();
    while (made.size() < plan.stages.size()) {
      int before = made.size();
      for (Plan.Stage s : plan.stages.values()) {
        if (!made.containsKey(s.id) && ready(plan, s, made)) {
          made.put(s.id, add(env, plan, s, made, ends));
        }
      }
      if (made.size() == before) {
        throw new IllegalStateException("the stages of the plan lead in a circle");
      }
    }
    env.execute(plan.name);
  }

  private static boolean ready(Plan plan, Plan.Stage s, Map<Integer, ?> made) {
    return plan.edges.stream().allMatch(e -> e.to != s.id || made.containsKey(e.from));
  }

  private static SingleOutputStreamOperator<byte[]> add(
      StreamExecutionEnvironment env, Plan plan, Plan.Stage s, Map<Integer, SingleOutputStreamOperator<byte[]>> made, Ends ends) {
    PrimitiveArrayTypeInfo<byte[]> bytes = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
    DataStream<byte[]> in = null;
    if (s.kind.equals("source")) {
      in = env.fromSource(new Reading(ends, s.id, s.instances), WatermarkStrategy.noWatermarks(), s.name, bytes).setParallelism(s.instances).uid("read " + s.name);
    }
    List<DataStream<byte[]>> parts = new ArrayList<>();
    for (Plan.Edge e : plan.edges) {
      if (e.to == s.id) {
        DataStream<byte[]> part = made.get(e.from).getSideOutput(Stage.tag(e.id));
        parts.add(s.keyed ? part : part.partitionCustom(new ByInstance(s.name, s.instances), Job::target));
      }
    }
    for (DataStream<byte[]> part : parts) {
      in = in == null ? part : in.union(part);
    }
    if (s.keyed) {
      in = in.keyBy(new ByShard(s.instances), Types.INT);
    }
    boolean coordinated = s.commits() || !plan.committersOf(s.id).isEmpty();
    return in.transform(s.shown, bytes, coordinated ? new Coordinated(plan, s, ends) : new Made(plan, s)).setParallelism(s.instances).uid("stage " + s.name);
  }

  /** The instance that an element is for. */
  static int target(byte[] b) {
    return ByteBuffer.wrap(b).getInt(4);
  }

  /** Sends what is for an instance to it. */
  static class ByInstance implements Partitioner<Integer> {
    private static final long serialVersionUID = 1;
    private final String name;
    private final int instances;

    ByInstance(String name, int instances) {
      this.name = name;
      this.instances = instances;
    }

    @Override
    public int partition(Integer to, int n) {
      try {
        Stage.fits(name, n, instances);
      } catch (WorkerException e) {
        throw new UncheckedIOException(e);
      }
      return to;
    }
  }

  /** Has Flink send what is for an instance to it, by a key that is of one of the instance's groups. */
  static class ByShard implements KeySelector<byte[], Integer> {
    private static final long serialVersionUID = 1;
    private final int[] keys;

    ByShard(int shards) {
      keys = new int[shards];
      Arrays.fill(keys, -1);
      for (int key = 0, found = 0; found < shards; key++) {
        int s = KeyGroupRangeAssignment.assignKeyToParallelOperator(key, Plan.GROUPS, shards);
        if (keys[s] < 0) {
          keys[s] = key;
          found++;
        }
      }
    }

    @Override
    public Integer getKey(byte[] b) {
      return keys[target(b)];
    }
  }
}
