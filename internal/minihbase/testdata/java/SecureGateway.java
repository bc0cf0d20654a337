import java.io.File;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.rest.RESTServer;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * A REST gateway in a process of its own that asks for tickets of Kerberos (SPNEGO), in front of a MiniHBase, which asks nobody.
 *
 * Properties: zookeeper is the port of the cluster's ZooKeeper, port its own, keytab a file with keys of hbase/localhost and HTTP/localhost, and realm
 * theirs. A file signature of the working directory has a secret.
 */
public class SecureGateway {
  public static void main(String[] args) throws Exception {
    Thread.currentThread().setUncaughtExceptionHandler((main, e) -> { // other threads would go on
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    });
    Configuration conf = HBaseConfiguration.create();
    String here = new File(".").getAbsoluteFile().getParent();
    String keytab = System.getProperty("keytab");
    String realm = System.getProperty("realm");
    conf.set("hbase.tmp.dir", here + "/tmp");
    conf.set("hbase.zookeeper.quorum", "127.0.0.1");
    conf.set("hbase.zookeeper.property.clientPort", System.getProperty("zookeeper"));
    conf.set("hbase.rest.host", "127.0.0.1");
    conf.set("hbase.rest.port", System.getProperty("port"));
    conf.setInt("hbase.rest.info.port", -1);
    conf.setInt("hbase.client.retries.number", 3);
    conf.set("hadoop.security.authentication", "kerberos");
    conf.set("hbase.security.authentication", "kerberos");
    conf.set("hbase.ipc.client.fallback-to-simple-auth-allowed", "true"); // the cluster's servers ask nobody
    conf.set("hbase.master.kerberos.principal", "hbase/localhost@" + realm);
    conf.set("hbase.regionserver.kerberos.principal", "hbase/localhost@" + realm);
    conf.set("hbase.rest.keytab.file", keytab);
    conf.set("hbase.rest.kerberos.principal", "hbase/localhost@" + realm);
    conf.set("hbase.rest.authentication.type", "kerberos");
    conf.set("hbase.rest.authentication.kerberos.keytab", keytab);
    conf.set("hbase.rest.authentication.kerberos.principal", "HTTP/localhost@" + realm);
    conf.set("hbase.rest.authentication.signature.secret.file", here + "/signature");
    UserGroupInformation.setConfiguration(conf);
    new RESTServer(conf).run();
    System.out.println("READY");
    while (System.in.read() >= 0) {
      // It takes no commands.
    }
    Runtime.getRuntime().halt(0);
  }
}
