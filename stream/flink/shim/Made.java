package org.freshet;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the operators of a stage. */
class Made extends AbstractStreamOperatorFactory<byte[]> implements OneInputStreamOperatorFactory<byte[], byte[]> {
  private static final long serialVersionUID = 1;
  final Plan plan;
  final Plan.Stage stage;

  Made(Plan plan, Plan.Stage stage) {
    this.plan = plan;
    this.stage = stage;
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<byte[]>> T createStreamOperator(StreamOperatorParameters<byte[]> p) {
    Stage s = stage.commits() ? new Commit(plan, stage) : new Stage(plan, stage);
    s.begin(p, processingTimeService);
    return (T) s;
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader loader) {
    return stage.commits() ? Commit.class : Stage.class;
  }
}
