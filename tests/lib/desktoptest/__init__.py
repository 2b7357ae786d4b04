"""Fixtures for tests that need a real desktop: a headless compositor with a keyboard and a pointer, run by an ordinary
user in directories of its own. Python's standard library only.

    from desktoptest import Sway, desktop_main

    def test(place):
        with Sway(place) as sway:
            foot = place.spawn(["foot"], env=sway.env)
            window = sway.wait_window(app_id="foot")
            sway.input.type("echo hello\\n")
            sway.screenshot("foot")

    desktop_main(test, needs=["foot"])
"""
from .annex import Annex
from .case import Skip, check, check_equal, desktop_main
from .compositor import NestedWeston, Sway, Weston
from .image import Image
from .place import Place
from .proc import deadline, wait_until
from .product import QUIET, Product, one_error_line
from . import internet
from .proxy import PERMISSIVE, Proxy

__all__ = ["PERMISSIVE", "QUIET", "Annex", "Image", "NestedWeston", "Place", "Product", "Proxy", "Skip", "Sway", "Weston",
           "check", "check_equal", "deadline", "desktop_main", "one_error_line", "wait_until"]
