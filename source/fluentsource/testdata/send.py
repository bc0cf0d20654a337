# Sends numbered events: send.py PORT N PAUSE_MILLIS second|nano
import sys
import time

from fluent import sender

port, n, pause = (int(a) for a in sys.argv[1:4])
logger = sender.FluentSender("python", host="127.0.0.1", port=port, nanosecond_precision=sys.argv[4] == "nano")
for i in range(n):
    at = sender.EventTime(i + 1.5) if sys.argv[4] == "nano" else i + 1
    logger.emit_with_time("events", at, {"n": i, "text": "event %d" % i})
    if i % 10 == 0:
        time.sleep(pause / 1000)
while logger.pendings:
    time.sleep(0.1)
    logger.emit_with_time("again", 0, {"n": -1})
logger.close()
