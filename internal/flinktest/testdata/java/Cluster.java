import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.Partitioner;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink in one process. "run FILE" runs a job to its end. */
public class Cluster {
  public static void main(String[] args) throws Exception {
    Configuration conf = new Configuration();
    conf.setString("taskmanager.memory.network.min", "32mb");
    conf.setString("taskmanager.memory.network.max", "32mb");
    conf.setString("taskmanager.memory.managed.size", "16mb");
    conf.setString("rest.bind-port", "0");
    try (MiniCluster cluster = new MiniCluster(
        new MiniClusterConfiguration.Builder().setConfiguration(conf).setNumTaskManagers(1).setNumSlotsPerTaskManager(4).build())) {
      cluster.start();
      System.out.println("READY");
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
      for (String line; (line = in.readLine()) != null;) {
        try {
          run(cluster, line.split(" ", 2)[1]);
          System.out.println("OK");
        } catch (Throwable e) {
          StringBuilder causes = new StringBuilder();
          for (Throwable t = e; t != null; t = t.getCause()) {
            causes.append(" / ").append(String.valueOf(t.getMessage()).replace('\n', ' '));
          }
          System.out.println("ERR" + causes);
        }
      }
    }
    System.exit(0);
  }

  static void run(MiniCluster cluster, String file) throws Exception {
    JobGraph graph = graph(Plan.read(file));
    cluster.submitJob(graph).get();
    JobResult result = cluster.requestJobResult(graph.getJobID()).get();
    if (result.getSerializedThrowable().isPresent()) {
      throw new Exception("the job has failed", result.getSerializedThrowable().get().deserializeError(Cluster.class.getClassLoader()));
    }
    System.out.println("ended with " + result.getApplicationStatus());
  }

  static JobGraph graph(Plan plan) {
    Configuration conf = new Configuration();
    conf.setString("restart-strategy.type", "fixed-delay");
    conf.setString("restart-strategy.fixed-delay.attempts", "3");
    conf.setString("restart-strategy.fixed-delay.delay", "100 ms");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(conf);
    env.setMaxParallelism(Plan.GROUPS);
    env.getConfig().disableGenericTypes();
    if (plan.every > 0) {
      env.enableCheckpointing(plan.every);
    }
    Map<Integer, SingleOutputStreamOperator<byte[]>> made = new HashMap<>();
    while (made.size() < plan.stages.size()) {
      for (Plan.Stage s : plan.stages.values()) {
        if (!made.containsKey(s.id) && ready(plan, s, made)) {
          made.put(s.id, add(env, plan, s, made));
        }
      }
    }
    return env.getStreamGraph().getJobGraph();
  }

  private static boolean ready(Plan plan, Plan.Stage s, Map<Integer, ?> made) {
    return plan.edges.stream().allMatch(e -> e.to != s.id || made.containsKey(e.from));
  }

  private static SingleOutputStreamOperator<byte[]> add(
      StreamExecutionEnvironment env, Plan plan, Plan.Stage s, Map<Integer, SingleOutputStreamOperator<byte[]>> made) {
    PrimitiveArrayTypeInfo<byte[]> bytes = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
    Stage operator = new Stage(plan, s);
    DataStream<byte[]> in = null;
    if (s.kind.equals("source")) {
      in = env.fromSource(new Reading(), WatermarkStrategy.noWatermarks(), s.name, bytes).setParallelism(s.instances).uid("read " + s.id);
    }
    List<DataStream<byte[]>> parts = new ArrayList<>();
    for (Plan.Edge e : plan.edges) {
      if (e.to == s.id) {
        DataStream<byte[]> part = made.get(e.from).getSideOutput(Stage.tag(e.id));
        parts.add(s.keyed ? part : part.partitionCustom(new ByInstance(), Cluster::target));
      }
    }
    for (DataStream<byte[]> part : parts) {
      in = in == null ? part : in.union(part);
    }
    if (s.keyed) {
      in = in.keyBy(new ByShard(s.instances), Types.INT);
    }
    return in.transform(s.name, bytes, operator).setParallelism(s.instances).uid("stage " + s.id);
  }

  static int target(byte[] b) {
    return ByteBuffer.wrap(b).getInt();
  }

  /** Sends what is for an instance to it. */
  static class ByInstance implements Partitioner<Integer> {
    @Override
    public int partition(Integer to, int n) {
      return to;
    }
  }

  /** Has Flink send what is for an instance to it, by a key that is of one of the instance's groups. */
  static class ByShard implements KeySelector<byte[], Integer> {
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
