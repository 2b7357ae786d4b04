"""What each shell offers: words typed, words that must be offered and that must not."""
import os
import shutil
import subprocess
import sys
import tempfile

shell, isolate, folder = sys.argv[1:4]
if not shutil.which(shell):
    print(f"{shell} is not installed")
    sys.exit(1 if os.environ.get("ISOLATE_TESTS_MUST_WORK") == "1" else 77)

place = tempfile.mkdtemp()
os.chmod(place, 0o755)
home = os.path.join(place, "home")
projects = os.path.join(home, ".config/isolate/projects")
os.makedirs(projects)
os.symlink(os.path.abspath(isolate), os.path.join(place, "isolate"))
for name, text in (("first", "[App idea]\n[App foot]\n"), ("second", "")):
    with open(os.path.join(projects, name + ".conf"), "w") as file:
        file.write(text)
for path, folders, files in os.walk(home):
    for name in [path, *(os.path.join(path, f) for f in files)]:
        if os.getuid() == 0:
            os.chown(name, 65534, 65534)

BASH = """
source {folder}/isolate.bash
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _isolate; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# zsh shows its completions to a terminal only: its functions are called with what they would be called with, and the
# functions that would show something print it.
ZSH = """
compdef() {{ :; }}; compadd() {{ shift; print -l -- $@; }}; _files() {{ print FILES; }}; _command_names() {{ :; }}
_describe() {{ print -l -- ${{${{(P)2}}%%:*}}; }}
words=({words}); CURRENT=$#words; source {folder}/_isolate
"""
FISH = """
source {folder}/isolate.fish
complete -C "{line}" | string replace -r '\\t.*' ''
"""


def offered(line):
    words = line.split(" ")
    quoted = " ".join(f"'{w}'" for w in words)
    script = {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell].format(folder=folder, words=quoted, line=line)
    options = {"bash": ["--norc", "-c"], "zsh": ["-f", "-c"], "fish": ["--no-config", "-c"]}[shell]
    env = {"HOME": home, "PATH": place + ":/usr/bin:/bin", "XDG_RUNTIME_DIR": place}
    user = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    done = subprocess.run([shell, *options, script], env=env, cwd=home, capture_output=True, text=True, timeout=60, **user)
    if done.stderr:
        sys.exit(f"not ok: {shell}: {line}: {done.stderr}")
    return done.stdout.split()


CASES = [
    ("isolate cre", ["create"], []),
    ("isolate .", [".first", ".second"], ["first"]),
    ("isolate -", ["--help", "--version"], []),
    ("isolate foot ", ["--project"], ["first"]),
    ("isolate foot --project ", ["first", "second"], []),
    ("isolate .first ", ["idea", "foot", "stop", "plan"], []),
    ("isolate explain ", ["first", "second"], ["idea"]),
    ("isolate plan first ", ["idea", "foot"], ["second"]),
    ("isolate plan --", ["--json"], []),
    ("isolate remove first --", ["--yes", "--keep-home"], []),
    ("isolate run --project ", ["first", "second"], []),
    ("isolate run --project first -- ", ["idea", "foot"], []),
    ("isolate desktop ", ["sync", "list", "remove"], ["first"]),
    ("isolate desktop list ", ["first"], ["sync"]),
    ("isolate clipboard ", ["push", "pull"], ["first"]),
    ("isolate clipboard push ", ["first", "second"], ["push"]),
    ("isolate audit ", ["first", "second"], ["-f"]),
    ("isolate audit first -", ["--json", "--follow"], ["first"]),
    ("isolate policy ", ["first", "second"], ["Clipboard"]),
    ("isolate policy first ", ["Clipboard", "AllowGlobals", "TitlePrefix"], ["second", "Wayland"]),
    ("isolate policy first Clipboard ", ["guarded", "ask", "deny"], ["yes", "Clipboard"]),
    ("isolate policy first TitlePrefix ", [], ["TEXT", "guarded"]),
    ("isolate help ", ["run", "doctor"], ["isolate"]),
    ("isolate create ", [], ["first"]),
    ("isolate clone ", ["first", "second"], []),
    ("isolate clone first --", ["--home"], []),
    ("isolate reset first ", ["home", "layer"], ["second"]),
    ("isolate du ", ["first"], []),
    ("isolate cp ", ["first:", "second:"], []),
    ("isolate create third --layer ", ["persistent"], ["first"]),
    ("isolate clone --l", ["--layer"], ["first"]),
]
for line, wanted, unwanted in CASES:
    words = offered(line)
    missing = [w for w in wanted if w not in words]
    extra = [w for w in unwanted if w in words]
    if missing or extra:
        sys.exit(f"not ok: {shell}: {line!r} offers {words}, not {missing}, but {extra}")
shutil.rmtree(place)
print("ok")
