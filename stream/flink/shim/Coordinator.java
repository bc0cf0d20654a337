package org.freshet;

import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.operators.coordination.CoordinationRequestHandler;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;

/** Stands in the JobManager for a stage of which instances write what is to be committed: they ask it whether they may begin. It has no state. */
class Coordinator implements OperatorCoordinator, CoordinationRequestHandler {
  /** What a task asks: have the committers that it writes for opened? It says which start of the task it is. */
  static class MayOpen implements CoordinationRequest {
    private static final long serialVersionUID = 1;
    final int start;

    MayOpen(int start) {
      this.start = start;
    }
  }

  /** Makes the coordinator of a stage. */
  static class Provider implements OperatorCoordinator.Provider {
    private static final long serialVersionUID = 1;
    private final OperatorID id;
    private final Plan plan;
    private final Plan.Stage stage;
    private final Ends ends;

    Provider(OperatorID id, Plan plan, Plan.Stage stage, Ends ends) {
      this.id = id;
      this.plan = plan;
      this.stage = stage;
      this.ends = ends;
    }

    @Override
    public OperatorID getOperatorId() {
      return id;
    }

    @Override
    public OperatorCoordinator create(Context c) {
      return stage.commits() ? new Committing(c, stage.id, ends) : new Coordinator(c, plan, stage);
    }
  }

  final Context context;
  private final Plan plan;
  private final Plan.Stage stage;

  Coordinator(Context context, Plan plan, Plan.Stage stage) {
    this.context = context;
    this.plan = plan;
    this.stage = stage;
  }

  @Override
  public CompletableFuture<CoordinationResponse> handleCoordinationRequest(CoordinationRequest r) {
    int start = ((MayOpen) r).start;
    CompletableFuture<CoordinationResponse> all = CompletableFuture.completedFuture(null);
    for (int committer : plan.committersOf(stage.id)) {
      all = all.thenCombine(Opened.of(context.getCoordinatorStore(), committer).when(start), (a, b) -> null);
    }
    return all;
  }

  @Override
  public void start() throws Exception {}

  @Override
  public void close() throws Exception {}

  @Override
  public void handleEventFromOperator(int subtask, int start, OperatorEvent e) throws Exception {}

  @Override
  public void checkpointCoordinator(long checkpoint, CompletableFuture<byte[]> state) {
    state.complete(new byte[0]);
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) {}

  @Override
  public void resetToCheckpoint(long checkpoint, byte[] state) {}

  @Override
  public void subtaskReset(int subtask, long checkpoint) {}

  @Override
  public void executionAttemptFailed(int subtask, int start, Throwable why) {}

  @Override
  public void executionAttemptReady(int subtask, int start, SubtaskGateway gateway) {}
}
