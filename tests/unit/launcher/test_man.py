"""The manual pages name every verb and every key of the configuration, each in its group, and no others."""
import re
import subprocess
import sys
import tempfile

isolate, docs, keys_c = sys.argv[1:4]
failures = []


def sections(text):
    found, name = {}, ""
    for line in text.splitlines():
        if line.startswith("# "):
            name = line[2:]
        found.setdefault(name, []).append(line)
    return {k: "\n".join(v) for k, v in found.items()}


conf = sections(open(f"{docs}/isolate.conf.5.scd").read())
rows = re.findall(r'\{"(\w+)", "(\w+)"', open(keys_c).read())
assert len(rows) > 40
rows += [("App NAME", key) for key in ("Exec", "Name", "Icon", "WindowClass", "Terminal")]
for group in {g for g, _ in rows}:
    keys = {k for g, k in rows if g == group}
    named = set(re.findall(r"\*(\w+)=\*", conf.get(f"[{group}]", "")))
    if keys != named:
        failures.append(f"isolate.conf.5 [{group}]: not named: {sorted(keys - named)}; no such key: {sorted(named - keys)}")

place = tempfile.TemporaryDirectory()
text = subprocess.run([isolate, "--help"], capture_output=True, text=True, env={"HOME": place.name}).stdout
verbs = set(re.findall(r"^  ([a-z]+)   *[A-Z]", text, re.M)) | {"help"}
page = open(f"{docs}/isolate.1.scd").read()
named = set(re.findall(r"^\*([a-z]+)\*", page, re.M)) - {"isolate"}
if verbs != named:
    failures.append(f"isolate.1: not named: {sorted(verbs - named)}; no such verb: {sorted(named - verbs)}")
for failure in failures:
    print("not ok:", failure)
sys.exit(1 if failures else 0)
