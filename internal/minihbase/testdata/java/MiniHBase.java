import com.github.benmanes.caffeine.cache.Cache;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.HRegionLocation;
import org.apache.hadoop.hbase.LocalHBaseCluster;
import org.apache.hadoop.hbase.ServerName;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.Admin;
import org.apache.hadoop.hbase.client.ColumnFamilyDescriptorBuilder;
import org.apache.hadoop.hbase.client.Connection;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.TableDescriptorBuilder;
import org.apache.hadoop.hbase.rest.RESTServer;
import org.apache.hadoop.hbase.util.Bytes;
import org.apache.hadoop.hbase.zookeeper.MiniZooKeeperCluster;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;

/**
 * ZooKeeper, a master, two region servers and the REST gateway in one process, with their files below the
 * working directory. Keys in commands are texts with \x00 for other bytes:
 *
 *   create TABLE FAMILY:VERSIONS,... [KEY ...]   a table that is split at the keys
 *   drop TABLE
 *   move TABLE KEY                               the region that holds the key, to the other region server
 *   split TABLE KEY                              the region that holds the key, at the key
 *   flush TABLE
 *   offline TABLE KEY                            the region that holds the key is closed, until
 *   online TABLE KEY
 *   gateway stop | start | restart               the REST gateway, on the same port, and without its scanners
 */
public class MiniHBase {
  static Configuration conf;
  static RESTServer rest;
  static Connection connection;

  public static void main(String[] args) throws Exception {
    Thread.currentThread().setUncaughtExceptionHandler((main, e) -> { // other threads would go on
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    });
    DefaultMetricsSystem.setMiniClusterMode(true); // two region servers in one process count under the same names
    conf = HBaseConfiguration.create();
    String here = new File(".").getAbsoluteFile().getParent();
    conf.set("hbase.rootdir", "file://" + here + "/root");
    conf.set("hbase.tmp.dir", here + "/tmp");
    conf.set("hbase.cluster.distributed", "false");
    conf.set("hbase.unsafe.stream.capability.enforce", "false");
    conf.set("hbase.wal.provider", "filesystem");
    conf.setBoolean("hbase.localcluster.assign.random.ports", true);
    conf.set("hbase.zookeeper.quorum", "127.0.0.1");
    for (String part : new String[] {"master", "regionserver"}) {
      conf.set("hbase." + part + ".hostname", "localhost");
      conf.set("hbase." + part + ".ipc.address", "127.0.0.1");
      conf.setInt("hbase." + part + ".info.port", -1);
    }
    conf.setInt("hbase.rest.port", freePort());
    conf.set("hbase.rest.host", "127.0.0.1");
    conf.setInt("hbase.rest.info.port", -1);
    conf.setInt("hbase.client.retries.number", 3); // or the gateway waits for a region for minutes
    conf.setInt("hbase.client.pause", 50);
    conf.setInt("hbase.regionserver.handler.count", 8);
    conf.setInt("hbase.master.wait.on.regionservers.mintostart", 2);
    conf.setInt("hbase.master.wait.on.regionservers.interval", 100);
    conf.setInt("hbase.master.start.timeout.localHBaseCluster", 300000);
    conf.setInt("hbase.regionserver.msginterval", 100);
    conf.setInt("hbase.procedure.remote.dispatcher.delay.msec", 20);

    MiniZooKeeperCluster zk = new MiniZooKeeperCluster(conf);
    conf.setInt("hbase.zookeeper.property.clientPort", zk.startup(new File(here, "zk")));
    LocalHBaseCluster cluster = new LocalHBaseCluster(conf, 2);
    cluster.startup();
    while (!cluster.getActiveMaster().isInitialized()) Thread.sleep(20);
    connection = ConnectionFactory.createConnection(conf);
    gateway("start");
    System.out.println("READY http://127.0.0.1:" + conf.get("hbase.rest.port") + " " + conf.get("hbase.zookeeper.property.clientPort"));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null;) {
      try {
        run(line.split(" "));
        System.out.println("OK");
      } catch (Throwable e) {
        System.out.println("ERR " + e.toString().replace('\n', ' '));
      }
    }
    Runtime.getRuntime().halt(0);
  }

  static int freePort() throws Exception {
    try (ServerSocket s = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return s.getLocalPort();
    }
  }

  static void gateway(String what) throws Exception {
    if (!what.equals("start")) {
      rest.stop();
      Field scanners = Class.forName("org.apache.hadoop.hbase.rest.ScannerResource").getDeclaredField("scanners");
      scanners.setAccessible(true);
      ((Cache<?, ?>) scanners.get(null)).invalidateAll();
    }
    if (what.equals("stop")) return;
    rest = new RESTServer(conf);
    rest.run();
  }

  static void run(String[] w) throws Exception {
    if (w[0].equals("gateway")) {
      gateway(w[1]);
      return;
    }
    TableName table = TableName.valueOf(w[1]);
    byte[] key = w.length > 2 ? Bytes.toBytesBinary(w[2]) : null;
    try (Admin admin = connection.getAdmin()) {
      switch (w[0]) {
        case "create": {
          TableDescriptorBuilder t = TableDescriptorBuilder.newBuilder(table);
          for (String family : w[2].split(",")) {
            String[] f = family.split(":");
            t.setColumnFamily(ColumnFamilyDescriptorBuilder.newBuilder(Bytes.toBytes(f[0])).setMaxVersions(Integer.parseInt(f[1])).build());
          }
          List<byte[]> keys = new ArrayList<>();
          for (int i = 3; i < w.length; i++) keys.add(Bytes.toBytesBinary(w[i]));
          if (keys.isEmpty()) admin.createTable(t.build());
          else admin.createTable(t.build(), keys.toArray(new byte[0][]));
          break;
        }
        case "drop":
          admin.disableTable(table);
          admin.deleteTable(table);
          break;
        case "flush":
          admin.flush(table);
          break;
        case "move": {
          HRegionLocation at = locate(table, key);
          for (ServerName s : admin.getRegionServers()) {
            if (!s.equals(at.getServerName())) {
              admin.move(at.getRegion().getEncodedNameAsBytes(), s);
              long until = System.currentTimeMillis() + 10_000;
              while (locate(table, key).getServerName().equals(at.getServerName())) {
                if (System.currentTimeMillis() > until) throw new Exception("the region does not move");
                Thread.sleep(10);
              }
              return;
            }
          }
          throw new Exception("there is no other region server");
        }
        case "split": {
          byte[] name = locate(table, key).getRegion().getRegionName();
          admin.splitRegionAsync(name, key).get(10, TimeUnit.SECONDS);
          break;
        }
        case "offline":
          admin.unassign(locate(table, key).getRegion().getRegionName(), true);
          break;
        case "online":
          admin.assign(locate(table, key).getRegion().getRegionName());
          break;
        default:
          throw new Exception("no command " + w[0]);
      }
    }
  }

  static HRegionLocation locate(TableName table, byte[] key) throws Exception {
    return connection.getRegionLocator(table).getRegionLocation(key, true);
  }
}
