"""isolate itself: its commands, projects and processes, in a place and on a compositor."""
import glob
import json
import os

from . import proc

# Every project of a test says whether a person is asked; most have nobody to ask. Most need no network either, which not
# every machine can give: those of test_network.py do.
QUIET = "[Network]\nMode=none\n[Project]\nGate=never\n"


class Product:
    """command: the program. It is the installed one where ISOLATE_TEST_PREFIX says (as ./check does), else the build's.
    env: place.env and the compositor's, with what the build's programs need to find each other."""

    PROGRAMS = ("isolate-session", "isolate-init", "isolate-wlproxy", "isolate-layer", "isolate-gate", "isolate-ask", "isolate-notify",
                "isolate-network", "pasta", "passt", "isolate-names", "isolate-audio", "xdg-dbus-proxy", "bwrap", "fuse-overlayfs")

    def __init__(self, place, compositor=None):
        self.place = place
        self.env = {**place.env, **(compositor.env if compositor else {})}
        prefix = os.environ.get("ISOLATE_TEST_PREFIX")
        if prefix:
            self.command = os.path.join(prefix, "bin", "isolate")
        else:
            self.command = place.built("isolate")
            self.env["ISOLATE_LIBEXECDIR"] = ":".join(_folders_of_programs(os.environ["ISOLATE_BUILD_ROOT"]))

    def own(self, name):
        """The path of one of the programs that isolate starts."""
        folders = self.env.get("ISOLATE_LIBEXECDIR", "").split(":")
        installed = glob.glob(os.path.join(os.path.dirname(os.path.dirname(self.command)), "**", name), recursive=True)
        return next(p for p in [*(os.path.join(f, name) for f in folders), *installed] if os.access(p, os.X_OK))

    def project(self, name, text=QUIET):
        """Writes its configuration. Returns the path."""
        return self.place.write(f"home/.config/isolate/projects/{name}.conf", text)

    def home(self, project):
        """Its home, as the host sees it."""
        return os.path.join(self.place.home, ".local/share/isolate", project, "home")

    def runtime(self, project):
        return os.path.join(self.place.runtime, "isolate", project)

    def run(self, *words, check=True, env=None, **options):
        return self.place.run([self.command, *words], env={**self.env, **(env or {})}, check=check, **options)

    def spawn(self, *words, env=None, **options):
        return self.place.spawn([self.command, *words], env={**self.env, **(env or {})}, **options)

    def sh(self, project, script, **options):
        """stdout of a shell script inside the project."""
        return self.run("run", "--project", project, "--", "sh", "-c", script, **options).stdout

    def json(self, *words):
        return json.loads(self.run(*words, "--json").stdout)

    def processes(self, name):
        """Pids of the live processes of this name below the test."""
        processes = proc.table()
        return [p for p in proc.descendants(os.getpid()) if processes.get(p, ("",))[0] == name[:15]]

    def session_of(self, project):
        """The pid of isolate-session, which has its project among its words."""
        found = [p for p in self.processes("isolate-session") if project in proc.command_line(p)]
        return found[0] if found else None

    def wait_gone(self, seconds=15):
        """Until no process of ours is left."""
        def left():
            return {n: p for n in self.PROGRAMS if (p := self.processes(n))}
        try:
            proc.wait_until(lambda: not left(), seconds, "all processes of isolate to end")
        except AssertionError as e:
            raise AssertionError(f"{e}: {left()}") from None

    def sockets(self):
        """What is left in isolate's runtime directory."""
        return glob.glob(os.path.join(self.place.runtime, "isolate/**"), recursive=True)


def _folders_of_programs(root):
    """Where a build has the programs that are installed to libexec."""
    found = {os.path.dirname(p) for folder in ("launcher", "wlproxy", "polkit", "desktop-files")
             for p in glob.glob(os.path.join(root, folder, "**/isolate-*"), recursive=True)
             if os.path.isfile(p) and os.access(p, os.X_OK)}
    return sorted(found)


def one_error_line(done, status, *words):
    """The command failed as it should: this status, nothing on stdout, and one line on stderr with these words."""
    lines = done.stderr.splitlines()
    shown = f"status {done.returncode}, stdout {done.stdout!r}, stderr {done.stderr!r}"
    if done.returncode != status or done.stdout or len(lines) != 1 or not lines[0].startswith("isolate: "):
        raise AssertionError(f"expected status {status} and one line of isolate's, got {shown}")
    for word in words:
        if word.lower() not in lines[0].lower():
            raise AssertionError(f"the error does not say {word!r}: {shown}")
    if not lines[0].isprintable():
        raise AssertionError(f"the error has characters that are not printable: {shown}")
