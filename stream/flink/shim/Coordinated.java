package org.freshet;

import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;

/** Makes the operators of a stage that commits or writes what is to be committed: it has a coordinator. */
class Coordinated extends Made implements CoordinatedOperatorFactory<byte[]> {
  private static final long serialVersionUID = 1;
  private final Ends ends;

  Coordinated(Plan plan, Plan.Stage stage, Ends ends) {
    super(plan, stage);
    this.ends = ends;
  }

  @Override
  public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID id) {
    return new Coordinator.Provider(id, plan, stage, ends);
  }
}
