package org.freshet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import scala.Tuple2;

/** The committers of a job's sinks, each in a worker of the driver's. */
class Committers implements AutoCloseable {
  /** The number of the one checkpoint that a batch comes to. */
  private static final long ONLY = 1;

  private final Plan plan;
  private final Path program;
  private final Map<Plan.Stage, Worker> workers = new LinkedHashMap<>();

  Committers(Plan plan, Path program) {
    this.plan = plan;
    this.program = program;
  }

  /** Opens them. They drop what earlier jobs have left, so no writer may have begun. */
  void open() throws Exception {
    for (Plan.Stage s : plan.stages.values()) {
      if (s.commits()) {
        workers.put(s, opened(s));
      }
    }
  }

  private Worker opened(Plan.Stage s) throws Exception {
    Worker w = new Worker(program, plan, s.name, (edge, to, message, from) -> {
      throw new WorkerException(s.name + " has sent a frame");
    }, () -> {});
    try {
      w.open(plan.request(s, 0), Collections.emptyMap(), Collections.emptyList());
    } catch (Exception e) {
      w.close();
      throw e;
    }
    return w;
  }

  /** Has appear what the tasks that count have prepared. */
  void commit(List<Tuple2<Place, byte[]>> prepared) throws Exception {
    for (Map.Entry<Plan.Stage, Worker> c : workers.entrySet()) {
      Worker w = c.getValue();
      for (Tuple2<Place, byte[]> p : prepared) {
        if (plan.edges.get(p._1.edge).to == c.getKey().id) {
          w.frame(p._2);
        }
      }
      w.end();
      w.barrier(ONLY);
      w.save(ONLY);
      w.durable(ONLY);
      w.committed(ONLY);
    }
    close();
  }

  /** Drops what attempts have prepared that do not count. */
  void sweep() throws Exception {
    for (Plan.Stage s : plan.stages.values()) {
      if (s.commits()) {
        opened(s).close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Worker w : workers.values()) {
      w.close();
    }
    workers.clear();
  }
}
