"""What a type of fields is asked.

Fields and their types know each other: a field has a type, and a type is asked about fields. The types' side of that is
annotations only.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.identity import Identity
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.reading import Reader
from import_worker.forms.types.secret import Secret
from import_worker.forms.types.value_tests import ValueTest

if TYPE_CHECKING:
    from import_worker.forms.field import Field
    from import_worker.forms.rules.rules import RuleCompiler
    from import_worker.forms.suggestions.suggestion import Cure


class FieldType(ABC):
    """All that one type of fields knows. Every answer must be given: a type that lacks one cannot be made.

    Of a type there is one object, or one for each name it goes by; ``registry`` has them by name.
    """

    @property
    @abstractmethod
    def takes_options(self) -> bool:
        """Whether a field of it has options, and must have some."""

    @property
    @abstractmethod
    def mapping_options(self) -> Collection[MappingOption]:
        """Which of these it heeds in a mapping's entry; it ignores the others."""

    @abstractmethod
    def reader(self, field: "Field", entry: MappingEntry, place: FilePlace | None) -> Reader:
        """What reads the cells that feed ``field`` by ``entry``. ``place``: where files lie, None where no cell of a
        file field is read.

        Raises ``JobFailed`` (invalid_form_definition) where the field says something that cannot be used.
        """

    @property
    @abstractmethod
    def rules(self) -> Mapping[str, "RuleCompiler"]:
        """The rules that apply, by the names that forms give them; others say nothing about it."""

    @abstractmethod
    def is_missing(self, stored: pl.Series) -> pl.Series:
        """Which stored values (String, null where there is none) do not do where the field is required: Boolean, no
        nulls."""

    @abstractmethod
    def equals(self, value: object, field: "Field") -> ValueTest:
        """Whether stored values of ``field`` are equal to a condition's ``value``, which is any JSON."""

    @abstractmethod
    def contains(self, value: object, field: "Field") -> ValueTest:
        """Whether they contain it."""

    @abstractmethod
    def greater_than(self, value: object, field: "Field") -> ValueTest:
        """Whether they are greater."""

    @property
    @abstractmethod
    def identity(self) -> Identity | None:
        """When two values are the same; None where that is not asked, so that no field of it is unique."""

    @property
    @abstractmethod
    def can_be_looked_up(self) -> bool:
        """Whether a stored value can be one of a database's column."""

    @property
    @abstractmethod
    def describes_file(self) -> bool:
        """Whether a stored value describes a file, as ``files_of`` reads it. Whoever hands in a table is not expected
        to have a column of such."""

    @property
    @abstractmethod
    def secret(self) -> Secret | None:
        """What errors must not show of a cell; None where they may show all."""

    @property
    @abstractmethod
    def likeness(self) -> Likeness | None:
        """By what a column of it is told from a column of something else; None where nothing tells."""

    @property
    @abstractmethod
    def cures(self) -> Mapping[str, Sequence["Cure"]]:
        """By error type, what to try in order, where cells of such a field have that error. The first suggestion that
        comes of it is made."""
