"""`custrec` as shells call it in tests: has a warm process run the command with these streams, and ends as it ended.

    python -IS tests/warm_client.py SOCKET WORDS…

It loads next to nothing, so that it takes a hundredth of a second. See warm_terminal.py for what is said.
"""

import _socket
import marshal
import os
import sys


def main(place: str, words: list[str]) -> int:
    """Run a command; returns its exit code."""
    mask = os.umask(0)
    os.umask(mask)
    order = marshal.dumps((words, os.getcwd(), dict(os.environ), mask))  # noqa: PTH109 (pathlib is slow to load)
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    server.connect(place)
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
    server.sendmsg([len(order).to_bytes(8, "little")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    server.sendall(order)
    _number(server)
    code = _number(server)
    if code < 0:
        os.kill(os.getpid(), -code)
    return code


def _number(server: _socket.socket) -> int:
    return int.from_bytes(server.recv(8, _socket.MSG_WAITALL), "little", signed=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
