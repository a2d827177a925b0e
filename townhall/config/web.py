"""The web processes: granian, with as many workers as asked for, and a worker that dies replaced at once."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import threading

from granian.constants import Interfaces
from granian.server import Server

from townhall.config.handler import look_after_connections_alone
from townhall.config.supervisor import watch


class PortTaken(Exception):
    """Something else listens there already."""


def check_port(host: str, port: int) -> None:
    """Raises PortTaken. Asked first because granian's sockets are shared, and two servers would divide the requests."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} on {host} cannot be had: {error.strerror}. Choose another with PORT=."
            ) from error


def serve(*, host: str, port: int, workers: int, threads: int) -> None:
    """Until SIGINT or SIGTERM. `threads`: requests that one worker process handles at once."""
    importlib.import_module("townhall.config.wsgi")  # loaded once here, shared by the workers that are forked from us
    look_after_connections_alone()
    gc.freeze()  # what is loaded by now stays: the collector need not look at it again, nor the kernel copy it
    gc.set_threshold(20_000, 20, 20)
    if parent := os.environ.get("TOWNHALL_PARENT"):
        _watch(int(parent), signal.SIGTERM)
    main = os.getpid()
    os.register_at_fork(after_in_child=lambda: _watch(main, signal.SIGKILL))
    Server(
        "townhall.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        blocking_threads_idle_timeout=600,  # a thread keeps its connection to the database
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=20,
        log_access=False,
        websockets=False,
    ).serve()


def _watch(parent: int, number: signal.Signals) -> None:
    """Signal ourselves when `parent` is gone, so that nobody is left holding the port."""
    threading.Thread(
        target=watch, args=[parent], kwargs={"then": lambda: os.kill(os.getpid(), number)}, daemon=True
    ).start()
