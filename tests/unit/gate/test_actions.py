"""The polkit actions are those of the design, with its defaults, and polkit never keeps an answer."""
import sys
import xml.etree.ElementTree

STRICT = ("auth_admin", "auth_admin", "auth_admin")
OWN = ("auth_admin", "auth_admin", "auth_self")
EXPECTED = {
    "org.isolate.launch": OWN,
    "org.isolate.x11": OWN,
    "org.isolate.gpu-render": OWN,
    "org.isolate.gpu-compute": STRICT,
    "org.isolate.gpu-full": STRICT,
    "org.isolate.host-network": STRICT,
    "org.isolate.private-network": STRICT,
    "org.isolate.devices": OWN,
    "org.isolate.debug": OWN,
    "org.isolate.engine-system": STRICT,
}

root = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
found = {}
for action in root.iter("action"):
    defaults = action.find("defaults")
    found[action.get("id")] = tuple(defaults.findtext(k) for k in ("allow_any", "allow_inactive", "allow_active"))
    for text in ("description", "message"):
        element = action.find(text)
        assert element.text.strip() and element.get("gettext-domain") == "isolate", (action.get("id"), text)
assert found == EXPECTED, found
