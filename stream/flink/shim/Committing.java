package org.freshet;

import org.apache.flink.runtime.checkpoint.CheckpointCoordinator;
import org.apache.flink.runtime.checkpoint.CheckpointException;
import org.apache.flink.runtime.checkpoint.CheckpointFailureReason;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.util.ExceptionUtils;

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

  /** How often in a row, and for how many nanoseconds, the last checkpoint may be refused as tasks have finished. */
  private static final int MOST = 5;

  private static final long PATIENCE = 5_000_000_000L;

  private final int stage;
  private final Ends ends;
  private boolean ended;
  private boolean committed;
  private boolean asked;
  private int refused;
  /** When the first of these was. */
  private long refusedSince;

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
    refused = 0;
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
    all.triggerCheckpoint(false).whenComplete((checkpoint, e) -> answered(e));
  }

  /**
   * Fails the job where there will be no last checkpoint. Flink takes none when a task has finished. Where no exchange connects two flows it starts each of them again alone: one that
   * fails when a task of the other has finished would ask for ever. A whole job that is started again has all tasks. A flow that is just being started again may have such a task as well, so
   * one refusal says nothing.
   */
  private void answered(Throwable e) {
    synchronized (this) {
      asked = false;
      if (!finished(e)) {
        refused = 0;
        return;
      }
      long now = System.nanoTime();
      if (refused++ == 0) {
        refusedSince = now;
      }
      if (refused < MOST || now - refusedSince < PATIENCE) {
        return;
      }
      refused = 0;
    }
    context.failJob(new WorkerException("a task has failed when others of the job had finished, behind which Flink takes no checkpoint: all of the job has to go on from the last one"));
  }

  /** Whether a checkpoint was refused as tasks have finished. The reason is also that of tasks that do not run yet, so the text says which. */
  private static boolean finished(Throwable e) {
    return ExceptionUtils.findThrowable(e, CheckpointException.class)
        .map(x -> x.getCheckpointFailureReason() == CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING && x.getMessage().contains("have already finished"))
        .orElse(false);
  }

  @Override
  public void release() {}
}
