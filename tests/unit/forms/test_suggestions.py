"""Suggestions: what is suggested, what is only asked, and that a suggestion which is followed cures every cell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from import_worker.forms.definition import FormDefinition
from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry
from import_worker.forms.suggestions.cure import MAX_CELL_CHARACTERS, suggest
from import_worker.forms.suggestions.date_candidates import candidates
from import_worker.forms.suggestions.dates import formats_clash
from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion
from import_worker.forms.types.date_formats import DateFormat
from import_worker.forms.types.registry import FIELD_TYPES
from import_worker.row_errors.error_type import RowErrorType
from tests.unit.forms.conftest import validated

DATE = {"key": "f", "type": "date", "label": "Born"}
GENDER = {"key": "f", "type": "select", "options": [{"value": "male", "label": "Male"}, {"value": "female"}]}
SPORTS = {"key": "f", "type": "multiselect", "options": [{"value": "soccer"}, {"value": "ski", "label": "Ski Alpin"}]}
CHECKBOX = {"key": "f", "type": "checkbox"}
NUMBER = {"key": "f", "type": "number"}
POSTAL = {"key": "f", "type": "text", "validation": [{"type": "pattern", "value": r"^[A-Z]\d[A-Z] \d[A-Z]\d$"}]}

CODE = {"key": "f", "type": "text", "validation": [{"type": "pattern", "value": "^[A-Z]+$"}]}


def _field(document: Mapping[str, object]) -> Field:
    return FormDefinition.parse({"fields": [document]}).fields[0]


def _suggest(
    field: dict[str, Any], cells: Sequence[str], target: dict[str, Any] | None = None, total: int | None = None
) -> Suggestion | None:
    """The suggestion for a file of these cells, all of which the validator must refuse for one reason."""
    found = validated([field], [[cell] for cell in cells], {"f": {"field": "f", **(target or {})}}).errors
    (error_type,) = found["error_type"].unique()
    assert len(found) == len(cells)
    return suggest(
        FieldErrors(
            _field(field),
            "f",
            MappingEntry.model_validate({"field": "f", **(target or {})}),
            RowErrorType(error_type),
            Counter(found["raw_value"]),
            total or len(cells),
        )
    )


def _cured(field: dict[str, Any], cells: Sequence[str], suggestion: Suggestion) -> list[str]:
    """The payloads of all cells with the mapping as suggested; there must be no error."""
    assert suggestion.mapping is not None
    result = validated([field], [[cell] for cell in cells], suggestion.mapping)
    assert result.errors.is_empty(), result.errors
    return result.payloads["payload"].to_list()


@pytest.mark.parametrize(
    ("field", "cells", "target", "entry"),
    [
        (DATE, ["13/04/1990", "03/04/1990", "1/2/2001"], {}, {"date_formats": ["DD/MM/YYYY"]}),
        (DATE, ["04/13/1990", "03/04/1990", "1/2/2001"], {}, {"date_formats": ["MM/DD/YYYY"]}),
        (DATE, ["13.04.1990", "03.04.1990", "1.2.2001"], {}, {"date_formats": ["DD.MM.YYYY"]}),
        (DATE, ["31-12-99", "01-02-99", "1-2-01"], {}, {"date_formats": ["DD-MM-YY"]}),
        (DATE, ["2024-3-5", "2024-1-25", "2024-5-1"], {}, {"date_formats": ["YYYY-MM-DD"]}),
        (DATE, ["19900304", "20240101", "20241231"], {}, {"date_formats": ["YYYYMMDD"]}),
        (DATE, ["31122024", "20012024", "01012024"], {}, {"date_formats": ["DDMMYYYY"]}),
        (DATE, ["5 Mar 2024", "12 December 2024", "1 MAY 2024"], {}, {"date_formats": ["DD MMM YYYY"]}),
        (DATE, ["Mar 5, 2024", "May 1, 2024", "June 30, 2024"], {}, {"date_formats": ["MMM DD, YYYY"]}),
        (DATE, ["13/4/2024 23:59", "1/4/2024 0:00", "2/4/2024 1:00"], {}, {"date_formats": ["DD/MM/YYYY HH:mm"]}),
        (DATE, ["13.4.1990", "03/25/1990", "1.2.2001"], {}, {"date_formats": ["DD.MM.YYYY", "MM/DD/YYYY"]}),
        (
            DATE,
            ["13.4.1990", "1.2.1990", "1.2.2001"],
            {"date_formats": ["MM/DD/YYYY"], "default": "2000-01-01"},
            {"date_formats": ["MM/DD/YYYY", "DD.MM.YYYY"], "default": "2000-01-01"},
        ),
        (
            # Read by the first and the second format, or by the first and the third; the last one harms nobody.
            DATE,
            ["05/04/45", "25/04/03", "06/04/45"],
            {"date_formats": ["DD/MM/YY", "MM/DD/YY", "YY/MM/DD", "DD.MM.YYYY"]},
            {"date_formats": ["DD/MM/YY", "DD.MM.YYYY"]},
        ),
        (DATE, ["n/a", "N/A", "-"], {}, {"values": {"n/a": None, "-": None}}),
        (GENDER, ["M", "m", "F", " F "], {}, {"values": {"M": "male", "F": "female"}}),
        (
            GENDER,
            ["M\u00c2LE", "fe-male", "ma"],
            {},
            {"values": {"M\u00c2LE": "male", "fe-male": "female", "ma": "male"}},
        ),
        (GENDER, ["M", "M", "?"], {}, {"values": {"M": "male", "?": None}}),
        (
            GENDER,
            ["M", "M", "M"],
            {"values": {"m": "man", "w": "female"}},
            {"values": {"w": "female", "M": "male"}},
        ),
        (SPORTS, ["soccer;ski", "ski; ski alpin", "ski;"], {}, {"separator": ";"}),
        (SPORTS, ["soccer / ski", "ski/soccer", "ski/ski"], {}, {"separator": "/"}),
        (SPORTS, ["soccer,ski"] * 3, {"separator": ";"}, {"separator": ","}),
        (SPORTS, ["socc, SKI-alpin", "so", "so"], {}, {"values": {"socc, SKI-alpin": "soccer,ski", "so": "soccer"}}),
        (CHECKBOX, ["oui", "NON", "Oui", "x"], {}, {"values": {"oui": "yes", "NON": "no", "x": "yes"}}),
        (CHECKBOX, ["wahr", "falsch", "Ja"], {}, {"values": {"wahr": "yes", "falsch": "no", "Ja": "yes"}}),
        (NUMBER, ["-", "NULL", "-"], {}, {"values": {"-": None, "NULL": None}}),
        (POSTAL, ["v6b 1a1", "V6B 1a1", "v6b 2a1"], {}, {"case": "upper"}),
        (POSTAL, ["v6b1a1", "V6B-1a1", "v6b 2a1"], {}, {"normalize": "postal_code"}),
    ],
)
def test_one_cure_is_suggested_and_cures(
    field: dict[str, Any], cells: list[str], target: dict[str, Any], entry: dict[str, Any]
) -> None:
    suggestion = _suggest(field, cells, target)
    assert suggestion is not None
    assert suggestion.mapping == {"f": {"field": "f", **entry}}
    _cured(field, cells, suggestion)


@pytest.mark.parametrize(
    ("field", "cells", "target", "message"),
    [
        (
            DATE,
            ["03/03/1990", "03/04/1990", "1/2/2001"],
            {},
            (
                '3 dates such as 03/04/1990 are ambiguous: name the format, DD/MM/YYYY or MM/DD/YYYY, as "date_formats"'
                ' in the mapping of "f" or with --option date_formats=FORMAT.'
            ),
        ),
        (
            DATE,
            ["03/04/01", "03/05/02", "03/06/03"],
            {},
            (
                "3 dates such as 03/04/01 are ambiguous: name the format, DD/MM/YY, MM/DD/YY or YY/MM/DD, as"
                ' "date_formats" in the mapping of "f" or with --option date_formats=FORMAT.'
            ),
        ),
        (
            DATE,
            ["13/04/1990", "13/12/1990", "14/2/2001"],
            {"date_formats": ["MM/DD/YYYY"]},
            (
                '3 values look like DD/MM/YYYY, and the mapping of "f" names MM/DD/YYYY, which may read such a date as'
                " another day: name only the one that is right."
            ),
        ),
        (
            DATE,
            ["3/04/1990", "4/12/1990", "1/2/2001"],
            {"date_formats": ["MM/DD/YYYY", "%d/%m/%Y"]},
            (
                '3 dates such as 3/04/1990 are ambiguous, because the mapping of "f" names MM/DD/YYYY and %d/%m/%Y:'
                " name only one of these."
            ),
        ),
        (
            GENDER,
            ["M", "X", "F", "X"],
            {},
            (
                '4 values are none of the options ("X"): say what they mean, with "values": {"X": ..., "M": "male",'
                ' "F": "female"} in the mapping of "f".'
            ),
        ),
        (
            CHECKBOX,
            ["oui", "perhaps", "oui"],
            {},
            (
                '3 values are neither yes nor no ("perhaps"): say what they mean, with "values": {"perhaps": ..., '
                '"oui": "yes"} in the mapping of "f".'
            ),
        ),
        (
            NUMBER,
            ["12,50", "1.234,5", "-3,1"],
            {},
            (
                "3 values have a decimal comma, such as 12,50: write 12.50 in the file (a cell such as 12,500 was read"
                " as 12500)."
            ),
        ),
        (
            NUMBER,
            ["$1,234.50", "$ 5", "$3.50"],
            {},
            "3 values have a currency sign, such as $1,234.50: write 1,234.50 in the file.",
        ),
        (NUMBER, ["5 %", "5%", "1.5%"], {}, "3 values have a percent sign, such as 5 %: write 5 in the file."),
        (
            NUMBER,
            ["1 234", "1'234.50", "1\u00a0234\u00a0567"],
            {},
            "3 values have spaces or apostrophes between their digits, such as 1 234: write 1234 in the file.",
        ),
    ],
)
def test_where_a_person_must_decide_there_is_a_sentence_and_no_mapping(
    field: dict[str, Any], cells: list[str], target: dict[str, Any], message: str
) -> None:
    suggestion = _suggest(field, cells, target)
    assert suggestion is not None
    assert (suggestion.message, suggestion.mapping) == (message, None)


@pytest.mark.parametrize(
    ("field", "cells", "target"),
    [
        (DATE, ["13/04/1990", "14/04/1990"], {}),  # too few
        (DATE, ["13/04/1990", "03/31/1990", "1/2/2001"], {}),  # both orders
        (DATE, ["13/04/1990", "03/04/1990", "soon"], {}),
        (DATE, ["13/04/1990", "13.04.1990", "13-04-1990"], {}),  # three formats
        (DATE, ["13/04/1990", "03.04.1990", "04.04.1990"], {}),  # two, one of them ambiguous
        (DATE, ["31/02/1990", "30/02/1990", "32/01/1990"], {}),
        (DATE, ["2024-13-05", "2024-14-05", "2024-15-01"], {}),  # would make 2024-01-05 ambiguous
        ({**DATE, "required": True}, ["n/a", "n/a", "-"], {}),
        ({**DATE, "dataClassification": "sensitive"}, ["13/04/1990"] * 3, {}),
        (GENDER, ["", "", ""], {"default": "man"}),  # the mapping's default is wrong, not the cells
        (GENDER, [f"x{n}" for n in range(21)], {}),  # too many to map by hand
        (NUMBER, ["12,50", "x", "3,1"], {}),
        ({"key": "f", "type": "email"}, ["a at b.c", "b at b.c", "c at b.c"], {}),
        ({"key": "f", "type": "phone"}, ["12", "13", "14"], {}),
        (POSTAL, ["v6b 1a1", "V6B 1a1", "zzz"], {}),
        (POSTAL, ["v6b 1a1", "***", "v6b 2a1"], {}),
        (POSTAL, ["v6b 1a1", "v6b 1a1", " " * MAX_CELL_CHARACTERS + "v6b 2a1"], {}),
        (CODE, ["ABC"] * 3, {"case": "lower"}),  # what the mapping says already is not taken back
        (CODE, ["abc "] * 3, {}),  # a postal code's form would help, but these are none
    ],
)
def test_without_one_cure_for_all_there_is_no_suggestion(
    field: dict[str, Any], cells: list[str], target: dict[str, Any]
) -> None:
    assert _suggest(field, cells, target) is None


def test_a_missing_value_is_never_given_a_default() -> None:
    field = _field({"key": "f", "type": "text", "required": True})
    assert not any(RowErrorType.REQUIRED in type_.cures for type_ in FIELD_TYPES.values())
    assert suggest(FieldErrors(field, "f", MappingEntry(field="f"), RowErrorType.REQUIRED, {"": 100}, 100)) is None


def test_a_slow_pattern_costs_about_a_second_and_the_suggestion() -> None:
    slow = {"key": "f", "type": "text", "validation": [{"type": "pattern", "value": "^(?=A)(A+)+$"}]}
    cells = {"a" * 40 + "!" + str(number): 1 for number in range(200)}
    errors = FieldErrors(_field(slow), "f", MappingEntry(field="f"), RowErrorType.VALIDATION, cells, 200)
    assert suggest(errors) is None


def test_a_look_at_some_is_said_to_be_one() -> None:
    suggestion = _suggest(DATE, ["13/04/1990", "14/04/1990", "15/04/1990"], total=2_113)
    assert suggestion is not None
    assert suggestion.message.startswith("The first 3 of 2,113 values look like DD/MM/YYYY: ")


def test_the_sentence_says_what_to_write_and_where() -> None:
    suggestion = _suggest(DATE, ["Mar 5, 2024"] * 3)
    assert suggestion is not None
    assert suggestion.message == (
        '3 values look like MMM DD, YYYY: add "date_formats": ["MMM DD, YYYY"] to the mapping of "f", or submit with'
        " --option 'date_formats=MMM DD, YYYY'."
    )


def test_date_formats_that_came_with_the_job_do_not_stand_in_other_fields_entries() -> None:
    suggestion = _suggest(GENDER, ["M", "M", "F"], {"date_formats": ["DD/MM/YYYY"]})
    assert suggestion is not None
    assert suggestion.mapping == {"f": {"field": "f", "values": {"M": "male", "F": "female"}}}


def test_every_candidate_is_a_format_that_a_mapping_may_name() -> None:
    texts = [text for texts in candidates().values() for text in texts]
    assert len(set(texts)) == len(texts) > 500
    for text in texts:
        DateFormat.parse(text)


# Written without the product's own tokens.
FORMATS = {
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "YYYY/MM/DD": "%Y/%m/%d",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD. MM. YYYY": "%d. %m. %Y",
    "MM-DD-YYYY": "%m-%d-%Y",
    "DD MM YY": "%d %m %y",
    "MM/DD/YY": "%m/%d/%y",
    "YYYYMMDD": "%Y%m%d",
    "DDMMYYYY": "%d%m%Y",
    "MMDDYYYY": "%m%d%Y",
    "YYMMDD": "%y%m%d",
    "DDMMMYYYY": "%d%b%Y",
    "DD-MMM-YY": "%d-%b-%y",
    "DD MMM YYYY": "%d %B %Y",
    "MMM DD, YYYY": "%b %d, %Y",
    "DD/MM/YYYY HH:mm": "%d/%m/%Y %H:%M",
    "MM/DD/YYYY, hh:mm:ss A": "%m/%d/%Y, %I:%M:%S %p",
}
DAYS = st.dates(date(1969, 1, 1), date(2068, 12, 31))


@pytest.mark.parametrize("text", FORMATS)
@settings(max_examples=10, deadline=None)
@given(days=st.lists(DAYS, min_size=3, max_size=30))
def test_a_suggested_format_reads_every_date_of_a_table_as_it_was_meant(text: str, days: list[date]) -> None:
    cells = [day.strftime(FORMATS[text]) for day in days]
    suggestion = _suggest(DATE, cells)
    assert suggestion is not None
    if suggestion.mapping is None:
        assert text in suggestion.message
        return
    assert _cured(DATE, cells, suggestion) == [f'{{"f":"{day.isoformat()}"}}' for day in days]


@pytest.mark.parametrize("text", FORMATS)
def test_a_day_after_the_twelfth_and_a_year_after_the_31st_decide(text: str) -> None:
    cells = [day.strftime(FORMATS[text]) for day in (date(1990, 12, 25), date(1990, 4, 3), date(1991, 4, 3))]
    suggestion = _suggest(DATE, cells)
    assert suggestion is not None
    assert suggestion.mapping == {"f": {"field": "f", "date_formats": [text]}}


def test_no_candidate_reads_another_day_than_iso_excel_or_a_candidate_of_another_shape() -> None:
    dates = FieldErrors(_field(DATE), "f", MappingEntry(field="f"), RowErrorType.INVALID_DATE, {}, 0)
    assert formats_clash(dates, "DD/MM/YYYY", ["MM/DD/YYYY"])
    days = {text: known for known, texts in candidates().items() for text in texts if ":" not in text}
    assert [text for text in days if formats_clash(dates, text, ())] == []
    for text in FORMATS:
        others = [other for other in FORMATS if days.get(other) != days.get(text)]
        assert not formats_clash(dates, text, others), text


def _reads(cell: str, written: str) -> bool:
    try:
        datetime.strptime(cell, written)  # noqa: DTZ007  (a day, not a moment)
    except ValueError:
        return False
    return True


@settings(max_examples=30, deadline=None)
@given(
    texts=st.lists(st.sampled_from(sorted(FORMATS)), min_size=2, max_size=2, unique=True),
    days=st.lists(DAYS, min_size=3, max_size=20),
)
def test_two_formats_are_suggested_only_where_they_stay_apart(texts: list[str], days: list[date]) -> None:
    meant = [(day, texts[number % 2]) for number, day in enumerate(days)]
    cells = [day.strftime(FORMATS[text]) for day, text in meant]
    # Where one of the two reads every cell, nothing in the file tells of the other.
    assume(not any(all(_reads(cell, FORMATS[text]) for cell in cells) for text in texts))
    suggestion = _suggest(DATE, cells)
    if suggestion is not None and suggestion.mapping is not None:
        assert _cured(DATE, cells, suggestion) == [f'{{"f":"{day.isoformat()}"}}' for day, _ in meant]
