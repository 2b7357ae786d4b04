"""7. Names of projects and applications, arguments, Exec lines and paths never become options, words or lines of
anything that isolate runs."""
import json
import os
import subprocess

from desktoptest import check, check_equal, desktop_main, one_error_line
from escapetest import Box, Terminal

HOSTILE = ["--bind", "-c", "--", "-", "a=b", "--project", "--project=second", "-p", "--help", "--version", "--tty",
           "--detach", "--env=X=y", "--args", "--ro-bind", "new\nline", "car\rriage", "'", '"', "\\", "%f", "%U", "%%",
           "%s%n", ";", "a;b", "$(touch ~/ran)", "`touch ~/ran`", "|cat", "&", "#", "*", "~", " ", "", "\t", "\x1b[31m",
           "\u202e", "ä", "\x7f", "a b", "=", "LD_PRELOAD=x", "!", "{}", "\\n", "\\0"]


def arguments_arrive_as_they_are(place):
    box = Box(place)
    arguments = box.words("arguments.py")
    for words in (["run", "--project", "first", "--", *arguments, *HOSTILE],
                  ["run", "--project", "first", *arguments, *HOSTILE],
                  [".first", *arguments, *HOSTILE],
                  [arguments[0], "--project", "first", *arguments[1:], *HOSTILE],
                  [arguments[0], "-p", "first", "--", *arguments[1:], *HOSTILE]):
        check_equal(json.loads(box.product.run(*words).stdout), HOSTILE, f"arguments of {words[:3]}")
    # Each alone and first, where an option would be taken.
    for one in HOSTILE:
        done = box.product.run("run", "--project", "first", "--", *arguments, one)
        check_equal(json.loads(done.stdout), [one], "an argument alone")
    many = ["x" * 1000] * 1000
    check_equal(json.loads(box.run("arguments.py", *many).stdout), many, "a megabyte of arguments")
    check_equal(box.sh("ls ~"), "", "what ran")


def bytes_that_are_no_text(place):
    box = Box(place)
    raw = [b"\xff\xfe", b"\xc3", b"a\x80b"]
    words = [b"run", b"--project", b"first", b"--", b"/usr/bin/python3", b"-c",
             b"import os, sys; print([os.fsencode(a).hex() for a in sys.argv[1:]])", *raw]
    done = subprocess.run([box.product.command.encode(), *words], env=box.product.env, capture_output=True, text=True,
                          check=False, timeout=20)
    check_equal(done.stdout.strip(), str([r.hex() for r in raw]), "bytes")


def applications_are_programs(place):
    """A word that names no program is not found; it is no option of the shell, of bwrap or of init."""
    box = Box(place)
    for name in HOSTILE:
        done = box.product.run("run", "--project", "first", "--", name, check=False)
        if name == "":
            one_error_line(done, 125)
        elif name == "--":  # `run` takes one, and the second is the program
            check(done.returncode in (125, 127), f"{done}")
        else:
            one_error_line(done, 127)
    check_equal(box.sh("ls ~"), "", "what ran")


def projects(place):
    box = Box(place)
    before = sorted(os.listdir(os.path.join(place.home, ".config/isolate/projects")))
    for name in HOSTILE + ["../first", "first/../first", "/etc", ".", "..", "First", "first.conf", "a" * 33, "-first",
                           "1first", "_a", "first/"]:
        for words in (["true", "--project", name], ["run", "--project", name, "--", "true"], ["start", name],
                      ["stop", name], ["status", name], ["create", name], ["remove", "--yes", name], ["plan", name],
                      ["explain", name], ["shell", name], ["." + name, "true"]):
            if name in ("--help", "--version", "-p", "--project", "--project=second", "--tty", "--detach", "--env=X=y"):
                continue  # options in that place, of which the command line tests tell
            done = box.product.run(*words, check=False)
            check(done.returncode == 125, f"{words}: {done}")
            one_error_line(done, 125)
    check_equal(sorted(os.listdir(os.path.join(place.home, ".config/isolate/projects"))), before, "projects")
    check(not os.path.exists(os.path.join(place.runtime, "isolate")) or
          set(os.listdir(os.path.join(place.runtime, "isolate"))) <= {"first"}, "folders in the runtime directory")


def files_that_are_no_projects(place):
    """Whatever lies in the folder of projects is no option of `list`."""
    box = Box(place)
    for name in ("--bind.conf", "a b.conf", "\x1b[31m.conf", "new\nline.conf", ".conf", "-c.conf"):
        place.write(f"home/.config/isolate/projects/{name}", "[Project]\nGate=never\n")
    done = box.product.run("list", check=False)
    check(done.returncode == 0 and "first" in done.stdout, f"{done}")
    for text in (done.stdout, done.stderr):
        check("\x1b" not in text and all("line.conf" != line for line in text.splitlines()), f"{text!r}")


def exec_lines(place):
    """Exec= is taken apart once, as a shell would quote, and runs nothing by itself."""
    arguments = f"{place.path}/programs/arguments.py"
    lines = {
        "one": ("--bind / / -c a=b", ["--bind", "/", "/", "-c", "a=b"]),
        "two": ("'a b' \"c d\" e\\\\ f", ["a b", "c d", "e f"]),
        "three": ("\\\\; rm -rf / ';' '$(touch ran)' '`id`' '|' '&' '>' '*'",
                  [";", "rm", "-rf", "/", ";", "$(touch ran)", "`id`", "|", "&", ">", "*"]),
        "four": ("$(touch ran) $HOME ~ *", ["$(touch", "ran)", "$HOME", "~", "*"]),
        "five": ("%% %s a%fb", ["%%", "%s", "a%fb"]),
    }
    text = "".join(f"[App {name}]\nExec=/usr/bin/python3 -I {arguments} {line}\n" for name, (line, _) in lines.items())
    box = Box(place, text=text)
    for name, (_, wanted) in lines.items():
        for words in (["run", "--project", "first", "--", name], [name, "--project", "first"], [".first", name]):
            check_equal(json.loads(box.product.run(*words).stdout), wanted, f"Exec of {name}")
        check_equal(json.loads(box.product.run(name, "--project", "first", "--", "--bind", "%f").stdout),
                    wanted + ["--bind", "%f"], f"Exec of {name} and arguments")
    check_equal(box.sh("ls ~"), "", "what ran")
    for bad in ("[App --bind]\nExec=true\n", "[App a b]\nExec=true\n", "[App a=b]\nExec=true\n", "[App ]\nExec=true\n",
                "[App x]\nExec='unfinished\n", "[App x]\nExec=''\n", "[App ../x]\nExec=true\n", "[App \x1b]\nExec=true\n"):
        other = Box(place, "second", text=bad)
        one_error_line(other.run("/bin/true", check=False), 125, "second.conf")


def paths(place):
    """Folders with odd names are mounted under these names."""
    box = None
    for number, name in enumerate(n for n in HOSTILE if n not in ("", " ", "\t", "~") and "\n" not in n):
        folder = f"{place.home}/{name}"
        place.write(f"home/{name}/file", f"mine {number}")
        escaped = folder.replace("\\", "\\\\").replace(";", "\\;").replace("\r", "\\r")
        box = Box(place, "first", files=f"Share={escaped}")
        done = box.run("/bin/cat", f"{folder}/file", check=False)
        if done.returncode == 125:  # a name that cannot be written in a file of settings
            one_error_line(done, 125, "first.conf")
            check(not name.isprintable() or name in ("\\", "\\n", "\\0", "a;b", ";"), f"{name!r}: {done.stderr}")
            continue
        check_equal(done.stdout, f"mine {number}", f"the share {name!r}")
        box.stop()
        box.product.wait_gone()


def created_projects(place):
    """What `create` is given becomes one value of one key, or is refused: never another line of the configuration."""
    box = Box(place)
    number = created = 0
    for name in HOSTILE + ["x\n[Project]\nGate=never", "x\nGit=full", "x;/etc", "[Files]", "x\r\nGit=full", "x:/y", "x]"]:
        for option in ("--share", "--trait", "--base", "--layer"):
            number += 1
            project = f"made{number}"
            value = f"{place.home}/{name}" if option == "--share" else name
            if option == "--share" and name.strip("/ ~"):
                os.makedirs(value, exist_ok=True)
            done = box.product.run("create", project, f"{option}={value}", check=False)
            path = os.path.join(place.home, f".config/isolate/projects/{project}.conf")
            if done.returncode != 0:
                one_error_line(done, 125)
                check(not os.path.exists(path), f"create {option}={value!r} failed and left a file")
                continue
            plan = box.product.run("plan", project, "--json", check=False)
            if plan.returncode != 0:
                one_error_line(plan, 125)  # such as a trait that is not there
                continue
            lines = [p for p in json.loads(plan.stdout)["permissions"] if p.startswith("files r")]
            if option == "--share" and name.strip("/ ~"):
                check_equal(lines, [f"files rw {value}"], f"what {value!r} became")
            created += 1
            check("files git full" not in plan.stdout, f"{option}={value!r}: {plan.stdout}")
            with open(path, encoding="utf-8") as f:
                check("Gate=never" not in f.read().splitlines(), f"{option}={value!r} wrote a line of its own")
    check(created > 20, f"only {created} projects were made")


def variables(place):
    box = Box(place)
    for bad in ("", "=", "=x", "A", "1=x", "A B=c", "A\nB=c", "-x=y", "BASH_FUNC_x%%=() { id; }", "ä=x"):
        one_error_line(box.product.run("run", "--project", "first", "--env", bad, "--", "true", check=False), 125)
    for value in HOSTILE:
        done = box.run("facts.py", options=["--env", "VALUE=" + value])
        check_equal(json.loads(done.stdout)["environment"]["VALUE"], value, "a value")
    other = Box(place, "second", text="[Environment]\nA=--bind / /\nB=$(touch ran)\nC=a=b;c\n")
    found = other.facts("facts.py")["environment"]
    check_equal([found[n] for n in "ABC"], ["--bind / /", "$(touch ran)", "a=b;c"], "[Environment]")


def texts_of_a_container_on_the_hosts_terminal(place):
    """What runs in a container is listed without what it may do to a terminal."""
    box = Box(place)
    box.spawn("/usr/bin/python3", "-c", "import time; time.sleep(1000)", "\x1b]0;title\x07\x1b[31m", "\u202eevil",
              "new\nline")
    box.sh("cp /bin/sleep \"$(printf '/tmp/\\033[31mred')\"; \"$(printf '/tmp/\\033[31mred')\" 1000 > /dev/null 2>&1 &")
    terminal = Terminal(place, [box.product.command, "ps", "first"], env=box.product.env)
    shown = [terminal.rest(), box.product.run("status", "first").stdout, box.product.run("ps", "first").stdout,
             box.product.run("ps", "first", "--json").stdout]
    for text in shown:
        check("python3" in text or "red" in text, f"it is not listed: {text!r}")
        bad = [c for c in text if not c.isprintable() and c not in "\r\n\t"]
        check(not bad, f"control characters {bad} in {text!r}")
        check(all(not line.startswith("line") for line in text.splitlines()), f"a line of the container's: {text!r}")
    commands = [p["command"] for p in json.loads(shown[-1])]
    check(any("\u202eevil" in c and "\x1b[31m" in c for c in commands), f"as data they are whole: {commands}")


desktop_main(arguments_arrive_as_they_are, bytes_that_are_no_text, applications_are_programs, projects,
             files_that_are_no_projects, exec_lines, paths, variables, created_projects,
             texts_of_a_container_on_the_hosts_terminal, needs=["bwrap"])
