"""`charter`: starts as fast as it can, then hands over to the commands."""

import atexit
import gc
import gettext
import os
import sys


def main() -> None:
    """Run the command line."""
    # A command keeps what it reads until it ends: looking for garbage finds none.
    gc.set_threshold(200_000, 50, 50)
    # Nor does a last look when it ends, a sixth of the time of a draft.
    atexit.register(gc.freeze)
    # pydantic would look for extensions in every package installed beside ours.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    # click's own words come from a gettext catalogue; a terminal may be set to C.
    os.environ["LANGUAGE"] = "fr"
    gettext.bindtextdomain("click", os.path.join(os.path.dirname(__file__), "locale"))
    gettext.textdomain("click")
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")
    from charter_builder.cli import charter

    charter(prog_name="charter")


if __name__ == "__main__":
    main()
