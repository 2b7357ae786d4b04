"""isolate policy: what a running container may do on the display, changed under real programs; and who is asked."""
import os
import socket
import struct
import sys

from gi.repository import GLib

from desktoptest import Product, Sway, check, check_equal, desktop_main, one_error_line, wait_until

PROJECT = "[Project]\nGate={gate}\nLinger=forever\n[Display]\n{display}\n"
PANEL = "zwlr_layer_shell_v1"


def start(place, sway, display="", gate="never"):
    product = Product(place, sway)
    product.project("first", PROJECT.format(gate=gate, display=display))
    product.run("start", "first")
    return product


def offered(product):
    lines = product.sh("first", "wayland-info").splitlines()
    return {line.split("'")[1] for line in lines if line.startswith("interface: '")}


def text_of(value):
    return GLib.Variant("s", value)


def flag(value):
    return GLib.Variant("b", value)


def request(product, name, body, serial=7):
    """What the session answers to a message of our own making: name and body."""
    data = GLib.Variant("(usv)", (serial, name, GLib.Variant("a{sv}", body))).get_data_as_bytes().get_data()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(10)
        s.connect(os.path.join(product.runtime("first"), "control"))
        s.send(struct.pack("=IIII", 0x31736f69, len(data), 0, 0) + data)
        answer = s.recv(65536)
    found = GLib.Variant.new_from_bytes(GLib.VariantType("(usv)"), GLib.Bytes.new(answer[16:]), False).unpack()
    check_equal(found[0], serial, "serial of the answer")
    return found[1], found[2]


def wrong_messages(place):
    """What a message lacks or has of another type is an error, and the session goes on."""
    with Sway(place) as sway:
        product = start(place, sway)
        offered(product)  # the proxy runs
        number = GLib.Variant("u", 5)
        for name, body in (("SetPolicy", {}), ("SetPolicy", {"key": text_of("Fullscreen")}), ("SetPolicy", {"value": text_of("deny")}),
                           ("SetPolicy", {"key": number, "value": text_of("deny")}),
                           ("SetPolicy", {"key": text_of("Fullscreen"), "value": GLib.Variant("as", ["deny"])}),
                           ("SetPolicy", {"key": text_of("Fullscreen"), "value": text_of("deny"), "asked": number}),
                           ("SetPolicy", {"key": text_of("Profile"), "value": text_of("permissive")}),
                           ("SetPolicy", {"key": text_of("MaxClients"), "value": text_of("1000000")}),
                           ("SetPolicy", {"key": text_of(""), "value": text_of("")}),
                           ("Move", {}), ("Move", {"to": number}), ("Move", {"to": text_of("elsewhere")})):
            answer, found = request(product, name, body)
            check_equal(answer, "Error", f"the answer to {name} {body}: {found}")
            check(found["message"].isprintable(), f"the error {found}")
        check_equal(product.run("policy", "first", "Fullscreen").stdout, "allow\n", "the value after all that")
        check_equal(request(product, "Policy", {"more": number})[0], "Policy", "the answer to Policy")


def shown_and_set(place):
    """All keys, one, and each kind of value; what was set is what is shown."""
    with Sway(place) as sway:
        product = start(place, sway, "Clipboard=private\nTitlePrefix=[a] ")
        before = dict(line.split("=", 1) for line in product.run("policy", "first").stdout.splitlines())
        check_equal((before["Clipboard"], before["Fullscreen"], before["StealFocus"], before["TitlePrefix"], before["TextInput"]),
                    ("private", "allow", "ask", "[a]", "yes"), "values at the start")
        for key, value in (("Fullscreen", "deny"), ("TextInput", "no"), ("AllowGlobals", PANEL), ("Clipboard", "guarded"),
                           ("DenyGlobals", "wp_viewporter;wp_presentation"), ("TitlePrefix", "[b] ä"), ("AllowGlobals", "")):
            done = product.run("policy", "first", key, value)
            check_equal(done.stdout, "", "stdout of a change")
            check(f"{key}={value} below [Display]" in done.stderr, f"it does not say how to keep it: {done.stderr!r}")
            check_equal(product.run("policy", "first", key).stdout, value + "\n", f"the value of {key}")
        after = product.json("policy", "first")
        check_equal((after["TextInput"], after["DenyGlobals"]), (False, ["wp_viewporter", "wp_presentation"]), "as JSON")
        # Until it stops, and no longer.
        product.run("restart", "first")
        check_equal(product.run("policy", "first", "Fullscreen").stdout, "allow\n", "the value after a restart")


def fullscreen(place):
    """Denied under foot, which asks with F11; allowed again."""
    with Sway(place) as sway:
        product = start(place, sway)
        product.spawn("foot", "--project", "first", "--override=key-bindings.fullscreen=F11")
        sway.wait_window(app_id="isolate.first.foot")

        def mode():
            return sway.windows()[0]["fullscreen_mode"]
        sway.settled_screenshot("foot")
        sway.input.key("F11")
        wait_until(lambda: mode() == 1, what="full screen")
        sway.input.key("F11")
        wait_until(lambda: mode() == 0, what="the end of full screen")
        product.run("policy", "first", "Fullscreen", "deny")
        sway.input.key("F11")
        wait_until(lambda: "Fullscreen=allow" in product.run("audit", "first").stdout, what="the line about the refusal")
        check_equal(mode(), 0, "full screen after it was denied")
        product.run("policy", "first", "Fullscreen", "allow")
        sway.input.key("F11")
        wait_until(lambda: mode() == 1, what="full screen, allowed again")


def clipboard(place):
    """The mode counts for programs that are started afterwards."""
    with Sway(place) as sway:
        product = start(place, sway)
        place.spawn(["wl-copy", "secret"], env=sway.env).wait()
        product.spawn("run", "--project", "first", "--", "foot", "sh", name="shell")
        sway.wait_window(app_id="isolate.first.foot")

        def typed(name):
            sway.input.type(f"wl-paste -n > {name}.part 2>&1; mv {name}.part {name}\n")
            path = os.path.join(product.home("first"), name)
            wait_until(lambda: os.path.exists(path), what="wl-paste")
            with open(path, encoding="utf-8") as f:
                return f.read()
        check_equal(typed("one"), "secret", "what is pasted under guarded")
        done = product.run("policy", "first", "Clipboard", "deny")
        check("restart" in done.stderr, f"it does not say what it takes: {done.stderr!r}")
        check("secret" not in typed("two"), "it was pasted under deny")
        product.run("policy", "first", "Clipboard", "guarded")
        check_equal(typed("three"), "secret", "what is pasted under guarded again")


def interfaces(place):
    """Registries that live are told, and new ones."""
    with Sway(place) as sway:
        product = start(place, sway, "DenyGlobals=wp_viewporter")
        listening = product.spawn("run", "--project", "first", "--", "/usr/bin/env", "WAYLAND_DEBUG=1", "foot", name="listening")
        sway.wait_window(app_id="isolate.first.foot")
        now = offered(product)
        check(PANEL not in now and "wp_viewporter" not in now and "wp_presentation" in now, f"at the start: {now}")
        product.run("policy", "first", "AllowGlobals", PANEL)
        product.run("policy", "first", "DenyGlobals", "wp_presentation")
        now = offered(product)
        check(PANEL in now and "wp_viewporter" in now and "wp_presentation" not in now, f"after the change: {now}")
        sway.input.type("x\n")

        def told():
            log = place.log_text(listening)
            return f'"{PANEL}"' in log and log.count('"wp_viewporter"') >= 1 and "global_remove(" in log
        wait_until(told, what="the program that runs to be told of it")
        check_equal(listening.poll(), None, "exit status of foot, which runs")


def errors(place):
    """One line that names the nearest key or value; nothing changes."""
    with Sway(place) as sway:
        product = Product(place, sway)
        one_error_line(product.run("policy", "frist", check=False), 125, "no project")
        product.project("first", PROJECT.format(gate="never", display=""))
        one_error_line(product.run("policy", "first", check=False), 125, "not running", "isolate plan first")
        one_error_line(product.run("policy", "first", "Fullscreen", "deny", check=False), 125, "not running")
        product.run("start", "first")
        before = product.run("policy", "first").stdout
        for words, said in (
                (("Fulscreen",), ("Fulscreen", "did you mean Fullscreen")),
                (("Fulscreen", "deny"), ("did you mean Fullscreen",)),
                (("fullscreen", "deny"), ("did you mean Fullscreen",)),
                (("Fullscreen", "dney"), ("Fullscreen=dney", "did you mean \"deny\"")),
                (("Fullscreen", ""), ("allow, deny",)),
                (("Clipboard", "\033[1m"), ("?[1m",)),
                (("Wayland", "no"), ("[Display] Wayland", "next start")),
                (("Share", "/"), ("[Files] Share", "next start")),
                (("Gpu", "full"), ("[Graphics] Gpu", "next start")),
                (("Max\nTitle", "1"), ("Max?Title",)),
                (("AllowGlobals", "zwlr_layer_shel_v1"), ("did you mean \"zwlr_layer_shell_v1\"",)),
                (("AllowGlobals", "weston_debug_v1"), ("no description",)),
                (("TitlePrefix", "x" * 200), ("128 bytes",)),
                (("TitlePrefix", "a\nb"), ("one line",))):
            one_error_line(product.run("policy", "first", *words, check=False), 125, *said)
        check_equal(product.run("policy", "first").stdout, before, "the values after all these errors")


def without_a_proxy(place):
    """Before anything is shown there is no proxy: what is set counts when it comes, and again when it was killed."""
    with Sway(place) as sway:
        product = Product(place)
        product.project("first", PROJECT.format(gate="never", display=""))
        product.run("start", "first")
        check_equal(product.processes("isolate-wlproxy"), [], "proxies without a compositor")
        product.run("policy", "first", "AllowGlobals", PANEL)
        shown = Product(place, sway)
        check(PANEL in offered(shown), "what was set before the proxy does not count")
        os.kill(shown.processes("isolate-wlproxy")[0], 9)
        wait_until(lambda: PANEL in offered(shown), what="what was set, from the next proxy")


def wider_is_asked(place):
    """What gives more than the container started with needs consent, which nobody gives here; less needs none."""
    with Sway(place) as sway:
        product = Product(place, sway)
        text = PROJECT.format(gate="changed", display="Fullscreen=deny")
        product.project("first", text)
        # As if all that this configuration gives had been approved.
        lines = [line.strip() for line in product.run("plan", "first").stdout.split("Permissions\n")[1].split("\n\n")[0].splitlines()]
        approval = "{'version': <uint32 1>, 'project': <'first'>, 'time': <int64 1700000000>, 'permissions': <%s>}\n" % (
            "[" + ", ".join(f"b'{line}'" for line in lines) + "]")
        place.write("home/.local/state/isolate/first/approval", approval, 0o600)
        product.run("start", "first")
        for key, value in (("Clipboard", "deny"), ("Clipboard", "private"), ("Clipboard", "guarded"), ("Clipboard", "ask"),
                           ("StealFocus", "deny"), ("StealFocus", "ask"), ("DenyGlobals", "wp_viewporter"), ("DenyGlobals", "")):
            product.run("policy", "first", key, value)
        for key, value in (("Fullscreen", "allow"), ("Clipboard", "allow"), ("StealFocus", "allow"), ("AllowGlobals", PANEL)):
            done = product.run("policy", "first", key, value, check=False)
            one_error_line(done, 125, "first was not changed", "polkit")
        check_equal(product.run("policy", "first", "Fullscreen").stdout, "deny\n", "the value that was refused")
        # To claim that a person was asked is not enough: the approval is not there.
        name, body = request(product, "SetPolicy", {"key": text_of("Fullscreen"), "value": text_of("allow"), "asked": flag(True)})
        check_equal((name, body["applied"]), ("Policy", False), "the answer to who claims that a person was asked")
        check_equal(product.run("policy", "first", "Fullscreen").stdout, "deny\n", "the value after that")
        check(PANEL not in offered(product), "an interface that nobody agreed to")
        with open(os.path.join(place.home, ".local/state/isolate/first/approval"), encoding="utf-8") as f:
            check_equal(f.read(), approval, "the approval")


tests = [wrong_messages, shown_and_set, fullscreen, clipboard, interfaces, errors, without_a_proxy, wider_is_asked]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "grim", "foot", "wl-copy", "wl-paste", "wayland-info", "bwrap"]))
