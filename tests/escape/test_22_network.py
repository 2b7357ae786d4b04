"""22. With Lan=deny, this machine, its neighbours and all private addresses are out of reach in every form of an address, and
nothing inside can change that."""
import ipaddress
import os

from desktoptest import check, check_equal, desktop_main, internet, proc
from desktoptest.internet import on_a_host
from escapetest import Box

REFUSED = {"EHOSTUNREACH", "ECONNREFUSED", "EACCES", "ENETUNREACH", "EINVAL", "EADDRNOTAVAIL", "EPERM"}
# What a program that has become root of a namespace of its own would do to the rules and links of the container.
CHANGES = ("nft flush ruleset", "nft delete table inet isolate", "ip link set lo down", "ip link set veth0 down",
           "ip addr add 10.9.8.1/24 dev veth0", "ip route add 10.9.8.0/24 dev veth0", "ip link add d0 type veth")


def mapped(address):
    return f"::ffff:{address}"


def forms(address):
    """An IPv4 address as IPv6 knows it: mapped, compatible, translated, 6to4."""
    four = ipaddress.IPv4Address(address).packed
    sixes = [bytes(10) + b"\xff\xff" + four, bytes(12) + four, bytes(8) + b"\xff\xff\0\0" + four,
             b"\0\x64\xff\x9b" + bytes(8) + four, b"\x20\x02" + four + bytes(9) + b"\1"]
    return [address, *(str(ipaddress.IPv6Address(s)) for s in sixes)]


def forbidden():
    """Each is one that something answers at, on the host or behind it, or a form of such a one."""
    found = []
    for address in (*internet.LAN, internet.GATEWAY, internet.HOST_OTHER, internet.LOCAL_ROUTE):
        found += forms(address)
    return [*found, internet.LAN_6, internet.GATEWAY_6, internet.HOST_6_OTHER]


def refused(found):
    """UDP has no connection: a packet that is refused is an error of the next call, or silence."""
    return [f"{a}: {tcp}, {udp}" for a, (tcp, udp) in found.items()
            if tcp not in REFUSED or udp not in REFUSED | {"silence"}]


@on_a_host
def addresses(place):
    box = Box(place, text="[Network]\nMode=internet\n")
    port, good = str(internet.PORT), [internet.PUBLIC, mapped(internet.PUBLIC), internet.PUBLIC_6]
    found = box.facts("connections.py", port, *good, *forbidden(), seconds=60)
    check_equal({a: found.pop(a)[0] for a in good}, dict.fromkeys(good, "success"), "the internet")
    check(not refused(found), f"reached, or not refused: {refused(found)}")
    # The control: with Lan=allow most of the same are reached.
    box.stop()
    box = Box(place, name="second", text="[Network]\nLan=allow\n")
    found = box.facts("connections.py", port, *internet.LAN[:4], internet.LAN_6, internet.GATEWAY, internet.HOST_OTHER,
                      seconds=60)
    check_equal({tcp for tcp, _ in found.values()}, {"success"}, f"the control: {found}")
    box.stop()


@on_a_host
def loopback_of_the_host(place):
    """Neither by its addresses, nor by the gateway's, nor by the container's own, which is the host's."""
    for text in ("", "Lan=allow\n", "Allow=127.0.0.0/8;198.51.100.0/24\n"):
        box = Box(place, text=f"[Network]\n{text}Mode=internet\n")
        targets = ["127.0.0.1", "127.0.0.53", "127.1.2.3", "::1", "0.0.0.0", "::", internet.HOST, internet.HOST_6,
                   mapped("127.0.0.1"), mapped(internet.HOST)]
        found = box.facts("connections.py", str(internet.PORT), *targets, seconds=60)
        check(not refused(found), f"reached with {text!r}: {refused(found)}")
        # The gateway's answers are its own: pasta does not take it for the host.
        host = "nothing"
        if text:
            host = box.sh(f"curl -s -m 4 http://{internet.GATEWAY}:{internet.PORT}/ || true")
        check(host in ("nothing", internet.GATEWAY), f"the gateway's address leads to {host}")
        box.stop()
        box.product.wait_gone()


@on_a_host
def rules_cannot_be_changed(place):
    """By an application, nor by root of a user namespace inside, with or without a network of its own."""
    for nested in ("no", "yes"):
        box = Box(place, text=f"[Network]\nMode=internet\n[Security]\nNestedSandbox={nested}\n")
        run = ["", "unshare -Ur "] + (["unshare -Urm "] if nested == "yes" else [])
        tried = 0
        for prefix in run:
            for change in CHANGES:
                done = box.run("/bin/sh", "-c", f"PATH=/usr/sbin:$PATH; {prefix}{change}", check=False)
                check(done.returncode != 0, f"done inside: {prefix}{change}")
                tried += "not found" not in done.stderr
        check_equal(tried, len(run) * len(CHANGES), "changes that were tried")
        if nested == "yes":
            # It is root of something: of a network of its own, which leads nowhere.
            own = box.sh("PATH=/usr/sbin:$PATH; unshare -Urn sh -c 'ip link set lo up && nft list ruleset && id -u'")
            check_equal(own, "0\n", "root of a network of its own")
            link = box.run("/bin/sh", "-c", "PATH=/usr/sbin:$PATH; unshare -Urn sleep 9 & sleep 1; "
                           "ip link set veth0 netns $!", check=False)
            check(link.returncode != 0, "the link was moved into a network of its own")
        found = box.facts("connections.py", str(internet.PORT), internet.PUBLIC, internet.LAN[0], seconds=60)
        check_equal(found.pop(internet.PUBLIC)[0], "success", "the internet, afterwards")
        check(not refused(found), f"reached afterwards: {refused(found)}")
        box.stop()
        box.product.wait_gone()


@on_a_host
def helpers_are_out_of_sight(place):
    """What has rights over the container's network is not among the processes that the container sees or can signal."""
    box = Box(place, text="[Network]\nMode=internet\n")
    names = box.sh("cat /proc/[0-9]*/comm").split()
    check(not {n for n in names if "pasta" in n or "passt" in n or "network" in n}, f"processes inside: {names}")
    check("CapEff:\t0000000000000000" in box.sh("cat /proc/self/status"), "an application has capabilities")
    init = box.init()
    helpers = [p for name in ("isolate-network", "passt.avx2", "passt", "pasta") for p in box.product.processes(name)]
    check(len(helpers) >= 2, f"helpers: {helpers}")
    inside = os.stat(f"/proc/{helpers[0]}/ns/net").st_ino
    check_equal(inside, os.stat("/proc/self/ns/net").st_ino, "the helper stays in the host's network")
    check(init not in helpers and proc.stat_fields(init), "init")
    box.stop()


desktop_main(addresses, loopback_of_the_host, rules_cannot_be_changed, helpers_are_out_of_sight, needs=["bwrap"])
