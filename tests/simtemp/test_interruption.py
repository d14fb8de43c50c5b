"""Ctrl-C as a question, and what is left of it afterwards."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from simtemp.interruption import interrupted


def test_ctrl_c_is_a_question() -> None:
    with interrupted() as should_stop:
        assert not should_stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert should_stop()
        with pytest.raises(KeyboardInterrupt):  # the second one is not held back
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_are_never_asked() -> None:
    answers: list[bool] = []

    def ask() -> None:
        with interrupted() as should_stop:
            answers.append(should_stop())

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert answers == [False]
