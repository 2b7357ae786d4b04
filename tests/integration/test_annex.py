"""Icons, tags and drags of windows, whose interfaces no compositor of Debian 12 has: sway gets them by an annex.

Chromium sets icons made of pixels and drags its tabs with xdg_toplevel_drag_manager_v1. No program of Debian 12 was found
that names an icon or sets a tag (Firefox, foot, GTK 4, Qt 5 and 6 and SDL have none of these interfaces): labels does."""
import contextlib
import sys

from apps.programs import PROGRAM, wait_title
from desktoptest import Annex, Proxy, Sway, check, check_equal, desktop_main, wait_until

SIZE = (1600, 900)
MANAGERS = {"xdg_toplevel_icon_manager_v1", "xdg_toplevel_drag_manager_v1", "xdg_toplevel_tag_manager_v1"}


@contextlib.contextmanager
def annexed(place, display="", more="", offered=()):
    policy = f"[Project]\nName=first\n[Display]\n{display}\n{more}\n"
    with Sway(place, SIZE) as sway, Annex(place, sway, *offered) as annex, Proxy(place, annex, policy) as proxy:
        yield sway, annex, proxy


def chromium(place, sway, proxy, *pages):
    """Its window, ready, with a tab for each page after the first."""
    client = place.spawn([*PROGRAM["chromium"].argv(place), *pages], env=proxy.env, name="chromium")
    wait_title(sway, "waiting", "a window of Chromium", 30)
    sway.settled_screenshot("chromium", 30, PROGRAM["chromium"].is_drawn, still=1.0)
    return client


def listed(place, env):
    return {m for m in MANAGERS if m in place.run(["wayland-info"], env=env).stdout}


def offered_as_allowed(place):
    """As the compositor has them, and as the policy lets them: what one lacks is not there for the other's sake."""
    some = MANAGERS - {"xdg_toplevel_drag_manager_v1"}
    with annexed(place, "DenyGlobals=xdg_toplevel_tag_manager_v1", offered=some) as (sway, annex, proxy):
        check_equal(listed(place, sway.env), set(), "what sway has")
        check_equal(listed(place, annex.env), some, "what the annex has")
        check_equal(listed(place, proxy.env), {"xdg_toplevel_icon_manager_v1"}, "what the proxy offers")


def icon_passed(place):
    """An icon of pixels is as good as what is in the window: the compositor gets it whole, for that very window."""
    with annexed(place) as (sway, annex, proxy):
        client = chromium(place, sway, proxy)
        wait_until(lambda: annex.requests(request="set_icon"), what="an icon")
        created, = annex.requests(request="create_icon")
        icon = created["arguments"][0]
        buffers = annex.requests("xdg_toplevel_icon_v1", "add_buffer")
        check(buffers and all(b["object"] == icon and b["size"][0] == b["size"][1] >= 16 for b in buffers),
              f"no square pictures of the icon: {buffers}")
        check_equal([e["arguments"][1] for e in annex.requests(request="set_icon")], [icon], "icons that were set")
        said = place.log_text(proxy.process)
        check("toplevel_icon" not in said, f"the proxy had something to say: {said}")
        check_equal(client.poll(), None, "exit status of Chromium, which runs")


def icon_denied(place):
    with annexed(place, "DenyGlobals=xdg_toplevel_icon_manager_v1") as (sway, annex, proxy):
        chromium(place, sway, proxy)
        check(annex.requests("xdg_toplevel_drag_manager_v1", "bind"), "Chromium binds nothing of the annex")
        check_equal(annex.requests("xdg_toplevel_icon_manager_v1"), [], "what Chromium says of icons")


def tear_off(sway):
    """The first of two tabs, into the middle of the window."""
    sway.input.drag((120, 20), (800, 500), steps=30, hover=2)


def tab_dragged(display):
    """The tab becomes a window, which hangs on the pointer until it is dropped."""
    def test(place):
        with annexed(place, display) as (sway, annex, proxy):
            client = chromium(place, sway, proxy, "about:blank")
            tear_off(sway)
            windows = sway.wait_windows(2)
            check_equal({w["app_id"] for w in windows}, {"isolate.first.chromium"}, "whose windows there are")
            wait_title(sway, "about:blank", "the tab that stayed")
            check(any("waiting" in w["name"] for w in windows), "no window of the tab that was dragged")
            wait_until(lambda: annex.requests("xdg_toplevel_drag_v1", "destroy"), what="the end of the drag")
            made, = annex.requests(request="get_xdg_toplevel_drag")
            attached, = annex.requests(request="attach")
            check_equal(attached["object"], made["arguments"][0], "the drag that got a window")
            windows_with_icons = [e["arguments"][0] for e in annex.requests(request="set_icon")]
            check_equal(attached["arguments"][0], windows_with_icons[-1], "the window that is dragged, the new one")
            check("DragAndDrop" not in place.log_text(proxy.process), "something was refused")
            check_equal(client.poll(), None, "exit status of Chromium, which runs")
    test.__name__ = "tab_dragged_" + (display.partition("=")[2] or "guarded")
    return test


def tab_held(place):
    """Without drags there is nothing to hang a window on: the compositor hears of none, and the tab goes back."""
    with annexed(place, "DragAndDrop=deny") as (sway, annex, proxy):
        client = chromium(place, sway, proxy, "about:blank")
        before = sway.windows()
        tear_off(sway)
        for request in ("get_xdg_toplevel_drag", "start_drag"):
            line = f"{request} denied; allow it with DragAndDrop=allow"
            wait_until(lambda text=line: text in place.log_text(proxy.process), what=f"the line about {request}")
        wait_until(lambda: [w["rect"] for w in sway.windows()] == [w["rect"] for w in before], what="the one window")
        check_equal(annex.requests("xdg_toplevel_drag_v1"), [], "what the compositor hears of a drag")
        check_equal(annex.requests(request="get_xdg_toplevel_drag"), [], "drags that the compositor was asked for")
        # It goes on: both tabs can be used.
        wait_title(sway, "waiting", "the tab that was dragged")
        sway.input.click(300, 250)
        sway.input.type("after")
        wait_title(sway, "text after", "the text in the page")
        check_equal(client.poll(), None, "exit status of Chromium, which runs")


def label(place, proxy, *words):
    done = place.run([place.built("labels"), *words], env=proxy.env)
    check_equal(done.stderr, "", "what labels says")


def heard(annex, request):
    return [e["arguments"][-1] for e in annex.requests(request=request)]


def named_as_its_own(place):
    """Whatever a program says, tag, description and icon are those of its project."""
    with annexed(place, "TitlePrefix=[first] ", "[App idea]\nWindowClass=jetbrains-idea") as (_, annex, proxy):
        label(place, proxy, "main window", "The editor", "jetbrains-idea")
        check_equal(heard(annex, "set_toplevel_tag"), ["isolate.first.main window"], "tags")
        check_equal(heard(annex, "set_toplevel_description"), ["[first] The editor"], "descriptions")
        check_equal(heard(annex, "set_name"), ["jetbrains-idea"], "names of icons")
        check_equal(len(annex.requests(request="set_icon")), 1, "icons set")


def named_as_another(place):
    """What claims another identity, or acts on a line of text, does not get there; the program goes on."""
    with annexed(place, "TitlePrefix=[first] ", "[App idea]") as (_, annex, proxy):
        label(place, proxy, "isolate.second.main\n\033]0;x\a", "a\u202eb\n\033[2J", "firefox-esr")
        label(place, proxy, "x" * 3000, "y" * 3000, "../../idea")
        label(place, proxy, "", "", "")
        long_tag = "isolate.first." + "x" * (256 - len("isolate.first."))
        check_equal(heard(annex, "set_toplevel_tag"),
                    ["isolate.first.isolate.second.main ]0;x", long_tag, "isolate.first."], "tags")
        long_description = "[first] " + "y" * (1024 - len("[first] "))
        check_equal(heard(annex, "set_toplevel_description"),
                    ["[first] ab [2J", long_description, "[first] "], "descriptions")
        check_equal(heard(annex, "set_name"), [], "names of icons")
        # An icon without a name is that of the window's app_id, which is the project's.
        check_equal(len(annex.requests(request="set_icon")), 3, "icons set")


tests = [offered_as_allowed, icon_passed, icon_denied, tab_dragged(""), tab_dragged("Clipboard=private"), tab_held,
         named_as_its_own, named_as_another]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "grim", "chromium", "wayland-info"]))
