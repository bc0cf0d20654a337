import java.net.InetSocketAddress;
import java.net.Socket;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;

/** One process of a stand-alone cluster, as Flink's own scripts start it: a JobManager that serves REST at a port, or a TaskManager. It ends with its standard input. */
public class Standalone {
  public static void main(String[] none) throws Exception {
    String[] args = {"--configDir", System.getProperty("folder")};
    int port = Integer.getInteger("port", 0);
    Thread main = new Thread(() -> {
      try {
        if (port > 0) {
          StandaloneSessionClusterEntrypoint.main(args);
        } else {
          TaskManagerRunner.main(args);
        }
      } catch (Throwable e) {
        e.printStackTrace();
        Runtime.getRuntime().halt(1);
      }
    });
    main.setDaemon(true);
    main.start();
    while (port > 0) {
      try (Socket s = new Socket()) {
        s.connect(new InetSocketAddress("127.0.0.1", port), 1000);
        break;
      } catch (java.io.IOException e) {
        Thread.sleep(50);
      }
    }
    System.out.println("READY");
    while (System.in.read() >= 0) {
    }
    Runtime.getRuntime().halt(0);
  }
}
