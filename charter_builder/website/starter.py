"""The files a new workspace starts with, and where the shipped ones lie."""

from importlib.resources import files
from pathlib import Path

GITIGNORE = """\
site/
site-src/
site.generated.yml
.site-*/
.figer-*/
private/
.*.lock
.*.tmp
"""

GITLAB = """\
# Vérifie le projet et construit le site ; ne publie que si visibility vaut public.
image: python:3.12
pages:
  script:
    - pip install 'charter-builder[export]'
    - charter check
    - charter site build
    - |
      if grep -qx 'visibility: public' charter.yml; then mv site public; else mkdir public; fi
  artifacts:
    paths: [public]
"""

GITHUB = """\
# Vérifie le projet et construit le site ; ne publie que si visibility vaut public.
name: site
on: [push]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: '3.12'}
      - run: pip install 'charter-builder[export]'
      - run: charter check
      - run: charter site build
      - id: visibility
        run: |
          grep -qx 'visibility: public' charter.yml && echo public=yes >> "$GITHUB_OUTPUT" || true
      - if: steps.visibility.outputs.public == 'yes'
        uses: actions/upload-pages-artifact@v3
        with: {path: site}
  publish:
    needs: build
    if: github.ref == 'refs/heads/main'
    permissions: {pages: write, id-token: write}
    environment: github-pages
    runs-on: ubuntu-latest
    steps:
      - uses: actions/deploy-pages@v4
        continue-on-error: true
"""


def docs_folder() -> Path:
    """Return the folder of guides and assets that come with the program."""
    packaged = Path(str(files("charter_builder"))) / "_docs"
    return (
        packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "docs"
    )


def base_configuration() -> str:
    """Return the site configuration every workspace starts from."""
    return (files("charter_builder.website") / "base.yml").read_text(encoding="utf-8")


def starter_files(title: str, territory: str) -> dict[str, str]:
    """Return the files of a new workspace besides its answers, by path."""
    quoted = f"{title} — {territory}".replace("'", "''")
    return {
        ".gitignore": GITIGNORE,
        ".gitlab-ci.yml": GITLAB,
        ".github/workflows/site.yml": GITHUB,
        "mkdocs.yml": f"{base_configuration()}site_name: '{quoted}'\n",
    }
