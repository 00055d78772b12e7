# SPDX-License-Identifier: MIT
"""What is behind a socket when it is no agent, or none that behaves; and something in between."""
import os
import socket
import threading
import time


class Server:
    """A unix socket; each client is handed to a function in a thread of its own.

        with Server(directory, lambda s: s.sendall(b"SSH-2.0-x\\r\\n")) as server: server.target
    """

    def __init__(self, directory, handle):
        self.path = os.path.join(directory, "peer.sock")
        self.handle, self.clients = handle, []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(4)
        self.target = f"unix:{self.path}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.clients.append(client)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            self.handle(client)
        except OSError:
            pass
        client.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in (self.listener, *self.clients):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()


def agent(answer, stale=b""):
    """An agent whose answers, but to a sync, are what `answer(request, n)` gives: bytes, or None for
    none; it may also raise ConnectionError, to go. `stale` comes before everything."""

    def handle(client):
        client.sendall(stale)
        pending, n = b"", 0
        while True:
            data = client.recv(1 << 16)
            if not data:
                return
            pending += data
            while b"\n" in pending:
                line, _, pending = pending.partition(b"\n")
                if b"guest-sync-delimited" in line:
                    number = line.rsplit(b":", 1)[1].strip(b"}")
                    client.sendall(b'\xff{"return": ' + number + b"}\n")
                    continue
                said = answer(line, n)
                n += 1
                if said is not None:
                    client.sendall(said)

    return handle


def trickle(client, piece=b"x", pause=0.05):
    """Bytes without end, slowly."""
    while True:
        client.sendall(piece)
        time.sleep(pause)


def through(sock, limit=None, greeting=None):
    """Passes bytes on to another socket and back; after `limit` bytes from there everything is cut.
    greeting(client): a handshake first; False ends it."""

    def handle(client):
        if greeting and not greeting(client):
            return
        inner = socket.socket(socket.AF_UNIX)
        inner.connect(str(sock))
        left = [limit]

        def back():
            while True:
                data = inner.recv(1 << 16)
                if left[0] is not None:
                    left[0] -= len(data)
                if not data or (left[0] is not None and left[0] < 0):
                    break
                client.sendall(data)
            for s in (inner, client):  # who is told that it is over finds the agent free
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        thread = threading.Thread(target=back, daemon=True)
        thread.start()
        while True:
            data = client.recv(1 << 16)
            if not data:
                break
            inner.sendall(data)
        try:
            inner.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        thread.join(5)
        inner.close()

    return handle
