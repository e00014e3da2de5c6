"""pain.001: customer credit transfers, streamed. Matched on local names: national variants and envelopes are read too.

The parser is fed a piece at a time and tells where a group header, a PmtInf or a payment starts; what stands before the
last start is complete. Complete payments are taken out of the tree together, validated by one call, and read by the
shapes met before (``shapes.py``); only what is odd is looked at one by one. What is of a shape that was found valid, in
a file whose text hides nothing, is read from the text and never built (``plain.py``). So memory stays flat whatever the
size of the file. Versions whose schema is shipped are validated as they pass, and schema errors are divided so:

* inside a payment: the payment is not taken in, the rest goes on;
* in the head of a PmtInf: none of its payments is taken in, since they take debtor, account and date from it;
* in the group header or around it: said as a warning, since no payment depends on it (a source that demands all or
  nothing refuses the file).
"""

import re
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

from lxml import etree

from transactions.intake import births, plain, schema, sniff
from transactions.intake.paths import BY_FIELD, BY_PATH, GROUP, INHERITED, PAYMENT, Table, Values, bound
from transactions.intake.rows import ERROR, WARNING, FileRefused, Group, Header, Item, Problem, Row
from transactions.intake.shapes import Shapes

# More bytes than this without the end of a payment or of a group is no payment file: memory stays bounded.
LARGEST_ELEMENT = 2_000_000
CHUNK = 131_072
# Faults of one payment or head that are said; the rest of them would say no more.
MOST_FAULTS = 50
# Of a piece of the file of which more payments than this, and than are plain, are odd, the parser sees all the rest.
FEW_ODD = 8


class _Fed:
    """The stream as the parser reads it, watching how much came without anything that could be taken out again."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.since = 0
        self.last = b""

    def read(self) -> bytes:
        if self.since > LARGEST_ELEMENT:
            raise FileRefused.at("xml.element_too_large", largest=LARGEST_ELEMENT)
        content = self.stream.read(CHUNK)
        self.since += len(content)
        self.last = content or self.last
        return content


class Pain001Reader:
    """Reads one file once. ``schema_errors`` counts what the schema did not accept (None: no schema is shipped).

    What the message is named and where its fields stand are attributes of the class: pain.008 and pacs.008 are of the
    same build.
    """

    name, message, otherwise = "pain.001", sniff.CREDIT_TRANSFER, "xml.not_a_credit_transfer"
    payment = "CdtTrfTxInf"
    tables = (PAYMENT, GROUP)
    by_field, by_path, inherited = BY_FIELD, BY_PATH, INHERITED

    def __init__(self, stream: IO[bytes], root: sniff.Root) -> None:
        self.fed = _Fed(stream)
        self.root = root
        self.schema = schema.of(root.namespace)
        self.schema_errors: int | None = 0 if self.schema else None
        self.valid = self.schema.parts.validate if self.schema else None
        prefix = "" if root.namespace is None else f"{{{root.namespace}}}"
        self.group_tag, self.payment_tag = f"{prefix}PmtInf", f"{prefix}{self.payment}"
        self.tags = [f"{prefix}GrpHdr", self.group_tag, self.payment_tag]
        self.header_tag, self.together_tag = self.tags[0], f"{prefix}{schema.TOGETHER}"
        payment, group = self.tables
        facets = self.schema.facets if self.schema else None
        self.shapes, self.group_table = Shapes(bound(payment, prefix), _walk, facets), bound(group, prefix)
        self.sight = plain.Sight()
        self.error: etree.XMLSyntaxError | None = None
        self.header: Header | None = None
        self.header_element: Any = None
        # The PmtInf that has started and not ended, its head as read, and its payments that were not handed on yet.
        self.open: Any = None
        self.group: Group | None = None
        self.pending: list[Any] = []
        # The payment that ended last, with nothing opened since.
        self.closed: Any = None
        # The payments that are being handed on, and the position of the first of them.
        self.shown: list[Any] | plain.Lifted = []
        self.first = 0
        self.defaults: Values = {}
        self.remarkable: set[str] = set()
        self.groups = self.positions = self.in_group = 0
        self.base = ""
        # What stands before the first payment of a group and before the first group: kept in the tree.
        self.group_head: Any = None
        self.file_head: Any = None
        self.strange_said = False
        self.file_strange_said = False

    def items(self) -> Iterator[Item]:
        """Walk the file. Raises :class:`FileRefused` where it cannot be read on."""
        parser = etree.XMLPullParser(events=("start", "end"), tag=self.tags, **sniff.parser_options())
        while self.error is None and (content := self.fed.read()):
            cut = self.sight.cut(content, self.shapes.end_tag)
            if cut is None:
                yield from self._see(parser, content)
            else:
                yield from self._see_some(parser, *cut)
            yield from self._hand_on()
        if self.error is None:
            try:
                root = parser.close()
            except etree.XMLSyntaxError as found:
                self.error = found
                tags = _tags_of(self.payment).findall(self.fed.last)
                if tags and tags[-1] == b"/":
                    yield from self._one_by_one(self.pending)
        if self.error is not None:
            raise sniff.malformed(self.error) from None
        yield from self._leave()
        yield from self._end(root)

    def _see(self, parser: Any, content: bytes) -> Iterator[Item]:
        """Have the parser see what comes next; nothing more after its first error."""
        if self.error is None and content:
            try:
                parser.feed(content)
            except etree.XMLSyntaxError as found:
                self.error = found
            yield from self._started(parser.read_events())

    def _see_some(self, parser: Any, head: bytes, text: str, tail: bytes) -> Iterator[Item]:
        """Of a piece, ``text`` from the end of a payment to that of another one: the parser sees what is not plain."""
        yield from self._see(parser, head)
        line = self.sight.line + head.count(b"\n")
        at = odd = taken = 0
        while at < len(text) and odd <= taken + FEW_ODD and self._at_an_end():
            yield from self._hand_on()
            yield from self._one_by_one(self.pending)
            self.pending = []
            rows, end = self._plain(text, at, line)
            yield from rows
            shown = plain.blank(text[at:end])
            line += text.count("\n", at, end)
            at, taken = end, taken + len(rows)
            if at < len(text):
                odd += 1
                end = text.index(self.shapes.end_tag, at) + len(self.shapes.end_tag)
                line += text.count("\n", at, end)
            yield from self._see(parser, (shown + text[at:end]).encode())
            at = end
        yield from self._see(parser, text[at:].encode() + tail)

    def _at_an_end(self) -> bool:
        """Whether what the parser saw last is the end of a payment of the open group, in names as the shapes have."""
        return (
            self.error is None
            and self.group is not None
            and bool(self.pending)
            and self.closed is self.pending[-1]
            and self.closed.getparent() is self.open
            and self.open.nsmap == self.shapes.names
        )

    def _plain(self, text: str, at: int, line: int) -> tuple[list[Row], int]:
        """The plain payments that follow each other from ``at``, which is on ``line``, and where they end."""
        read, plain_texts, defaults, rows = self.shapes.next, self.remarkable.isdisjoint, self.defaults, []
        group, position, place = cast(Group, self.group), self.positions, self.in_group
        shown = self.shown = plain.Lifted(self.shapes.names, text)
        self.first = position + 1
        number, refused, path = group.number, group.refused, f"{group.path}/{self.payment}["
        while found := read(text, at):
            end, (own, address) = found
            begin = text.index("<", at)
            line += text.count("\n", at, begin)
            position += 1
            place += 1
            row = Row(position, line, defaults | own, address, number, refused, f"{path}{place}]", [])
            shown.places.append((begin, end, line))
            if not plain_texts(own):
                row.problems.extend(self._remarks(row, own))
            rows.append(row)
            line += text.count("\n", begin, end)
            at = end
        self.positions, self.in_group = position, place
        self.fed.since = 0
        return rows, at

    def _started(self, events: Any) -> Iterator[Item]:
        for event, element in events:
            self.fed.since = 0
            self.closed = element if event == "end" and element.tag == self.payment_tag else None
            if event == "end":
                continue
            if element.tag == self.payment_tag:
                if self.group is None or element.getparent() is not self.open:
                    yield from self._enter(element)
                self.pending.append(element)
            elif element.tag == self.group_tag:
                self._refuse_nested(element)
                yield from self._leave()
                self.open = element
            elif self.header_element is None:
                self.header_element = element

    def _refuse_nested(self, element: Any) -> None:
        """What stands inside a payment or a group of its own kind would be read before what holds it is complete."""
        if next(element.iterancestors(self.payment_tag, element.tag), None) is not None:
            name = sniff.local(element)
            raise FileRefused.at("xml.nested", line=element.sourceline, path=_path_of(element), element=name)

    def _enter(self, element: Any) -> Iterator[Item]:
        """The first payment of a group."""
        self._refuse_nested(element)
        parent = element.getparent()
        if parent is not self.open:
            yield from self._leave()
            self.open = parent
        yield from self._header_due()
        self.group_head = element.getprevious()
        yield from self._group_start(parent)

    def _leave(self) -> Iterator[Item]:
        """The group that is open has ended."""
        yield from self._hand_on()
        yield from self._one_by_one(self.pending)
        self.pending = []
        element, self.open = self.open, None
        if element is not None and element.tag == self.group_tag:
            yield from self._group_end(element)
        self.group, self.in_group, self.strange_said, self.group_head = None, 0, False, None

    def _hand_on(self) -> Iterator[Item]:
        """All that are pending but the last, which may not be complete; what follows is compared with it."""
        done, self.pending = self.pending[:-1], self.pending[-1:]
        together = self._apart() if done and self._in_a_row(done) else None
        if together is not None:
            yield from self._together(done, together)
        else:
            yield from self._one_by_one(done)

    def _apart(self) -> Any:
        """An element for payments outside the tree; None for a namespace that can be read, but not made."""
        try:
            return etree.Element(self.together_tag, nsmap=self.open.nsmap)
        except ValueError:
            return None

    def _in_a_row(self, done: list[Any]) -> bool:
        """Whether payments alone stand from the head of the group to the last of them."""
        parent = self.open
        return self._purged(done[0]) and parent.index(done[-1]) - parent.index(done[0]) == len(done) - 1

    def _together(self, done: list[Any], together: Any) -> list[Row]:
        """Payments in a row: out of the tree, with one validation; each for itself when there is something wrong."""
        together.extend(done)
        valid = None if self.valid is None or self.valid(together) else self.valid
        plain, defaults, rows = self.remarkable.isdisjoint, self.defaults, []
        group, position, place = cast(Group, self.group), self.positions, self.in_group
        self.shown, self.first = done, position + 1
        number, refused, path = group.number, group.refused, f"{group.path}/{self.payment}["
        read = self.shapes.read(together, valid=self.valid is None or valid is None)
        for element, (own, address) in zip(done, read, strict=True):
            position += 1
            place += 1
            line = element.sourceline
            row = Row(position, line, defaults | own, address, number, refused, f"{path}{place}]", [])
            if valid is not None or not plain(own):
                self._judge(element, row, own, valid)
            rows.append(row)
        self.positions, self.in_group = position, place
        return rows

    def _one_by_one(self, done: list[Any]) -> Iterator[Item]:
        """Where something else stands between payments, and the last one of a group."""
        for element in done:
            if not self._purged(element):
                yield from self._purge(element, self.open)
            own, address = self.shapes.alone(element)
            group = cast(Group, self.group)
            self.positions += 1
            self.in_group += 1
            self.shown, self.first = [element], self.positions
            path = f"{group.path}/{self.payment}[{self.in_group}]"
            row = Row(
                self.positions, element.sourceline, self.defaults | own, address, group.number, group.refused, path
            )
            self._judge(element, row, own, self.valid)
            yield row

    def locate(self, row: Row, name: str) -> tuple[int | None, str]:
        """Where the field stands, in the payment or in its PmtInf; else the payment itself."""
        found = self.shown[row.position - self.first]
        payment, before = found if isinstance(found, tuple) else (found, 0)
        for element, path, more in ((payment, row.path, before), (self.open, row.path.rpartition("/")[0], 0)):
            for steps in self.by_field.get(name, ()):
                leaf = element.find("/".join(f"{{*}}{step}" for step in steps.split("/") if step))
                if leaf is not None:
                    return leaf.sourceline + more, f"{path}/{steps}".rstrip("/")
        return row.line, row.path

    def _header(self, element: Any | None) -> Iterator[Item]:
        """The group header, or (None) that there is none before the first payment."""

        def text(path: str) -> str:
            found = None if element is None else element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
            return "" if found is None else (found.text or "").strip()

        namespace = self.root.namespace or ""
        if element is not None:
            self.base = _path_of(element.getparent())
        self.header = Header(
            kind=self.name.replace(".", ""),
            format=sniff.version(namespace) or self.name,
            namespace=self.root.namespace,
            message_id=text("MsgId"),
            initiating_party=text("InitgPty/Nm"),
            declared_count=text("NbOfTxs") or None,
            declared_sum=text("CtrlSum") or None,
            line=None if element is None else element.sourceline,
            path=f"{self.base}/GrpHdr",
            xsd=self.schema.file_name if self.schema else "",
        )
        yield self.header
        if element is not None:
            yield from self._faults(element, self.header.path, severity=WARNING)

    def _header_due(self) -> Iterator[Item]:
        if self.header is None:
            yield from self._header(self.header_element)

    def _judge(self, element: Any, row: Row, own: Values, valid: Callable[[Any], bool] | None) -> None:
        """What is wrong with a payment by the schema, or odd by what stands in it."""
        if valid is not None and not valid(element):
            row.problems.extend(self._faults(element, row.path, position=row.position))
        if not self.remarkable.isdisjoint(own):
            row.problems.extend(self._remarks(row, own))

    def _remarks(self, row: Row, own: Values) -> Iterator[Problem]:
        """What stands on the payment and on its PmtInf too, amounts to be paid in another currency, documents."""
        documents = row.values.pop("documents", "")
        if documents:
            row.values.setdefault("remittance", documents)
        for name in sorted(self.defaults.keys() & own.keys() & self.inherited):
            line, path = self.locate(row, name)
            yield Problem(row.position, "payment.level_twice", {}, name, own[name][:200], line, path, WARNING)
        births.of_its_own(row.values, own)
        transfer = row.values.pop("transfer_currency", "")
        if transfer:
            line, path = self.locate(row, "transfer_currency")
            params = {"currency": transfer[:3]}
            yield Problem(row.position, "amount.equivalent", params, "amount", transfer[:3], line, path, WARNING)

    def _group_start(self, parent: Any) -> Iterator[Item]:
        """The head of a PmtInf stands before its first payment: read and validated once."""
        self.groups += 1
        values: Values = {}
        _walk(parent, self.group_table, values, {})
        count, total = values.pop("declared_count", None), values.pop("declared_sum", None)
        self.defaults = values
        self.remarkable = {"transfer_currency", "documents", *values}
        if not births.FIELDS.isdisjoint(values):
            self.remarkable.update(births.SIDES_SAID)
        self.base = self.base or _path_of(parent.getparent())
        self.group = Group(self.groups, parent.sourceline, self._group_path(), count, total)
        yield from self._group_faults(parent)
        # What the parser has seen already of the rest of the group has been validated, too.
        self.strange_said = self.group.refused

    def _group_path(self) -> str:
        return f"{self.base}/PmtInf[{self.groups}]"

    def _group_faults(self, element: Any) -> Iterator[Problem]:
        group = self.group
        assert group is not None  # noqa: S101  set by _group_start
        for fault in self._faults(element, group.path, without=self.payment):
            group.refused = True
            yield fault

    def _purged(self, element: Any) -> bool:
        """Take the payment before this one out of the tree; False when anything else is left between."""
        before = element.getprevious()
        if before is None or before is self.group_head:
            return True
        if before.tag != self.payment_tag:
            return False
        element.getparent().remove(before)
        return element.getprevious() is self.group_head

    def _purge(self, element: Any, parent: Any) -> Iterator[Item]:
        """Take whatever stands between the head of the group and this payment out of the tree, and say it once."""
        before = element.getprevious()
        while before is not None and before is not self.group_head:
            if before.tag != self.payment_tag and not self.strange_said:
                self.strange_said = True
                yield from self._group_faults(parent)
            parent.remove(before)
            before = element.getprevious()

    def _group_end(self, element: Any) -> Iterator[Item]:
        yield from self._header_due()
        if self.group is None:
            yield from self._group_start(element)
        elif len(element) and element[-1].tag != self.payment_tag and not self.strange_said:
            yield from self._group_faults(element)
        assert self.group is not None  # noqa: S101  set by _group_start
        yield self.group
        if self.groups == 1:
            self.file_head = element.getprevious()
            return
        before, parent = element.getprevious(), element.getparent()
        while before is not None and before is not self.file_head:
            if before.tag != self.group_tag and not self.file_strange_said:
                self.file_strange_said = True
                around = parent if parent.getparent() is None else parent.getparent()
                yield from self._faults(around, _path_of(around), severity=WARNING, without=_AROUND)
            parent.remove(before)
            before = element.getprevious()

    def _end(self, root: Any) -> Iterator[Item]:
        """After the last byte: what is wrong around the groups, and whether this is the message that it should be."""
        yield from self._header_due()
        document = root if sniff.local(root) == "Document" else next(root.iter("{*}Document"), None)
        if self.schema is not None and document is not None and not self.file_strange_said:
            yield from self._faults(document, _path_of(document), severity=WARNING, without=_AROUND)
        if self.root.message != self.message:
            message = None if document is None or not len(document) else document[0]
            params = {"element": self.root.message or sniff.local(root), "wanted": self.message}
            line, path = (
                (root.sourceline, _path_of(root)) if message is None else (message.sourceline, _path_of(message))
            )
            yield Problem(0, self.otherwise, params, "", params["element"], line, path)
        if self.root.namespace is None:
            yield Problem(0, "xml.no_namespace", {}, "", "", root.sourceline, _path_of(root), severity=WARNING)

    def _faults(
        self, element: Any, path: str, *, position: int = 0, severity: str = ERROR, without: str = ""
    ) -> Iterator[Problem]:
        if self.schema is None:
            return
        for number, (node, problem) in enumerate(self.schema.faults(element, without=without)):
            self.schema_errors = (self.schema_errors or 0) + 1
            if number >= MOST_FAULTS:
                return
            steps = _steps(node, element)
            problem.position, problem.severity, problem.line = position, severity, node.sourceline
            problem.path = f"{path}/{steps}".rstrip("/")[:200]
            problem.field = self.by_path.get(steps) or self.by_path.get(f"{steps}/", problem.field)
            yield problem


# Validated on their own as they pass.
_AROUND = "GrpHdr PmtInf"


def _walk(parent: Any, table: Table, values: Values, address: dict[str, Any]) -> None:
    """Take the texts of the leaves that the table names. The first of a repeated leaf counts."""
    look = table.get
    for child in parent:
        rule: Any = look(child.tag)
        if rule is None:
            continue
        if rule.__class__ is str:
            text = child.text
            if text and rule not in values:
                text = text.strip()
                if text:
                    values[rule] = text
        elif rule.__class__ is dict:
            own = rule.get("")
            if own is not None and child.text and child.text.strip():
                values[own] = child.text.strip()
            _walk(child, rule, values, address)
        else:
            rule.take(child, values, address)


def _tags_of(payment: str) -> re.Pattern[bytes]:
    """Where a payment begins or (with a slash) ends."""
    return re.compile(rb"<(/?)(?:[^\s<>/:]+:)?%s[\s/>]" % payment.encode())


def _steps(node: Any, above: Any) -> str:
    names: list[str] = []
    while node is not None and node is not above:
        names.append(sniff.local(node))
        node = node.getparent()
    return "/".join(reversed(names))


def _path_of(element: Any) -> str:
    if element is None:
        return ""
    return "/" + "/".join(sniff.local(one) for one in [*reversed(list(element.iterancestors())), element])
