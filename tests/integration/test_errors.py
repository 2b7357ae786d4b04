"""Each mistake gets one line that says what, where and what to do, and its exit status."""
import os
import socket

from desktoptest import QUIET, Product, Sway, check, desktop_main, one_error_line, wait_until

# A system bus on which nobody offers anything.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/>
  </policy>
</busconfig>
"""


def command_line(place):
    product = Product(place)
    for words, said in [
        ([], ["--help"]),
        (["lsit"], ["lsit", "list"]),
        (["no-such-verb-at-all"], ["no-such-verb-at-all", "--project"]),
        (["list", "--project", "first"], ["isolate run"]),
        (["--project", "first", "foot"], ["isolate", "APP --project"]),
        (["--no-such-option"], ["--no-such-option"]),
        (["foot", "--project"], ["name"]),
        (["foot", "--project", "Bad/Name"], ["Bad/Name"]),
        (["foot", "--project", "../x"], []),
        ([".First"], ["First"]),
        (["run", "--project", "first"], []),
        (["run", "--", "foot"], ["--project"]),
        (["status"], []),
    ]:
        product.project("first")
        one_error_line(product.run(*words, check=False), 125, *said)


def hostile_names_are_shown_safely(place):
    product = Product(place)
    for name in ("\033[31mred", "a\nb", "a\u202eb", "\x7f", "x" * 5000):
        for words in ([name], ["foot", "--project", name], ["status", name], ["." + name]):
            one_error_line(product.run(*words, check=False), 125)


def unknown_project(place):
    with Sway(place, with_input=False) as sway:
        product = Product(place, sway)
        product.project("first")
        one_error_line(product.run("foot", "--project", "frist", check=False), 125, "frist", "first")
        one_error_line(product.run("status", "nowhere", check=False), 125, "nowhere")


def bad_configuration(place):
    with Sway(place, with_input=False) as sway:
        product = Product(place, sway)
        for text, said in [
            (QUIET + "[Files]\nShaer=~/x\n", ["Files", "Shaer", "Share"]),
            (QUIET + "[Flies]\nShare=~/x\n", ["Flies", "Files"]),
            (QUIET + "[Display]\nClipboard=guardde\n", ["Display", "Clipboard", "guardde", "guarded"]),
            (QUIET + "Traits=nosuch\n", ["nosuch"]),
            (QUIET + "[Files]\nShare=/etc/shadow/../..\n", []),
            ("[Project\nx", []),
            ("\0\0", []),
        ]:
            path = product.project("first", text)
            one_error_line(product.run("foot", "--project", "first", check=False), 125, *said,
                           *([os.path.basename(path)] if said else []))


def not_found_and_not_executable(place):
    with Sway(place, with_input=False) as sway:
        product = Product(place, sway)
        product.project("first")
        one_error_line(product.run("no-such-program", "--project", "first", check=False), 127, "no-such-program")
        one_error_line(product.run("run", "--project", "first", "--", "/etc/passwd", check=False), 126, "/etc/passwd")


def no_compositor(place):
    product = Product(place)
    product.project("first")
    one_error_line(product.run("foot", "--project", "first", check=False), 125, "WAYLAND_DISPLAY")
    one_error_line(product.run("foot", "--project", "first", check=False, env={"WAYLAND_DISPLAY": "wayland-9"}), 125,
                   "wayland-9")
    path = os.path.join(place.runtime, "wayland-8")
    socket.socket(socket.AF_UNIX).bind(path)  # nobody listens
    one_error_line(product.run("foot", "--project", "first", check=False, env={"WAYLAND_DISPLAY": path}), 125,
                   "wayland-8")


def no_runtime_directory(place):
    product = Product(place)
    product.project("first")
    del product.env["XDG_RUNTIME_DIR"]
    env = {k: v for k, v in product.env.items() if k != "XDG_RUNTIME_DIR"}
    done = place.run(["env", "-u", "XDG_RUNTIME_DIR", product.command, "foot", "--project", "first"], env=env,
                     check=False)
    one_error_line(done, 125, "XDG_RUNTIME_DIR")


def no_bwrap(place):
    """In a mount namespace whose /usr/bin is empty. PATH does not matter: what runs outside the sandbox is not looked
    for where the caller says."""
    with Sway(place, with_input=False) as sway:
        product = Product(place, sway)
        product.project("first")
        done = place.run(["unshare", "--map-current-user", "--keep-caps", "--mount", "sh", "-c",
                          'mount -t tmpfs none /usr/bin && exec "$@"', "sh", product.command, "foot", "--project",
                          "first"], env=product.env, check=False)
        one_error_line(done, 125, "bubblewrap")
        empty = place.write("empty/.keep", "")
        product.run("run", "--project", "first", "--", "true", env={"PATH": os.path.dirname(empty)})


def no_polkit(place):
    """A project that does not say Gate=never is refused, and the line names what is missing. (Polkit missing on a bus that
    is there: polkit/test_gate.py.)"""
    with Sway(place, with_input=False) as sway:
        product = Product(place, sway)
        product.project("first", "[Project]\nTitle=First\n")
        one_error_line(product.run("foot", "--project", "first", check=False), 125, "system bus", "Gate=never")
        bus = "unix:path=" + os.path.join(place.runtime, "system-bus")
        place.spawn(["dbus-daemon", "--nofork", "--nopidfile", "--config-file=" + place.write("bus.conf", BUS),
                     "--address=" + bus])
        wait_until(lambda: os.path.exists(bus.removeprefix("unix:path=")), what="the system bus")
        done = product.run("foot", "--project", "first", check=False, env={"DBUS_SYSTEM_BUS_ADDRESS": bus})
        one_error_line(done, 125, "system bus", "yourself")  # whoever runs it could answer for polkit
        check(not product.processes("bwrap"), "no container was started")


def help_is_no_error(place):
    product = Product(place)
    for words in (["--help"], ["run", "--help"], ["--version"], ["list"], ["doctor"]):
        done = product.run(*words, check=False)
        check(done.stdout or words == ["list"], f"isolate {' '.join(words)} says nothing")
        if words != ["doctor"]:
            check(done.returncode == 0 and not done.stderr, f"isolate {' '.join(words)}: {done}")


desktop_main(command_line, hostile_names_are_shown_safely, unknown_project, bad_configuration,
             not_found_and_not_executable, no_compositor, no_runtime_directory, no_bwrap, no_polkit, help_is_no_error,
             needs=["sway", "bwrap"])
