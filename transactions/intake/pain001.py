"""pain.001: customer credit transfers, streamed. Matched on local names: national variants and envelopes are read too.

``iterparse`` stops at the end of the group header, of each payment and of each PmtInf; one walk over a payment's leaves
takes its texts; what was read is taken out of the tree, so memory stays flat whatever the size of the file. Versions
whose schema is shipped are validated as they pass, and schema errors are divided so:

* inside a payment: the payment is not taken in, the rest goes on;
* in the head of a PmtInf: none of its payments is taken in, since they take debtor, account and date from it;
* in the group header or around it: said as a warning, since no payment depends on it (a source that demands all or
  nothing refuses the file).
"""

from collections.abc import Iterator
from typing import IO, Any, cast

from lxml import etree

from transactions.intake import schema, sniff
from transactions.intake.paths import BY_FIELD, BY_PATH, GROUP, INHERITED, PAYMENT, Table, Values, bound
from transactions.intake.rows import ERROR, WARNING, FileRefused, Group, Header, Item, Problem, Row

# More bytes than this without the end of a payment or of a group is no payment file: memory stays bounded.
LARGEST_ELEMENT = 2_000_000
CHUNK = 65_536
# Faults of one payment or head that are said; the rest of them would say no more.
MOST_FAULTS = 50


class _Fed:
    """The stream as the parser reads it, watching how much came without anything that could be taken out again."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.since = 0

    def read(self, size: int = CHUNK) -> bytes:
        if self.since > LARGEST_ELEMENT:
            raise FileRefused.at("xml.element_too_large", largest=LARGEST_ELEMENT)
        content = self.stream.read(size)
        self.since += len(content)
        return content


class Pain001Reader:
    """Reads one file once. ``schema_errors`` counts what the schema did not accept (None: no schema is shipped)."""

    def __init__(self, stream: IO[bytes], root: sniff.Root) -> None:
        self.fed = _Fed(stream)
        self.root = root
        self.schema = schema.of(root.namespace)
        self.schema_errors: int | None = 0 if self.schema else None
        self.valid = self.schema.parts.validate if self.schema else None
        prefix = "" if root.namespace is None else f"{{{root.namespace}}}"
        self.group_tag, self.payment_tag = f"{prefix}PmtInf", f"{prefix}CdtTrfTxInf"
        self.tags = [f"{prefix}GrpHdr", self.group_tag, self.payment_tag]
        self.payment_table, self.group_table = bound(PAYMENT, prefix), bound(GROUP, prefix)
        self.header: Header | None = None
        self.group: Group | None = None
        self.element: Any = None
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
        events = etree.iterparse(self.fed, events=("end",), tag=self.tags, **sniff.parser_options())
        try:
            for _event, element in events:
                self.fed.since = 0
                if element.tag == self.payment_tag:
                    if self.group is None or not self._purged(element):
                        yield from self._before(element)
                    yield self._row(element, cast(Group, self.group))
                elif element.tag == self.group_tag:
                    yield from self._group_end(element)
                elif self.header is None:
                    yield from self._header(element)
        except etree.XMLSyntaxError as error:
            raise sniff.malformed(error) from None
        yield from self._end(events.root)

    def locate(self, row: Row, name: str) -> tuple[int | None, str]:
        """Where the field stands, in the payment or in its PmtInf; else the payment itself."""
        for element, path in ((self.element, row.path), (self.element.getparent(), row.path.rpartition("/")[0])):
            for steps in BY_FIELD.get(name, ()):
                leaf = element.find("/".join(f"{{*}}{step}" for step in steps.split("/") if step))
                if leaf is not None:
                    return leaf.sourceline, f"{path}/{steps}".rstrip("/")
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
            kind="pain001",
            format=sniff.version(namespace) or "pain.001",
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

    def _before(self, element: Any) -> Iterator[Item]:
        """What comes before the first payment of a group is read; what was read is taken out of the tree."""
        if self.group is None:
            if self.header is None:
                yield from self._header(None)
            self.group_head = element.getprevious()
            yield from self._group_start(element.getparent())
        else:
            yield from self._purge(element, element.getparent())

    def _row(self, element: Any, group: Group) -> Row:
        self.positions += 1
        self.in_group += 1
        self.element = element
        own: Values = {}
        address: dict[str, Any] = {}
        _walk(element, self.payment_table, own, address)
        row = Row(
            self.positions,
            element.sourceline,
            self.defaults | own,
            address,
            group.number,
            group.refused,
            f"{group.path}/CdtTrfTxInf[{self.in_group}]",
        )
        if self.valid is not None and not self.valid(element):
            row.problems.extend(self._faults(element, row.path, position=row.position))
        if not self.remarkable.isdisjoint(own):
            row.problems.extend(self._remarks(row, own))
        return row

    def _remarks(self, row: Row, own: Values) -> Iterator[Problem]:
        """What stands on the payment and on its PmtInf too, amounts to be paid in another currency, documents."""
        documents = row.values.pop("documents", "")
        if documents:
            row.values.setdefault("remittance", documents)
        for name in sorted(self.defaults.keys() & own.keys() & INHERITED):
            line, path = self.locate(row, name)
            yield Problem(row.position, "payment.level_twice", {}, name, own[name][:200], line, path, WARNING)
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
        self.base = self.base or _path_of(parent.getparent())
        self.group = Group(self.groups, parent.sourceline, f"{self.base}/PmtInf[{self.groups}]", count, total)
        yield from self._group_faults(parent)
        # What the parser has seen already of the rest of the group has been validated, too.
        self.strange_said = self.group.refused

    def _group_faults(self, element: Any) -> Iterator[Problem]:
        group = self.group
        assert group is not None  # noqa: S101  set by _group_start
        for fault in self._faults(element, group.path, without="CdtTrfTxInf"):
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
        if self.header is None:
            yield from self._header(None)
        if self.group is None:
            yield from self._group_start(element)
        elif element[-1].tag != self.payment_tag and not self.strange_said:
            yield from self._group_faults(element)
        assert self.group is not None  # noqa: S101  set by _group_start
        yield self.group
        self.group, self.in_group, self.strange_said, self.group_head = None, 0, False, None
        if self.groups == 1:
            self.file_head = element.getprevious()
            return
        before, parent = element.getprevious(), element.getparent()
        while before is not None and before is not self.file_head:
            if before.tag != self.group_tag and not self.file_strange_said:
                self.file_strange_said = True
                yield from self._faults(
                    parent.getparent(), _path_of(parent.getparent()), severity=WARNING, without=_AROUND
                )
            parent.remove(before)
            before = element.getprevious()

    def _end(self, root: Any) -> Iterator[Item]:
        """After the last byte: what is wrong around the groups, and whether this is a credit transfer at all."""
        if self.header is None:
            yield from self._header(None)
        document = root if sniff.local(root) == "Document" else next(root.iter("{*}Document"), None)
        if self.schema is not None and document is not None and not self.file_strange_said:
            yield from self._faults(document, _path_of(document), severity=WARNING, without=_AROUND)
        if self.root.message != sniff.CREDIT_TRANSFER:
            message = None if document is None or not len(document) else document[0]
            params = {"element": self.root.message or sniff.local(root), "wanted": sniff.CREDIT_TRANSFER}
            line, path = (
                (root.sourceline, _path_of(root)) if message is None else (message.sourceline, _path_of(message))
            )
            yield Problem(0, "xml.not_a_credit_transfer", params, "", params["element"], line, path)
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
            problem.field = BY_PATH.get(steps) or BY_PATH.get(f"{steps}/", problem.field)
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


def _steps(node: Any, above: Any) -> str:
    names: list[str] = []
    while node is not None and node is not above:
        names.append(sniff.local(node))
        node = node.getparent()
    return "/".join(reversed(names))


def _path_of(element: Any) -> str:
    return "/" + "/".join(sniff.local(one) for one in [*reversed(list(element.iterancestors())), element])
