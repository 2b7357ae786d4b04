"""The gate as people meet it: isolate itself in front of real polkitd. One test a run: test_launcher.py NAME."""
import json
import os
import subprocess
import sys
import time
import types

from desktoptest import account, proc
from polkit_place import GID, PASSWORDS, UID, USER, machine_main, skip

RIGHT = PASSWORDS[USER] + "\n"
PROJECT = "[Network]\nMode=none\n[Project]\nLinger=0\n[Display]\nWayland=no\n"
RUN = ("run", "--project", "first", "--no-display", "--no-tty", "--", "echo", "it ran")


def quiet(m, *words, status=0):
    """isolate on a terminal, where nobody is asked. Returns what it said."""
    found, text = m.isolate(*words).finish()
    assert found == status, (found, text)
    return text


def consent(m, *words):
    """isolate, and a person who agrees. Returns what was shown before the password was asked for."""
    isolate = m.isolate(*words)
    shown = isolate.expect("Password: ")
    isolate.answer(RIGHT)
    status, text = isolate.finish(30)
    assert status == 0, (status, text)
    return shown


def ended(m):
    proc.wait_until(lambda: not m.running("isolate-session"[:15]), 20, "the end of the container")


def share(m, name):
    path = f"{m.home}/{name}"
    os.mkdir(path)
    os.chown(path, UID, GID)
    return path


def first_start(m):
    """Asked once; what changes nothing and what asks for less starts alone; what asks for more shows what is new."""
    m.start()
    m.project("first", PROJECT)
    shown = consent(m, *RUN)
    assert "first is to start for the first time" in shown, shown
    ended(m)
    assert "it ran" in quiet(m, *RUN)
    ended(m)
    path = share(m, "extra")
    m.project("first", PROJECT + f"[Files]\nShare={path}\n")
    shown = consent(m, *RUN)
    assert f"+ read and change the files in {path}" in shown and "more than you approved" in shown, shown
    ended(m)
    m.project("first", PROJECT + f"[Files]\nReadOnly={path}\n")
    assert "it ran" in quiet(m, *RUN)
    ended(m)
    m.project("first", PROJECT.replace("=none", "=host") + f"[Files]\nShare={path}\n")
    assert "+ use the network as this computer does" in consent(m, *RUN)


def refused(m):
    """Without consent nothing runs, nothing is left, and the next attempt asks again."""
    m.start()
    m.project("first", PROJECT)
    for typed in ("\x03", "wrong\n"):
        isolate = m.isolate(*RUN)
        isolate.expect("Password: ")
        isolate.answer(typed)
        status, text = isolate.finish(30)
        assert status != 0 and "it ran" not in text, (status, text)
        assert isolate.echoes()
        ended(m)
        assert not m.running("bwrap") and not m.running("isolate-init") and not m.agents()
        assert m.approval("first") is None
    consent(m, *RUN)


def window_closed(m):
    """The terminal goes away in the middle of the question: the answer is no, and nothing stays."""
    m.start()
    m.project("first", PROJECT)
    isolate = m.isolate(*RUN)
    isolate.expect("Password: ")
    isolate.hang_up()
    ended(m)
    proc.wait_until(lambda: not m.agents() and not m.running("isolate"), what="the end of all of it")
    assert not m.running("bwrap") and m.approval("first") is None
    consent(m, *RUN)


def joining_asks_nobody(m):
    m.start()
    m.project("first", PROJECT.replace("Linger=0", "Linger=forever\nGate=always"))
    consent(m, *RUN)
    for _ in range(3):
        assert "it ran" in quiet(m, *RUN)
    quiet(m, "stop", "first")
    ended(m)
    consent(m, *RUN)
    quiet(m, "stop", "first")


def many_at_once(m):
    """Ten starts of one project: one question, one container, ten answers."""
    m.start()
    m.project("first", PROJECT.replace("Linger=0", "Linger=30s"))
    first = m.isolate(*RUN)
    first.expect("Password: ")
    others = [m.isolate(*RUN) for _ in range(9)]
    time.sleep(1)
    first.answer(RIGHT)
    for isolate in [first, *others]:
        status, text = isolate.finish(40)
        assert status == 0 and "it ran" in text and (isolate is first or "Password" not in text), (status, text)
    quiet(m, "stop", "first")


def many_refused(m):
    """One refusal is one for all who waited: no row of questions."""
    m.start()
    m.project("first", PROJECT)
    first = m.isolate(*RUN)
    first.expect("Password: ")
    others = [m.isolate(*RUN) for _ in range(4)]
    time.sleep(1)
    first.answer("\x03")
    for isolate in [first, *others]:
        status, text = isolate.finish(40)
        assert status != 0 and "it ran" not in text, (status, text)
        assert isolate is first or "Password" not in text, text


def review(m):
    m.start()
    m.project("first", PROJECT)
    consent(m, *RUN)
    ended(m)
    shown = consent(m, "start", "--review", "first")
    assert "as approved on" in shown, shown
    quiet(m, "stop", "first")


def approvals(m):
    m.start()
    path = share(m, "extra")
    m.project("first", PROJECT + f"[Files]\nShare={path}\n")
    assert "nothing was approved for first" in quiet(m, "approvals", "revoke", "first", status=125)
    assert quiet(m, "approvals", "list") == ""
    consent(m, *RUN)
    ended(m)
    assert f"read and change the files in {path}" in quiet(m, "approvals", "list")
    listed = json.loads(quiet(m, "approvals", "list", "--json"))
    assert listed[0]["project"] == "first" and f"files rw {path}" in listed[0]["permissions"], listed
    quiet(m, "approvals", "revoke", "first")
    assert "for the first time" in consent(m, *RUN)


def frozen(m):
    """What is shown is what runs: a configuration that changes while the person reads counts for the next start."""
    m.start()
    extra = share(m, "extra")
    m.project("first", PROJECT)
    isolate = m.isolate("run", "--project", "first", "--no-display", "--no-tty", "--", "ls", "-d", extra)
    isolate.expect("Password: ")
    m.project("first", PROJECT + f"[Files]\nShare={extra}\n")
    isolate.answer(RIGHT)
    status, text = isolate.finish(30)
    assert status != 0 and "No such file" in text, (status, text)
    ended(m)
    assert f"+ read and change the files in {extra}" in consent(m, *RUN)


DISPLAY = "[Network]\nMode=none\n[Project]\nLinger=forever\n{gate}[Display]\nWayland=yes\nFullscreen=deny\nClipboard=private\n"


def while_it_runs(m):
    """isolate policy asks for what is more, shows what is new, takes no for an answer, and is remembered as a start is."""
    m.start()
    m.project("first", DISPLAY.format(gate=""))
    consent(m, "start", "first")
    quiet(m, "policy", "first", "DragAndDrop", "deny")
    quiet(m, "policy", "first", "DragAndDrop", "allow")
    isolate = m.isolate("policy", "first", "Fullscreen", "allow")
    shown = isolate.expect("Password: ")
    assert "The container first runs, and is to be allowed more" in shown and "+ fill the screen" in shown, shown
    isolate.answer("\x03")
    status, text = isolate.finish(30)
    assert status == 125 and "first was not changed" in text, (status, text)
    assert quiet(m, "policy", "first", "Fullscreen").strip() == "deny"
    before = m.approval("first")
    shown = consent(m, "policy", "first", "Fullscreen", "allow")
    assert "clipboard" not in shown, shown
    assert quiet(m, "policy", "first", "Fullscreen").strip() == "allow"
    assert "wayland fullscreen" in m.approval("first") and "wayland fullscreen" not in before
    quiet(m, "policy", "first", "Fullscreen", "deny")
    quiet(m, "policy", "first", "Fullscreen", "allow")
    quiet(m, "approvals", "revoke", "first")
    shown = consent(m, "policy", "first", "Clipboard", "guarded")
    assert "- use the clipboard" in shown and "- drag and drop" in shown, shown
    # What was approved while it ran is no less than what it started with.
    quiet(m, "stop", "first")
    ended(m)
    quiet(m, "start", "first")
    assert quiet(m, "policy", "first", "Fullscreen").strip() == "deny"
    quiet(m, "stop", "first")


def while_it_runs_always(m):
    m.start()
    m.project("first", DISPLAY.format(gate="Gate=always\n"))
    consent(m, "start", "first")
    for _ in range(2):
        consent(m, "policy", "first", "Fullscreen", "allow")
        quiet(m, "policy", "first", "Fullscreen", "deny")
    quiet(m, "stop", "first")


def run_as_root(m):
    """A Run request of root to the control socket of a running container, by hand. The answer, as it is printed."""
    script = """
import os, socket, struct, sys
from gi.repository import GLib
control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
control.connect(sys.argv[1])
body = {"argv": GLib.Variant("aay", [b"id"]), "root": GLib.Variant("b", True), "detach": GLib.Variant("b", True)}
message = GLib.Variant("(usv)", (1, "Run", GLib.Variant("a{sv}", body)))
data = message.get_data_as_bytes().get_data()
control.send(struct.pack("=IIII", 0x31736F69, len(data), 0, 0) + data)
print(control.recv(65536))
"""
    done = subprocess.run(["/usr/bin/python3", "-c", script, f"{m.runtime}/isolate/first/control"], env=m.env, user=UID, group=GID,
                          extra_groups=[], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout


def root_shell(m):
    """The container's start and its root are two questions; each is remembered, and forgotten by a revoke."""
    m.start()
    account.give_layers(types.SimpleNamespace(pw_name=USER, pw_uid=UID, pw_gid=GID))
    if not os.path.exists("/dev/fuse"):
        sys.exit(skip("there is no /dev/fuse: NO ROOT OF A LAYER WAS TESTED"))
    m.project("first", PROJECT.replace("Linger=0", "Linger=forever") + "[Root]\nLayer=ephemeral\n")
    assert "change the programs and settings of its own" in consent(m, *RUN)
    shell = m.isolate("shell", "first", "--root")
    shown = shell.expect("Password: ")
    assert "The container first may:" in shown and "+ give you a shell of its root" in shown, shown
    shell.answer("\x03")
    status, text = shell.finish(30)
    assert status == 125 and "no root shell in first" in text, (status, text)
    assert "root shell" not in m.approval("first")
    shell = m.isolate("shell", "first", "--root")
    shell.expect("Password: ")
    shell.answer(RIGHT)
    shell.expect("# ")
    shell.answer("id -u; exit 3\n")
    status, text = shell.finish(30)
    assert status == 3 and "\n0" in text.replace("\r", ""), (status, text)
    # Not again, nor after a restart, which asks nothing either.
    quiet(m, "stop", "first")
    shell = m.isolate("shell", "first", "--root")
    shell.expect("# ")
    shell.answer("exit 4\n")
    assert shell.finish(30)[0] == 4
    quiet(m, "approvals", "revoke", "first")
    # Nor does the session take it from one who has not asked.
    answer = run_as_root(m)
    assert "nobody has approved a root shell" in answer, answer
    shell = m.isolate("shell", "first", "--root")
    shell.expect("Password: ")
    shell.answer("\x03")
    assert shell.finish(30)[0] == 125
    quiet(m, "stop", "first")
    # Before its first start: consent to one is none to the other.
    m.project("second", PROJECT.replace("Linger=0", "Linger=forever") + "[Root]\nLayer=ephemeral\n")
    shell = m.isolate("shell", "second", "--root")
    assert "+ give you a shell of its root" in shell.expect("Password: ")
    shell.answer(RIGHT)
    assert "second is to start for the first time" in shell.expect("Password: ")
    shell.answer(RIGHT)
    shell.expect("# ")
    shell.answer("exit 5\n")
    assert shell.finish(30)[0] == 5
    quiet(m, "stop", "second")


def without_polkit(m):
    m.start_bus()
    m.project("first", PROJECT)
    text = quiet(m, *RUN, status=125)
    assert "isolate: first was not started: polkitd is not there" in text, text
    m.project("first", PROJECT.replace("[Display]", "Gate=never\n[Display]"))
    assert "it ran" in quiet(m, *RUN)


def from_a_menu(m):
    """Without a terminal: a notification says what it is about, and another what to do where no agent is."""
    m.start()
    m.start_desktop()
    m.project("first", PROJECT)
    done = subprocess.run([m.build("isolate"), *RUN], env={**m.env, "WAYLAND_DISPLAY": "wayland-test"}, user=UID,
                          group=GID, extra_groups=[], cwd=m.home, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=30, start_new_session=True)
    assert done.returncode == 125 and "isolate start --review first" in done.stderr, done
    assert "Start the container first?" in m.shown(), m.shown()
    proc.wait_until(lambda: "no polkit agent runs" in m.shown(), what="the error")


machine_main([first_start, refused, window_closed, joining_asks_nobody, many_at_once, many_refused, review, approvals, frozen,
              while_it_runs, while_it_runs_always, root_shell, without_polkit, from_a_menu])
