"""The traits that come with isolate: what explain promises of each is so in a container that has it."""
import glob
import os
import re
import shutil
import socket

from desktoptest import QUIET, Product, check, check_equal, desktop_main

SOURCES = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAMES = ["agent", "browser", "dev", "electron", "go", "jvm", "node", "python", "rust"]


def prepare(place):
    """A product that has the traits: those that were installed, or those of the sources."""
    product = Product(place)
    if not os.environ.get("ISOLATE_TEST_PREFIX"):
        folder = os.path.join(place.home, ".config/isolate/traits")
        os.makedirs(folder)
        for path in glob.glob(f"{SOURCES}/launcher/traits/*.conf"):
            shutil.copy(path, folder)
    return product


def project(product, trait, more=""):
    product.project("first", f"{QUIET}Linger=forever\nTraits={trait}\n[Display]\nWayland=no\n{more}")


def sections(text):
    found, name = {}, None
    for line in text.splitlines():
        if line and not line.startswith(" "):
            found[line], name = [], line
        elif line:
            found[name].append(line.strip())
    return found


def each_is_explained(place):
    """In sentences, each with the file that said so; and each trait starts."""
    product = prepare(place)
    for trait in NAMES:
        product.project("first", f"{QUIET}Traits={trait}\n[Display]\nWayland=no\n")
        said = sections(product.run("explain", "first").stdout)
        check({"first may", "It may not", "Read from"} <= set(said), f"{trait}: {said}")
        check(any(line.endswith(f"/{trait}.conf") for line in said["Read from"]), f"{trait}: {said['Read from']}")
        own = [line for part in said.values() for line in part if f"/{trait}.conf:" in line]
        check(own or trait == "electron", f"{trait} says nothing of its own: {said}")
        check_equal(product.sh("first", "echo started"), "started\n", trait)
        path = glob.glob(f"{SOURCES}/launcher/traits/{trait}.conf")[0]
        with open(path, encoding="utf-8") as f:
            text = f.read()
        check(text.startswith(f"# {trait}: ") and len(text.splitlines()) <= 35, f"{path} does not tell what it is for")


def sandboxes_of_their_own(place):
    product = prepare(place)
    for trait, works in (("browser", True), ("electron", True), ("dev", False), ("agent", False)):
        project(product, trait)
        said = product.run("explain", "first").stdout.split("It may not")
        check(("make sandboxes of its own" in said[0]) == works, f"{trait}: {said}")
        done = product.run("run", "--project", "first", "--", "unshare", "-U", "true", check=False)
        check_equal(done.returncode == 0, works, f"{trait}: unshare -U {done.stderr}")
        product.run("stop", "first")
    project(product, "electron;agent")  # what comes later counts, key by key
    check_equal(product.run("run", "--project", "first", "--", "unshare", "-U", "true").returncode, 0, "both")
    product.run("stop", "first")


def an_agent(place):
    product = prepare(place)
    work = os.path.join(place.home, "work")
    place.run(["git", "init", "-q", work])
    place.write("home/.ssh/id_ed25519", "secret")
    agent_socket = os.path.join(place.runtime, "ssh-agent")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(agent_socket)
    listener.listen()
    project(product, "agent", f"[Files]\nShare={work}\n")
    said = product.run("explain", "first").stdout.split("It may not")[1]
    for promise in ("use your SSH agent", "change the .git", "use portals", "play sound"):
        check(promise in said, said)
    env = {"SSH_AUTH_SOCK": agent_socket}
    seen = product.sh("first", f'echo "${{SSH_AUTH_SOCK-unset}}"; test -e {agent_socket} || echo none; test -e ~/.ssh || '
                      f'echo none; ls -A $XDG_RUNTIME_DIR; cd {work}; echo x >hook; echo x >.git/hooks/pre-commit || echo ro; '
                      'git config core.fsmonitor "touch x" 2>/dev/null || echo ro; mv .git old 2>/dev/null || echo ro', env=env)
    check_equal(seen.splitlines(), ["unset", "none", "none", "ro", "ro", "ro"], "what an agent sees and may do")
    check_equal(sorted(os.listdir(work)), [".git", "hook"], "what it changed")
    with_display = product.project("second", f"{QUIET}Traits=agent\n")
    check(os.path.exists(with_display), "a project with windows")
    said = product.run("explain", "second").stdout.split("It may not")[1]
    for promise in ("read or set your clipboard", "middle-click", "drag and drop", "desktop's own keys"):
        check(promise in said, said)


CONNECT = r"""
import socket, sys
for address in sys.argv[2:]:
    try:
        socket.create_connection((address, int(sys.argv[1])), 3).close()
        print("reached", address)
    except OSError as e:
        print("not reached", address)
"""


def an_agent_and_the_lan(place):
    """This machine, under each of its addresses."""
    product = prepare(place)
    # The network that a project has when it says nothing of one.
    product.project("first", "[Project]\nGate=never\nLinger=forever\nTraits=agent\n[Display]\nWayland=no\n")
    listener = socket.create_server(("", 0))
    port = listener.getsockname()[1]
    addresses = ["127.0.0.1"] + [a for a in re.findall(r"inet (\d+(?:\.\d+){3})", place.run(["ip", "-4", "addr"]).stdout)
                                 if not a.startswith("127.")]
    for address in addresses:
        socket.create_connection((address, port), 3).close()  # the control: outside, each is reached
    seen = product.run("run", "--project", "first", "--", "/usr/bin/python3", "-c", CONNECT, str(port), *addresses).stdout
    check_equal(seen.splitlines(), [f"not reached {a}" for a in addresses], "what is reached")


def languages(place):
    """What each shows of the home is there, to be used and not changed; nothing else of it is."""
    product = prepare(place)
    for path, said in ((".cargo/bin/rustc", "rustc"), (".rustup/toolchains/x/bin/rustc", "toolchain"),
                       (".sdkman/candidates/java/17/bin/java", "java"), ("sdk/go1.30/bin/go", "go")):
        place.write(f"home/{path}", f"#!/bin/sh\necho {said}\n", 0o755)
    place.write("home/.sdkman/etc/config", "secret")
    place.write("home/.cargo/credentials.toml", "secret")
    project(product, "rust")
    check_equal(product.sh("first", "rustc; ~/.rustup/toolchains/x/bin/rustc; ls -A ~/.cargo; echo x >~/.cargo/bin/rustc || "
                           "echo ro; mkdir ~/.cargo/registry && echo own"),
                "rustc\ntoolchain\nbin\nro\nown\n", "rust")
    product.run("stop", "first")
    project(product, "jvm")
    java = os.path.join(place.home, ".sdkman/candidates/java/17")
    check_equal(product.sh("first", '"$JAVA_HOME/bin/java"; ls -A ~/.sdkman; touch $JAVA_HOME/x || echo ro',
                           env={"JAVA_HOME": java}), "java\ncandidates\nro\n", "jvm")
    product.run("stop", "first")
    project(product, "go")
    check_equal(product.sh("first", "~/sdk/go1.30/bin/go; touch ~/sdk/x || echo ro; echo $GOFLAGS; mkdir -p ~/go/bin; "
                           "cp /bin/true ~/go/bin/mine; mine && echo found"), "go\nro\n-modcacherw\nfound\n", "go")
    product.run("stop", "first")


def node_and_python(place):
    product = prepare(place)
    project(product, "node")
    if shutil.which("npm", path="/usr/bin"):
        product.sh("first", "mkdir p && cd p && echo '{\"name\":\"p\",\"version\":\"1.0.0\",\"bin\":\"b\"}' >package.json && "
                   "printf '#!/bin/sh\\necho ran\\n' >b && chmod +x b && npm install -g --offline . >/dev/null", seconds=60)
        check_equal(product.sh("first", "p"), "ran\n", "a program that npm installed")
    else:
        print("npm is not installed: only its setting was looked at")
        check_equal(product.sh("first", "echo $NPM_CONFIG_PREFIX"), "~/.local\n", "npm's prefix")
    product.run("stop", "first")
    project(product, "python")
    if os.path.exists("/usr/bin/pip3"):
        product.sh("first", "mkdir q && cd q && printf 'from setuptools import setup\\nsetup(name=\"q\", py_modules=[\"q\"])\\n' "
                   ">setup.py && echo 'print(\"ran\")' >q.py && /usr/bin/pip3 install --no-index --no-build-isolation . "
                   ">/dev/null && cd / && /usr/bin/python3 -m q | grep ran", seconds=60)
    else:
        print("pip is not installed: only its setting was looked at")
        check_equal(product.sh("first", "echo $PIP_BREAK_SYSTEM_PACKAGES"), "1\n", "pip's setting")


def developing_isolate(place):
    """isolate in isolate: a project for these very sources, in which they are built, tested and debugged."""
    product = prepare(place)
    work = os.path.join(place.home, "isolate")
    shutil.copytree(SOURCES, work, symlinks=True,
                    ignore=lambda folder, names: [n for n in names if n.startswith(("build", ".git")) and folder == SOURCES])
    place.write("home/of-the-host", "secret")
    place.run(["git", "init", "-q", work])
    path = product.run("create", "isolate-dev", "--share", ".", "--trait", "dev", cwd=work).stdout.strip()
    with open(path, encoding="utf-8") as f:
        text = f.read().replace("[Project]\n", "[Project]\nGate=never\nLinger=forever\n")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text + "[Display]\nWayland=no\n")

    def inside(script, seconds=120):
        return product.run("run", "--project", "isolate-dev", "--cwd", work, "--", "sh", "-ec", script, seconds=seconds).stdout

    check_equal(inside("ls -A ~; cat ~/of-the-host 2>/dev/null || echo none; grep -rl secret ~ --include=of-the-host || true"),
                "isolate\nnone\n", "what is seen of the home")
    check("Build targets in project" in inside("meson setup build -Dtests=true -Dbuildtype=debug"), "meson setup")
    tests = {"unit/common/test-common-text": "common-text", "unit/config/test-config-layers": "config-layers",
             "unit/plan/test-plan-golden": "plan-golden"}
    inside("ninja -C build " + " ".join(f"tests/{t}" for t in tests))
    said = inside(f"meson test -C build --no-rebuild {' '.join(tests.values())}")
    check(re.search(r"^Ok: +3", said, re.M) and re.search(r"^Fail: +0", said, re.M), said)
    said = inside("gdb -nx -q -batch -ex 'break main' -ex run -ex 'print argc' -ex 'info proc' "
                  "build/tests/unit/common/test-common-text 2>&1")
    check("Breakpoint 1, main" in said and "$1 = 1" in said, said)
    check(os.path.exists(f"{work}/build/build.ninja"), "the build is not outside")
    check("refused" in inside("echo x 2>/dev/null >.git/config || echo refused"), "the repository is not protected")


desktop_main(each_is_explained, sandboxes_of_their_own, an_agent, an_agent_and_the_lan, languages, node_and_python,
             developing_isolate, needs=["bwrap", "git", "gdb", "meson", "ninja", "ip", "unshare"])
