"""Serves a workspace whose pages were built before: `run_live.py FOLDER PORT PICKLE [PROXY]`."""

import pickle
import sys
from pathlib import Path

from charter_builder.server.access import read_origin
from charter_builder.server.running import Listening, serve
from charter_builder.storage.workspace_files import Workspace

if __name__ == "__main__":
    folder, port, files = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    behind = sys.argv[4] if len(sys.argv) > 4 else None
    origin = read_origin(f"http://127.0.0.1:{port}")
    listening = Listening("127.0.0.1", port, origin, behind)
    serve(
        Workspace(folder),
        listening,
        lambda: pickle.loads(files.read_bytes()),
        lambda: None,
        lambda address: print(address, flush=True),
    )
