"""Who is unknown is compared as long as who is known."""

from __future__ import annotations

from werkzeug.security import check_password_hash, generate_password_hash

from lrs.store.nobody import nobodys_hash


def test_it_has_the_form_and_the_cost_of_anybodys() -> None:
    method, salt, hashed = nobodys_hash().split("$")
    made_by, salted, made = generate_password_hash("a secret").split("$")
    assert method == made_by
    assert (len(salt), len(hashed)) == (len(salted), len(made))


def test_it_fits_nothing() -> None:
    assert not check_password_hash(nobodys_hash(), "")
    assert not check_password_hash(nobodys_hash(), nobodys_hash())
