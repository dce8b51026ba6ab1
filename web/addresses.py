"""Under which addresses other machines find this one."""

from __future__ import annotations

import ipaddress
import socket
import sys
from contextlib import suppress

_TOWARDS = ("192.0.2.1", "10.255.255.254", "192.168.255.254", "172.31.255.254")
"""One in the world, kept free for documentation, and one in each of the ranges of private networks."""
_INSIDE = ("docker", "br-", "veth", "virbr", "lxc", "lxd", "vmnet", "vboxnet", "podman", "cni")
"""Interfaces, by how their names begin, that lead to virtual machines only: no phone is there."""
_SIOCGIFADDR = 0x8915
"""Linux: the address of an interface."""


def own_addresses(*, with_ipv6: bool = False) -> list[str]:
    """Return this machine's addresses in its networks, the one towards the world first; none where it is in none.

    Args:
        with_ipv6: return one of IPv6 where there is none of IPv4, which people can type.
    """
    found = [*(_sent_from(socket.AF_INET, towards) for towards in _TOWARDS), *_of_interfaces(), *_of_name()]
    return _usable(found) or (_usable([_sent_from(socket.AF_INET6, "2001:db8::1")]) if with_ipv6 else [])


def _usable(addresses: list[str]) -> list[str]:
    """Return each address once, without those by which no phone finds this machine."""
    kept = []
    for text in dict.fromkeys(addresses):
        with suppress(ValueError):
            address = ipaddress.ip_address(text)
            if not (address.is_loopback or address.is_link_local or address.is_unspecified):
                kept.append(text)
    return kept


def _sent_from(family: socket.AddressFamily, towards: str) -> str:
    """Return from which of its addresses this machine would send there; no packet is sent."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((towards, 9))
        return str(probe.getsockname()[0])
    return ""


def _of_interfaces() -> list[str]:
    """Return the addresses of the interfaces; the system's calls for that are known here for Linux only."""
    if sys.platform != "linux":
        return []
    import fcntl

    found = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                told = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, name.encode()[:15].ljust(256, b"\0"))
                found += [] if name.startswith(_INSIDE) else [socket.inet_ntoa(told[20:24])]
    return found


def _of_name() -> list[str]:
    with suppress(OSError):
        return [str(each[4][0]) for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return []
