"""Sends numbered events by pylogbeat: port, how many, how many in a window, and for TLS a root, a certificate and a key."""
import sys
from datetime import datetime, timedelta, timezone

from pylogbeat import PyLogBeatClient

port, count, window = map(int, sys.argv[1:4])
secure = {}
if len(sys.argv) > 4:
    secure = dict(ssl_enable=True, ssl_verify=True, ca_certs=sys.argv[4], certfile=sys.argv[5], keyfile=sys.argv[6])
moment = datetime(2026, 11, 28, 10, 11, 12, 345000, timezone.utc)


def event(n):
    at = moment + timedelta(milliseconds=n)
    return {
        '@timestamp': at.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (at.microsecond // 1000),
        '@version': '1',
        'message': 'GET /cart/%d HTTP/1.1 \u2013 \u00fc' % n,
        'host': {'name': 'web-1'},
        'fields': {'shop': 'books', 'n': n},
    }


with PyLogBeatClient('127.0.0.1', port, timeout=20, **secure) as client:
    for first in range(0, count, window):
        client.send([event(n) for n in range(first, min(first + window, count))])
