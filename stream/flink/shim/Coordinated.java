package org.freshet;

import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the operators of a stage that commits or writes what is to be committed: it has a coordinator. */
class Coordinated extends AbstractStreamOperatorFactory<byte[]> implements OneInputStreamOperatorFactory<byte[], byte[]>, CoordinatedOperatorFactory<byte[]> {
  private static final long serialVersionUID = 1;
  private final Plan plan;
  private final Plan.Stage stage;
  private final Ends ends;

  Coordinated(Plan plan, Plan.Stage stage, Ends ends) {
    this.plan = plan;
    this.stage = stage;
    this.ends = ends;
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID id) {
    return new Coordinator.Provider(id, plan, stage, ends);
  }

  @Override
  @SuppressWarnings({"unchecked", "deprecation"})
  public <T extends StreamOperator<byte[]>> T createStreamOperator(StreamOperatorParameters<byte[]> p) {
    Stage s = stage.commits() ? new Commit(plan, stage) : new Stage(plan, stage);
    s.setProcessingTimeService(processingTimeService);
    s.setup(p.getContainingTask(), p.getStreamConfig(), p.getOutput());
    return (T) s;
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader loader) {
    return stage.commits() ? Commit.class : Stage.class;
  }
}
