package org.freshet;

import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.util.SerializedValue;

/** Drives the committer of a sink. It has one instance, and outputs nothing. */
class Commit extends Stage {
  private static final long serialVersionUID = 1;
  /** How often it says that it has not committed all, in milliseconds. */
  private static final long AGAIN = 1000;

  /** The first checkpoint that holds all that there will be; 0 if there is none yet. */
  private transient long whole;
  private transient boolean committed;
  private transient boolean said;

  Commit(Plan plan, Plan.Stage stage) {
    super(plan, stage);
  }

  private void say(Committing.Said what) throws Exception {
    getContainingTask().getEnvironment().getOperatorCoordinatorEventGateway()
        .sendOperatorEventToCoordinator(getOperatorID(), new SerializedValue<OperatorEvent>(what));
  }

  @Override
  void start(Runnable available) throws Exception {
    super.start(available);
    say(Committing.Said.OPENED);
  }

  @Override
  void drained() throws Exception {
    if (worker.hasEnded() && !said) {
      said = true;
      sayEnded();
    }
  }

  private void sayEnded() throws Exception {
    if (committed) {
      return;
    }
    say(Committing.Said.ENDED);
    long now = getProcessingTimeService().getCurrentProcessingTime();
    getProcessingTimeService().registerTimer(now + AGAIN, time -> sayEnded());
  }

  @Override
  public void prepareSnapshotPreBarrier(long id) throws Exception {
    super.prepareSnapshotPreBarrier(id);
    if (whole == 0 && worker.hasEnded()) { // it has said so in front of the barrier
      whole = id;
    }
    drained();
  }

  /** Returns when all is committed that the checkpoint holds: after a savepoint the job may end at once. */
  @Override
  public void notifyCheckpointComplete(long id) throws Exception {
    super.notifyCheckpointComplete(id);
    if (worker == null) {
      return;
    }
    worker.committed(id);
    drained();
    if (whole > 0 && id >= whole && !committed) {
      committed = true;
      say(Committing.Said.COMMITTED);
    }
  }
}
