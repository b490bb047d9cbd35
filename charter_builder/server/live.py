"""What the server shows: the register, the frozen versions and the built pages.

A request reads a snapshot that never changes. One lock orders what is written; a reader
never waits for it, except the first one.
"""

import contextlib
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from charter_builder.consultation import day_of, moment
from charter_builder.errors import CharterError, InputError
from charter_builder.storage.registrar import Registrar
from charter_builder.units import FrozenVersion
from charter_builder.website.dialogue_pages import Fragments, fragments, search_entries
from charter_builder.website.dialogue_view import FOLDER, Consultation
from charter_builder.website.finish import (
    INDEX,
    POLICY,
    LiveIndex,
    PageFinisher,
    inserted,
    place_of,
    places,
)

FRAME = "404.html"
"""The page of the theme with nothing in it: it holds the pages of the server."""
INDEX_SHARE = 0.05
"""The part of the time that making the search index again may take: it is a little late
when many write at once."""
WATCH_SECONDS = 2.0

_TITLE_MARK, _BODY_MARK = "\ue000titre\ue000", "\ue000corps\ue000"
_PAGED = re.compile(rf"({FOLDER}/[a-z0-9/-]+?)_(\d{{1,4}})\.html")
_REFERRER = '<meta name="referrer" content="no-referrer">'
_OWN_REFERRER = '<meta name="referrer" content="same-origin">'


class Page(NamedTuple):
    """A page ready to be sent."""

    content: bytes
    policy: str
    tag: str


class Snapshot(NamedTuple):
    """Where things stand, for one request."""

    site: Consultation
    fragments: Fragments


class _Index(NamedTuple):
    """The search index as it is served."""

    head: object
    until: float
    """When it may be made again."""
    page: Page


class Shells:
    """The built site before its fragments, and what was finished of it."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self._finisher = PageFinisher(files[FRAME])
        self._pages: dict[str, tuple[object, Page]] = {}
        self._frame = self._finished(FRAME, _framed(files[FRAME].decode()))
        # Without a referrer, browsers would hide where our own forms come from.
        text = self._frame.content.decode().replace(_REFERRER, _OWN_REFERRER)
        self._framing = _cut(text)
        self._bare = _cut(_without_menu(text))
        self._index = LiveIndex(files[INDEX])
        self._index_made: _Index | None = None

    def page(self, name: str, fragments: Mapping[str, str]) -> Page | None:
        """Return a page of the site with what people wrote; None when there is none."""
        text = self._text(name)
        if text is None:
            return None
        try:
            inside = tuple(fragments[place] for place in places(text))
        except KeyError:
            # A page of the register that is not reached yet.
            return None
        known = self._pages.get(name)
        if known is None or known[0] != inside:
            whole = inserted(text, dict(zip(places(text), inside, strict=True)))
            known = self._pages[name] = inside, self._finished(name, whole)
        return known[1]

    def lost(self) -> Page:
        """Return the page that says that there is none."""
        page = self.page(FRAME, {})
        assert page is not None
        return page

    def framed(self, title: str, body: str, with_menu: bool = True) -> Page:
        """Return a page of the server: escaped title and body in the theme's frame.

        Without its menu and its search, the frame tells nothing of the project.
        """
        before, between, after = self._framing if with_menu else self._bare
        text = f"{before}{title}{between}{body}{after}"
        return Page(text.encode(), self._frame.policy, "")

    def index(self, snapshot: Snapshot, seconds: Callable[[], float]) -> Page:
        """Return the search index, a little late when many write at once."""
        known, head, start = self._index_made, snapshot.site.dialogue.head, seconds()
        if known and (known.head == head or start < known.until):
            return known.page
        entries = tuple(search_entries(snapshot.site))
        content = self._index.with_entries(entries)
        page = Page(content, "", _tag(content))
        took = seconds() - start
        self._index_made = _Index(head, seconds() + took / INDEX_SHARE, page)
        return page

    def _text(self, name: str) -> str | None:
        """Return a page before its fragments.

        The second page of a list did not exist when the site was built: it is the first
        one, which waits for another fragment.
        """
        if name in self.files:
            return self.files[name].decode()
        paged = _PAGED.fullmatch(name)
        first = self.files.get(f"{paged[1]}.html") if paged else None
        if paged is None or first is None or int(paged[2]) < 2:
            return None
        fragment = paged[1].removeprefix(f"{FOLDER}/")
        return first.decode().replace(
            place_of(fragment), place_of(f"{fragment}_{paged[2]}")
        )

    def _finished(self, name: str, text: str) -> Page:
        content = self._finisher.finished(name, text)
        found = POLICY.search(content.decode())
        # A page without its policy would be served without protection: better none.
        assert found is not None
        return Page(content, found[1], _tag(content))


def _framed(text: str) -> str:
    """Return the frame with marks in place of its title and of its words."""
    text = re.sub(
        r"<title>(.*?)</title>",
        lambda m: f"<title>{_TITLE_MARK} - {m[1]}</title>",
        text,
        count=1,
    )
    text = re.sub(
        r"(<article\b[^>]*>).*?(</article>)",
        lambda m: m[1] + _BODY_MARK + m[2],
        text,
        count=1,
        flags=re.DOTALL,
    )
    style = '<link rel="stylesheet" href="/assets/serveur.css">'
    return text.replace("</head>", f"{style}</head>", 1)


def _cut(text: str) -> tuple[str, str, str]:
    """Return the frame in three: before the title, up to the words, after them."""
    before, _, rest = text.partition(_TITLE_MARK)
    between, _, after = rest.partition(_BODY_MARK)
    return before, between, after


_MENU = (
    (
        r'<label class="md-header__button md-icon" for="__(?:drawer|search)">.*?</label>',
        "",
    ),
    (r'<div class="md-search".*?</nav>\s*</header>', "</nav></header>"),
    (r'<div class="md-sidebar.*?(?=<div class="md-content")', ""),
    (r"<nav class=\"md-tabs\".*?</nav>", ""),
)


def _without_menu(frame: str) -> str:
    """Return the frame without the names of the articles, which not everybody may read.

    Raises `InputError` for a theme whose menu is not where we know it.
    """
    for found, instead in _MENU:
        frame = re.sub(found, instead, frame, flags=re.DOTALL)
    if "md-nav__" in frame:
        raise InputError(
            "le thème du site place son menu autrement : le serveur ne sait pas le retirer "
            "des pages que tout le monde peut ouvrir. Retirez « overrides » de mkdocs.yml."
        )
    return frame


def _tag(content: bytes) -> str:
    return sha256(content).hexdigest()[:32]


class Live:
    """The consultation one process serves."""

    def __init__(
        self,
        registrar: Registrar,
        load_versions: Callable[[], Mapping[int, FrozenVersion]],
        build: Callable[[], Mapping[str, bytes]],
    ) -> None:
        self.registrar = registrar
        self._load_versions = load_versions
        self._build = build
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._state: object = None
        self.recorded = threading.Event()
        """Set when something was recorded: receipts may be waiting."""
        self.shells = self._built()

    # --- reading ---------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return where things stand. Raises `InputError` for a damaged register."""
        if self._lock.acquire(blocking=self._snapshot is None):
            try:
                self._renew()
            finally:
                self._lock.release()
        assert self._snapshot is not None
        return self._snapshot

    @contextlib.contextmanager
    def writing(self) -> Iterator[Registrar]:
        """Give the registrar, alone in this process; what it records is then shown."""
        with self._lock:
            self._renew()
            try:
                yield self.registrar
            finally:
                self._renew()
        self.recorded.set()

    def now(self) -> str:
        """Return the moment, by the registrar's clock."""
        return moment(self.registrar.journal.clock())

    def _renew(self) -> None:
        journal = self.registrar.journal
        dialogue = journal.refresh()
        known = self.registrar.versions
        if any(frozen.version not in known for frozen in dialogue.versions):
            self.registrar.versions = known = self._load_versions()
        state = dialogue.head, day_of(self.now()), tuple(known)
        if state == self._state and self._snapshot is not None:
            return
        site = Consultation(
            dialogue=dialogue,
            versions=[known[number] for number in sorted(known)],
            # The journal grows its own lists: a snapshot does not.
            entries=tuple(journal.entries),
            digests=tuple(journal.digests),
            day=state[1],
            live=True,
        )
        self._snapshot = Snapshot(site, fragments(site))
        self._state = state

    # --- pages that change -----------------------------------------------------------

    def _built(self) -> Shells:
        return Shells(self._build())

    def rebuild(self) -> None:
        """Build the pages again; when they cannot be, those of before stay."""
        try:
            self.shells = self._built()
        except CharterError as error:
            said = f"{error}"
        except Exception as error:
            # A theme or an extension of the territory may raise anything at all.
            said = f"erreur inattendue ({type(error).__name__}) : {error}"
        else:
            print("Pages reconstruites.", file=sys.stderr, flush=True)
            return
        print(
            f"Erreur : {said}\nLes pages d’avant restent servies.",
            file=sys.stderr,
            flush=True,
        )

    def watch(self, stamps: Callable[[], object], stopped: threading.Event) -> None:
        """Build again when what the pages are made of changed, and stopped changing."""

        def state() -> object:
            # A damaged register is said to who asks for a page.
            with contextlib.suppress(CharterError):
                dialogue = self.snapshot().site.dialogue
                return stamps(), dialogue.settings, dialogue.versions
            return stamps(), None, ()

        seen = state()
        while not stopped.wait(WATCH_SECONDS):
            found = state()
            if found == seen:
                continue
            while not stopped.wait(WATCH_SECONDS / 4):
                seen, found = found, state()
                if found == seen:
                    self.rebuild()
                    break
