// Sends numbered events by lumberjack-client: port, how many.
const LumberjackClient = require('lumberjack-client')
const [port, count] = process.argv.slice(2).map(Number)
const client = new LumberjackClient({host: '127.0.0.1', port})
const moment = Date.UTC(2026, 10, 28, 10, 11, 12, 345)
for (let n = 0; n < count; n++) {
  client.log({
    '@timestamp': new Date(moment + n),
    message: `GET /cart/${n} HTTP/1.1 – ü`,
    host: {name: 'web-1'},
    fields: {shop: 'books', n},
  })
}
