import ch.qos.logback.classic.LoggerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Logs numbered events, as logback.xml says, and every hundredth with a stack trace: how many. */
public class Send {
    public static void main(String[] args) {
        Logger log = LoggerFactory.getLogger("shop.cart");
        int count = Integer.parseInt(args[0]);
        for (int n = 0; n < count; n++) {
            MDC.put("n", Integer.toString(n));
            if (n % 100 == 99) {
                log.error("order {} – ü", n, new IllegalStateException("out of stock"));
            } else {
                log.info("order {} – ü", n);
            }
        }
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop(); // waits until all is sent
    }
}
