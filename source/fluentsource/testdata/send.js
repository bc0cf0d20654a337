// Sends numbered events: send.js MODULES PORT N PAUSE_MILLIS '{"eventMode": "Message"}'
const [modules, port, n, pause, options] = process.argv.slice(2);
const { FluentClient } = require(modules + "/@fluent-org/logger");
const given = JSON.parse(options);
if (given.socket && given.socket.tls) given.socket.tls.rejectUnauthorized = false;
const client = new FluentClient("node", {
  ...given,
  socket: { ...given.socket, host: "127.0.0.1", port: Number(port), timeout: 10000 },
});
(async () => {
  const sent = [];
  for (let i = 0; i < Number(n); i++) {
    sent.push(client.emit("events", { n: i, text: "event " + i }, (i + 1) * 1000));
    if (i % 10 === 0 && Number(pause) > 0) await new Promise((r) => setTimeout(r, Number(pause)));
  }
  await Promise.all(sent);
  await client.disconnect();
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
