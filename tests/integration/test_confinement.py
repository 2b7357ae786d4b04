"""What the kernel says of the proxy of a project that runs, as the user whose project it is."""
import json
import os

from desktoptest import QUIET, Product, Sway, check, check_equal, desktop_main, wait_until

# By their names: the second is the child that connects to compositors.
NAMES = ("isolate-wlproxy", "wlproxy-connect")
NOTHING = "0" * 16
KINDS = ("socket:[", "pipe:[", "anon_inode:[eventpoll]", "anon_inode:[signalfd]", "anon_inode:[timerfd]", "/dev/null")


def read(pid, name):
    with open(f"/proc/{pid}/{name}", encoding="utf-8") as f:
        return f.read()


def status_of(pid):
    return dict(line.split(":\t", 1) for line in read(pid, "status").splitlines() if ":\t" in line)


def project_with_window(place, sway, debug=None):
    product = Product(place, sway)
    product.project("first", QUIET)
    product.spawn("foot", "--project", "first", env={"ISOLATE_DEBUG": debug} if debug else {})
    sway.wait_window(app_id="isolate.first.foot")
    return product, {name: wait_until(lambda n=name: product.processes(n), what=name)[0] for name in NAMES}


def user_may_have_namespaces(place):
    return place.run(["unshare", "--user", "--net", "true"], check=False).returncode == 0


def kernel_says(place):
    """All that is for everybody to read; the rest is for nobody, not even for the user."""
    with Sway(place) as sway:
        _, found = project_with_window(place, sway)
        for name, pid in found.items():
            status = status_of(pid)
            check_equal((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"), f"the filter of {name}")
            for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                check_equal(status[kind], NOTHING, f"{kind} of {name}")
            limits = {line[:26].strip(): line[26:].split()[:2] for line in read(pid, "limits").splitlines()}
            for what in ("Max processes", "Max core file size", "Max locked memory", "Max msgqueue size"):
                check_equal(limits[what], ["0", "0"], f"{what} of {name}")
            for secret in ("fd", "ns/net", "root", "exe", "maps", "mem", "environ"):
                path = f"/proc/{pid}/{secret}"
                try:
                    (os.listdir if secret == "fd" else os.readlink if secret in ("ns/net", "root", "exe") else open)(path)
                except PermissionError:
                    continue
                check(False, f"{path} of {name} is open")
        if user_may_have_namespaces(place):
            check_equal(status_of(found["isolate-wlproxy"])["CapBnd"], NOTHING, "what the proxy could be given")


def attached(place):
    """The same for who debugs it: what it has open is what it needs."""
    with Sway(place) as sway:
        _, found = project_with_window(place, sway, "attach")
        for name, pid in found.items():
            opened = {fd: os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
            # stderr is where the session logs.
            strange = {fd: to for fd, to in opened.items() if to != opened["2"] and not to.startswith(KINDS)}
            check(not strange, f"{name} has {strange}")
            check("socket:[" in "".join(opened.values()), f"{name} has no socket")
            modes = {line.split()[1] for line in read(pid, "maps").splitlines()}
            check(not {m for m in modes if "w" in m and "x" in m}, f"{name} has memory of {modes}")
        if not user_may_have_namespaces(place):
            print("this host has no namespaces for an ordinary user: NOT tested")
            return
        pid = found["isolate-wlproxy"]
        for kind in ("user", "net"):
            check(os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}"), f"its {kind} is ours")
        check(read(pid, "net/dev").count("\n") <= 3, f"it has network devices: {read(pid, 'net/dev')}")
        for name in ("etc", "proc", "home", "tmp"):
            check(not os.path.exists(f"/proc/{pid}/root/{name}"), f"its root has {name}")


def doctor_tells(place):
    """isolate doctor says what this host gives."""
    with Sway(place) as sway:
        product = Product(place, sway)
        (finding,) = [f for f in json.loads(product.run("doctor", "--json", check=False).stdout) if f["subject"] == "confinement"]
        check("a filter of system calls" in finding["detail"], finding)
        check_equal("no namespaces" in finding["detail"], not user_may_have_namespaces(place), finding["detail"])
        check_equal(bool(finding["advice"]), finding["state"] != "ok", finding)


def trace_works(place):
    """ISOLATE_DEBUG=wire prints what passes, confined as it is."""
    with Sway(place) as sway:
        product, _ = project_with_window(place, sway, "wire")
        log = os.path.join(place.home, ".local/state/isolate/first/log")
        candidates = [log] + [os.path.join(folder, f) for folder, _, files in os.walk(os.path.join(
            place.home, ".local/state/isolate")) for f in files if f.endswith("log")]
        texts = [open(p, encoding="utf-8", errors="replace").read() for p in candidates if os.path.isfile(p)]
        check(any("xdg_toplevel@" in t and ".set_app_id(" in t for t in texts), f"no trace in {candidates}")


desktop_main(kernel_says, attached, doctor_tells, trace_works, needs=["sway", "foot", "bwrap", "unshare"])
