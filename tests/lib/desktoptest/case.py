"""Running one test: as an ordinary user, with everything it started ended, and its logs shown when it failed."""
import os
import pwd
import shutil
import signal
import sys
import tempfile
import traceback

from . import account, proc
from .place import Place

SKIPPED = 77  # what meson and automake take for a skipped test


class Skip(Exception):
    """This machine cannot run the test; the text says why."""


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def check_equal(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r}, expected {expected!r}")


def desktop_main(*tests, needs=()):
    """Runs tests, functions of one Place each, one after the other, and exits: 0, 1, or 77 when this machine lacks one
    of the programs in needs. Names of tests on the command line choose among them."""
    sys.exit(_supervise(lambda path: _run_tests(tests, needs, path), _keep_artifacts))


def command_main(function, finish=None):
    """For commands that use the fixtures: runs function(place) the same way and exits with what it returns. Before the
    place is removed, finish(path of the place) runs as the caller."""
    sys.exit(_supervise(lambda path: _run_command(function, path), finish or _keep_artifacts))


def _supervise(inner, finish):
    """Forks: the child becomes the ordinary user and does the work. The parent stays to end whatever is left of it,
    also when the child was killed or the time is over."""
    entry = account.ensure() if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    proc.become_subreaper()
    path = tempfile.mkdtemp(prefix="isolate-test-", dir=_scratch())
    if os.geteuid() == 0:
        os.chown(path, entry.pw_uid, entry.pw_gid)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        _become_worker(entry, path)
        status = 1
        try:
            status = inner(path)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def stop(number, frame):
        os.kill(child, signal.SIGKILL)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    _, status = os.waitpid(child, 0)
    proc.kill_descendants(os.getpid())
    finish(path)
    shutil.rmtree(path, ignore_errors=True)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1


def _scratch():
    # Short, since the path of a socket has at most 107 bytes.
    return os.environ.get("ISOLATE_TEST_SCRATCH", "/tmp")


def _become_worker(entry, path):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    proc.become_subreaper()
    proc.die_with_parent()
    if os.geteuid() == 0:
        proc.private_mounts()
        proc.usable_tun()
        account.give_layers(entry)
        proc.small_disk(os.path.join(path, Place.SMALL_DISK), entry, Place.SMALL_DISK_KIB)
        account.become(entry)
        proc.die_with_parent()  # a change of credentials clears it
    os.environ["USER"] = os.environ["LOGNAME"] = entry.pw_name
    os.chdir("/")
    os.umask(0o077)


def _run_tests(tests, needs, path):
    missing = [n for n in needs if not shutil.which(n)]
    if missing:
        return _skipped("not installed: " + ", ".join(missing))
    chosen = [t for t in tests if len(sys.argv) < 2 or t.__name__ in sys.argv[1:]]
    if not chosen:
        print("no such test; there are: " + ", ".join(t.__name__ for t in tests))
        return 1
    skipped = failed = 0
    for test in chosen:
        place = Place(os.path.join(path, str(tests.index(test))))
        try:
            test(place)
            print(f"ok: {test.__name__}", flush=True)
        except Skip as why:
            skipped += 1
            print(f"skipped: {test.__name__}: {why}", flush=True)
        except Exception:
            failed += 1
            traceback.print_exc()
            print(place.report(), file=sys.stderr)
            print(f"FAILED: {test.__name__}", flush=True)
        finally:
            proc.kill_descendants(os.getpid())
    if failed:
        return 1
    return _skipped(f"{skipped} of {len(chosen)}") if skipped else 0


def _skipped(why):
    must = os.environ.get("ISOLATE_TESTS_MUST_WORK") == "1"
    print(f"{'cannot run, but ISOLATE_TESTS_MUST_WORK=1' if must else 'skipped'}: {why}", flush=True)
    return 1 if must else SKIPPED


def _run_command(function, path):
    try:
        return function(Place(path))
    except (AssertionError, OSError) as e:
        print(f"{os.path.basename(sys.argv[0])}: {e}", file=sys.stderr)
        return 125


def _keep_artifacts(path):
    """Pictures and logs of a test, where ISOLATE_TEST_ARTIFACTS says."""
    keep = os.environ.get("ISOLATE_TEST_ARTIFACTS")
    if not keep:
        return
    name = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    for directory, folders, files in os.walk(path):
        if os.path.basename(directory) in ("logs", "artifacts") and files:
            destination = os.path.join(keep, name, os.path.relpath(directory, path).replace("/", "-"))
            os.makedirs(destination, exist_ok=True)
            for file in files:
                shutil.copyfile(os.path.join(directory, file), os.path.join(destination, file))
