# SPDX-License-Identifier: MIT
"""What a person at a terminal sees of a program.

terminal.py [WORD…]: starts an interactive shell on a new terminal, types
commands with the given words before them, presses keys, and prints one line
for each observation.
"""
import fcntl
import os
import pty
import re
import select
import shlex
import struct
import sys
import termios
import time

PROMPT = "ready-for-more> "
LIMIT = 15


class Terminal:
    def __init__(self):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        self.resize(24, 80)
        self.type("bind 'set enable-bracketed-paste off' 2>/dev/null; "
                  "stty -echo; PS2=; PS1='ready-for''-more> '\n")
        self.expect(PROMPT)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, text):
        """Reads until the text comes; returns what came before it."""
        end = time.monotonic() + LIMIT
        while text not in self.seen:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise TimeoutError(f"no {text!r} in {self.seen!r}")
            self.seen += os.read(self.fd, 4096).decode(errors="replace")
        before, self.seen = self.seen.split(text, 1)
        return before

    def status(self):
        """Exit status of the last command."""
        self.expect(PROMPT)
        self.type("echo status=$?=\n")
        self.expect("status=")
        status = self.expect("=")
        self.expect(PROMPT)
        return status


def observe(terminal, prefix):
    def start(*words):
        terminal.type(shlex.join([*prefix, *words]) + "\n")

    start("sh", "-c", "tty | tr 0-9 N; stty size; ps -o stat= -p $$ | tr -d -c +")
    shown = terminal.expect(PROMPT).split()
    yield "terminal " + " ".join(shown)
    terminal.type("\n")
    yield "then status " + terminal.status()

    start("sh", "-c", "echo by name > $(tty); echo through tty > /dev/tty")
    yield "own terminal " + " ".join(terminal.expect(PROMPT).split())

    start("sh", "-c", "echo go; read line; echo got=$line=")
    terminal.expect("go")
    terminal.type("some words\n")
    terminal.expect("got=")
    yield "input " + terminal.expect("=")
    yield "input status " + terminal.status()

    start("sh", "-c", "echo go; exec sleep 60")
    terminal.expect("go")
    terminal.type("\x03")
    yield "ctrl-c status " + terminal.status()

    start("sh", "-c", "trap 'echo caught; exit 4' INT; echo go; "
          "while :; do sleep 0.1; done")
    terminal.expect("go")
    terminal.type("\x03")
    terminal.expect("caught")
    yield "caught ctrl-c status " + terminal.status()

    start("sh", "-c", "echo go; exec cat")
    terminal.expect("go")
    time.sleep(0.3)
    terminal.type("\x1a")
    stopped = terminal.expect(PROMPT)
    yield "ctrl-z " + str(bool(re.search("Stopped", stopped)))
    terminal.type("fg\n")
    terminal.type("after\n")
    terminal.expect("after")
    terminal.type("\x04")
    yield "fg status " + terminal.status()

    start("sh", "-c", "trap 'stty size; exit 6' WINCH; echo go; "
          "while :; do sleep 0.1; done")
    terminal.expect("go")
    time.sleep(0.3)
    terminal.resize(30, 100)
    terminal.expect("30 100")
    yield "resize status " + terminal.status()


def main():
    terminal = Terminal()
    for line in observe(terminal, sys.argv[1:]):
        print(line, flush=True)
    terminal.type("exit\n")


main()
