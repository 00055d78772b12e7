# SPDX-License-Identifier: MIT
"""Fixtures for tests on running guests.

    def test_ping(guest):             # one guest for each variant of each board
        with guest.connect() as client: ...

    @pytest.mark.boards("virt-riscv64", "virt-aarch64")    # only these boards
    @pytest.mark.channels("virtio")                        # only this channel
    @pytest.mark.accels("tcg")
    @pytest.mark.essential                                 # also under KVM, and on a newer QEMU
    @pytest.mark.heavy                                     # takes long: only on a few variants
    def test_reset(boot):             # boot(qmp=True, extra="-m 16M") -> Guest; as many as wanted
    def test_hooks(boot):             # boot(app="example"): with firmware/example linked in
"""
import dataclasses
import pathlib
import sys

import pytest

import guest as guests

sys.path.append(str(pathlib.Path(__file__).with_name("tools")))

pytest.register_assert_rewrite("expect")

FIELDS = {"boards": "name", "channels": "channel", "virtios": "virtio", "accels": "accel"}
HEAVY = {("host", "socket"), ("virt-riscv64", "virtio"), ("virt-riscv64", "uart"), ("virt-aarch64", "virtio")}


class NamesAtOnce:
    """Says which test failed when it fails, not only at the end of all: who stops a long run still knows."""

    def __init__(self, config):
        self.config = config

    def pytest_runtest_logreport(self, report):
        if report.failed:
            terminal = self.config.pluginmanager.get_plugin("terminalreporter")
            terminal.write(f"\nFAILED {report.nodeid} ({report.when})\n", red=True)


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(NamesAtOnce(config), "names-at-once")
    for mark, field in FIELDS.items():
        config.addinivalue_line("markers", f"{mark}(...): run only where {field} is one of these")
    config.addinivalue_line("markers", "heavy: takes long; run on a few variants only")
    config.addinivalue_line("markers", "essential: run also under KVM, and on the QEMU of `make qemu-new`")


def pytest_generate_tests(metafunc):
    if "variant" not in metafunc.fixturenames:
        return
    essential = metafunc.definition.get_closest_marker("essential") is not None
    chosen = [v for v in guests.all_variants(newer=essential) if essential or v.accel == "tcg"]
    for mark, field in FIELDS.items():
        for m in metafunc.definition.iter_markers(mark):
            chosen = [v for v in chosen if getattr(v, field) in m.args]
    if metafunc.definition.get_closest_marker("heavy"):
        chosen = [v for v in chosen if (v.name, v.channel) in HEAVY]
    metafunc.parametrize("variant", chosen, ids=str)


@pytest.fixture
def boot(variant):
    """Boots guests of the variant; ends them all."""
    missing = variant.missing()
    if missing:
        pytest.skip(missing)
    started = []

    def start(app="", **options):
        if app:
            guests.build(variant.board, app)
        started.append(guests.Guest(dataclasses.replace(variant, app=app), **options))
        return started[-1]

    yield start
    for g in started[-1:]:
        print(f"--- {variant}: QEMU says\n{g.output()}\n--- the firmware says\n{g.log()}")
        print(f"--- its threads\n{g.threads()}")
    for g in started:
        g.close()


@pytest.fixture
def guest(boot):
    return boot()


@pytest.fixture
def client(guest):
    """A client in step with the agent."""
    c = guest.connect()
    c.sync()
    return c
