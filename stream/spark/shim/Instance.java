package org.freshet;

import java.nio.file.Paths;
import java.util.Iterator;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/** A task: one attempt of one instance of a stage, which a worker runs. */
class Instance implements Function2<Integer, Iterator<Tuple2<Place, byte[]>>, Iterator<Tuple2<Place, byte[]>>> {
  private static final long serialVersionUID = 1;

  private final Plan plan;
  private final Plan.Stage stage;
  private final Targets targets;
  /** What the program is called among the files that Spark brings to each executor, and makes executable. */
  private final String program;

  Instance(Plan plan, Plan.Stage stage, Targets targets, String program) {
    this.plan = plan;
    this.stage = stage;
    this.targets = targets;
    this.program = program;
  }

  @Override
  public Iterator<Tuple2<Place, byte[]>> call(Integer index, Iterator<Tuple2<Place, byte[]>> in) throws Exception {
    plan.fits("executor");
    TaskContext task = TaskContext.get();
    Frames frames = new Frames(task, index, in, targets);
    frames.worker = new Worker(Paths.get(SparkFiles.get(program)), plan, stage.name, frames, () -> {});
    task.addTaskCompletionListener((TaskCompletionListener) t -> frames.close());
    frames.worker.open(plan.request(stage, index), java.util.Collections.emptyMap(), java.util.Collections.emptyList());
    return frames;
  }
}
