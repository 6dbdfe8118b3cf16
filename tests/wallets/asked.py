"""Runs a program on a terminal of its own and types each line of argv[1] when it is asked for one; prints what stood there.

Usage: asked.py TYPED PROGRAM WORDS...
"""

import os
import pty
import select
import signal
import sys
import termios

signal.alarm(60)  # Nothing here takes longer.
typed = sys.argv[1].split("\n")
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])

shown = b""
answered = 0
while True:
    if not select.select([terminal], [], [], 20)[0]:
        sys.exit(f"nothing came after {shown!r}")
    try:
        came = os.read(terminal, 4096)
    except OSError:  # What Linux says when the other side is closed.
        break
    if not came:
        break
    shown += came
    if answered < len(typed) and shown.count(b": ") > answered and shown.endswith(b": "):
        # The question stands there a moment before the terminal stops to show what is typed.
        while termios.tcgetattr(terminal)[3] & termios.ECHO:
            os.sched_yield()
        os.write(terminal, typed[answered].encode() + b"\n")
        answered += 1

print(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
