"""Processes that are started together and stopped together.

A Part is one process with its log file. Parts stops what it started, in reverse order, whatever
happens in between; it never touches a process of somebody else.
"""

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

POLL_S = 0.1
STOP_TIMEOUT_S = 30


class LoopbackError(Exception):
    """Something did not come about; the text says what, where, and what to do."""


class Part:
    def __init__(self, name, arguments, log_path, environment=None):
        self.name = name
        self.log_path = log_path
        with open(log_path, "ab") as log:
            # Its own process group, so that Ctrl-C reaches us first and we stop parts in order.
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, **(environment or {})})

    def exit_code(self):
        return self.process.poll()

    def check_runs(self):
        code = self.exit_code()
        if code is not None:
            raise LoopbackError(f"{self.name} ended with {code}; last lines of {self.log_path}:\n"
                                + self.last_lines())

    def last_lines(self, count=15):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-count:])

    def stop(self, timeout_s=STOP_TIMEOUT_S):
        """Returns whether it ended by itself after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout_s)
            return True
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False


class Parts:
    """with Parts(folder) as parts: parts.start("name", [...])"""

    def __init__(self, folder):
        self.folder = folder
        self.running = []
        os.makedirs(folder, exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, name, arguments, environment=None):
        part = Part(name, arguments, os.path.join(self.folder, name + ".log"), environment)
        self.running.append(part)
        return part

    def check_all_run(self):
        for part in self.running:
            part.check_runs()

    def stop(self):
        """The names of parts that had to be killed."""
        killed = []
        while self.running:
            part = self.running.pop()
            if not part.stop():
                killed.append(part.name)
        return killed


def wait_until(what, condition, timeout_s, check=None):
    """The first truthy value of condition(); connection errors count as not yet. `check` may raise
    to end the wait early, for instance Parts.check_all_run."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout_s
    problem = None
    while True:
        try:
            value = condition()
            if value:
                return value
        except (OSError, ValueError) as error:
            problem = error
        if check:
            check()
        if time.monotonic() > deadline:
            raise LoopbackError(f"{what}: not within {timeout_s} s"
                                + (f" (last: {problem})" if problem else ""))
        pause.wait(POLL_S)


def kernel_port():
    """A port that is free now. For programs that cannot report the port that they were given."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def require_free(port, who):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise LoopbackError(f"port {port}, meant for {who}, is taken ({error.strerror}); stop "
                                "what holds it, or choose other ports with --ports BASE") from error


def fetch(url, data=None, timeout_s=30):
    headers = {"Content-Type": "application/json"} if data is not None else {}
    request = urllib.request.Request(url, data=data, headers=headers)
    # Loopback only: a proxy of the environment must not get in between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=timeout_s) as answer:
        return answer.read().decode()


def fetch_json(url, data=None, timeout_s=30):
    try:
        return json.loads(fetch(url, data, timeout_s))
    except urllib.error.HTTPError as error:
        raise LoopbackError(
            f"{url} answered {error.code}: {error.read().decode()[:500]}") from error
