package org.freshet;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.state.KeyGroupStatePartitionStreamProvider;
import org.apache.flink.runtime.state.KeyedStateCheckpointOutputStream;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.SerializedValue;

/**
 * Drives one instance of a stage in a worker. An element is what a worker has sent: the edge, the instance that it is for, and a frame. Each edge that leads away has a side output.
 *
 * <p>That of a source stands behind the source in its task and takes no elements: it has what sources have not, a hook in front of the barrier
 * and state that each instance hears of.
 */
class Stage extends AbstractStreamOperator<byte[]> implements OneInputStreamOperator<byte[], byte[]>, BoundedOneInput, Worker.Output {
  /** The operator of the source that is being opened by this thread: operators of a task are opened from the last to the first. */
  private static final long serialVersionUID = 1;

  static final ThreadLocal<Stage> OPENED = new ThreadLocal<>();

  final Plan plan;
  final Plan.Stage stage;

  transient Worker worker;
  transient ListState<byte[]> rests;
  transient TreeMap<Integer, byte[]> restored;
  transient List<byte[]> restoredRests;
  transient StreamRecord<byte[]> record;
  transient OutputTag<byte[]>[] tags;
  transient MailboxExecutor mailbox;
  transient AtomicBoolean asked;

  Stage(Plan plan, Plan.Stage stage) {
    this.plan = plan;
    this.stage = stage;
  }

  /** Is called when its task is made. Of Flink 2 on only an operator itself may call these methods. */
  @SuppressWarnings("deprecation")
  void begin(StreamOperatorParameters<byte[]> p, ProcessingTimeService clock) {
    setProcessingTimeService(clock);
    setup(p.getContainingTask(), p.getStreamConfig(), p.getOutput());
  }

  static OutputTag<byte[]> tag(int edge) {
    return new OutputTag<>("edge " + edge, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
  }

  boolean reads() {
    return stage.kind.equals("source");
  }

  @Override
  protected boolean isUsingCustomRawKeyedState() {
    return true;
  }

  @Override
  public void initializeState(StateInitializationContext c) throws Exception {
    super.initializeState(c);
    rests = c.getOperatorStateStore()
        .getUnionListState(new ListStateDescriptor<>("rest", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    restoredRests = Worker.list(rests.get());
    restored = new TreeMap<>();
    if (!stage.keyed) {
      return;
    }
    for (KeyGroupStatePartitionStreamProvider p : c.getRawKeyedStateInputs()) {
      DataInputStream in = new DataInputStream(p.getStream());
      byte[] data = new byte[in.readInt()];
      in.readFully(data);
      restored.put(p.getKeyGroupId(), data);
    }
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"})
  public void open() throws Exception {
    super.open();
    record = new StreamRecord<>(null);
    tags = new OutputTag[plan.edges.size()];
    for (Plan.Edge e : plan.from(stage.id)) {
      tags[e.id] = tag(e.id);
    }
    if (reads()) {
      OPENED.set(this); // the source starts the worker, as it has to hear when there is something
      return;
    }
    mailbox = getContainingTask().getMailboxExecutorFactory().createExecutor(getOperatorConfig().getChainIndex());
    asked = new AtomicBoolean();
    start(this::ask);
  }

  void start(Runnable available) throws Exception {
    int index = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
    fits(stage.name, getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks(), stage.instances);
    String folder = getContainingTask().getEnvironment().getTaskManagerInfo().getTmpDirectories()[0];
    worker = new Worker(Program.file(plan, getRuntimeContext(), folder), plan, stage.name, this, available);
    if (!plan.committersOf(stage.id).isEmpty()) {
      awaitCommitters();
    }
    worker.open(plan.request(stage, index), restored, restoredRests);
    if (!restoredRests.isEmpty()) {
      LOG.info("{} goes on, instance {}", stage.name, index);
    }
    restored = null;
    restoredRests = null;
  }

  /**
   * Waits until the committers have opened that the instance writes for: what they drop is of earlier runs, and must not be its own. Nobody has the task do anything
   * else until it has been opened.
   */
  private void awaitCommitters() throws Exception {
    SerializedValue<CoordinationRequest> ask = new SerializedValue<>(new Coordinator.MayOpen(getRuntimeContext().getTaskInfo().getAttemptNumber()));
    for (;;) {
      try {
        getContainingTask().getEnvironment().getOperatorCoordinatorEventGateway().sendRequestToCoordinator(getOperatorID(), ask).get();
        return;
      } catch (ExecutionException e) {
        if (!ExceptionUtils.findThrowable(e, TimeoutException.class).isPresent()) { // which is how long an answer may take
          throw e;
        }
      }
    }
  }

  /** Throws where Flink runs another number of tasks than the plan has: frames are for instances of the plan. */
  static void fits(String name, int tasks, int planned) throws WorkerException {
    if (tasks != planned) {
      throw new WorkerException(name + " has " + tasks + " tasks, and " + planned + " in the plan: the cluster's scheduler has changed the number."
          + " It has to have jobmanager.scheduler: default (not adaptive, not adaptive-batch), and no scheduler-mode: reactive");
    }
  }

  /** Has the task's thread drain the worker when it comes to it. Any thread may call it. */
  private void ask() {
    if (!asked.compareAndSet(false, true)) {
      return;
    }
    try {
      mailbox.execute(this::drain, "frames of a worker");
    } catch (RejectedExecutionException e) {
      // The task ends: what comes now is what its thread waits for.
    }
  }

  private void drain() throws Exception {
    asked.set(false);
    if (worker == null) {
      return;
    }
    if (worker.drain(16) && worker.isReady()) {
      ask(); // others come in between
    }
    drained();
  }

  /** Is called when something that the worker has said may have been taken in. */
  void drained() throws Exception {}

  @Override
  public void frame(int edge, int to, byte[] message, int from) {
    output.collect(tags[edge], record.replace(message));
  }

  @Override
  public void setKeyContextElement1(@SuppressWarnings("rawtypes") StreamRecord r) {}

  @Override
  public void processElement(StreamRecord<byte[]> r) throws Exception {
    worker.frame(r.getValue(), Worker.HEAD);
  }

  @Override
  public void endInput() throws Exception {
    worker.end();
  }

  @Override
  public void prepareSnapshotPreBarrier(long id) throws Exception {
    worker.barrier(id);
  }

  @Override
  public void snapshotState(StateSnapshotContext c) throws Exception {
    super.snapshotState(c);
    worker.save(c.getCheckpointId());
    rests.clear();
    rests.add(worker.rest());
    if (!stage.keyed) {
      worker.forget();
      return;
    }
    KeyedStateCheckpointOutputStream out = c.getRawKeyedOperatorStateOutput();
    DataOutputStream data = new DataOutputStream(out);
    Map<Integer, List<byte[]>> groups = worker.groups();
    for (int g : out.getKeyGroupList()) {
      List<byte[]> pieces = groups.get(g);
      if (pieces != null) {
        out.startNewKeyGroup(g);
        data.writeInt(Worker.length("key group " + g, pieces));
        for (byte[] b : pieces) {
          data.write(b);
        }
      }
    }
    worker.forget();
  }

  @Override
  public void notifyCheckpointComplete(long id) throws Exception {
    super.notifyCheckpointComplete(id);
    if (worker != null) {
      worker.durable(id);
    }
  }

  @Override
  public void close() throws Exception {
    OPENED.remove();
    if (worker != null) {
      worker.close();
      worker = null;
    }
    super.close();
  }
}
