"""A place of its own for a test: home, runtime directory, logs, and the processes started in it."""
import contextlib
import os
import shutil
import subprocess
import tempfile

from . import proc


class Place:
    """Directories below one temporary one, an environment that names them, and processes with their logs.

    path       the directory; home, runtime (0700), logs, artifacts and tmp are in it
    env        the environment of what is started: nothing of the caller's desktop is in it
    """

    PASSED = ("LANG", "ISOLATE_BUILD_ROOT", "ISOLATE_TEST_PREFIX", "ISOLATE_TESTS_MUST_WORK",
              "ISOLATE_TEST_SLOWNESS", "ISOLATE_TEST_PATIENCE", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")

    # A file system of its own beside the places of a test, where root started it.
    SMALL_DISK, SMALL_DISK_KIB = "small-disk", 4096

    def __init__(self, path):
        self.path = path
        self.home, self.runtime = os.path.join(path, "home"), os.path.join(path, "runtime")
        self.logs, self.artifacts = os.path.join(path, "logs"), os.path.join(path, "artifacts")
        temporary = os.path.join(path, "tmp")
        for directory in (self.home, self.runtime, self.logs, self.artifacts, temporary):
            os.makedirs(directory, mode=0o700, exist_ok=True)
        self.env = {name: os.environ[name] for name in self.PASSED if name in os.environ}
        self.env.update({
            "PATH": _usable_path(),
            "HOME": self.home,
            "XDG_RUNTIME_DIR": self.runtime,
            "TMPDIR": temporary,  # goes with the place, also what a program leaves that is killed
            "USER": os.environ.get("USER", ""),
            "LOGNAME": os.environ.get("LOGNAME", ""),
            "SHELL": "/bin/bash",
            # A test must not meet the machine's own polkit, bus or settings: those that need them start their own.
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.runtime}/no-system-bus",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.runtime}/bus",
            "GSETTINGS_BACKEND": "keyfile",
            "NO_AT_BRIDGE": "1",
            "GTK_THEME": "Adwaita",
        })
        # Nothing that moves by itself, so that pictures can be compared. GTK asks GSettings where there are its schemas.
        self.write("home/.config/glib-2.0/settings/keyfile",
                   "[org/gnome/desktop/interface]\nenable-animations=false\ncursor-blink=false\n")
        self.write("home/.config/gtk-3.0/settings.ini",
                   "[Settings]\ngtk-enable-animations=false\ngtk-cursor-blink=false\n")
        self.processes = []
        self._log_numbers = {}

    @contextlib.contextmanager
    def runtime_in_memory(self, memory="/dev/shm"):
        """For what measures: XDG_RUNTIME_DIR on a tmpfs, where a login session has it. On a disk each folder that is made
        there costs as much as a mount."""
        if subprocess.run(["stat", "-f", "-c", "%T", memory], capture_output=True, text=True).stdout.strip() == "tmpfs":
            disk, self.runtime = self.runtime, tempfile.mkdtemp(prefix="isolate-test-", dir=memory)
            self.env = {name: value.replace(disk, self.runtime) for name, value in self.env.items()}
        try:
            yield
        finally:
            if not self.runtime.startswith(self.path):
                shutil.rmtree(self.runtime, ignore_errors=True)

    def spawn(self, argv, env=None, name=None, wait=False, **options):
        """Starts argv with place.env and env on top; its output goes to a log of its own. wait: returns when it ended.
        The options are Popen's."""
        log = self.log_path(name or os.path.basename(argv[0]))
        with open(log, "wb") as output:
            options.setdefault("stdin", subprocess.DEVNULL)
            options.setdefault("stdout", output)
            options.setdefault("stderr", output)
            options.setdefault("cwd", self.home)
            process = subprocess.Popen(argv, env={**self.env, **(env or {})}, start_new_session=True, **options)
        process.log = log
        self.processes.append(process)
        if wait:
            process.wait()
        return process

    def run(self, argv, env=None, seconds=20, check=True, **options):
        """Runs argv to its end and returns subprocess.CompletedProcess with text output."""
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("cwd", self.home)
        done = subprocess.run(argv, env={**self.env, **(env or {})}, text=True, errors="replace", capture_output=True,
                              timeout=seconds * proc.PATIENCE, start_new_session=True, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(argv)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def end(self, process, seconds=5):
        """SIGTERM, then SIGKILL. Returns the exit status."""
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(seconds * proc.PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return process.returncode

    def log_path(self, name):
        number = self._log_numbers.get(name, 0)
        self._log_numbers[name] = number + 1
        return os.path.join(self.logs, f"{name}-{number}.log" if number else f"{name}.log")

    def log_text(self, process):
        with open(process.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def write(self, relative, text, mode=0o644):
        """A file below the place; its folders are made. Returns its path."""
        path = os.path.join(self.path, relative)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def small_disk(self):
        """A folder on the small file system, for one test; None where root did not start it."""
        disk = os.path.join(os.path.dirname(self.path), self.SMALL_DISK)
        if not os.path.ismount(disk):
            return None
        folder = os.path.join(disk, os.path.basename(self.path))
        os.makedirs(folder, mode=0o700, exist_ok=True)
        return folder

    def start_session_bus(self):
        """A session bus at the address that place.env names."""
        bus = self.spawn(["dbus-daemon", "--session", "--nofork", "--nopidfile",
                          "--address=" + self.env["DBUS_SESSION_BUS_ADDRESS"]])
        proc.wait_until(lambda: os.path.exists(os.path.join(self.runtime, "bus")), what="the session bus")
        return bus

    def built(self, name):
        """The program of the build under test, else the installed one."""
        root = os.environ.get("ISOLATE_BUILD_ROOT")
        if root:
            for directory, folders, files in os.walk(root):
                folders[:] = [f for f in folders if not f.endswith(".p") and not f.startswith((".", "meson-"))]
                path = os.path.join(directory, name)
                if name in files and os.access(path, os.X_OK):
                    return path
        found = shutil.which(name)
        if not found:
            raise AssertionError(f"{name} is neither in the build nor installed")
        return found

    def report(self):
        """The ends of all logs, for a test that failed."""
        parts = []
        for name in sorted(os.listdir(self.logs)):
            with open(os.path.join(self.logs, name), encoding="utf-8", errors="replace") as f:
                lines = f.read().splitlines()
            if lines:
                parts.append(f"---- {name} ({len(lines)} lines)\n" + "\n".join(lines[-60:]))
        return "\n".join(parts)


def _usable_path():
    """PATH without the folders that only root may enter."""
    folders = os.environ.get("PATH", os.defpath).split(":")
    return ":".join(f for f in folders if os.path.isabs(f) and os.access(f, os.X_OK)) or os.defpath
