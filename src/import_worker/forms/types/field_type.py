"""What each field type must answer.

``Field`` and ``FieldType`` refer to each other: a field has a type, and a type's methods take fields. This module
imports ``Field`` for annotations only.
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
    """All that is known about one field type. A subclass that leaves out an answer cannot be instantiated.

    A type has one object, or one for each of its names; ``registry`` has the objects by name.
    """

    @property
    @abstractmethod
    def takes_options(self) -> bool:
        """Whether a field of this type has options; it then must have at least one."""

    @property
    @abstractmethod
    def mapping_options(self) -> Collection[MappingOption]:
        """Which of these options of a mapping's entry the type uses; it ignores the others."""

    @abstractmethod
    def reader(self, field: "Field", entry: MappingEntry, place: FilePlace | None) -> Reader:
        """The reader of the cells that feed ``field`` by ``entry``. ``place``: where files are stored; None if no cell
        of a file field will be read.

        Raises ``JobFailed`` (invalid_form_definition) if the field's definition cannot be used.
        """

    @property
    @abstractmethod
    def rules(self) -> Mapping[str, "RuleCompiler"]:
        """The rules that apply to the type, by the names that forms give them; all others are ignored."""

    @abstractmethod
    def is_missing(self, stored: pl.Series) -> pl.Series:
        """Which stored values (String, null where there is none) count as missing if the field is required: Boolean,
        no nulls."""

    @abstractmethod
    def equals(self, value: object, field: "Field") -> ValueTest:
        """A test whether stored values of ``field`` equal a condition's ``value``, which is any JSON."""

    @abstractmethod
    def contains(self, value: object, field: "Field") -> ValueTest:
        """A test whether stored values of ``field`` contain ``value``, which is any JSON."""

    @abstractmethod
    def greater_than(self, value: object, field: "Field") -> ValueTest:
        """A test whether stored values of ``field`` are greater than ``value``, which is any JSON."""

    @property
    @abstractmethod
    def identity(self) -> Identity | None:
        """When two values are equal; None if values are not compared, so that no field of the type is unique."""

    @property
    @abstractmethod
    def can_be_looked_up(self) -> bool:
        """Whether a stored value can be looked up in a column of the database."""

    @property
    @abstractmethod
    def describes_file(self) -> bool:
        """Whether a stored value describes a file, as ``files_of`` reads it. A table is not expected to have a column
        for a field of such a type."""

    @property
    @abstractmethod
    def secret(self) -> Secret | None:
        """The part of a cell that errors must not show; None if they may show all."""

    @property
    @abstractmethod
    def likeness(self) -> Likeness | None:
        """How a column of the type is recognised by its cells; None if it cannot be recognised."""

    @property
    @abstractmethod
    def cures(self) -> Mapping[str, Sequence["Cure"]]:
        """By error type, the cures to try, in order, for cells of such a field with that error. The first suggestion
        found is made."""
