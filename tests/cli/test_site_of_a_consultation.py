"""`charter site build` during a consultation: what is published is what was recorded."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from consultations import small_consultation
from sites import build
from terminal import invoke

from charter_builder.storage.workspace_files import Workspace


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = small_consultation(tmp_path_factory.mktemp("registre"))
    build(place)
    return place


@pytest.fixture
def place(built: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(built.root, tmp_path / "charte")
    shutil.copytree(built.root.parent / "clauses", tmp_path / "clauses")
    return Workspace(tmp_path / "charte")


def _altered(register: Path) -> None:
    path = register / "000003.yml"
    path.write_text(path.read_text("utf-8").replace("cfdt", "cgt"), "utf-8")


def _text_altered(register: Path) -> None:
    path = register / "000003.yml"
    path.write_text(path.read_text("utf-8").replace("Pour", "Contre"), "utf-8")


def _cut(register: Path) -> None:
    path = register / "000005.yml"
    path.write_bytes(path.read_bytes()[:60])


def _empty(register: Path) -> None:
    (register / "000005.yml").write_bytes(b"")


def _missing(register: Path) -> None:
    (register / "000005.yml").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_altered, "ne suit pas la précédente"),
        (_text_altered, "« contribution.text » a été modifié."),
        (_cut, "000005.yml"),
        (_empty, "000005.yml"),
        (_missing, "ne suit pas la précédente"),
    ],
)
def test_a_damaged_register_is_told_and_the_site_before_is_kept(
    place: Workspace, damage: Callable[[Path], None], said: str
) -> None:
    before = {p: p.read_bytes() for p in place.site.rglob("*") if p.is_file()}
    damage(place.consultation / "register")

    done = invoke("-C", place.root, "site", "build")
    exported = place.root / "x.ods"
    refused = invoke("-C", place.root, "consultation", "export", "-o", exported)

    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert (refused.exit_code, exported.exists()) == (2, False)
    assert {p: p.read_bytes() for p in place.site.rglob("*") if p.is_file()} == before


def test_an_erasure_cut_short_is_ended_and_its_text_is_not_published(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = place.consultation / "register"
    erasing = ("redact", "C-0010", "--ground", "insult", "--yes")
    roles = ("--as", "redaction", "--as", "direction")
    assert "Une visite." in (register / "000012.yml").read_text("utf-8")
    with monkeypatch.context() as killed:
        # Recorded, but the file it changes is not replaced yet.
        killed.setattr(os, "replace", _killed_at("000012.yml"))
        done = invoke("-C", place.root, "consultation", *erasing, *roles)
        assert done.exit_code == 130
    assert "Une visite." in (register / "000012.yml").read_text("utf-8")

    done = invoke("-C", place.root, "site", "build")

    assert done.exit_code == 0, done.output
    assert "Une visite." not in (register / "000012.yml").read_text("utf-8")
    page = place.site / "contributions" / "articles" / "couts.html"
    assert "Une visite." not in page.read_text("utf-8")


def _killed_at(name: str) -> Callable[[str, str], None]:
    replace = os.replace

    def killed(source: str, target: str) -> None:
        if Path(target).name == name:
            raise KeyboardInterrupt
        replace(source, target)

    return killed
