package peers;

import java.io.IOException;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.source.legacy.RichParallelSourceFunction;

/** Gives the events of laps in one object that is used again, a block for each time that it holds the checkpoint lock. */
final class FlinkLaps extends RichParallelSourceFunction<FlinkLaps.Sale> implements CheckpointedFunction {
    private static final int BLOCK = 512;

    private transient volatile boolean cancelled;
    private transient ListState<Long> saved;
    private long next = -1; // of the events of all laps

    @Override
    public void run(SourceContext<Sale> out) {
        int me = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        int all = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        long end = (long) Lap.events * Lap.laps, span = Lap.span();
        if (next < 0) next = me;
        Sale sale = new Sale();
        Lap.begin();
        while (next < end && !cancelled) {
            synchronized (out.getCheckpointLock()) {
                long lap = next / Lap.events;
                int i = (int) (next % Lap.events);
                for (int n = 0; n < BLOCK && next < end; n++, next += all, i += all) {
                    if (i >= Lap.events) {
                        i -= Lap.events;
                        lap++;
                    }
                    sale.key = Lap.keys[i];
                    sale.amount = Lap.amounts[i];
                    sale.at = Lap.times[i] + lap * span;
                    out.collect(sale);
                }
            }
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext c) throws Exception {
        saved.clear();
        saved.add(next);
    }

    @Override
    public void initializeState(FunctionInitializationContext c) throws Exception {
        saved = c.getOperatorStateStore().getListState(new ListStateDescriptor<>("next", Long.class));
        for (long at : saved.get()) next = at;
    }

    /** An event, with a serializer by hand: three longs. */
    public static final class Sale {
        static final TypeInformation<Sale> TYPE = new Type();
        public long key, amount, at;
    }

    private static final class Type extends TypeInformation<Sale> {
        public boolean isBasicType() { return false; }
        public boolean isTupleType() { return false; }
        public boolean isKeyType() { return false; }
        public int getArity() { return 3; }
        public int getTotalFields() { return 3; }
        public Class<Sale> getTypeClass() { return Sale.class; }
        public TypeSerializer<Sale> createSerializer(SerializerConfig c) { return new Longs(); }
        public String toString() { return "Sale"; }
        public boolean equals(Object o) { return canEqual(o); }
        public boolean canEqual(Object o) { return o instanceof Type; }
        public int hashCode() { return 3; }
    }

    public static final class Longs extends TypeSerializerSingleton<Sale> {
        public boolean isImmutableType() { return false; }
        public int getLength() { return 3 * Long.BYTES; }
        public Sale createInstance() { return new Sale(); }
        public Sale copy(Sale from) { return copy(from, new Sale()); }

        public Sale copy(Sale from, Sale to) {
            to.key = from.key;
            to.amount = from.amount;
            to.at = from.at;
            return to;
        }

        public void copy(DataInputView in, DataOutputView out) throws IOException {
            out.write(in, getLength());
        }

        public void serialize(Sale s, DataOutputView out) throws IOException {
            out.writeLong(s.key);
            out.writeLong(s.amount);
            out.writeLong(s.at);
        }

        public Sale deserialize(DataInputView in) throws IOException {
            return deserialize(new Sale(), in);
        }

        public Sale deserialize(Sale s, DataInputView in) throws IOException {
            s.key = in.readLong();
            s.amount = in.readLong();
            s.at = in.readLong();
            return s;
        }

        public TypeSerializerSnapshot<Sale> snapshotConfiguration() {
            return new Snapshot();
        }

        public static final class Snapshot extends SimpleTypeSerializerSnapshot<Sale> {
            public Snapshot() {
                super(Longs::new);
            }
        }
    }
}
