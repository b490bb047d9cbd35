"""What the site generator need not do again from one build to the next.

MkDocs always builds the whole site, its search index included. A process that builds
it many times only keeps what would come out the same: compiled templates, and pages
whose text and surroundings did not change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment
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


class _NoSettings(Config):  # type: ignore[no-untyped-call]
    """MkDocs wants a class, even of nothing."""


class Keeper(BasePlugin[_NoSettings]):  # type: ignore[no-untyped-call]
    """Gives one build what the build before left, by the events of MkDocs.

    It is added by the process that builds: no configuration names it.
    """

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.converted: dict[str, tuple[object, Mapping[str, Any]]] = {}
        self.surroundings: object = None

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
            self.surroundings = (
                repr(config.markdown_extensions),
                repr(config.mdx_configs),
                repr(config.validation),
                frozenset((file.src_uri, file.url, file.inclusion) for file in files),
            )
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
        return env

    def keep(self) -> None:
        """Keep the conversions: in strict mode, a build that ends warned of nothing."""
        self.kept.pages = self.converted


def _conversion(page: Page, config: MkDocsConfig, files: Files) -> Mapping[str, Any]:
    """Convert a page; return what this set, the pages it links to by their names."""
    before = dict(vars(page))
    Page.render(page, config, files)
    outcome = {k: v for k, v in vars(page).items() if before.get(k, ...) is not v}
    links = page.links_to_anchors or {}
    return outcome | {
        "links_to_anchors": {file.src_uri: targets for file, targets in links.items()}
    }


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
