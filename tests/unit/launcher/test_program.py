"""The program as it is called: its help, its verbs, what it links."""
import os
import re
import subprocess
import sys
import tempfile

isolate = sys.argv[1]
home = tempfile.TemporaryDirectory()
os.chmod(home.name, 0o777)
nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


def run(*words, **how):
    env = {"HOME": home.name, "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": home.name}
    return subprocess.run([isolate, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                          env=env, **{**nobody, **how})


def check(condition, message):
    if not condition:
        sys.exit(f"not ok: {message}")


def one_line(done, *said):
    check(done.returncode == 125 and not done.stdout and done.stderr.count("\n") == 1, done)
    for part in said:
        check(part in done.stderr, f"{part!r} is not in {done.stderr!r}")


# Loading GIO takes longer than joining a container.
needed = subprocess.run(["readelf", "-d", isolate], capture_output=True, text=True).stdout
if needed:
    libraries = re.findall(r"NEEDED.*\[(.*)\]", needed)
    check("ynamic section at" in needed and not [l for l in libraries if "gio" in l or "gobject" in l], f"isolate links {libraries}")

text = run("--help").stdout
verbs = re.findall(r"^  ([a-z]+)  +[A-Z]", text, re.M)
check("run" in verbs and "create" in verbs and verbs == sorted(verbs), f"verbs: {verbs}")
for verb in verbs:
    for words in ([verb, "--help"], ["help", verb]):
        done = run(*words)
        check(done.returncode == 0 and done.stdout.startswith(f"isolate {verb}") and not done.stderr, done)
        check(all(len(line) <= 120 for line in done.stdout.splitlines()), f"too wide: {done.stdout}")
check(all(len(line) <= 120 for line in text.splitlines()), "the help is too wide")

check(run("--version").stdout.startswith("isolate 0."), "--version")
one_line(run(), "--help")
one_line(run("crate"), "create")
one_line(run("first"), "isolate first --project NAME")
one_line(run("list", "--project", "x"), "isolate run --project x -- list")
one_line(run(".first", "list"), "isolate run --project first -- list")
one_line(run("plan", "nosuch"), "isolate create nosuch")
one_line(run("plan", "--", "--json"), "--json")
one_line(run("plan"), "which project?")
one_line(run("plan", "a", "b", "c"), "one argument too many")
one_line(run("list", "--jsno"), "--jsno")
one_line(run("help", "nosuch"), "nosuch")
one_line(run("\033[1m"), "?[1m")
if os.getuid() == 0:
    one_line(run("list", user=0, group=0), "root")

# isolate policy --help names each key that can be changed while a container runs, with what the configuration takes.
rows = re.findall(r'\{"Display", "(\w+)", CONFIG_(\w+)(?:, (SELECTION|"[^"]*"))?', open(sys.argv[2]).read())
selection = re.search(r'define SELECTION ("[^"]*")', open(sys.argv[2]).read())[1]
keys = {key: (values if values != "SELECTION" else selection).strip('"') for key, kind, values in rows if key not in ("Wayland", "X11")}
check(len(keys) == 12, f"keys: {keys}")
shown = dict(re.findall(r"^  ([A-Z]\w+)=(.*)$", run("policy", "--help").stdout, re.M))
check(set(shown) == set(keys), f"isolate policy --help: {shown}")
check(all(shown[key] == values for key, values in keys.items() if values), f"isolate policy --help: {shown}")

# isolate explain has a sentence for each right of the display, with the line that gave it.
for key, values in [*keys.items(), ("Wayland", "yes|no"), ("X11", "auto|no")]:
    for value in values.split("|") if values else {"TitlePrefix": ["[x]"]}.get(key, ["wp_viewporter"]):
        project = run("create", "sentences").stdout.strip()
        with open(project, "a") as file:
            file.write(f"[Display]\n{key}={value}\n")
        done = run("explain", "sentences")
        check(f"[Display] {key})" in done.stdout, f"{key}={value}: {done}")
        run("remove", "sentences", "--yes")

# What one verb writes, the others read.
done = run("create", "first", "--trait", "nosuch")
one_line(done, "no trait")
one_line(run("create", "first", "--layer", "persistant"), "Layer", "persistant", "persistent")
one_line(run("create", "first", "--base", "nosuch"), "Base", "nosuch")
check(run("list").stdout == "", "a project that was refused is there")
done = run("create", "first", "--share", "/srv")
check(done.returncode == 0 and done.stdout.strip().endswith("isolate/projects/first.conf"), done)
one_line(run("create", "first"), "already")
check("/srv" in run("explain", "first").stdout, "explain does not name the share")
check("files rw /srv" in run("plan", "first").stdout, "plan does not name the share")
one_line(run("remove", "first"), "--yes")
check(run("remove", "first", "--yes").returncode == 0, "remove")
one_line(run("remove", "first", "--yes"), "no project")
check(run("list", "--json").stdout == "[]\n", "it is still listed")
print("ok")
