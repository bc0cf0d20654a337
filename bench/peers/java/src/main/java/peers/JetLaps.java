package peers;

import com.hazelcast.jet.core.AbstractProcessor;
import com.hazelcast.jet.core.BroadcastKey;
import java.io.Serializable;

/** Gives the events of laps; of each snapshot, the event that comes next is a part. */
final class JetLaps extends AbstractProcessor {
    private static final int BLOCK = 1024; // a cooperative processor yields

    record Sale(long key, long amount, long at) implements Serializable {}

    private int me, all;
    private long next, end;
    private Sale pending;

    @Override
    protected void init(Context c) {
        me = c.globalProcessorIndex();
        all = c.totalParallelism();
        next = me;
        end = (long) Lap.events * Lap.laps;
    }

    @Override
    public boolean complete() {
        Lap.begin();
        for (int n = 0; n < BLOCK; n++) {
            if (next >= end) return true;
            if (pending == null) {
                int i = (int) (next % Lap.events);
                pending = new Sale(Lap.keys[i], Lap.amounts[i], Lap.times[i] + next / Lap.events * Lap.span());
            }
            if (!tryEmit(pending)) return false;
            pending = null;
            next += all;
        }
        return false;
    }

    @Override
    public boolean saveToSnapshot() {
        return tryEmitToSnapshot(BroadcastKey.broadcastKey(me), next);
    }

    @Override
    protected void restoreFromSnapshot(Object key, Object value) {
        if (((BroadcastKey<?>) key).key().equals(me)) next = (Long) value;
    }
}
