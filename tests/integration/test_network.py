"""The network of a container, on an internet of namespaces with real sockets."""
import os
import shutil
import signal
import time

from desktoptest import Product, check, check_equal, desktop_main, internet, one_error_line, proc, wait_until
from desktoptest.internet import on_a_host

SERVE = "exec /usr/bin/python3 -c 'import http.server as h; h.test(h.SimpleHTTPRequestHandler, port={}, bind=\"127.0.0.1\")'"


def project(place, network="", name="first"):
    product = Product(place)
    product.project(name, f"[Project]\nGate=never\nLinger=forever\n[Display]\nWayland=no\n[Network]\n{network}")
    return product


def stop(product, name="first"):
    product.run("stop", name)
    product.wait_gone()


def reached(product, addresses, name="first"):
    """Those of the addresses whose page curl gets inside."""
    script = "".join(f"[ \"$({' '.join(internet.curl(a))})\" ] && echo '{a}' &\n" for a in addresses) + "wait; true"
    return set(product.sh(name, script, seconds=60).split())


def log(place, name="first"):
    path = os.path.join(place.home, f".local/state/isolate/{name}/session.log")
    with open(path, encoding="utf-8") as f:
        return f.read()


@on_a_host
def modes(place):
    """internet reaches the internet; Lan=allow the private addresses too; none neither."""
    public, lan = {internet.PUBLIC, f"[{internet.PUBLIC_6}]"}, {*internet.LAN[:3], f"[{internet.LAN_6}]"}
    for text, expected in (("", public), ("Mode=internet\nLan=allow\n", public | lan), ("Mode=none\n", set())):
        product = project(place, text)
        check_equal(reached(product, public | lan), expected, f"what is reached with {text!r}")
        stop(product)


@on_a_host
def allow_and_deny(place):
    """Allow= passes before the local networks are refused, Deny= is refused whatever the others say."""
    one, other = internet.LAN[:2]
    product = project(place, f"Allow=10.9.0.0/16;{other}\nDeny={other}/32;{internet.PUBLIC}\n")
    check_equal(reached(product, [one, other, internet.PUBLIC, f"[{internet.PUBLIC_6}]"]),
                {one, f"[{internet.PUBLIC_6}]"}, "what is reached")
    stop(product)


@on_a_host
def names(place):
    """The host's resolver is on its loopback, as systemd-resolved is."""
    product = project(place)
    check_equal(product.sh("first", f"curl -s --max-time 9 http://{internet.NAME}:{internet.PORT}/"), internet.PUBLIC,
                "the page by its name")
    stop(product)


@on_a_host
def another_resolver(place):
    """A laptop in another place: with its addresses the resolver changes, which the container then asks."""
    place.write("resolv.conf", "nameserver 127.0.0.99\n")
    product = project(place)
    script = f"curl -s --max-time 1 http://{internet.NAME}:{internet.PORT}/ || true"
    check_equal(product.sh("first", script), "", "the page by its name, which the resolver does not know")
    internet.as_root("ip addr add 198.51.100.77/24 dev veth0")
    place.write("resolv.conf", "nameserver 127.0.0.53\n")
    wait_until(lambda: product.sh("first", script) == internet.PUBLIC, 15, "the next resolver")
    check_equal(reached(product, ["198.51.100.77", internet.LAN[0]]), set(), "what is reached of the new place")
    stop(product)


@on_a_host
def addresses_that_come_later(place):
    """An address and a network that the host gets while the container runs are refused from then on."""
    product = project(place)
    check_equal(reached(product, [internet.PUBLIC]), {internet.PUBLIC}, "before")
    internet.as_root(f"ip addr add {internet.PUBLIC}/24 dev other0")
    wait_until(lambda: not reached(product, [internet.PUBLIC]), 5, "the new rules")
    internet.as_root(f"ip addr del {internet.PUBLIC}/24 dev other0")
    wait_until(lambda: reached(product, [internet.PUBLIC]), 5, "the old rules")
    stop(product)


@on_a_host
def rules_before_applications(place):
    """However long the rules take, nothing runs before they are there: the first connection of an application that wants
    to be quicker is refused."""
    slow = place.write("slow-nft", f"#!/bin/sh\nsleep 2\nexec {place.path}/nft \"$@\"\n", 0o755)
    shutil.copy(shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin"), os.path.join(place.path, "nft"))
    internet.as_root(f"mount --bind {slow} {os.path.realpath('/usr/sbin/nft')}")
    product = project(place)
    before = time.monotonic()
    check_equal(reached(product, [internet.LAN[0], internet.PUBLIC]), {internet.PUBLIC}, "what is reached")
    check(time.monotonic() - before > 2, "the test has not made nft slow")
    stop(product)


@on_a_host
def without_what_it_needs(place):
    """Fails closed: one line that names the package, and no container."""
    product = project(place)
    for path, words in (("/usr/sbin/nft", "nftables"), ("/usr/bin/pasta", "passt"), ("/dev/net/tun", "/dev/net/tun")):
        target = os.path.realpath(path)
        nothing = place.write("nothing", "", 0o000)
        internet.as_root(f"mount --bind {nothing} {target}")
        one_error_line(product.run("run", "--project", "first", "--", "true", check=False), 125, words, "Mode=none")
        check(words in product.run("doctor", check=False).stdout, f"doctor says nothing of {words}")
        internet.as_root(f"umount {target}")
        product.wait_gone()
    # nft that refuses the rules, and a pasta that cannot start.
    for path in ("/usr/sbin/nft", "/usr/bin/pasta"):
        broken = place.write("broken", "#!/bin/sh\necho cannot >&2; exit 1\n", 0o755)
        internet.as_root(f"mount --bind {broken} {os.path.realpath(path)}")
        one_error_line(product.run("run", "--project", "first", "--", "true", check=False), 125, path, "cannot")
        internet.as_root(f"umount {os.path.realpath(path)}")
        product.wait_gone()


@on_a_host
def forwards(place):
    """Of the configuration, and live; on the loopback of this machine only; gone when taken away, and with the container."""
    product = project(place, "Forward=3000;3001:4000\n")
    servers = [product.spawn("run", "--project", "first", "--no-tty", "--", "sh", "-c", SERVE.format(p)) for p in (3000, 4000)]
    for port in (3000, 3001):
        wait_until(lambda p=port: internet.fetch("127.0.0.1", p), what=f"port {port}")
    for address in (internet.HOST, internet.HOST_OTHER, f"[{internet.HOST_6}]"):
        check_equal(internet.fetch(address, 3000), "", f"port 3000 at {address}")
    product.run("forward", "first", "8080:4000")
    check("Directory listing" in internet.fetch("127.0.0.1", 8080), "a port that was forwarded later")
    check_equal(internet.fetch(internet.HOST, 8080), "", "that port at another address")
    check_equal([(f["port"], f["inside"]) for f in product.json("forward", "first")],
                [(3000, 3000), (3001, 4000), (8080, 4000)], "the list")
    check("127.0.0.1:8080" in product.run("status", "first").stdout, "status")
    for words, why in ((["8080"], "already"), (["3000"], "already"), ([str(internet.PORT)], "in use"),
                       (["9", "--remove"], "not forwarded"), (["3000", "--remove"], "Forward="), (["0"], "number"),
                       (["70000"], "number"), (["80"], "denied"), (["--remove"], "which port")):
        one_error_line(product.run("forward", "first", *words, check=False), 125, why)
    product.run("forward", "first", "8080", "--remove")
    check_equal(internet.fetch("127.0.0.1", 8080), "", "a port that was taken away")
    product.run("forward", "first", "8080:3000")
    check("Directory listing" in internet.fetch("127.0.0.1", 8080), "the port, forwarded again")
    stop(product)
    check_equal([s.wait(10) != 0 for s in servers], [True, True], "the servers' end")
    for port in (3000, 3001, 8080):
        check_equal(internet.fetch("127.0.0.1", port), "", f"port {port} after the end")
    one_error_line(product.run("forward", "first", "8080", check=False), 125, "not running")


@on_a_host
def forwards_that_cannot_be(place):
    """A port of Forward= that somebody has is no start; without such a network there are none."""
    product = project(place, f"Forward={internet.PORT}:80\n")
    one_error_line(product.run("run", "--project", "first", "--", "true", check=False), 125, str(internet.PORT), "in use")
    product.wait_gone()
    product = project(place, "Mode=none\n")
    product.run("start", "first")
    one_error_line(product.run("forward", "first", "8080", check=False), 125, "Mode=internet")
    stop(product)


@on_a_host
def many_at_once(place):
    """Launches that wait for one network, one of which loses patience, and a stop before it is there."""
    product = project(place)
    waiting = [product.spawn("run", "--project", "first", "--no-tty", "--", *internet.curl(internet.PUBLIC))
               for _ in range(12)]
    waiting.pop().kill()
    check_equal([w.wait(60) for w in waiting], [0] * len(waiting), "exit statuses")
    check_equal({place.log_text(w) for w in waiting}, {internet.PUBLIC}, "pages")
    check_equal(len(product.processes("isolate-init")), 1, "containers")
    product.run("stop", "first")
    product.wait_gone()
    starting = product.spawn("start", "first")
    wait_until(lambda: product.processes("isolate-network"), what="the helper", interval=0.001)
    product.run("kill", "first")
    starting.wait(20)
    product.run("kill", "first")
    product.wait_gone()


def network_of(product):
    return product.processes("isolate-network")


@on_a_host
def killed(place):
    """SIGKILL to the session or to the helper: nothing survives the first, and no other network takes the place of what
    the second gave. pasta itself is started again."""
    product = project(place)
    everything = [internet.PUBLIC, internet.LAN[0], internet.HOST, internet.HOST_OTHER]
    check_equal(reached(product, everything), {internet.PUBLIC}, "before")
    pasta = product.processes("passt.avx2") or product.processes("pasta") or product.processes("passt")
    os.kill(pasta[0], signal.SIGKILL)
    wait_until(lambda: "started again" in log(place), what="the log")
    check_equal(reached(product, everything), {internet.PUBLIC}, "with the next pasta")
    for pid in network_of(product):
        if proc.command_line(pid)[1:2] == ["--control-fd"]:
            os.kill(pid, signal.SIGKILL)
            break
    wait_until(lambda: "is not replaced" in log(place), what="the log")
    wait_until(lambda: not product.processes("passt.avx2") + product.processes("pasta"), what="pasta's end")
    check_equal(reached(product, everything), set(), "without the helper")
    check("not there now" in product.run("status", "first").stdout, "status")
    one_error_line(product.run("forward", "first", "8080", check=False), 125, "isolate restart")
    product.run("restart", "first")
    check_equal(reached(product, everything), {internet.PUBLIC}, "after a restart")
    os.kill(product.session_of("first"), signal.SIGKILL)
    product.wait_gone()
    check_equal(reached(product, everything), {internet.PUBLIC}, "the next launch")
    stop(product)


@on_a_host
def offline(place):
    """A machine without a network starts containers, and they get one when it has."""
    internet.as_root("ip link set veth0 down")
    product = project(place)
    check_equal(product.sh("first", "echo works"), "works\n", "an application without a network")
    check("not there now" in product.run("status", "first").stdout, "status")
    internet.as_root(f"ip link set veth0 up; ip route add default via {internet.GATEWAY}")
    wait_until(lambda: reached(product, [internet.PUBLIC]), what="the network")
    check_equal(reached(product, [internet.LAN[0], internet.HOST, internet.PUBLIC]), {internet.PUBLIC}, "what is reached")
    stop(product)


desktop_main(modes, allow_and_deny, names, another_resolver, addresses_that_come_later, rules_before_applications, without_what_it_needs,
             forwards, forwards_that_cannot_be, many_at_once, killed, offline, needs=["bwrap"])
