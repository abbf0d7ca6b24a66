# SPDX-License-Identifier: MIT
"""Servers for the network test, all of them on this host.

servers.py DIRECTORY INSIDE OUTSIDE: prints the ports of its TCP listeners as
NAME=PORT words on one line, and appends to DIRECTORY/reached the name of each
server that something came to. Ends when its standard input does.

    v4a v4b v6   TCP on 127.0.0.1, 127.0.0.1, ::1; they answer one line of HTTP
    udp          UDP on 127.0.0.1
    stream dgram unix sockets below INSIDE and OUTSIDE, and abstract ones named
                 after OUTSIDE
"""
import os
import select
import socket
import sys

ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"


def tcp(family, host):
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.bind((host, 0))
    sock.listen(64)
    return sock


def udp():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock


def unix(kind, address):
    sock = socket.socket(socket.AF_UNIX, kind)
    sock.bind(address)
    if kind == socket.SOCK_STREAM:
        sock.listen(64)
    return sock


def serve(sock):
    """Takes one connection or message."""
    if sock.type == socket.SOCK_DGRAM:
        sock.recv(100)
        return
    connection, _ = sock.accept()
    with connection:
        connection.settimeout(0.2)
        try:
            connection.recv(1000)
            connection.sendall(ANSWER)
        except OSError:
            pass


def main():
    directory, inside, outside = sys.argv[1:]
    servers = {
        "v4a": tcp(socket.AF_INET, "127.0.0.1"),
        "v4b": tcp(socket.AF_INET, "127.0.0.1"),
        "udp": udp(),
    }
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
        servers["v6"] = tcp(socket.AF_INET6, "::1")
    for place, name in ((inside, "inside"), (outside, "outside")):
        servers[name + "-stream"] = unix(socket.SOCK_STREAM, place + "/stream")
        servers[name + "-dgram"] = unix(socket.SOCK_DGRAM, place + "/dgram")
    servers["abstract-stream"] = unix(
        socket.SOCK_STREAM, "\0" + outside + "/stream")
    servers["abstract-dgram"] = unix(
        socket.SOCK_DGRAM, "\0" + outside + "/dgram")
    print(*(f"{name}={sock.getsockname()[1]}"
            for name, sock in servers.items() if sock.family != socket.AF_UNIX),
          flush=True)
    names = {sock.fileno(): name for name, sock in servers.items()}
    with open(directory + "/reached", "a", buffering=1) as reached:
        while True:
            ready, _, _ = select.select([0, *servers.values()], [], [])
            if 0 in ready:
                break
            for sock in ready:
                print(names[sock.fileno()], file=reached)
                serve(sock)


main()
