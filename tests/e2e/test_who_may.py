"""Who may import for club C, whose parent is M, whose parent is T: as the host's own guard has it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.support.file_importer import FileImporter
from tests.support.host import Host


@dataclass(frozen=True)
class Tree:
    club: UUID
    parent: UUID
    grandparent: UUID


Grant = Callable[[Host, str, Tree], object]


def _revoked(host: Host, user: str, tree: Tree) -> None:
    host.query("UPDATE delegated_access SET revoked_at = now() WHERE id = %s", host.delegate(user, tree.club))


MAY: dict[str, Grant] = {
    "owner of the parent": lambda host, user, tree: host.member(user, tree.parent, role="owner"),
    "admin of the parent": lambda host, user, tree: host.member(user, tree.parent, role="admin"),
    "reporter of the parent": lambda host, user, tree: host.member(user, tree.parent, role="reporter"),
    "viewer of the parent": lambda host, user, tree: host.member(user, tree.parent, role="viewer"),
    "member of the parent": lambda host, user, tree: host.member(user, tree.parent, role="member"),
    "member of the grandparent": lambda host, user, tree: host.member(user, tree.grandparent),
    "member": lambda host, user, tree: host.member(user, tree.club),
    "reporting delegation": lambda host, user, tree: host.delegate(user, tree.club, "reporting"),
    "analytics delegation": lambda host, user, tree: host.delegate(user, tree.club, "analytics"),
    "admin delegation on the parent": lambda host, user, tree: host.delegate(user, tree.parent),
    "analytics delegation on the grandparent": lambda host, user, tree: host.delegate(
        user, tree.grandparent, "analytics"
    ),
    "platform role": lambda host, user, _: host.platform_role(user, "Solstice Admin"),
    "platform role for a day": lambda host, user, _: host.platform_role(user, "Solstice Admin", expires="1 day"),
}
MAY_NOT: dict[str, Grant] = {
    "nobody": lambda _host, _user, _tree: None,
    "suspended member of the parent": lambda host, user, tree: host.member(user, tree.parent, status="suspended"),
    "pending member": lambda host, user, tree: host.member(user, tree.club, status="pending"),
    "member of another organisation": lambda host, user, tree: host.member(user, host.organization(tree.parent)),
    "expired delegation": lambda host, user, tree: host.delegate(user, tree.club, expires="-1 second"),
    "revoked delegation": _revoked,
    "expired platform role": lambda host, user, _: host.platform_role(user, "Solstice Admin", expires="-1 second"),
    "another platform role": lambda host, user, _: host.platform_role(user, "Solstice Reader"),
}


def _outcome(desk: FileImporter, grant: Grant, **environment: str) -> int:
    host = desk.host
    grandparent = host.organization()
    parent = host.organization(grandparent)
    tree = Tree(host.organization(parent), parent, grandparent)
    user = host.user()
    grant(host, user, tree)
    key = host.put(b"name\nAda\n", f"imports/{tree.club}/file.csv")
    job_id = host.job(None, key=key, created_by=user, organization_id=tree.club, form_id=host.form(owned=False))
    return desk.run("run", "--job-id", job_id, **environment).code


@pytest.mark.parametrize("name", MAY)
def test_may(name: str, desk: FileImporter) -> None:
    assert _outcome(desk, MAY[name]) == 0


@pytest.mark.parametrize("name", MAY_NOT)
def test_may_not(name: str, desk: FileImporter) -> None:
    assert _outcome(desk, MAY_NOT[name]) == 3


def test_the_roles_names_are_a_setting(desk: FileImporter) -> None:
    reader = MAY_NOT["another platform role"]
    assert _outcome(desk, reader, SIN_IMPORT_ADMIN_ROLES="Solstice Reader, Tenant Admin") == 0
    assert _outcome(desk, MAY["platform role"], SIN_IMPORT_ADMIN_ROLES="Tenant Admin") == 3


def test_the_actor_who_is_named_counts_and_not_the_creator(desk: FileImporter) -> None:
    stranger = desk.host.user()
    job_id = desk.host.job()
    assert desk.run("run", "--job-id", job_id, SIN_IMPORT_ACTOR_USER_ID=stranger).code == 3
    entry = desk.host.query("SELECT actor_user_id FROM audit_logs WHERE target_id = %s", str(job_id))
    assert entry == [{"actor_user_id": stranger}]


def test_an_actor_whom_the_host_does_not_know_is_refused_and_the_job_ends(desk: FileImporter) -> None:
    job_id = desk.host.job()
    assert desk.run("run", "--job-id", job_id, SIN_IMPORT_ACTOR_USER_ID="no such user").code == 3
    assert desk.host.job_row(job_id)["status"] == "failed"
    entry = desk.host.query("SELECT actor_user_id FROM audit_logs WHERE target_id = %s", str(job_id))
    assert entry == [{"actor_user_id": None}]
