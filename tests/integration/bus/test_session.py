"""The session bus of a container: what it may say there, and all that it may not. What is refused inside is tried on the host
as well, where it has to work: else the test could not fail."""
import json
import os
import re
import shutil
import signal

from bus_place import PORTALS, PROJECT, Desktop, session_log
from desktoptest import Product, check, check_equal, desktop_main, one_error_line, wait_until

BUS = ["org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"]
PORTAL = ["org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"]
# Programs of a desktop that would start others for whoever asks, or know secrets.
HOST_SERVICES = ["org.freedesktop.systemd1", "org.freedesktop.Flatpak", "org.freedesktop.secrets", "org.kde.KWin",
                 "org.gnome.Shell", "org.freedesktop.portal.Flatpak", "ca.desrt.dconf", "org.example.Host"]
# In the place of the real ones, whose backends for some portals only another desktop has.
PORTAL_SERVICES = ["org.freedesktop.portal.Desktop", "org.freedesktop.portal.Documents",
                   "org.freedesktop.impl.portal.PermissionStore"]
ATTACKS = [
    ["org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "StartTransientUnit"],
    ["org.freedesktop.Flatpak", "/org/freedesktop/Flatpak/Development", "org.freedesktop.Flatpak.Development",
     "HostCommand"],
    ["org.freedesktop.portal.Flatpak", "/org/freedesktop/portal/Flatpak", "org.freedesktop.portal.Flatpak", "Spawn"],
    ["org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "OpenSession"],
    ["org.gnome.Shell", "/org/gnome/Shell", "org.gnome.Shell", "Eval"],
    ["org.kde.KWin", "/Scripting", "org.kde.kwin.Scripting", "loadScript"],
    ["ca.desrt.dconf", "/ca/desrt/dconf/Writer/user", "ca.desrt.dconf.Writer", "Change"],
    ["org.example.Host", "/", "org.example.Host", "Do"],
    [*BUS, "AddMatch", "(s)", "(\"eavesdrop='true'\",)"],
    [*BUS, "AddMatch", "(s)", "('eavesdrop =true',)"],
    [*BUS, "RequestName", "(su)", "('org.freedesktop.portal.Desktop', uint32 4)"],
    [*BUS, "RequestName", "(su)", "('org.freedesktop.portal.Documents', uint32 4)"],
    [*BUS, "UpdateActivationEnvironment", "(a{ss})", "({'LD_PRELOAD': '/tmp/x.so'},)"],
    [BUS[0], BUS[1], "org.freedesktop.DBus.Monitoring", "BecomeMonitor", "(asu)", "(@as [], uint32 0)"],
    [*PORTAL, "org.freedesktop.portal.Background", "RequestBackground", "(sa{sv})",
     "('', {'autostart': <true>, 'commandline': <['touch', '/tmp/x']>})"],
    [*PORTAL, "org.freedesktop.portal.Screenshot", "Screenshot", "(sa{sv})", "('', @a{sv} {})"],
    [*PORTAL, "org.freedesktop.portal.ScreenCast", "CreateSession", "(a{sv})", "(@a{sv} {},)"],
    [*PORTAL, "org.freedesktop.portal.RemoteDesktop", "CreateSession", "(a{sv})", "(@a{sv} {},)"],
    [*PORTAL, "org.freedesktop.portal.Location", "CreateSession", "(a{sv})", "(@a{sv} {},)"],
    [*PORTAL, "org.freedesktop.portal.Camera", "AccessCamera", "(a{sv})", "(@a{sv} {},)"],
    ["org.freedesktop.portal.Documents", "/org/freedesktop/portal/documents", "org.freedesktop.portal.Documents", "List",
     "(s)", "('',)"],
    ["org.freedesktop.impl.portal.PermissionStore", "/org/freedesktop/impl/portal/PermissionStore",
     "org.freedesktop.impl.portal.PermissionStore", "List", "(s)", "('documents',)"],
]
REFUSED = ("AccessDenied", "ServiceUnknown", "does not exist", "No such")


def start_services(desktop, *more):
    services = desktop.place.spawn(desktop.words("service.py", *HOST_SERVICES, *more), env=desktop.env, name="services")
    wait_until(lambda: "ready" in desktop.place.log_text(services), what="the host's services")
    return services


def refused(said):
    return any(word in said.get("error", "") for word in REFUSED)


def attacks(place):
    with Desktop(place) as desktop:
        services = start_services(desktop, *PORTAL_SERVICES)
        check("answer" in desktop.facts("call.py", *BUS, "GetId"), "the bus itself does not answer inside")
        reached = desktop.facts("call.py", *PORTAL, "org.freedesktop.portal.Settings", "ReadAll")
        check_equal(reached, {"answer": "('reached',)"}, "a portal that is allowed")
        heard = place.log_text(services)
        for attack in ATTACKS:
            said = desktop.facts("call.py", *attack)
            check(refused(said), f"{attack} from inside: {said}")
        check_equal(place.log_text(services), heard, "what the host's services heard")
        harmless = [a for a in ATTACKS if refused(desktop.on_host("call.py", *a))]
        check_equal(harmless, [], "attacks that do not work on the host either")


def names(place):
    """It sees the names that it may talk to, and its own; it learns of no other program."""
    with Desktop(place) as desktop:
        start_services(desktop)
        for method in ("ListNames", "ListActivatableNames"):
            listed = desktop.facts("call.py", *BUS, method)["answer"]
            seen = {name for name in re.findall(r"'([a-z][^']*)'", listed) if not name.startswith("org.freedesktop.portal.D")}
            check_equal(seen, {"org.freedesktop.DBus"}, f"names that a container sees by {method}, apart from portals")
        for name in HOST_SERVICES:
            said = desktop.facts("call.py", *BUS, "GetNameOwner", "(s)", f"('{name}',)")
            check("error" in said, f"who owns {name} is told: {said}")


def talk_call_own(place):
    """What [Bus] names, and no more."""
    text = PROJECT + ("[Bus]\nPortals=no\nTalk=org.example.Host\nCall=org.kde.KWin=org.kde.KWin.Ask@/KWin\nOwn=org.example.Inside\n")
    with Desktop(place, text) as desktop:
        services = start_services(desktop)
        host = ["org.example.Host", "/", "org.example.Host", "Do"]
        check_equal(desktop.facts("call.py", *host), {"answer": "('reached',)"}, "a call to what Talk= names")
        kwin = ["org.kde.KWin", "/KWin", "org.kde.KWin"]
        check_equal(desktop.facts("call.py", *kwin, "Ask"), {"answer": "('reached',)"}, "the call that Call= names")
        for other in ([*kwin, "Do"], ["org.kde.KWin", "/Other", "org.kde.KWin", "Ask"],
                      ["org.kde.KWin", "/KWin", "org.kde.Other", "Ask"],
                      ["org.freedesktop.portal.Desktop", PORTAL[1], "org.freedesktop.portal.Settings", "ReadAll", "(as)",
                       "(@as [],)"]):
            check(refused(desktop.facts("call.py", *other)), f"{other} is not refused")
        heard = [line for line in place.log_text(services).splitlines() if line.startswith("called")]
        check_equal(heard, ["called org.example.Host Do", "called org.kde.KWin Ask"], "what the host's services heard")
        own = desktop.spawn("service.py", "org.example.Inside", name="own")
        wait_until(lambda: "ready" in place.log_text(own), what="the service inside")
        wait_until(lambda: desktop.on_host("call.py", "org.example.Inside", "/", "org.example.Inside", "Do") ==
                   {"answer": "('reached',)"}, what="an answer of the service inside")
        check("GTK_USE_PORTAL" not in desktop.product.sh("first", "env"), "programs are told of portals")


def other_sockets(place):
    """Nothing of the bus, of its proxy, of another project's or of portals' own files can be reached."""
    with Desktop(place) as desktop:
        desktop.configure(PORTALS, "second")
        for project in ("first", "second"):
            desktop.facts("call.py", *BUS, "GetId", project=project)
        host = place.runtime
        paths = [f"{host}/bus", f"{host}/isolate/first/sockets/bus", f"{host}/isolate/second/sockets/bus", f"{host}/.flatpak",
                 f"{host}/doc/by-app", "/.flatpak-info"]
        listed = desktop.product.sh("first", "".join(f"ls -d {p} 2>&1;" for p in paths) + "true")
        check_equal(listed.count("No such file"), len(paths), f"paths that are not there: {listed}")
        infos = [os.path.join(host, ".flatpak", n, "bwrapinfo.json") for n in os.listdir(os.path.join(host, ".flatpak"))]
        check_equal(len(infos), 2, "instances")
        for info in infos:
            wait_until(lambda i=info: os.path.exists(i), what="bwrapinfo.json")
            with open(info, encoding="utf-8") as f:
                pid = json.load(f)["child-pid"]
            check("xdg-dbus-proxy" in os.readlink(f"/proc/{pid}/exe"), "the process that portals see")
        # The sockets of the proxy are where nothing can be put in their place.
        said = desktop.product.run("run", "--project", "first", "--", "sh", "-c", "mv $XDG_RUNTIME_DIR/isolate/bus /tmp/b; "
                                   "rm $XDG_RUNTIME_DIR/isolate/bus; touch $XDG_RUNTIME_DIR/isolate/x", check=False)
        check_equal(said.stderr.count("Read-only file system"), 3, f"changes of the folder of sockets: {said.stderr}")


def helpers_are_confined(place):
    """They parse what containers send: they have no files of the user's, no network and no other process."""
    with Desktop(place) as desktop:
        check(not desktop.product.processes("xdg-dbus-proxy"), "a container that says nothing has a bus proxy")
        desktop.facts("call.py", *BUS, "GetId")
        usual = {"usr", "bin", "lib", "lib64", "etc", "nix", "gnu", "run"}
        for name, own in (("xdg-dbus-proxy", {".flatpak-info", "bus", "host-bus"}),
                          ("isolate-names", {"isolate-names", "proc", "bus"})):
            (pid,) = desktop.product.processes(name)
            root = f"/proc/{pid}/root"
            check_equal(set(os.listdir(root)) - usual, own, f"what is in the root of {name}")
            check_equal(os.listdir(root + "/etc"), ["ld.so.cache"], f"what is in /etc of {name}")
            for kind in ("net", "pid", "ipc", "user"):
                check(os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}"), f"{name} shares {kind}")
        (pid,) = desktop.product.processes("xdg-dbus-proxy")
        with open(f"/proc/{pid}/root/.flatpak-info", encoding="utf-8") as f:
            check("name=isolate.first\n" in f.read(), "who it is to portals")
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as f:
            check("portal" not in f.read(), "its rules are in the list of processes")


def killed(place):
    """After either of the two helpers ended there is a bus again; with the session everything goes, and the next start is as the
    first."""
    with Desktop(place) as desktop:
        helpers = ("xdg-dbus-proxy", "isolate-names")

        def ask():
            return desktop.facts("call.py", *BUS, "GetId")
        for victim in (*helpers, *helpers):
            check("answer" in ask(), f"no answer before {victim} is killed")
            old = {name: desktop.product.processes(name) for name in helpers}
            os.kill(old[victim][0], signal.SIGKILL)
            wait_until(lambda o=old: not any(set(desktop.product.processes(n)) & set(o[n]) for n in helpers),
                       what="the end of both")
        check("answer" in ask(), "no answer from the last proxy")
        os.kill(desktop.product.session_of("first"), signal.SIGKILL)
        desktop.product.wait_gone()
        check("answer" in ask(), "no answer after the session was killed")
        desktop.product.run("stop", "first")
        desktop.product.wait_gone()
        check_equal(os.listdir(os.path.join(place.runtime, ".flatpak")), [], "instances that are left")


def names_of_its_own(place):
    """A program has the name that it asks for: the project's own, which is not the host's."""
    with Desktop(place) as desktop:
        start_services(desktop)
        own = desktop.spawn("service.py", "org.mozilla.firefox", "org.example.Host", name="own")
        wait_until(lambda: "ready" in place.log_text(own), what="the service inside")
        for name in ("org.mozilla.firefox", "org.example.Host"):
            call = [name, "/", name, "Where"]
            wait_until(lambda c=call: desktop.facts("call.py", *c) == {"answer": "('reached',)"}, what=f"{name} inside")
            owner = desktop.facts("call.py", *BUS, "GetNameOwner", "(s)", f"('{name}',)")["answer"]
            real = desktop.on_host("call.py", *BUS, "GetNameOwner", "(s)", f"('isolate.first.{name}',)")["answer"]
            check_equal(owner, real, f"who owns {name} inside, and isolate.first.{name} on the host")
        check("called org.mozilla.firefox Where" in place.log_text(own), "the call came to the service inside")
        check("error" in desktop.on_host("call.py", *BUS, "GetNameOwner", "(s)", "('org.mozilla.firefox',)"),
              "a container took a name of the host's")
        desktop.configure(PORTALS, "second")
        for name in ("org.mozilla.firefox", "isolate.first.org.mozilla.firefox"):
            said = desktop.facts("call.py", name, "/", name, "Where", project="second")
            check(refused(said), f"another project calls {name}: {said}")
        taker = desktop.spawn("service.py", "isolate.first.x", name="taker", project="second")
        wait_until(lambda: "ready" in place.log_text(taker), what="another project's service")
        desktop.facts("call.py", *BUS, "GetId", project="second")
        check("error" in desktop.on_host("call.py", *BUS, "GetNameOwner", "(s)", "('isolate.first.x',)"),
              "another project took a name of this one's")


def watchers(place):
    """A program that waits for a name of the project's own hears of it: of its coming, of its signals and of its going. Another
    project hears nothing, and neither does one that waits for the host's."""
    with Desktop(place) as desktop:
        start_services(desktop)
        name = "org.example.Player"
        desktop.configure(PORTALS, "second")
        log = place.log_text

        def said(process, *lines):
            """It said these, patterns, and nothing else but that it watches."""
            def heard():
                return [line for line in log(process).splitlines() if line != "watching"]
            wait_until(lambda: len(heard()) >= len(lines), 20, f"{lines} in {log(process)!r}")
            check(len(heard()) == len(lines) and all(map(re.fullmatch, lines, heard())), f"{heard()}, expected {lines}")

        watching = desktop.spawn("watch.py", name, name="watching")
        other = desktop.spawn("watch.py", name, name="other", project="second")
        host = desktop.spawn("watch.py", "org.example.Host", name="host-watch")
        for process in (watching, other, host):
            said(process, "vanished")
        inside = ("run", "--project", "first", "--no-tty", "--", "gdbus")
        monitor = desktop.product.spawn(*inside, "monitor", "--session", "--dest", name, name="monitor")
        waiting = desktop.product.spawn(*inside, "wait", "--session", name, name="waiting")
        wait_until(lambda: "does not have an owner" in log(monitor), what="gdbus monitor")
        check(waiting.poll() is None, "gdbus wait does not wait")
        own = desktop.spawn("service.py", name, name="own")
        said(watching, "vanished", "appeared :1.*")
        owner = log(watching).split()[-1]
        check_equal(desktop.on_host("call.py", *BUS, "GetNameOwner", "(s)", f"('isolate.first.{name}',)"),
                    {"answer": f"('{owner}',)"}, "the owner that the program was told")
        wait_until(lambda: waiting.poll() is not None, what="the end of gdbus wait")
        check_equal(waiting.returncode, 0, "its exit status")
        wait_until(lambda: f"The name {name} is owned by {owner}" in log(monitor), what="the owner in gdbus monitor")
        check_equal(desktop.facts("call.py", name, "/", name, "Tell"), {"answer": "('reached',)"}, "the call")
        said(watching, "vanished", "appeared :1.*", "signal told")
        wait_until(lambda: "org.example.Told.Said ('told',)" in log(monitor), what="the signal in gdbus monitor")
        # One that is there already.
        check_equal(desktop.product.run(*inside, "wait", "--session", "--timeout", "20", name, check=False).returncode, 0,
                    "gdbus wait for a name that is there")
        place.end(own)
        said(watching, "vanished", "appeared :1.*", "signal told", "vanished")
        # The same for an application and its own name.
        app = desktop.spawn("watch.py", "org.example.App", "application", name="app")
        wait_until(lambda: sorted(line.split()[0] for line in log(app).splitlines()) == ["active", "appeared", "vanished"],
                   what="an application that sees its own name")
        check_equal([line for process in (other, host) for line in log(process).splitlines()],
                    ["watching", "vanished"] * 2, "what others heard")


def hostile_matches(place):
    """What is no rule, or one that listens to all, is refused by those that refused it before, and costs nobody else anything."""
    with Desktop(place) as desktop:
        start_services(desktop)
        for rule in ("sender='org.example.Host',eavesdrop='true'", "arg0='org.example.Host',member='NameOwnerChanged',eavesdrop=true",
                     "sender=org.a.B,eavesdrop =true", "type='signal',sender=\\'org.a.B", "member=NameOwnerChanged,arg0=a.b,arg0=c.d",
                     "sender='org.a.B',,", "'", "sender='" + "x" * 1200 + "'", "sender='" + "org.a" * 202 + "'"):
            text = "(" + json.dumps(rule) + ",)"
            inside = desktop.facts("call.py", *BUS, "AddMatch", "(s)", text)
            check("error" in inside, f"AddMatch {rule[:60]}: {inside}")
            host = desktop.on_host("call.py", *BUS, "RemoveMatch", "(s)", text)
            check("error" in host, f"RemoveMatch {rule[:60]}: {host}")
        check("answer" in desktop.facts("call.py", *BUS, "GetId"), "no bus any more")


def gnome_application(place):
    """An application that takes a name when it starts does so, and a second start of it finds the first."""
    with Desktop(place) as desktop:
        desktop.product.spawn("run", "--project", "first", "--", "gtk3-demo-application", name="demo")
        desktop.sway.wait_windows(1, seconds=40)
        second = desktop.product.spawn("run", "--project", "first", "--", "gtk3-demo-application", name="second")
        wait_until(lambda: second.poll() is not None, 40, "the end of the second, which leaves it to the first")
        check_equal((second.returncode, place.log_text(second)), (0, ""), "the second's end")


def at_once(place):
    """The first program of a new container finds the bus, each time."""
    with Desktop(place, PORTALS.replace("forever", "0")) as desktop:
        for round_ in range(8):
            check("answer" in desktop.facts("call.py", *BUS, "GetId"), f"no bus in round {round_}")
            desktop.product.wait_gone()


def without_a_bus(place):
    """A host without a session bus: the container has none, and the log says so. What was named has to be there."""
    with Desktop(place, bus=False) as desktop:
        check_equal(desktop.product.sh("first", "echo works"), "works\n", "a program")
        check("has no session bus" in session_log(place), f"the log: {session_log(place)}")
        check("error" in desktop.facts("call.py", *BUS, "GetId"), "there is a bus")
        desktop.product.run("stop", "first")
        desktop.product.wait_gone()
        desktop.configure(PROJECT + "[Bus]\nTalk=org.example.Host\n")
        one_error_line(desktop.product.run("run", "--project", "first", "--", "true", check=False), 125, "[Bus]",
                       "no session bus")
        desktop.product.wait_gone()


def garbage(place):
    """What is not the protocol costs its own connection: the helpers go on, and grow no larger."""
    with Desktop(place) as desktop:
        def same():
            check("answer" in desktop.facts("call.py", *BUS, "GetId"), "no answer")
            return desktop.product.processes("isolate-names") + desktop.product.processes("xdg-dbus-proxy")
        helpers = same()
        for kind in ("random", "endless-line", "random-messages", "vast-header", "vast-body", "wrong-version", "bad-fields", "many-destinations",
                     "fds", "few-fds"):
            check_equal(desktop.run("garbage.py", kind).stdout, "gone\n", f"the connection after {kind}")
            check_equal(same(), helpers, f"the helpers after {kind}")
        held = int(desktop.run("garbage.py", "many").stdout)
        check(held > 100, f"only {held} connections were made")
        check_equal(same(), helpers, "the helpers after many connections")
        names = helpers[0]
        with open(f"/proc/{names}/status", encoding="utf-8") as f:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", f.read())[1])
        check(peak < 64 * 1024, f"isolate-names has used {peak} kB")
        left = len(os.listdir(f"/proc/{names}/fd"))
        check(left < 20, f"isolate-names has {left} descriptors open")


LEAKY = """#!/bin/sh
for word do shift; [ "$word" = --filter ] || set -- "$@" "$word"; done
exec {real} "$@"
"""


def doctor_rejects_a_leaky_proxy(place):
    """A proxy that lets through what it should not, in the place of this machine's."""
    with Desktop(place) as desktop:
        said = {f["subject"]: f["state"] for f in json.loads(desktop.product.run("doctor", "--json", check=False).stdout)}
        check_equal([said["xdg-dbus-proxy"], said["portals"]], ["ok", "ok"], "what doctor says of this machine")
        real = os.path.join(place.path, "real-proxy")
        shutil.copy("/usr/bin/xdg-dbus-proxy", real)
        leaky = place.write("leaky", LEAKY.format(real=real), 0o755)
        done = place.run(["unshare", "--map-current-user", "--keep-caps", "--mount", "sh", "-c",
                          f"mount --bind {leaky} /usr/bin/xdg-dbus-proxy && exec \"$@\"", "sh", desktop.product.command,
                          "doctor", "--json"], env=desktop.env, check=False)
        (finding,) = [f for f in json.loads(done.stdout) if f["subject"] == "xdg-dbus-proxy"]
        check_equal(finding["state"], "missing", "a proxy that filters nothing")
        check("listen" in finding["detail"] and "Portals=no" in finding["advice"], f"what doctor says: {finding}")
        check_equal(done.returncode, 1, "exit status")


def abstract_bus(place):
    """One that is no file, as dbus-launch makes it, and one whose path has to be escaped in an address."""
    with Desktop(place, bus=False) as desktop:
        for address in (f"unix:abstract={place.runtime}/abstract", f"unix:path={place.runtime}/a%20b"):
            bus = place.spawn(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address", "--address=" + address],
                              env=desktop.env)
            wait_until(lambda b=bus: "unix:" in place.log_text(b), what="the bus")
            desktop.env["DBUS_SESSION_BUS_ADDRESS"] = address
            check("answer" in desktop.facts("call.py", *BUS, "GetId"), f"no answer from {address}")
            desktop.product.run("stop", "first")
            desktop.product.wait_gone()
            place.end(bus)


def wrong_keys(place):
    product = Product(place)
    for line, said in [("Talk=*", "name"), ("Talk=org.freedesktop.*", "org.freedesktop"), ("Talk=:1.5", "name"),
                       ("Talk=org.freedesktop.portal.*", "org.freedesktop"), ("Talk=org.*", "name"),
                       ("Own=org.example.*", "name"), ("Own=--filter", "name"), ("Call=org.example.A", "like"),
                       ("Call=org.example.A=*", "like"), ("Call=org.example.A=*@/x", "like"), ("Portals=maybe", "yes"),
                       ("Call=--talk=org.x.y", "like"), ("Talk=org.example.A --own=org.example.B", "name")]:
        product.project("first", f"{PROJECT}[Bus]\n{line}\n")
        one_error_line(product.run("run", "--project", "first", "--", "true", check=False), 125, "[Bus]", said)


desktop_main(attacks, names, talk_call_own, other_sockets, helpers_are_confined, killed,
             names_of_its_own, watchers, hostile_matches, gnome_application, at_once, without_a_bus,
             garbage, doctor_rejects_a_leaky_proxy, abstract_bus, wrong_keys,
             needs=["sway", "bwrap", "dbus-daemon", "xdg-dbus-proxy"])
