"""Encryption of single fields, keyed indexes for exact search, and keyed signatures."""

import base64
import binascii
import hmac
import os
import re
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


class KeyRingError(ValueError):
    """The key setting cannot be used, or no key ring was set. Never quotes key material."""


class UnknownKey(KeyRingError):
    """A ciphertext or signature names a key that is not in the ring."""


class BadCiphertext(KeyRingError):
    """A ciphertext is malformed, altered, or was made for another context."""


class KeyRing:
    """An ordered set of named master keys; the first encrypts, every one decrypts.

    Rotation is prepending: `k2:…,k1:…`. Encryption and signing move to the new first
    key, while `index` stays on the last one, so the stored indexes keep matching. The
    last key must therefore not be dropped until all indexes have been rebuilt.

    Work is never done with a master key itself but with a 32-byte subkey that HKDF
    (RFC 5869, SHA-256) derives for one use and purpose. Nonces are random; at 2^32
    encryptions under one key the chance of a repeat reaches 2^-33 (NIST SP 800-38D 8.3),
    so a key is to be rotated well before that.
    """

    def __init__(self, keys: dict[str, bytes]):
        """Take key id -> 32 bytes in order of preference. Raises KeyRingError."""
        if not keys:
            raise KeyRingError("the key ring is empty: at least one key is needed")
        for key_id, key in keys.items():
            if not _KEY_ID.fullmatch(key_id):
                raise KeyRingError(f"key id {key_id!r} must be 1-16 letters, digits, - or _")
            if len(key) != KEY_BYTES:
                raise KeyRingError(f"key {key_id!r} has {len(key)} bytes, {KEY_BYTES} are needed")
        if len(set(keys.values())) != len(keys):
            raise KeyRingError("two key ids carry the same key")
        self._keys = dict(keys)
        self._ids = tuple(keys)
        self._subkey = lru_cache(maxsize=256)(self._derive)
        self._cipher = lru_cache(maxsize=16)(self._make_cipher)

    @classmethod
    def parse(cls, setting: str) -> "KeyRing":
        """Read `k2:BASE64,k1:BASE64`, standard or URL-safe base64. Raises KeyRingError."""
        keys: dict[str, bytes] = {}
        for position, part in enumerate(setting.split(","), start=1):
            key_id, colon, text = part.strip().partition(":")
            if not colon:
                raise KeyRingError(f"entry {position} of the key setting is not ID:BASE64")
            if key_id in keys:
                raise KeyRingError(f"key id {key_id!r} is listed twice")
            keys[key_id] = _key_bytes(text, position)
        return cls(keys)

    def __repr__(self) -> str:
        """Name the keys, never their bytes: a ring may end up in a traceback."""
        return f"<KeyRing {','.join(self._ids)}>"

    @property
    def key_ids(self) -> tuple[str, ...]:
        """All key ids, the encrypting one first and the indexing one last."""
        return self._ids

    def encrypt(self, plain: bytes, context: str) -> str:
        """Return `KEYID$` + unpadded URL-safe base64 of nonce, ciphertext and tag.

        AES-256-GCM. `context` names the place of the value (table, row, column); it is
        authenticated, not stored, so a ciphertext moved to another place does not open.
        """
        key_id, _, sealed = self.seal(plain, context).partition(b"$")
        return f"{key_id.decode()}${_encode(sealed)}"

    def decrypt(self, token: str, context: str) -> bytes:
        """Return what `encrypt` was given with the same context.

        Raises UnknownKey when the key is not in the ring and BadCiphertext for anything
        altered, cut short or made for another context. It never returns a guess.
        """
        key_id, dollar, body = token.partition("$")
        if not dollar:
            raise BadCiphertext("this is not a ciphertext: it names no key")
        return self._open(key_id, _decode(body), context)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Do as `encrypt` without the base64, for whole files: `KEYID$` + raw bytes."""
        key_id = self._ids[0]
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._cipher(key_id)
        return key_id.encode() + b"$" + nonce + cipher.encrypt(nonce, plain, context.encode())

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """Return what `seal` was given. Raises UnknownKey or BadCiphertext like `decrypt`."""
        key_id, dollar, body = sealed.partition(b"$")
        if not dollar:
            raise BadCiphertext("this is not a ciphertext: it names no key")
        return self._open(key_id.decode("latin-1"), body, context)

    def _open(self, key_id: str, sealed: bytes, context: str) -> bytes:
        if not _KEY_ID.fullmatch(key_id):
            raise BadCiphertext("this is not a ciphertext: what stands first is no key's name")
        if key_id not in self._keys:
            raise UnknownKey(f"the ring has no key {key_id!r}")
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise BadCiphertext("the ciphertext is too short")
        cipher = self._cipher(key_id)
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
        except InvalidTag:
            raise BadCiphertext("the ciphertext was altered or belongs elsewhere") from None

    def _make_cipher(self, key_id: str) -> AESGCM:
        return AESGCM(self._subkey(key_id, "encrypt", ""))

    def fingerprint(self) -> str:
        """Return 64 hex digits that change with the indexing (last) key, and tell nothing of it.

        Stored once and compared at every start, they show a wrong or rolled-back key before
        an index is written that nobody would find again.
        """
        return self._mac(self._ids[-1], "index", b"", "fingerprint")

    def index(self, value: str, purpose: str) -> str:
        """Return 64 hex digits, equal for equal values of one purpose, for exact search.

        HMAC-SHA256 under a subkey of the LAST key listed: prepending a new key does not
        change indexes. The caller normalises `value` first. Not for fields with few
        possible values, where counting equal indexes would give them away.
        """
        return self._mac(self._ids[-1], "index", value.encode(), purpose)

    def sign(self, data: bytes, purpose: str) -> tuple[str, str]:
        """Return (key id, 64 hex digits): an HMAC-SHA256 by the first key."""
        return self._ids[0], self._mac(self._ids[0], "sign", data, purpose)

    def verify_signature(self, data: bytes, purpose: str, key_id: str, signature: str) -> bool:
        """Say whether `sign` made this signature; False too for a key not in the ring."""
        if key_id not in self._keys:
            return False
        expected = self._mac(key_id, "sign", data, purpose)
        return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))

    def _mac(self, key_id: str, use: str, data: bytes, purpose: str) -> str:
        if not purpose:
            raise KeyRingError("a purpose is needed: it keeps one use apart from the next")
        return hmac.digest(self._subkey(key_id, use, purpose), data, "sha256").hex()

    def _derive(self, key_id: str, use: str, purpose: str) -> bytes:
        # NUL cannot occur in `use`, so ("a", "b:c") and ("a:b", "c") stay different.
        info = f"yinling\0{use}\0{purpose}".encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._keys[key_id])


def _key_bytes(text: str, position: int) -> bytes:
    if not _BASE64.fullmatch(text):
        raise KeyRingError(f"entry {position} of the key setting is not valid base64")
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise KeyRingError(f"entry {position} of the key setting is not valid base64") from None


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(body: str) -> bytes:
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadCiphertext("the ciphertext is not base64") from None
    # One value, one spelling: spare bits at the end must not make a second valid token.
    if _encode(raw) != body:
        raise BadCiphertext("the ciphertext is not in its canonical form")
    return raw


_current: KeyRing | None = None


def use(new_ring: KeyRing | None) -> None:
    """Make this the ring of the process; None takes it away (tests)."""
    global _current
    _current = new_ring


def ring() -> KeyRing:
    """Return the ring of the process. Raises KeyRingError when none was set."""
    if _current is None:
        raise KeyRingError("no key ring is set: call tenants.keys.use() with YINLING_FIELD_KEYS")
    return _current
