"""Runs a program on a terminal of its own until argv[1] stands there, and types Ctrl-C; prints what stood there.

Usage: watched.py EXPECTED PROGRAM WORDS...
"""

import os
import pty
import signal
import sys

signal.alarm(60)  # Nothing here takes longer.
expected = sys.argv[1].encode()
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])

shown = b""
while True:
    try:
        came = os.read(terminal, 4096)
    except OSError:  # What Linux says when the other side is closed.
        break
    if not came:
        break
    if expected not in shown and expected in shown + came:
        os.write(terminal, b"\x03")
    shown += came

print(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
