"""What a process does to itself before it loads a model: it gives up network, processes and files.

Two mechanisms of the Linux kernel, both for unprivileged processes and both final: a seccomp filter
(system calls) and a Landlock ruleset (files). Standard library only: this runs before anything else.

References
----------
Linux man-pages seccomp(2), landlock(7).
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_SECCOMP_SET_MODE_FILTER = 1
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_KILL = 0x80000000
_CLONE_THREAD = 0x00010000
_LD, _JEQ, _JSET, _JGE, _RET = 0x20, 0x15, 0x45, 0x35, 0x06


@dataclass(frozen=True)
class _Calls:
    """Numbers of system calls on one kind of processor; each group fails with one error."""

    arch: int
    seccomp: int
    clone: int
    network: tuple[int, ...]
    processes: tuple[int, ...]
    privileged: tuple[int, ...]


_CLONE3 = 435
_CALLS = {
    "x86_64": _Calls(
        0xC000003E, 317, 56, (41, 42, 43, 49, 50, 288), (57, 58),
        (62, 101, 129, 155, 161, 165, 166, 169, 175, 200, 234, 246, 248, 249, 250, 272, 297, 298,
         308, 310, 311, 313, 320, 321, 323, 424, 425, 426, 427, 434),
    ),
    "aarch64": _Calls(
        0xC00000B7, 277, 220, (198, 200, 201, 202, 203, 242), (),
        (39, 40, 41, 51, 97, 104, 105, 117, 129, 130, 131, 138, 142, 217, 218, 219, 240, 241, 268,
         270, 271, 273, 280, 282, 294, 424, 425, 426, 427, 434),
    ),
}  # fmt: skip
_READ = (1 << 0) | (1 << 2) | (1 << 3)  # execute, read file, read folder
_EVERY = (1 << 13) - 1
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446

_libc = ctypes.CDLL(None, use_errno=True)


def end_with_parent() -> None:
    """Let the kernel kill this process when its parent dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit(memory_mb: int, seconds: int, file_mb: int) -> None:
    """Set the limits of this process: address space, CPU time, size of a file, open files."""
    for which, value in (
        (resource.RLIMIT_AS, memory_mb * 1024**2),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, file_mb * 1024**2),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(which)
        ceiling = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(which, (ceiling, ceiling))


def confine(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Give up everything but reading some folders and writing to some others; for good.

    Raises
    ------
    OSError
        When the kernel does not offer it; then nothing may be loaded.
    """
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs is not available")
    _restrict_files(readable, writable)
    _restrict_calls()


def _restrict_files(readable: Iterable[str], writable: Iterable[str]) -> None:
    version = _libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        raise OSError(ctypes.get_errno(), "Landlock is not available")
    handled = _EVERY | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    handled |= _IOCTL if version >= 5 else 0
    attributes = struct.pack("QQ", handled, 0)[: 8 if version < 4 else 16]
    ruleset = _libc.syscall(_LANDLOCK_CREATE, attributes, len(attributes), 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "Landlock refuses a ruleset")
    for path in readable:
        _allow(ruleset, path, _READ & handled)
    for path in writable:
        _allow(ruleset, path, handled)
    if _libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) != 0:
        raise OSError(ctypes.get_errno(), "Landlock does not restrict")
    os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not os.path.isdir(path):  # noqa: PTH112 - the standard library before anything else
        access &= (1 << 0) | (1 << 1) | (1 << 2) | _TRUNCATE | _IOCTL
    rule = struct.pack("=Qi", access, descriptor)
    if _libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, 0) != 0:
        raise OSError(ctypes.get_errno(), f"Landlock refuses the rule for {path}")
    os.close(descriptor)


def _restrict_calls() -> None:
    calls = _CALLS.get(platform.machine())
    if calls is None:
        raise OSError(errno.ENOSYS, "no filter of system calls for this processor")
    program = _program(calls)
    filters = b"".join(struct.pack("HBBI", *each) for each in program)
    held = ctypes.create_string_buffer(filters, len(filters))
    described = struct.pack("HxxxxxxP", len(program), ctypes.addressof(held))
    if _libc.syscall(calls.seccomp, _SECCOMP_SET_MODE_FILTER, 0, described) != 0:
        raise OSError(ctypes.get_errno(), "seccomp refuses the filter")


def _program(calls: _Calls) -> list[tuple[int, int, int, int]]:
    """Return the filter: classic BPF over the number of the call and its first argument."""
    steps = [
        (_LD, 0, 0, 4), (_JEQ, 1, 0, calls.arch), (_RET, 0, 0, _KILL),
        (_LD, 0, 0, 0), (_JGE, 0, 1, 0x40000000), (_RET, 0, 0, _KILL),
    ]  # fmt: skip
    denied = (
        (errno.ENETUNREACH, calls.network),
        (errno.EAGAIN, calls.processes),
        (errno.EPERM, calls.privileged),
        (errno.ENOSYS, (_CLONE3,)),
    )
    for code, numbers in denied:
        for number in numbers:
            steps += [(_JEQ, 0, 1, number), (_RET, 0, 0, _ERRNO | code)]
    steps += [
        (_JEQ, 0, 3, calls.clone), (_LD, 0, 0, 16), (_JSET, 1, 0, _CLONE_THREAD),
        (_RET, 0, 0, _ERRNO | errno.EAGAIN), (_RET, 0, 0, _ALLOW),
    ]  # fmt: skip
    return steps
