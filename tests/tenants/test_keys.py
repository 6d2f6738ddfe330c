"""The key ring: what it accepts, what it refuses to open, and what rotation keeps."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants import keys
from tenants.keys import BadCiphertext, KeyRing, KeyRingError, UnknownKey

OLD, NEW = bytes(range(32)), bytes(range(100, 132))
QUIET = settings(deadline=None, derandomize=True, database=None, max_examples=60)


def b64(raw):
    return base64.b64encode(raw).decode()


@pytest.fixture
def ring():
    return KeyRing.parse(f"k2:{b64(NEW)},k1:{b64(OLD)}")


@pytest.fixture
def _ring_kept():
    before = keys._current
    yield
    keys.use(before)


def test_first_key_encrypts_and_every_key_decrypts(ring):
    old = KeyRing({"k1": OLD}).encrypt("射阳".encode(), "cadre:1:address")
    new = ring.encrypt(b"x", "c")
    assert old.startswith("k1$")
    assert new.startswith("k2$")
    assert ring.key_ids == ("k2", "k1")
    assert ring.decrypt(old, "cadre:1:address").decode() == "射阳"
    assert ring.decrypt(new, "c") == b"x"


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ("", "ID:BASE64"),
        ("k1", "ID:BASE64"),
        ("k1:", "base64"),
        (":" + b64(OLD), "key id"),
        ("k1:" + b64(OLD[:31]), "31 bytes"),
        ("k1:" + b64(OLD + b"x"), "33 bytes"),
        ("k1:" + b64(OLD)[:-4] + "!!!=", "base64"),
        ("k1:A", "base64"),
        ("k1:" + b64(OLD) + "\n,k2:%", "base64"),
        (f"k1:{b64(OLD)},k1:{b64(NEW)}", "listed twice"),
        (f"k1:{b64(OLD)},k2:{b64(OLD)}", "same key"),
        (f"k1:{b64(OLD)},", "entry 2"),
        (f"k$:{b64(OLD)}", "key id"),
        (f"{'k' * 17}:{b64(OLD)}", "key id"),
        (f"密:{b64(OLD)}", "key id"),
    ],
)
def test_malformed_settings_are_refused_without_quoting_a_key(setting, part):
    with pytest.raises(KeyRingError, match=part) as caught:
        KeyRing.parse(setting)
    assert b64(OLD)[:12] not in str(caught.value)


def test_both_base64_alphabets_are_read():
    raw = bytes([0xFB, 0xFF] * 16)
    plain, safe = KeyRing.parse(f"k1:{b64(raw)}"), KeyRing.parse(f" k1:{base64.urlsafe_b64encode(raw).decode()} ")
    assert safe.decrypt(plain.encrypt(b"x", "c"), "c") == b"x"


def test_an_empty_ring_is_refused():
    with pytest.raises(KeyRingError, match="empty"):
        KeyRing({})


def test_repr_names_keys_and_shows_none(ring):
    assert repr(ring) == "<KeyRing k2,k1>"


@QUIET
@given(st.binary(max_size=300), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_round_trip(plain, context):
    ring = KeyRing({"k1": OLD})
    token = ring.encrypt(plain, context)
    assert ring.decrypt(token, context) == plain
    assert ring.unseal(ring.seal(plain, context), context) == plain
    assert token.isascii()


def opens_elsewhere(ring):
    """Say whether a ciphertext of one row opens in another: the fault looked for."""
    try:
        return ring.decrypt(ring.encrypt(b"320999", "cadre:1:id"), "cadre:2:id") == b"320999"
    except BadCiphertext:
        return False


class ForgetsContext(KeyRing):
    """Planted fault: the context is not bound."""

    def seal(self, plain, context):
        return super().seal(plain, "")

    def _open(self, key_id, sealed, context):
        return super()._open(key_id, sealed, "")


def test_a_ciphertext_does_not_open_in_another_place(ring):
    assert not opens_elsewhere(ring)
    assert opens_elsewhere(ForgetsContext({"k1": OLD}))


def test_every_changed_bit_is_noticed(ring):
    sealed = ring.seal(b"abc", "c")
    for position in range(3, len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[position] ^= 1 << bit
            with pytest.raises(BadCiphertext):
                ring.unseal(bytes(changed), "c")


def test_one_value_has_one_spelling(ring):
    token = ring.encrypt(b"abcd", "c")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    opened = []
    for last in alphabet:
        try:
            opened.append(ring.decrypt(token[:-1] + last, "c"))
        except BadCiphertext:
            continue
    assert opened == [b"abcd"]


@pytest.mark.parametrize("bad", ["", "k2", "k2$", "k2$AAAA", "k2$ü", "k2$====", "k2$AA AA", "plain text", "k2$\ud800"])
def test_what_is_no_ciphertext_is_refused(ring, bad):
    with pytest.raises(BadCiphertext):
        ring.decrypt(bad, "c")


@pytest.mark.parametrize("bad", [b"", b"k2", b"k2$", b"\xff" * 60, b"x" * 40 + b"$" + b"y" * 40])
def test_what_is_no_sealed_file_is_refused(ring, bad):
    with pytest.raises(KeyRingError):
        ring.unseal(bad, "c")


def test_a_missing_key_is_named():
    token = KeyRing({"k9": OLD}).encrypt(b"x", "c")
    with pytest.raises(UnknownKey, match="k9"):
        KeyRing({"k1": OLD}).decrypt(token, "c")


def test_a_wrong_key_of_the_same_name_gives_nothing():
    token = KeyRing({"k1": OLD}).encrypt(b"x", "c")
    with pytest.raises(BadCiphertext):
        KeyRing({"k1": NEW}).decrypt(token, "c")


def test_nonces_do_not_repeat(ring):
    heads = {ring.seal(b"", "c")[3:15] for _ in range(2000)}
    assert len(heads) == 2000


def survives_prepending(kind):
    """Say whether indexes made before a rotation still match after it."""
    before = kind({"k1": OLD}).index("19900000001", "phone")
    return kind({"k2": NEW, "k1": OLD}).index("19900000001", "phone") == before


class IndexesByFirst(KeyRing):
    """Planted fault: the newest key makes the indexes."""

    def index(self, value, purpose):
        return self._mac(self._ids[0], "index", value.encode(), purpose)


def test_prepending_a_key_keeps_indexes():
    assert survives_prepending(KeyRing)
    assert not survives_prepending(IndexesByFirst)


def test_indexes_of_purposes_keys_and_values_differ(ring):
    other = KeyRing({"k1": NEW})
    made = {ring.index(v, p) for v in ("a", "b") for p in ("phone", "id_number")} | {other.index("a", "phone")}
    assert len(made) == 5
    assert all(len(m) == 64 and int(m, 16) >= 0 for m in made)
    assert ring.index("a", "phone") == ring.index("a", "phone")


def test_a_purpose_is_required(ring):
    with pytest.raises(KeyRingError, match="purpose"):
        ring.index("a", "")


def test_fingerprint_follows_the_indexing_key_only(ring):
    assert ring.fingerprint() == KeyRing({"k1": OLD}).fingerprint()
    assert ring.fingerprint() != KeyRing({"k2": NEW}).fingerprint()
    assert ring.fingerprint() != ring.index("", "anything")


def test_signatures(ring):
    key_id, signature = ring.sign(b"data", "audit")
    assert key_id == "k2"
    assert ring.verify_signature(b"data", "audit", key_id, signature)
    old_id, old_signature = KeyRing({"k1": OLD}).sign(b"data", "audit")
    assert ring.verify_signature(b"data", "audit", old_id, old_signature)


@pytest.mark.parametrize(
    ("data", "purpose", "key_id", "change"),
    [
        (b"date", "audit", "k2", lambda s: s),
        (b"data", "other", "k2", lambda s: s),
        (b"data", "audit", "k1", lambda s: s),
        (b"data", "audit", "k9", lambda s: s),
        (b"data", "audit", "k2", lambda s: s[:-1]),
        (b"data", "audit", "k2", lambda s: ""),
        (b"data", "audit", "k2", lambda s: "签" + s[1:]),
        (b"data", "audit", "k2", lambda s: "\ud800" + s[1:]),
    ],
)
def test_false_signatures(ring, data, purpose, key_id, change):
    signature = ring.sign(b"data", "audit")[1]
    assert not ring.verify_signature(data, purpose, key_id, change(signature))


def test_an_index_is_no_signature(ring):
    assert KeyRing({"k1": OLD}).sign(b"a", "phone")[1] != ring.index("a", "phone")


@pytest.mark.usefixtures("_ring_kept")
def test_the_ring_of_the_process(ring):
    keys.use(None)
    with pytest.raises(KeyRingError, match="no key ring is set"):
        keys.ring()
    keys.use(ring)
    assert keys.ring() is ring
