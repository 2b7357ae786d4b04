"""The words it was given, as JSON."""
import json
import sys

print(json.dumps(sys.argv[1:]))
