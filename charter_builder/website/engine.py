"""What the site generator need not do again from one build to the next.

MkDocs always builds the whole site, its search index included. A process that builds
it many times only keeps what would come out the same: compiled templates, and pages
whose text and surroundings did not change, as HTML then in their frame.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, Template
from jinja2.bccache import Bucket
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

# What turns a page into HTML and reads nothing but that page and the list of files.
# With anything else that a territory adds to mkdocs.yml, every page is converted.
_EXTENSIONS = frozenset(
    {
        "attr_list",
        "def_list",
        "fenced_code",
        "md_in_html",
        "pymdownx.highlight",
        "pymdownx.superfences",
        "tables",
        "toc",
    }
)
_PLUGINS = frozenset({"search", "material/search"})


@dataclass
class Kept:
    """What the builds of one process leave to the next."""

    templates: dict[str, tuple[str, CodeType]] = field(default_factory=dict)
    """The code of each template, with the digest of what it was compiled from."""
    pages: dict[str, tuple[object, Mapping[str, Any]]] = field(default_factory=dict)
    """What each page was converted from, and what the conversion set."""
    framed: dict[str, tuple[object, str]] = field(default_factory=dict)
    """What each page was put in the frame of the theme from, and the whole."""
    surroundings: object = None
    """What all the pages depend on, besides their own text."""


class _NoSettings(Config):  # type: ignore[no-untyped-call]
    """MkDocs wants a class, even of nothing."""


class Keeper(BasePlugin[_NoSettings]):  # type: ignore[no-untyped-call]
    """Gives one build what the build before left, by the events of MkDocs.

    It is added by the process that builds: no configuration names it.
    """

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.converted: dict[str, tuple[object, Mapping[str, Any]]] = {}
        self.framed: dict[str, tuple[object, str]] = {}
        self.surroundings: object = None
        self.frame: object = None

    def on_nav(
        self, nav: Navigation, /, *, config: MkDocsConfig, files: Files
    ) -> Navigation:
        if (
            _EXTENSIONS.issuperset(config.markdown_extensions)
            and all(
                self is plugin or name in _PLUGINS
                for name, plugin in config.plugins.items()
            )
            and not config.hooks
        ):
            found = (
                repr(config.markdown_extensions),
                repr(config.mdx_configs),
                repr(config.validation),
                frozenset((file.src_uri, file.url, file.inclusion) for file in files),
            )
            # The same object as before: pages then compare it at once.
            same = found == self.kept.surroundings
            self.surroundings = self.kept.surroundings if same else found
        return nav

    def on_pre_page(self, page: Page, /, *, config: MkDocsConfig, files: Files) -> Page:
        if self.surroundings:
            # No event lets a conversion be left out: the page is asked, this once.
            page.render = partial(self._convert, page)  # type: ignore[method-assign]
        return page

    def _convert(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Convert a page, or set what its last conversion did from the same text."""
        name, source = page.file.src_uri, (page.markdown, self.surroundings)
        before, outcome = self.kept.pages.get(name, (None, {}))
        if before != source:
            outcome = _conversion(page, config, files)
        for attribute, value in outcome.items():
            setattr(page, attribute, value)
        page.links_to_anchors = {
            files.src_uris[target]: links
            for target, links in outcome["links_to_anchors"].items()
        }
        self.converted[name] = source, outcome

    def on_env(
        self, env: Environment, /, *, config: MkDocsConfig, files: Files
    ) -> Environment:
        env.bytecode_cache = _Compiled(self.kept.templates)
        # A template of the territory may read anything: every page is then framed.
        written = _written(Path(config.config_file_path))
        if self.surroundings and written and not config.theme.custom_dir:
            self.frame = (
                written,
                os.environ.get("SOURCE_DATE_EPOCH"),
                # A page that the navigation does not name gives its own title.
                [(f.url, f.page.title) for f in files if f.page is not None],
            )
            env.template_class = type("_Kept", (_Framed,), {"keeper": self})
        return env

    def framed_page(self, page: Page, render: Callable[[], str]) -> str:
        """Return a page in the frame of the theme, put there again if it must be."""
        name = page.file.src_uri
        text, _ = self.converted[name]
        source = text, page.content, page.meta, self.frame
        before, whole = self.kept.framed.get(name, (None, ""))
        if before != source:
            whole = render()
        self.framed[name] = source, whole
        return whole

    def keep(self) -> None:
        """Keep the pages: in strict mode, a build that ends warned of nothing."""
        self.kept.pages, self.kept.framed = self.converted, self.framed
        self.kept.surroundings = self.surroundings


def _conversion(page: Page, config: MkDocsConfig, files: Files) -> Mapping[str, Any]:
    """Convert a page; return what this set, the pages it links to by their names."""
    before = dict(vars(page))
    Page.render(page, config, files)
    outcome = {k: v for k, v in vars(page).items() if before.get(k, ...) is not v}
    links = page.links_to_anchors or {}
    return outcome | {
        "links_to_anchors": {file.src_uri: targets for file, targets in links.items()}
    }


def _written(generated: Path) -> tuple[str, ...]:
    """Return all that was written of the configuration, or nothing if more is elsewhere."""
    own = (generated.parent / "mkdocs.yml").read_text(encoding="utf-8")
    return () if "INHERIT" in own else (generated.read_text(encoding="utf-8"), own)


class _Framed(Template):
    """A template of the theme, which is not run again for a page it would give back."""

    keeper: Keeper

    def render(self, *args: Any, **kwargs: Any) -> str:
        render = partial(super().render, *args, **kwargs)
        page = args[0].get("page") if args else None
        return self.keeper.framed_page(page, render) if page else render()


class _Compiled(BytecodeCache):
    """Compiled templates in memory; one that was edited is compiled again."""

    def __init__(self, codes: dict[str, tuple[str, CodeType]]) -> None:
        self.codes = codes

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self.codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self.codes[bucket.key] = bucket.checksum, bucket.code
