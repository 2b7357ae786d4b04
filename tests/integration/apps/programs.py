"""Programs of all kinds, set up so that two pictures of one can be compared: nothing is asked, fetched or animated.

Each is a Program: what starts it, and use(place, sway, client), which types and clicks and checks that both arrived,
by what the program then writes, copies or calls its window."""
import os
import re
import shutil
import subprocess

from desktoptest import wait_until

FOLDER = os.path.dirname(os.path.abspath(__file__))
QT_WINDOW = ["/usr/bin/python3", os.path.join(FOLDER, "qt-window.py")]
TEXT = "The quick brown fox, 0123456789 ~!@#$%^&*()_+{}|:<>?"
WORDS = "The quick brown fox"


class Program:
    """argv: the words, or a function of the place that prepares fresh files and returns them. title: what its window is
    called once it is ready, after any that it shows while it starts. paper: the colour that is then in the middle of its
    window. pose(sway): what is done for the picture. refused: the keys that refuse something to it, rightly."""

    def __init__(self, name, argv, use, title, env=None, paper=None, pose=None, refused=("StealFocus",)):
        self.name, self.use, self.title, self.env = name, use, title, env or {}
        self.pose, self.refused = pose, refused
        self._argv, self._paper = argv, paper

    def is_drawn(self, image):
        return not self._paper or image.pixel(image.width // 2, image.height // 2 + 150) == self._paper

    def argv(self, place):
        return self._argv(place) if callable(self._argv) else self._argv


def path_in(place, name):
    """All files are in one folder, which a container may share."""
    return os.path.join(place.home, "work", name)


def fresh_folder(place, name):
    """For a profile: what an earlier run left is gone."""
    shutil.rmtree(path_in(place, name), ignore_errors=True)
    return path_in(place, name)


def wait_file(place, name, text, what):
    """Until the file has the text, whatever tags of XML are in between."""
    def read():
        try:
            with open(path_in(place, name), encoding="utf-8") as f:
                return text in re.sub("</?[a-z]+:[^>]*>", "", f.read())
        except FileNotFoundError:
            return False
    wait_until(read, what=what)


def wait_title(sway, text, what, seconds=10):
    def look():
        return any(text in (w["name"] or "") for w in sway.windows())
    try:
        wait_until(look, seconds, what)
    except AssertionError as e:
        raise AssertionError(f"{e}; the titles are {[w['name'] for w in sway.windows()]}") from None


def host_paste(place, sway, *arguments):
    return place.run(["wl-paste", "-n", *arguments], env=sway.env, check=False).stdout


def type_and_copy(place, sway, x, y, text):
    """Text for the entry at this place, which is then copied and read by a program of the host."""
    sway.input.click(x, y)
    sway.input.key("ctrl+a")
    sway.input.type(text)
    sway.input.key("ctrl+a")
    sway.input.key("ctrl+c")
    wait_until(lambda: host_paste(place, sway) == text, what=f"the copy of {text!r} on the host")


# foot, GTK and Qt


def use_foot(place, sway, client):
    os.makedirs(path_in(place, ""), exist_ok=True)
    sway.input.type("cat > work/typed\n" + TEXT + "\n")
    sway.input.key("ctrl+d")
    wait_file(place, "typed", TEXT, "what was typed in foot")
    # Clicks are reported to the program in the terminal, as ESC [ < 0 ; column ; line M.
    sway.input.type(r"printf '\033[?1000;1006h'; cat > work/clicked" + "\n")
    wait_file(place, "clicked", "", "the program that waits for a click")
    sway.input.click(600, 450)
    sway.input.key("Return")
    wait_file(place, "clicked", "\033[<0;", "the click in foot")


def use_flower(place, sway, client):
    """The middle button makes a new flower. It has no keys."""
    before = sway.screenshot()
    rect = sway.windows()[0]["rect"]  # the flower is in the middle of it
    sway.input.click(rect["x"] + rect["width"] / 2, rect["y"] + rect["height"] / 2, "middle")
    wait_until(lambda: sway.screenshot().difference(before) > 0.003, what="a new flower")


def use_demo(row, text):
    """A demo of the list is clicked: its name becomes the title. Its description is copied with keys."""
    def use(place, sway, client):
        sway.input.click(60, row)
        wait_title(sway, "Builder", "the title of the demo that was clicked")
        sway.input.click(800, 600)
        sway.input.key("ctrl+a")
        sway.input.key("ctrl+c")
        wait_until(lambda: text in host_paste(place, sway), what="the description, copied to the host")
    return use


def use_widgets(place, sway, client):
    type_and_copy(place, sway, 170, 250, WORDS)


def use_qt(place, sway, client):
    sway.input.type("Hello")
    wait_until(lambda: "text Hello" in place.log_text(client), what="the text in the Qt window")
    sway.input.click(640, 884)
    wait_until(lambda: "pressed" in place.log_text(client), what="the click on the Qt button")


# LibreOffice

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:styles>
<style:style style:name="Standard" style:family="paragraph">
<style:text-properties fo:font-family="DejaVu Sans" fo:font-size="20pt" fo:language="zxx" fo:country="none"/>
</style:style>
</office:styles>
<office:body><office:text>
<text:p text:style-name="Standard">The first line, äöü €</text:p>
<text:p text:style-name="Standard">The second line</text:p>
<text:p text:style-name="Standard">The third line</text:p>
</office:text></office:body>
</office:document>
"""
OFFICE_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{items}
</oor:items>
"""
OFFICE_ITEM = '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'


def office(place):
    settings = [("Office.Common/Misc", "FirstRun", "false"), ("Office.Common/Misc", "ShowTipOfTheDay", "false"),
                ("Setup/Office", "LastCompatibilityCheckID", ""), ("Setup/Office", "ooSetupInstCompleted", "true"),
                ("Office.Common/Save/Document", "WarnAlienFormat", "false"),
                ("Office.Common/Misc", "CollectUsageInformation", "false")]
    items = "\n".join(OFFICE_ITEM.format("/org.openoffice." + group, name, value) for group, name, value in settings)
    folder = fresh_folder(place, "office")
    place.write("home/work/office/user/registrymodifications.xcu", OFFICE_SETTINGS.format(items=items))
    return ["soffice", f"-env:UserInstallation=file://{folder}", "--writer", "--nologo", "--norestore",
            "--nolockcheck", place.write("home/work/letter.fodt", DOCUMENT)]


def use_office(place, sway, client):
    """The caret goes where the click was: to the end of the second line."""
    sway.input.click(800, 270)
    sway.input.type(WORDS)
    sway.input.key("ctrl+s")
    wait_file(place, "letter.fodt", "The second line" + WORDS, "the document with what was typed")


# Browsers

FIREFOX_SETTINGS = """
browser.aboutwelcome.enabled=false
browser.shell.checkDefaultBrowser=false
browser.startup.homepage_override.mstone="ignore"
browser.sessionstore.resume_from_crash=false
browser.tabs.firefox-view=false
browser.tabs.animate=false
browser.toolbars.bookmarks.visibility="never"
browser.urlbar.suggest.searches=false
datareporting.policy.dataSubmissionEnabled=false
datareporting.policy.dataSubmissionPolicyBypassNotification=true
termsofuse.bypassNotification=true
browser.preonboarding.enabled=false
toolkit.telemetry.reportingpolicy.firstRun=false
trailhead.firstrun.didSeeAboutWelcome=true
network.captive-portal-service.enabled=false
network.connectivity-service.enabled=false
network.dns.disableIPv6=true
app.normandy.enabled=false
app.update.auto=false
extensions.update.enabled=false
extensions.getAddons.cache.enabled=false
browser.safebrowsing.malware.enabled=false
browser.safebrowsing.phishing.enabled=false
browser.safebrowsing.downloads.enabled=false
browser.region.network.url=""
browser.search.update=false
services.settings.server="data:,"
dom.push.connection.enabled=false
ui.caretBlinkTime=0
ui.prefersReducedMotion=1
toolkit.cosmeticAnimations.enabled=false
"""

PAGE_COLOUR = (255, 251, 232)


def page(place):
    """The page, where also a container sees it."""
    with open(os.path.join(FOLDER, "page.html"), encoding="utf-8") as f:
        return "file://" + place.write("home/work/page.html", f.read())


def firefox(place):
    profile = fresh_folder(place, "firefox")
    prefs = (line.split("=", 1) for line in FIREFOX_SETTINGS.split())
    place.write("home/work/firefox/user.js", "".join(f'user_pref("{n}", {v});\n' for n, v in prefs))
    return ["firefox-esr", "--no-remote", "--profile", profile, page(place)]


def chromium(place):
    return ["chromium", "--ozone-platform=wayland", "--disable-gpu", "--no-first-run", "--no-default-browser-check",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--password-store=basic",
            f"--user-data-dir={fresh_folder(place, 'chromium')}", page(place)]


def use_browser(place, sway, client):
    """The page's title is in the window's."""
    sway.input.click(300, 250)
    sway.input.type(WORDS)
    wait_title(sway, "text " + WORDS, "the text in the page")
    sway.input.click(100, 363)
    wait_title(sway, "pressed", "the click on the page's button")


# mpv


def mpv(place):
    clip = place.write("home/work/clip.mkv", "")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=640x480:rate=10", "-t", "1",
                    "-c:v", "ffv1", clip], check=True, stdin=subprocess.DEVNULL)
    place.write("home/work/input.conf",
                f"k run touch {path_in(place, 'typed')}\nMBTN_LEFT run touch {path_in(place, 'clicked')}\n")
    return ["mpv", "--no-config", "--vo=wlshm", "--ao=null", "--osc=no", "--osd-level=0", "--pause", "--start=0.5",
            "--hr-seek=yes", "--keep-open=yes", "--input-default-bindings=no", "--cursor-autohide=no",
            "--input-conf=" + path_in(place, "input.conf"), clip]


def use_mpv(place, sway, client):
    sway.input.type("k")
    wait_file(place, "typed", "", "the key that mpv was sent")
    sway.input.click(500, 400)
    wait_file(place, "clicked", "", "the click that mpv was sent")


PROGRAM = {p.name: p for p in [
    Program("foot", ["foot", "--override=dpi-aware=no", "--font=monospace:pixelsize=20", "sh"], use_foot, "foot"),
    Program("flower", ["weston-flower"], use_flower, "Flower"),
    Program("qt", QT_WINDOW, use_qt, "Qt window"),
    Program("gtk3-demo", ["gtk3-demo"], use_demo(132, "Demonstrates an interface loaded from a XML description"),
            "Application Class"),
    # It selects the text of its first entry at once. Nobody has touched it yet, so that is not the primary selection, and
    # GTK selects nothing then: with a click it is one picture.
    Program("gtk3-widgets", ["gtk3-widget-factory"], use_widgets, "gtk3-widget-factory",
            pose=lambda sway: sway.input.click(300, 74), refused=("Primary",)),
    Program("gtk4-demo", ["gtk4-demo"], use_demo(374, "Demonstrates a traditional interface"), "GTK Demo"),
    Program("writer", office, use_office, "letter.fodt", {"SAL_USE_VCLPLUGIN": "gtk3"}, (255, 255, 255)),
    Program("firefox", firefox, use_browser, "waiting", {"MOZ_ENABLE_WAYLAND": "1"}, PAGE_COLOUR),
    Program("chromium", chromium, use_browser, "waiting", paper=PAGE_COLOUR),
    Program("mpv", mpv, use_mpv, "mpv"),
]}
