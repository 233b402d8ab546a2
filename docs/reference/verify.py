#!/usr/bin/env python3
"""Second, independent verifier of Countersign exports (docs/reference/trail-format.md). Python 3.9+, nothing to install, no network.

usage: verify.py FILE.zip [--key VKEY]... [--checkpoint FILE]...
exit code: 0 proven, 1 refused, 2 unreadable
"""
import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile

FORMAT = "countersign-export-1"
KNOWN = re.compile(
    r"(manifest\.json|manifest\.note|README\.txt|log/keys\.txt|log/rotations\.jsonl|events\.jsonl|decisions\.jsonl|decisions\.csv|process\.xes|process\.ocel\.json"
    r"|log/[1-9][0-9]{0,5}/(frontier\.txt|hashes\.bin|leaves\.jsonl|checkpoints\.jsonl|consistency\.txt)|documents/[0-9a-f]{64}"
    r"|dossiers/[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.html|proofs/[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.tlog-proof)\Z")


class Refused(Exception):
    pass


class Unreadable(Exception):
    pass


def need(condition, message):
    if not condition:
        raise Refused(message)


# --- Ed25519 (RFC 8032 5.1.7), verification only -------------------------------------------------------------------------------
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_mul(s, p):
    r = (0, 1, 1, 0)
    while s:
        if s & 1:
            r = point_add(r, p)
        p = point_add(p, p)
        s >>= 1
    return r


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * I % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y, 1, (P - x if x & 1 != sign else x) * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = decompress(BASE_Y.to_bytes(32, "little"))


def ed25519(key, text, signature):
    a, r = decompress(key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % Q
    left, right = point_mul(s, BASE), point_add(r, point_mul(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- notes (C2SP signed-note, tlog-checkpoint) ---------------------------------------------------------------------------------
def b64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("another spelling of base64")
    return data


def parse_key(text):
    name, key_id, data = text.split("+", 2)
    raw = b64(data)
    need(len(raw) == 33 and raw[0] == 1, "a key is not an Ed25519 key")
    need(hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8] == key_id, "a key's id does not fit it")
    return name, key_id, raw[1:]


def parse_note(note):
    text, signatures = note[:note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2:]
    need(signatures.endswith("\n") and not re.search(r"[\x00-\x09\x0b-\x1f]", note), "a note has not its form")
    lines = []
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
        need(match, "a signature line has not its form")
        raw = b64(match[2])
        lines.append((match[1], raw[:4].hex(), raw[4:]))
    return text, lines


def signers(note, keys):
    """Keys whose signature holds; none when one of them fails."""
    text, lines = parse_note(note)
    good = []
    for name, key_id, signature in lines:
        for key in keys:
            if key[0] == name and key[1] == key_id:
                if not ed25519(key[2], text.encode(), signature):
                    return []
                good.append(key)
    return good


def parse_checkpoint(note):
    lines = parse_note(note)[0][:-1].split("\n")
    need(len(lines) >= 3 and all(lines) and re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]), "a checkpoint has not its form")
    root = b64(lines[2])
    need(len(root) == 32, "a checkpoint has not its form")
    return lines[0], int(lines[1]), root


# --- canonical JSON (countersign-c14n-1) and the Merkle tree -------------------------------------------------------------------
class Number(str):
    pass


def no_doubles(pairs):
    members = dict(pairs)
    need(len(members) == len(pairs), "a member stands twice")
    return members


def load(text):
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=lambda c: need(False, "not JSON"), object_pairs_hook=no_doubles)


ESCAPES = {0x22: '\\"', 0x5C: "\\\\", 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}
ESCAPES.update({c: "\\u%04x" % c for c in range(32) if c not in ESCAPES})


def canonical(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return '"' + value.translate(ESCAPES) + '"'
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(canonical(n) + ":" + canonical(value[n]) for n in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    return {None: "null", True: "true", False: "false"}[value]


def digest(value):
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    def __init__(self, size, edge):
        need(bin(size).count("1") == len(edge), "the frontier does not fit its size")
        self.size, self.edge = size, list(edge)

    def append(self, leaf):
        size = self.size
        while size & 1:
            leaf, size = node_hash(self.edge.pop(), leaf), size >> 1
        self.edge.append(leaf)
        self.size += 1

    def root(self):
        if not self.edge:
            return hashlib.sha256(b"").digest()
        root = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            root = node_hash(left, root)
        return root


def included(index, size, leaf, proof, root):
    if not 0 <= index < size:
        return False
    node, last = index, size - 1
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            leaf = node_hash(step, leaf)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            leaf = node_hash(leaf, step)
        node, last = node >> 1, last >> 1
    return last == 0 and leaf == root


def consistent(first, second, first_root, second_root, proof):
    if first == second:
        return not proof and first_root == second_root
    if first & (first - 1) == 0:
        proof = [first_root] + proof
    if not proof:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    left = right = proof[0]
    for step in proof[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            left, right = node_hash(step, left), node_hash(step, right)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            right = node_hash(right, step)
        node, last = node >> 1, last >> 1
    return last == 0 and left == first_root and right == second_root


# --- the bundle ----------------------------------------------------------------------------------------------------------------
def lines_of(data):
    need(not data or data.endswith(b"\n"), "a file of lines was cut off")
    return data.split(b"\n")[:-1]


class Bundle:
    def __init__(self, path, trusted, held):
        self.zip, self.trusted, self.held, self.streams, self.contents, self.withheld = zipfile.ZipFile(path), trusted, held, {}, 0, 0
        self.names = self.zip.namelist()
        if "manifest.json" not in self.names:
            raise Unreadable("there is no manifest.json")
        raw = self.zip.read("manifest.json")
        try:
            self.manifest = json.loads(raw)
            if self.manifest["format"] != FORMAT:
                raise Unreadable("unknown format %r" % self.manifest["format"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable("manifest.json cannot be read: %s" % error)
        need(len(set(self.names)) == len(self.names), "a file stands twice")
        for name in self.names:
            need(KNOWN.match(name), "unknown file %r" % name)
        listed = [f["name"] for f in self.manifest["files"]]
        need(sorted(listed + ["manifest.json", "manifest.note"]) == sorted(self.names), "the files are not those of the manifest")
        # Leaves are looked at before the files' hashes, so that a change is named by its leaf.
        self.keys = self.accepted()
        self.origin = self.manifest["epochs"][-1]["origin"]
        self.replay()
        for f in self.manifest["files"]:
            data = self.zip.read(f["name"])
            need(len(data) == f["size"] and hashlib.sha256(data).hexdigest() == f["sha256"], "%s was changed" % f["name"])
        for name in self.names:
            if name.startswith("documents/"):
                need(hashlib.sha256(self.zip.read(name)).hexdigest() == name[10:], "%s has another content" % name)
            if name.startswith("proofs/"):
                self.receipt(name)
        note = self.zip.read("manifest.note").decode()
        text, signatures = parse_note(note)
        need(text == "%s\n%s\n%s\n" % (FORMAT, self.origin, hashlib.sha256(raw).hexdigest()), "manifest.json or its note was changed")
        need(len(self.sign_ok(note, self.origin)) == len(signatures), "the manifest is not signed")

    def accepted(self):
        listed = [parse_key(line.decode()) for line in lines_of(self.zip.read("log/keys.txt"))]
        need(listed, "no key")
        roots = {key[2] for key in self.trusted} or {listed[0][2]}
        links = []
        if "log/rotations.jsonl" in self.names:
            for line in lines_of(self.zip.read("log/rotations.jsonl")):
                links.append(self.rotation(json.loads(line)))
        for _ in links:
            for a, b in links:
                if a in roots or b in roots:
                    roots |= {a, b}
        self.roots = roots
        for key in listed:
            need(key[2] in roots, "the key %s is not trusted" % hashlib.sha256(key[2]).hexdigest())
        return listed

    @staticmethod
    def rotation(note):
        said = json.loads(parse_note(note)[0])
        a, b = parse_key(said["from"]), parse_key(said["to"])
        need(said["statement"] == "key" and {a, b} <= set(signers(note, [a, b])), "a rotation is not signed by both keys")
        return a[2], b[2]

    def sign_ok(self, note, origin):
        good = signers(note, [k for k in self.keys if k[0] == origin])
        need(good, "a note of %s is not signed by an accepted key" % origin)
        return good

    def lines(self, name):
        return lines_of(self.zip.read(name)) if name in self.names else []

    def replay(self):
        self.events, self.decisions = iter(self.lines("events.jsonl")), iter(self.lines("decisions.jsonl"))
        self.event, self.decision = self.next(self.events), self.next(self.decisions)
        self.signed, previous = set(), None
        need(self.manifest["epochs"], "no range")
        for number, epoch in enumerate(self.manifest["epochs"]):
            need(number == 0 or (epoch["first"] == 0 and epoch["epoch"] == previous[0] + 1), "the epochs do not follow each other")
            opened, end = self.epoch(epoch, last=number == len(self.manifest["epochs"]) - 1)
            if previous:
                need(opened and (opened["previous"], opened["closedSize"], b64(opened["closedRoot"])) == previous[1], "an epoch is not stated, or otherwise")
            previous = (epoch["epoch"], end)
        need(self.event is None and self.decision is None, "contents are left over")
        need((self.contents, self.withheld) == (self.manifest["contents"], self.manifest["withheld"]), "the manifest counts other contents")

    @staticmethod
    def next(lines):
        line = next(lines, None)
        return None if line is None else load(line.decode())

    def epoch(self, epoch, last):
        folder, origin, first, end = "log/%d/" % epoch["epoch"], epoch["origin"], epoch["first"], epoch["end"]
        tree = Tree(first, [b64(line.decode()) for line in self.lines(folder + "frontier.txt")])
        signed = {}
        for line in self.lines(folder + "checkpoints.jsonl"):
            note = json.loads(line)
            name, size, root = parse_checkpoint(note)
            self.sign_ok(note, origin)
            need(name == origin and first <= size <= end and size > max(signed, default=-1), "a checkpoint is out of place")
            signed[size] = root
            self.signed.add((name, size, root))
        need(first == 0 or first in signed, "no checkpoint stands at the start of the range")
        need(end in signed or not last or end == 0, "no checkpoint stands at the end of the range")
        held = {size: root for note in self.held for name, size, root in [parse_checkpoint(note)] if name == origin and self.sign_ok(note, origin)}
        records, hashes = self.lines(folder + "leaves.jsonl"), self.zip.read(folder + "hashes.bin")
        opened, self.fresh = None, first == 0 and epoch["epoch"] == 1
        for index in range(first, end + 1):
            for known, why in ((signed, "the leaves do not give the root signed at size %d"), (held, "history was rewritten: another root at size %d")):
                need(index not in known or tree.root() == known[index], why % index)
            if index == end:
                break
            at = "leaf %d of epoch %d" % (index, epoch["epoch"])
            need(index - first < len(records), at + ": missing")
            record = records[index - first]
            try:
                said = load(record.decode())
            except ValueError as error:
                raise Refused("%s: malformed: %s" % (at, error))
            at = "%s (stream %s, version %s, %s)" % (at, said.get("stream"), said.get("version"), said.get("type"))
            need(leaf_hash(record) == hashes[(index - first) * 32:(index - first + 1) * 32], at + ": the record was changed")
            need(canonical(said).encode() == record and said["format"] == "1" and said["tenant"] == self.manifest["tenant"], at + ": malformed or of another tenant")
            tree.append(leaf_hash(record))
            opened = self.record(said, epoch, index, origin, at) or opened
        need(len(records) == end - first and len(hashes) == 32 * (end - first), "there are more leaves than the manifest says")
        need(tree.root() == b64(epoch["root"]), "the leaves do not give the manifest's root")
        if first > 0 and first < end:
            proof = [b64(line.decode()) for line in self.lines(folder + "consistency.txt")]
            need(consistent(first, end, signed[first], tree.root(), proof), "the consistency proof does not hold")
        return opened, (origin, end, tree.root())

    def record(self, said, epoch, index, origin, at):
        if said["kind"] == "statement":
            text = json.loads(parse_note(said["note"])[0])
            if text["statement"] == "key":
                need(self.rotation(said["note"])[0] in self.roots, at + ": a rotation from an unknown key")
                return None
            need(self.sign_ok(said["note"], origin) and index == 0 and text["origin"] == origin, at + ": a statement out of place")
            return text
        need(said["kind"] == "event", at + ": unknown kind")
        version, known = int(said["version"]), self.streams.get(said["stream"])
        need(version == known + 1 if known else version == 1 or not self.fresh, at + ": a version was left out, doubled or reordered")
        self.streams[said["stream"]] = version
        here = self.event is not None and (self.event["epoch"], self.event["index"]) == (str(epoch["epoch"]), str(index))
        need(here == self.covers(said), at + ": contents are missing, or there though not selected")
        if here:
            self.content(said, at)
        if self.decision is not None and (self.decision["epoch"], self.decision["index"]) == (str(epoch["epoch"]), str(index)):
            need(digest(self.decision["data"]) == said["data"], at + ": decisions.jsonl was changed")
            self.decision = self.next(self.decisions)
        return None

    def content(self, said, at):
        self.contents += 1
        if "withheld" in self.event:
            need(self.event["withheld"] in ("sealed", "erased") and len(self.event) == 3, at + ": malformed contents")
            self.withheld += 1
        else:
            need(set(self.event) <= {"epoch", "index", "data", "headers"}, at + ": malformed contents")
            need(digest(self.event["data"]) == said["data"], at + ": the contents were changed")
            need(("headers" in self.event) == (said["headers"] is not None), at + ": the headers were changed")
            need("headers" not in self.event or digest(self.event["headers"]) == said["headers"], at + ": the headers were changed")
        self.event = self.next(self.events)

    def covers(self, said):
        chosen, time = self.manifest["selection"], lambda text: re.sub(r"(\.\d*?)0*(Z|[+-]00:00)$", r"\1", text if "." in text else re.sub(r"(Z|[+-]00:00)$", r".\1", text))
        return (("streams" not in chosen or said["stream"] in chosen["streams"]) and ("types" not in chosen or said["type"] in chosen["types"])
                and ("from" not in chosen or time(said["time"]) >= time(chosen["from"])) and ("to" not in chosen or time(said["time"]) < time(chosen["to"])))

    def receipt(self, name):
        head, checkpoint = self.zip.read(name).decode().split("\n\n", 1)
        lines = head.split("\n")
        need(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra ") and lines[2].startswith("index "), name + " has not its form")
        origin, size, root = parse_checkpoint(checkpoint)
        need(self.sign_ok(checkpoint, origin) and (origin, size, root) in self.signed, name + " speaks of another checkpoint")
        need(included(int(lines[2][6:]), size, leaf_hash(b64(lines[1][6:])), [b64(line) for line in lines[3:]], root), name + " does not hold")


def verify(path, keys=(), checkpoints=()):
    """Gives (exit code, sentence)."""
    try:
        bundle = Bundle(path, [parse_key(key) for key in keys], list(checkpoints))
        leaves = sum(e["end"] - e["first"] for e in bundle.manifest["epochs"])
        return 0, "PROVEN: %d leaves, %d contents, %d streams" % (leaves, bundle.contents, len(bundle.streams))
    except Refused as why:
        return 1, "REFUSED: %s" % why
    except (Unreadable, zipfile.BadZipFile, OSError) as why:
        # A container that opened but is damaged inside was a bundle once, and is none now.
        return (1 if isinstance(why, zipfile.BadZipFile) and "CRC" in str(why) else 2), "UNREADABLE: %s" % why
    except Exception as why:  # A bundle in which anything has not its form is not what was exported.
        return 1, "REFUSED: something has not its form: %s: %s" % (type(why).__name__, why)


def main():
    sys.setrecursionlimit(10_000)
    parser = argparse.ArgumentParser(description="Verify a Countersign export offline.")
    parser.add_argument("file", nargs="+")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--checkpoint", action="append", default=[])
    given = parser.parse_args()
    held = []
    for path in given.checkpoint:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        held += [json.loads(line) for line in text.splitlines()] if text.startswith('"') else [text]
    worst = 0
    for path in given.file:
        code, sentence = verify(path, given.key, held)
        print("%d %s %s" % (code, path, sentence))
        worst = max(worst, code)
    return worst


if __name__ == "__main__":
    sys.exit(main())
