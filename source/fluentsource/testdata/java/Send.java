import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.HashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.fluentd.logger.FluentLogger;
import org.komamitsu.fluency.EventTime;
import org.komamitsu.fluency.Fluency;
import org.komamitsu.fluency.fluentd.FluencyBuilderForFluentd;

/** Sends numbered events: Send logger|fluency-ack|fluency-tls PORT N PAUSE_MILLIS. */
class Send {
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[1]), n = Integer.parseInt(args[2]), pause = Integer.parseInt(args[3]);
        if (args[0].equals("logger")) {
            FluentLogger logger = FluentLogger.getLogger("java", "127.0.0.1", port);
            for (int i = 0; i < n; i++) {
                Map<String, Object> event = new HashMap<>(event(i));
                while (!logger.log("events", event, i + 1)) {
                    Thread.sleep(10);
                }
                Thread.sleep(i % 10 == 0 ? pause : 0);
            }
            logger.flush();
            logger.close();
            return;
        }
        FluencyBuilderForFluentd builder = new FluencyBuilderForFluentd();
        builder.setAckResponseMode(args[0].endsWith("-ack"));
        builder.setFlushAttemptIntervalMillis(20);
        builder.setBufferChunkInitialSize(1000);
        builder.setBufferChunkRetentionSize(2000);
        builder.setSenderMaxRetryCount(1000);
        builder.setSenderMaxRetryIntervalMillis(100);
        if (args[0].endsWith("-tls")) {
            builder.setSslEnabled(true);
            builder.setSslSocketFactory(trusting().getSocketFactory());
        }
        try (Fluency fluency = builder.build("127.0.0.1", port)) {
            for (int i = 0; i < n; i++) {
                fluency.emit("java.events", EventTime.fromEpoch(i + 1, 5), event(i));
                Thread.sleep(i % 10 == 0 ? pause : 0);
            }
            fluency.flush();
            if (!fluency.waitUntilAllBufferFlushed(30)) {
                throw new IllegalStateException("not flushed");
            }
        }
    }

    static Map<String, Object> event(int i) {
        return Map.of("n", i, "text", "event " + i);
    }

    static SSLContext trusting() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new X509TrustManager() {
            public void checkClientTrusted(X509Certificate[] chain, String type) {}
            public void checkServerTrusted(X509Certificate[] chain, String type) {}
            public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
        }}, new SecureRandom());
        return context;
    }
}
