"""The network of a container, on an internet of namespaces with real sockets."""
from desktoptest import QUIET, Product, check, check_equal, desktop_main, internet

NETWORK = QUIET + "Linger=forever\n[Display]\nWayland=no\n[Network]\n"


def reachable(product, project, addresses):
    """Those of the addresses whose page curl gets inside."""
    script = "".join(f"[ \"$({' '.join(internet.curl(a))})\" ] && echo '{a}'\n" for a in addresses) + "true"
    return product.sh(project, script, seconds=60).split()


def modes(place):
    """The issue's own line: internet reaches the internet, Lan=allow the private address too, none neither."""
    product = Product(place)
    public, lan = internet.PUBLIC, internet.LAN[0]
    for text, expected in (("", [public]), ("Mode=internet\nLan=allow\n", [public, lan]), ("Mode=none\n", [])):
        product.project("first", NETWORK + text)
        check_equal(reachable(product, "first", [public, lan]), expected, f"what is reached with {text!r}")
        product.run("stop", "first")
        product.wait_gone()


def names_work(place):
    product = Product(place)
    product.project("first", NETWORK)
    check_equal(product.sh("first", "curl -s --max-time 5 http://server.example:8000/"), internet.PUBLIC,
                "the page by a name, which a resolver on the host's loopback knows")
    product.run("stop", "first")
    product.wait_gone()


def in_place(test):
    def run(place):
        if not internet._outside:
            internet.enter(place)
        test(place)
    run.__name__ = test.__name__
    return run


desktop_main(*map(in_place, (modes, names_work)), needs=["bwrap", "curl"])
