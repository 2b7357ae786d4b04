"""A machine of its own for a polkit test: a private mount namespace with a system bus, accounts with known passwords, a
folder of actions and one of rules, and the real polkitd, started by hand. Needs root; changes nothing outside."""
import ctypes
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
import traceback

from desktoptest import proc

POLKITD = "/usr/lib/polkit-1/polkitd"
AGENT = "/usr/bin/pkttyagent"
USER, ADMIN = "isolate-tester", "isolate-admin"
PASSWORDS = {USER: "tester's word", ADMIN: "admin's word"}
UID, GID, ADMIN_UID = 64201, 64201, 64202
SELF = 'polkit.addRule(function(action, subject) { if (action.id == "org.isolate.launch") return %s; });\n'
MS_BIND, CLONE_NEWNS = 4096, 0x00020000
_libc = ctypes.CDLL(None, use_errno=True)

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <includedir>/usr/share/dbus-1/system.d</includedir>
  <includedir>/etc/dbus-1/system.d</includedir>
  <policy user="polkitd">
    <allow send_destination="org.freedesktop.PolicyKit1"/>
  </policy>
</busconfig>
"""


def _mount(source, target, kind=None, flags=0, data=None):
    if _libc.mount(source.encode(), target.encode(), kind, flags, data) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {target}: {os.strerror(number)}")


def _hash(password):
    return subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True, check=True,
                          capture_output=True).stdout.strip()


def _become_tester(argv, env, cwd):
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.setgroups([GID])
        os.setresgid(GID, GID, GID)
        os.setresuid(UID, UID, UID)
        os.chdir(cwd)
        os.execve(argv[0], argv, env)
    finally:
        os._exit(127)


class Terminal:
    """A program of the test user on a pseudo terminal of its own, which is typed at and read like a person would."""

    def __init__(self, argv, env, cwd):
        """pid is the program's. Above it is a leader of the terminal's session, like a shell, which stays: when that one
        ends, the terminal hangs up."""
        sys.stdout.flush()
        self.text = ""
        self.reports, writing = os.pipe()
        self.leader, self.fd = pty.fork()
        if self.leader == 0:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            child = os.fork()
            if child == 0:
                _become_tester(argv, env, cwd)
            os.write(writing, b"%d\n" % child)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            os.write(writing, b"%d\n" % (status if status >= 0 else 128 - status))
            signal.pause()
        os.close(writing)
        self.pid = self._report()

    def _report(self):
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(self.reports, 1)
        return int(line)

    def read(self, seconds):
        """Takes what comes within this time. False at the end of the terminal."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.text += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)

    def expect(self, words, seconds=30):
        """Waits for words after what was expected before, and returns the text up to them."""
        end = proc.deadline(seconds)
        while words not in self.text:
            open_ = self.read(0.1)
            assert words in self.text or (open_ and time.monotonic() < end), \
                f"waited in vain for {words!r} in:\n{self.text}"
        before, _, self.text = self.text.partition(words)
        return before

    def type(self, text):
        os.write(self.fd, text.encode())

    def answer(self, text):
        """Types at a password prompt: not before the agent has turned the echo off, which throws away what was typed."""
        proc.wait_until(lambda: not self.echoes(), what="a terminal without echo")
        time.sleep(0.05 * proc.SLOWNESS)
        self.type(text)

    def finish(self, seconds=30):
        """Waits for the end; returns the exit status, 128 + the number of a signal, and the text that was left."""
        end = proc.deadline(seconds)
        while not select.select([self.reports], [], [], 0)[0]:
            self.read(0.05)
            assert time.monotonic() < end, f"it did not end:\n{self.text}"
        while select.select([self.fd], [], [], 0)[0] and self.read(0):
            pass
        return self._report(), self.text

    def hang_up(self):
        """As if the window was closed."""
        os.kill(self.leader, signal.SIGKILL)
        os.waitpid(self.leader, 0)
        os.close(self.fd)

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def signal(self, number):
        os.kill(self.pid, number)


class Machine:
    def __init__(self, path, build, actions):
        self.path, self.build, self.actions = path, build, actions
        self.home, self.runtime = f"{path}/home", f"{path}/runtime"
        self.processes = []
        for folder in (self.home, self.runtime):
            os.mkdir(folder, 0o700)
            os.chown(folder, UID, GID)
        self.env = {"PATH": "/usr/bin:/bin", "HOME": self.home, "XDG_RUNTIME_DIR": self.runtime, "TERM": "dumb",
                    "USER": USER, "LOGNAME": USER, "LC_ALL": "C.UTF-8",
                    "ISOLATE_LIBEXECDIR": ":".join(os.path.dirname(build(f"isolate-{n}"))
                                                for n in ("gate", "notify", "session", "init", "layer", "wlproxy")),
                    "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.runtime}/bus"}
        self._accounts()
        self._folders()

    def _accounts(self):
        def lines(file):
            with open(file, encoding="utf-8") as f:
                return [l for l in f.read().splitlines() if not l.startswith("isolate-")]

        passwd = lines("/etc/passwd") + [f"{USER}:x:{UID}:{GID}:A tester:{self.home}:/bin/sh",
                                         f"{ADMIN}:x:{ADMIN_UID}:{ADMIN_UID}:An admin:/:/bin/sh"]
        group = [l.rstrip("\n") for l in lines("/etc/group") if not l.startswith("sudo:")]
        group += [f"{USER}:x:{GID}:", f"{ADMIN}:x:{ADMIN_UID}:", f"sudo:x:27:{ADMIN}"]
        shadow = [f"{user}:{_hash(word)}:19000:0:99999:7:::" for user, word in PASSWORDS.items()]
        for name, content, mode in (("passwd", passwd, 0o644), ("group", group, 0o644), ("shadow", shadow, 0o600)):
            file = f"{self.path}/{name}"
            with open(file, "w", encoding="utf-8") as f:
                f.write("\n".join(content) + "\n")
            os.chmod(file, mode)
            _mount(file, f"/etc/{name}", None, MS_BIND)

    def _folders(self):
        for name, target in (("actions", "/usr/share/polkit-1/actions"), ("rules", "/etc/polkit-1/rules.d")):
            os.mkdir(f"{self.path}/{name}", 0o755)
            os.makedirs(target, exist_ok=True)
            _mount(f"{self.path}/{name}", target, None, MS_BIND)
        shutil.copy(self.actions, f"{self.path}/actions/org.isolate.policy")
        os.makedirs("/run/dbus", exist_ok=True)
        _mount("tmpfs", "/run/dbus", b"tmpfs", 0, b"mode=755,size=1m")

    def rule(self, result):
        """A rule file that answers for org.isolate.launch: AUTH_SELF, YES, NO."""
        with open(f"{self.path}/rules/10-isolate.rules", "w", encoding="utf-8") as f:
            f.write(SELF % f"polkit.Result.{result}")

    def unregister(self):
        os.unlink(f"{self.path}/actions/org.isolate.policy")

    def spawn(self, argv, **options):
        log = open(f"{self.path}/{os.path.basename(argv[0])}-{len(self.processes)}.log", "wb")
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                   **options)
        process.log = log.name
        self.processes.append(process)
        return process

    def start_bus(self):
        config = f"{self.path}/bus.conf"
        with open(config, "w", encoding="utf-8") as f:
            f.write(BUS_CONFIG)
        bus = self.spawn(["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"])
        proc.wait_until(lambda: os.path.exists("/run/dbus/system_bus_socket"), what="the system bus")
        return bus

    def _wait_name(self, name, env=None, user=None):
        scope = "--session" if env else "--system"

        def owned():
            return subprocess.run(
                ["dbus-send", scope, "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
                 "org.freedesktop.DBus.GetNameOwner", f"string:{name}"], capture_output=True, env=env,
                user=user).returncode == 0
        proc.wait_until(owned, what=name, interval=0.05)

    def start_polkitd(self):
        polkitd = self.spawn([POLKITD, "--no-debug"])
        self._wait_name("org.freedesktop.PolicyKit1")
        return polkitd

    def start(self, rule="AUTH_SELF"):
        """The usual: bus, polkitd and a rule."""
        if rule:
            self.rule(rule)
        self.bus = self.start_bus()
        self.polkitd = self.start_polkitd()

    def start_mock(self, *calls):
        """python-dbusmock's polkitd, after these calls: (method, signature, value)."""
        mock = self.spawn(["/usr/bin/python3", "-m", "dbusmock", "--template", "polkitd"], user="polkitd")
        self._wait_name("org.freedesktop.PolicyKit1")
        for method, *arguments in calls:
            subprocess.run(["dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.PolicyKit1",
                            "/org/freedesktop/PolicyKit1/Authority", f"org.freedesktop.DBus.Mock.{method}",
                            *arguments], check=True, capture_output=True, user="polkitd")
        return mock

    def start_session_bus(self):
        options = {"env": self.env, "user": UID, "group": GID, "extra_groups": []}
        self.spawn(["dbus-daemon", "--session", "--nofork", "--nopidfile",
                    f"--address={self.env['DBUS_SESSION_BUS_ADDRESS']}"], **options)
        proc.wait_until(lambda: os.path.exists(f"{self.runtime}/bus"), what="the session bus")

    def start_desktop(self, *capabilities):
        """A session bus and a notification service, which logs what is shown."""
        options = {"env": self.env, "user": UID, "group": GID, "extra_groups": []}
        self.start_session_bus()
        words = " ".join(capabilities or ("body", "body-markup", "actions"))
        mock = self.spawn(["/usr/bin/python3", "-m", "dbusmock", "--template", "notification_daemon", "--parameters",
                           f'{{"capabilities": "{words}"}}'], **options)
        self._wait_name("org.freedesktop.Notifications", self.env, UID)
        self.notifications = mock

    def slow_notifications(self, seconds):
        """Shows the next ones after a while: time to start the agent of a desktop for a process that is there only then."""
        subprocess.run(["gdbus", "call", "--session", "--dest=org.freedesktop.Notifications",
                        "--object-path=/org/freedesktop/Notifications", "--method=org.freedesktop.DBus.Mock.AddMethod",
                        "org.freedesktop.Notifications", "Notify", "susssasa{sv}i", "u",
                        f"import time; time.sleep({seconds}); ret = 1"],
                       env=self.env, user=UID, check=True, capture_output=True)

    def desktop_agent(self):
        """Starts an agent that is not on the gate's terminal for the gate that runs, which waits for its notification."""
        gate, = proc.wait_until(lambda: self.running("isolate-gate"), what="isolate-gate")
        return Terminal([AGENT, "--process", str(gate)], self.env, self.home)

    def shown(self):
        """What the notification service was told so far."""
        with open(self.notifications.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def press(self, action, number=1):
        """As if the button of a notification was pressed."""
        subprocess.run(["gdbus", "call", "--session", "--dest=org.freedesktop.Notifications",
                        "--object-path=/org/freedesktop/Notifications",
                        "--method=org.freedesktop.DBus.Mock.EmitSignal", "org.freedesktop.Notifications",
                        "ActionInvoked", "us", f"[<uint32 {number}>, <'{action}'>]"],
                       env=self.env, user=UID, check=True, capture_output=True)

    def isolate(self, *words):
        """isolate itself on a terminal of the test user."""
        return Terminal([self.build("isolate"), *words], self.env, self.home)

    def project(self, name, text):
        folder = f"{self.home}/.config/isolate/projects"
        os.makedirs(folder, exist_ok=True)
        for path in (f"{self.home}/.config", f"{self.home}/.config/isolate", folder):
            os.chown(path, UID, GID)
        with open(f"{folder}/{name}.conf", "w", encoding="utf-8") as f:
            f.write(text)

    def gate(self, *words, terminal=True, env=None):
        argv = [self.build("gate-check"), *(["--terminal"] if terminal else []), *words]
        return Terminal(argv, {**self.env, **(env or {})}, self.home)

    def run(self, *words, terminal=True, seconds=30, env=None):
        """A gate that asks nobody. Returns the exit status and what it said."""
        return self.gate(*words, terminal=terminal, env=env).finish(seconds)

    def approve(self, *words, password=PASSWORDS[USER]):
        """A gate whose question is answered rightly. Returns what was shown before the password was asked for."""
        gate = self.gate(*words)
        shown = gate.expect("Password: ")
        gate.answer(password + "\n")
        status, text = gate.finish()
        assert status == 0 and "granted" in text, (status, text)
        return shown

    def approval(self, project):
        path = f"{self.home}/.local/state/isolate/{project}/approval"
        if not os.path.exists(path):
            return None
        assert os.stat(path).st_mode & 0o7777 == 0o600
        with open(path, encoding="utf-8") as f:
            return f.read()

    def running(self, name):
        """Process ids of this name below this test."""
        return [pid for pid in proc.descendants(os.getpid()) if (proc.stat_fields(pid) or [""])[0] == name]

    def agents(self):
        return self.running("pkttyagent")

    def report(self):
        parts = []
        for process in self.processes:
            with open(process.log, encoding="utf-8", errors="replace") as f:
                parts.append(f"---- {os.path.basename(process.log)}\n{f.read()[-3000:]}")
        return "\n".join(parts)


def skip(why):
    must = os.environ.get("ISOLATE_TESTS_MUST_WORK") == "1"
    print(f"{'cannot run, but ISOLATE_TESTS_MUST_WORK=1' if must else 'skipped'}: {why}")
    return 1 if must else 77


def _find(name):
    for folder, _, files in os.walk(os.environ["ISOLATE_BUILD_ROOT"]):
        if name in files and not folder.endswith(".p"):
            return os.path.join(folder, name)
    raise AssertionError(f"{name} is not built")


def machine_main(tests):
    """Runs the test that argv names, as root in a mount namespace of its own, and ends whatever is left of it."""
    if os.geteuid() != 0:
        sys.exit(skip("needs root for accounts and a system bus of its own"))
    missing = [p for p in (POLKITD, AGENT, "/usr/bin/dbus-daemon", "/usr/bin/openssl") if not os.path.exists(p)]
    if missing:
        sys.exit(skip("not installed: " + ", ".join(missing)))
    test = {t.__name__: t for t in tests}[sys.argv[1]]
    proc.become_subreaper()
    if _libc.unshare(CLONE_NEWNS) != 0:
        sys.exit(skip("no mount namespaces here"))
    _mount("none", "/", None, proc.MS_REC | proc.MS_PRIVATE)
    path = tempfile.mkdtemp(prefix="isolate-polkit-", dir="/tmp")
    os.chmod(path, 0o755)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    status, machine = 1, None
    try:
        machine = Machine(path, _find, os.environ["ISOLATE_POLICY"])
        test(machine)
        status = 0
    except Exception:
        traceback.print_exc()
        if machine:
            print(machine.report(), file=sys.stderr)
    finally:
        proc.kill_descendants(os.getpid())
        shutil.rmtree(path, ignore_errors=True)
    sys.exit(status)
