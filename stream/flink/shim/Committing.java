package org.freshet;

import org.apache.flink.runtime.checkpoint.CheckpointCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;

/**
 * Stands in the JobManager for a committer. It lets the writers begin when that has opened, and has a last checkpoint taken when all that feeds the committers of
 * the job has ended: sources may end when that is committed.
 */
class Committing extends Coordinator implements Ends.Member {
  /** What a committer says. */
  enum Said implements OperatorEvent {
    /** It has opened. */
    OPENED,
    /** All that feeds it has ended, and not all is committed. It says so again. */
    ENDED,
    /** All is committed. */
    COMMITTED
  }

  private final int stage;
  private final Ends ends;
  private boolean ended;
  private boolean committed;
  private boolean asked;

  Committing(Context context, int stage, Ends ends) {
    super(context, null, null);
    this.stage = stage;
    this.ends = ends;
  }

  @Override
  public void start() {
    ends.begins(stage, this);
  }

  @Override
  public void close() {
    ends.leaves(stage, this);
  }

  @Override
  public void handleEventFromOperator(int subtask, int start, OperatorEvent e) {
    synchronized (this) {
      ended = e != Said.OPENED;
      committed = e == Said.COMMITTED;
    }
    if (e == Said.OPENED) {
      Opened.of(context.getCoordinatorStore(), stage).opens(start);
    }
    ends.look();
  }

  /** It is about to be started again. */
  @Override
  public synchronized void subtaskReset(int subtask, long checkpoint) {
    ended = false;
    committed = false;
  }

  /** All of the job is. */
  @Override
  public void resetToCheckpoint(long checkpoint, byte[] state) {
    subtaskReset(0, checkpoint);
  }

  @Override
  public synchronized boolean hasEnded() {
    return ended;
  }

  @Override
  public synchronized boolean isDone() {
    return committed;
  }

  /** Has a checkpoint taken, unless one that was asked for is still under way. The next one may be due in an hour, or never. */
  @Override
  public void last() {
    CheckpointCoordinator all = context.getCheckpointCoordinator();
    synchronized (this) {
      if (all == null || asked) {
        return;
      }
      asked = true;
    }
    // It has a lock, under which it resets the coordinators of a job: so it is not called under ours.
    all.triggerCheckpoint(false).whenComplete((checkpoint, e) -> answered());
  }

  private synchronized void answered() {
    asked = false;
  }

  @Override
  public void release() {}
}
