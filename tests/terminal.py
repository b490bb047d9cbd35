"""The `charter` command as people run it: at a terminal, or without one."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import pexpect
from click.testing import CliRunner, Result

from charter_builder.cli import charter

SMALL = Path(__file__).parent / "small"
COMMAND = (sys.executable, "-m", "charter_builder")

# The prompt of a question, or of the next line of a list, alone at the very end.
_PROMPT = re.compile(r"(?:^|\n)[>+] $")
_ECHO = re.compile(r"^[>+] .*\n?", re.MULTILINE)


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a bare server: no locale, nothing from this one."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LC_", "PYTHONUTF8", "PYTHONIOENCODING", "COLUMNS"))
    }
    return {**kept, "LANG": "C", "LC_ALL": "C", "TERM": "dumb", **variables}


def flat(text: str) -> str:
    """Return a text on one line, its French spaces made ordinary."""
    return " ".join(text.split())


def run(
    *arguments: str | Path,
    stdin: int | None = subprocess.DEVNULL,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `charter` without a terminal; it has a minute, and never needs it."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        stdin=stdin,
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        cwd=cwd,
        timeout=60,
        check=False,
    )


def invoke(*arguments: str | Path) -> Result:
    """Run `charter` in this process, without a terminal: faster than `run`."""
    words = [str(word) for word in arguments]
    runner = CliRunner(catch_exceptions=False)
    return runner.invoke(charter, words, prog_name="charter")


PATIENCE = 30
"""Seconds a program has to ask its next question, or to end."""


def _prepare(preparation: Callable[[], None] | None) -> None:
    # Under nohup, a closed window would end nothing.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if preparation is not None:
        preparation()


class Terminal:
    """A person at a terminal, who reads a prompt before typing."""

    def __init__(
        self,
        *arguments: str | Path,
        columns: int = 80,
        preparation: Callable[[], None] | None = None,
    ) -> None:
        self.child: pexpect.spawn[str] = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], *map(str, arguments)],
            dimensions=(24, columns),
            env=environment(),
            encoding="utf-8",
            timeout=PATIENCE,
            preexec_fn=lambda: _prepare(preparation),
        )
        # pexpect waits before each line for programs that hide what is typed.
        self.child.delaybeforesend = None
        self.child.ptyproc.delayafterclose = 0
        self.transcript = ""
        self.said = self._read()

    def _read(self) -> str:
        """Return what is displayed up to the next prompt, or to the end."""
        self.child.expect([_PROMPT, pexpect.EOF])
        after = self.child.after if isinstance(self.child.after, str) else ""
        text = (self.child.before + after).replace("\r\n", "\n")
        self.transcript += text
        return flat(text.removesuffix("> ").removesuffix("+ "))

    def enter(self, line: str) -> str:
        """Type one line; return what it brings, on one line, without the echo."""
        self.child.sendline(line)
        self.said = self._read().removeprefix(flat(line)).strip()
        return self.said

    def enter_all(self, *lines: str) -> str:
        """Type lines one after the other; return what the last one brings."""
        for line in lines:
            self.enter(line)
        return self.said

    def press(self, key: str) -> str:
        """Press Ctrl and a key; return what it brings."""
        self._wait_until_it_reads()
        self.child.sendcontrol(key)
        self.said = self._read()
        return self.said

    def _wait_until_it_reads(self) -> None:
        """Wait until the program sleeps on its input.

        Between a prompt and the read that follows it, Python notes an interruption but
        acts on it after the next line only. Nobody types that fast; a busy machine can
        stop the program just there while a test goes on.
        """
        status = Path(f"/proc/{self.child.pid}/stat")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not status.exists():
                time.sleep(0.5)
                return
            # The name in parentheses may hold anything; the state follows it.
            if status.read_text().rpartition(")")[2].split()[0] == "S":
                return
            time.sleep(0.005)
        raise AssertionError("The program has not read its input.")

    def end(self) -> int | None:
        """Wait for the end; return the exit code."""
        end = time.monotonic() + PATIENCE
        while self.child.isalive():
            assert time.monotonic() < end, "The program has not ended."
            time.sleep(0.005)
        self.child.close()
        return self.child.exitstatus  # type: ignore[no-any-return]

    @property
    def displayed(self) -> list[str]:
        """The lines the program wrote, without those typed at its prompts."""
        return _ECHO.sub("", self.transcript).split("\n")

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.child.isalive():
            self.child.kill(signal.SIGKILL)
            self.child.wait()
        self.child.close()
