"""The gate in front of real polkitd and real prompts. One test a run: test_gate.py NAME."""
import os
import signal
import subprocess
import time

import polkit_place
from desktoptest import proc
from polkit_place import ADMIN, AGENT, PASSWORDS, UID, USER, machine_main

RIGHT, WRONG = PASSWORDS[USER] + "\n", "not it\n"
SET = ("files rw /home/me/first", "wayland")


def asked(m, *words):
    """A gate that stands at the password prompt."""
    m.start()
    gate = m.gate(*(words or ("first", *SET)))
    gate.expect("Password: ")
    proc.wait_until(lambda: not gate.echoes(), what="the agent to turn the echo off, which it does after its prompt")
    return gate


def refused(result, *parts):
    status, text = result
    assert status == 125 and "granted" not in text, result
    line = text.strip().splitlines()[-1]
    for part in ("first was not started: ", *parts):
        assert part in line, (part, text)


def right_password(m):
    m.start()
    shown = m.approve("first", *SET)
    text = shown.index("first is to start for the first time")
    assert text < shown.index("read and change the files in /home/me/first") < shown.index("AUTHENTICATING FOR"), shown
    assert shown.index("show windows") < shown.index("AUTHENTICATING FOR"), shown
    assert "files rw /home/me/first" in m.approval("first")
    assert not m.agents()


def wrong_password(m):
    gate = asked(m)
    gate.answer(WRONG)
    refused(gate.finish(), "the password was wrong", "forbids org.isolate.launch")
    assert m.approval("first") is None


def cancel(m):
    gate = asked(m)
    gate.type("\x03")
    refused(gate.finish(), "cancelled")
    assert gate.echoes(), "the terminal is left without echo"
    assert m.approval("first") is None and not m.agents()


def cancel_by_signal(m):
    gate = asked(m)
    helper, = m.running("isolate-gate")
    os.kill(helper, signal.SIGTERM)
    refused(gate.finish(), "cancelled")
    assert gate.echoes() and not m.agents()


def terminated(m):
    """SIGTERM to whoever waits for the answer: the question is taken back, the terminal is as it was."""
    gate = asked(m)
    gate.signal(signal.SIGTERM)
    assert gate.finish()[0] == 128 + signal.SIGTERM
    proc.wait_until(lambda: not m.agents() and not m.running("isolate-gate"), what="the end of the question")
    assert gate.echoes() and m.approval("first") is None


def helper_dies(m):
    gate = asked(m)
    helper, = m.running("isolate-gate")
    os.kill(helper, signal.SIGKILL)
    refused(gate.finish(), "without an answer")
    assert m.approval("first") is None


def helper_missing(m):
    refused(m.run("first", *SET, env={"ISOLATE_LIBEXECDIR": "/nonexistent"}), "isolate-gate is not in /nonexistent")


def agent_dies(m):
    gate = asked(m)
    agent, = m.agents()
    os.kill(agent, signal.SIGKILL)
    refused(gate.finish())
    assert gate.echoes() and m.approval("first") is None


def no_agent(m):
    polkit_place._mount("/dev/null", AGENT, None, polkit_place.MS_BIND)
    m.start()
    refused(m.run("first", *SET), "no polkit agent could ask", "pkttyagent")


def polkitd_absent(m):
    m.start_bus()
    refused(m.run("first", *SET), "polkitd is not there", "Gate=never")


def polkitd_dies(m):
    gate = asked(m)
    m.polkitd.kill()
    refused(gate.finish(), "polkitd")
    assert gate.echoes() and m.approval("first") is None and not m.agents()


def bus_absent(m):
    refused(m.run("first", *SET), "without a system bus", "Gate=never")


def bus_dies(m):
    gate = asked(m)
    m.bus.kill()
    refused(gate.finish(), "went away")
    assert gate.echoes() and m.approval("first") is None and not m.agents()


def caller_dies(m):
    """kill -9 at the prompt: the agent does not stay on the terminal, and polkitd answers the next one."""
    gate = asked(m)
    gate.signal(signal.SIGKILL)
    status, _ = gate.finish()
    assert status == 128 + signal.SIGKILL
    proc.wait_until(lambda: not m.agents(), what="the end of the agent")
    assert m.approval("first") is None
    m.approve("first", *SET)


def remembered(m):
    """The same and a narrower set start without polkit being there; a wider one shows what is new, and is remembered."""
    m.start()
    m.approve("first", *SET)
    m.approve("second", "wayland")
    m.polkitd.kill()
    m.polkitd.wait()
    assert m.run("first", *SET)[0] == 0
    assert m.run("first", "wayland")[0] == 0
    assert m.run("first", "files ro /home/me/first")[0] == 0
    refused(m.run("first", *SET, "network host"), "polkitd is not there")
    m.start_polkitd()
    shown = m.approve("first", *SET, "network host")
    assert "more than you approved" in shown and "+ use the network as this computer does" in shown, shown
    assert "/home/me/first" not in shown and "2 more as approved before" in shown, shown
    assert m.run("first", *SET, "network host")[0] == 0
    # Another project's consent is its own: polkit keeps nothing.
    assert "first time" in m.approve("third", *SET)


def wider_refused(m):
    """A refusal leaves what was approved as it was."""
    m.start()
    m.approve("first", *SET)
    before = m.approval("first")
    gate = m.gate("first", *SET, "network host")
    gate.expect("Password: ")
    gate.answer(WRONG)
    refused(gate.finish())
    assert m.approval("first") == before
    assert m.run("first", *SET)[0] == 0


def always(m):
    m.start()
    m.approve("--gate", "always", "first", *SET)
    m.approve("--gate", "always", "first", *SET)


def never(m):
    assert m.run("--gate", "never", "first", *SET)[0] == 0
    assert m.approval("first") is None


def review(m):
    """`isolate start --review` asks though nothing changed, shows everything, and can make the set smaller."""
    m.start()
    m.approve("first", *SET)
    shown = m.approve("--review", "first", "wayland")
    assert "as approved on" in shown and "show windows" in shown, shown
    assert "files rw" not in m.approval("first")
    gate = m.gate("first", *SET)
    gate.expect("+ read and change the files in /home/me/first")
    gate.expect("Password: ")
    gate.answer("\x03")
    gate.finish()


def rule_yes(m):
    """An administrator who lets it through: no question, but the text is shown."""
    m.start("YES")
    status, text = m.run("first", *SET)
    assert status == 0 and "read and change the files in /home/me/first" in text and "granted" in text, text
    assert m.approval("first")


def rule_no(m):
    m.start("NO")
    refused(m.run("first", *SET), "forbids org.isolate.launch")


def not_registered(m):
    m.unregister()
    m.start()
    refused(m.run("first", *SET), "does not know the action org.isolate.launch", "/usr/share/polkit-1/actions")


def without_logind(m):
    """No seat, no session: the default is an administrator's password, and one's own is not that."""
    m.start(rule=None)
    gate = m.gate("first", *SET)
    shown = gate.expect("Password: ")
    assert ADMIN in shown and f"({USER})" not in shown, shown
    gate.answer(RIGHT)
    refused(gate.finish())
    m.approve("first", *SET, password=PASSWORDS[ADMIN])


def hanging(m):
    """An authority that never answers is found out, also by a person's ^C."""
    m.start_bus()
    m.start_mock(("SimulateHang", "boolean:true"))
    gate = m.gate("first", *SET)
    gate.expect("show windows")
    time.sleep(0.5)
    begun = time.monotonic()
    gate.type("\x03")
    refused(gate.finish(), "cancelled")
    assert time.monotonic() - begun < 5
    refused(m.run("first", *SET), "polkitd does not answer")


def hanging_and_killed(m):
    m.start_bus()
    mock = m.start_mock(("SimulateHang", "boolean:true"))
    gate = m.gate("first", *SET)
    gate.expect("show windows")
    time.sleep(0.5)
    mock.kill()
    refused(gate.finish(), "polkitd")


def own_bus(m):
    """A system bus that the user runs, with an authority that says yes, is no system bus."""
    config = m.path + "/own.conf"
    with open(config, "w", encoding="utf-8") as f:
        f.write('<busconfig><type>session</type><listen>unix:path=%s/own</listen><policy context="default">'
                '<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow eavesdrop="true"/></policy>'
                '</busconfig>' % m.runtime)
    env = {**m.env, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={m.runtime}/own"}
    m.spawn(["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"], user=UID, env=env)
    proc.wait_until(lambda: os.path.exists(m.runtime + "/own"), what="the user's bus")
    m.spawn(["/usr/bin/python3", "-m", "dbusmock", "--template", "polkitd"], user=UID, env=env)
    m._wait_name("org.freedesktop.PolicyKit1", {**env, "DBUS_SESSION_BUS_ADDRESS": env["DBUS_SYSTEM_BUS_ADDRESS"]}, UID)
    subprocess.run(["gdbus", "call", "--system", "--dest=org.freedesktop.PolicyKit1",
                    "--object-path=/org/freedesktop/PolicyKit1/Authority",
                    "--method=org.freedesktop.DBus.Mock.AllowUnknown", "true"], env=env, user=UID, check=True)
    address = {"DBUS_SYSTEM_BUS_ADDRESS": env["DBUS_SYSTEM_BUS_ADDRESS"]}
    refused(m.run("first", *SET, env=address), "run by yourself")


def damaged_approval(m):
    """What cannot be read approves nothing."""
    m.start()
    m.approve("first", *SET)
    path = f"{m.home}/.local/state/isolate/first/approval"
    with open(path, "a", encoding="utf-8") as f:
        f.write("b'files rw /'\n")
    shown = m.approve("first", *SET)
    assert "cannot be used" in shown and "first time" in shown, shown


def hostile_text(m):
    m.start()
    shown = m.approve("first", "files rw /x\n\x1b[2K\x1b[1A- nothing", "wayland")
    assert "\x1b" not in shown.split("AUTHENTICATING")[0].replace("\x1b[1;31m==== ", "") and "/x??[2K?[1A- nothing" in shown, shown


def hidden_by_the_terminal(m):
    """What ran before on this terminal may have hidden all text, as a container's program can: the gate's is seen."""
    m.start()
    gate = m.gate("first", *SET, env={"TERM": "xterm"})
    shown = gate.expect("Password: ")
    before = shown.partition("The container first")[0]
    for reset in ("\x1b[!p", "\x1b[0m", "\x1b(B\x0f", "\x1b]104\x07"):
        assert reset in before, (reset, shown)
    gate.type("\x03")
    gate.finish()


def desktop(m):
    """From a menu: a notification says what for, the agent of the desktop asks."""
    m.start()
    m.start_desktop()
    m.slow_notifications(2)
    gate = m.gate("first", *SET, "files ro /a<b>&c", terminal=False)
    agent = m.desktop_agent()
    agent.expect("Password: ")
    shown = m.shown()
    assert "Start the container first?" in shown and "read and change the files in /home/me/first" in shown, shown
    assert "/a&lt;b&gt;&amp;c" in shown and "isolate start --review first" in shown and '"review"' in shown, shown
    agent.answer(RIGHT)
    status, text = gate.finish()
    assert status == 0 and "granted" in text and "home/me" not in text, text
    assert m.approval("first") and "CloseNotification" in m.shown()
    agent.signal(signal.SIGTERM)
    agent.finish()


def desktop_no_agent(m):
    m.start()
    m.start_desktop()
    refused(m.run("first", *SET, terminal=False), "no polkit agent", "isolate start --review first")


def desktop_no_notifications(m):
    """Where nothing can be shown, nothing is asked: a password would be given for nobody knows what."""
    m.start("YES")
    refused(m.run("first", *SET, terminal=False), "no notification service", "isolate start --review first")
    m.start_session_bus()
    status, text = m.run("first", *SET, terminal=False)
    refused((status, text), "no notification service", "isolate start --review first")
    assert len(text.splitlines()) == 1, text  # and none of libnotify's
    assert m.approval("first") is None


def desktop_review(m):
    """The button ends the question and opens the review in a terminal."""
    m.start()
    m.start_desktop()
    os.mkdir(m.path + "/bin")
    with open(m.path + "/bin/xdg-terminal-exec", "w", encoding="utf-8") as f:
        f.write('#!/bin/sh\nprintf "%s\\n" "$@" > ~/review.part; mv ~/review.part ~/review\n')
    os.chmod(m.path + "/bin/xdg-terminal-exec", 0o755)
    m.slow_notifications(2)
    gate = m.gate("first", *SET, terminal=False, env={"PATH": f"{m.path}/bin:/usr/bin:/bin"})
    agent = m.desktop_agent()
    agent.expect("Password: ")
    m.press("review")
    refused(gate.finish(), "goes on in a terminal")
    proc.wait_until(lambda: os.path.exists(m.home + "/review"), what="the terminal")
    with open(m.home + "/review", encoding="utf-8") as f:
        assert f.read().splitlines()[1:] == ["start", "--review", "first"]
    agent.signal(signal.SIGTERM)
    agent.finish()


machine_main([value for name, value in list(globals().items())
              if callable(value) and getattr(value, "__module__", "") == "__main__" and name not in ("asked", "refused")])
