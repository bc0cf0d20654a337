import java.net.InetSocketAddress;
import java.net.Socket;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;

/** One process of a stand-alone cluster, as Spark's own scripts start it: a master at a port, or a worker of a master. It ends with its standard input. */
public class Standalone {
  public static void main(String[] none) throws Exception {
    String host = System.getProperty("host");
    int port = Integer.getInteger("port");
    boolean worker = System.getProperty("master") != null;
    Thread main = new Thread(() -> {
      try {
        if (worker) {
          Worker.main(new String[] {"--host", host, "--port", "" + port, "--webui-port", "0", "-c", "2", "-m", "600M", "-d", System.getProperty("folder"), System.getProperty("master")});
        } else {
          Master.main(new String[] {"--host", host, "--port", "" + port, "--webui-port", "0"});
        }
      } catch (Throwable e) {
        e.printStackTrace();
        Runtime.getRuntime().halt(1);
      }
    });
    main.setDaemon(true);
    main.start();
    for (;;) {
      try (Socket s = new Socket()) {
        s.connect(new InetSocketAddress(host, port), 1000);
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
