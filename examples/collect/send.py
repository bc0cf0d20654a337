"""Sends each line of its input, an event in JSON, by pylogbeat: host, port.

A window that is not acknowledged is sent again.
"""
import itertools
import json
import sys
import time

from pylogbeat import PyLogBeatClient

host, port = sys.argv[1], int(sys.argv[2])
events = (json.loads(line) for line in sys.stdin)
client = None
while window := list(itertools.islice(events, 500)):
    while True:
        try:
            if client is None:
                client = PyLogBeatClient(host, port, timeout=20)
                client.connect()
            client.send(window)
            break
        except Exception:  # whatever it is, the window counts as not sent
            client = None
            time.sleep(0.1)
if client is not None:
    client.close()
