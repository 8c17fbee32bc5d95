"""Which addresses may be spoken to: a name is resolved once, and what it resolved to is what is called.

Notes
-----
A name that resolves to a public address when it is checked and to a private one when it is used
(DNS rebinding) gains nothing, since there is no second look. An IPv4 address hidden in an IPv6 one
(mapped, 6to4, Teredo, NAT64) is judged as itself. Link-local addresses and those under which clouds
hand out credentials are never spoken to, whatever was allowed.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from services.kernel.error import InvalidInput, SourceUnavailable

Address = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")
_METADATA = frozenset(
    ip_address(each) for each in ("100.100.100.200", "168.63.129.16", "fd00:ec2::254")
)


def resolved(host: str, port: int, *, allow_private: bool) -> tuple[str, ...]:
    """Return the addresses of a host, every one of which may be spoken to.

    Raises
    ------
    SourceUnavailable
        When the name does not resolve.
    InvalidInput
        When one of its addresses may not be spoken to.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnavailable("The receiver's name does not resolve.") from error
    addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found))
    for each in addresses:
        if not permitted(ip_address(each.partition("%")[0]), allow_private=allow_private):
            raise InvalidInput(
                "The receiver's address lies inside this network or is nobody's; nothing was sent."
            )
    return addresses


def permitted(address: Address, *, allow_private: bool) -> bool:
    """Tell whether an address may be spoken to.

    Parameters
    ----------
    allow_private
        Whether addresses of this machine and of private networks count too.
    """
    seen = _seen(address)
    if seen.is_link_local or seen.is_multicast or seen.is_unspecified or seen in _METADATA:
        return False
    local = seen.is_reserved or (isinstance(seen, IPv6Address) and seen.is_site_local)
    return allow_private or (seen.is_global and not local)


def _seen(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
