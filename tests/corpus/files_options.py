"""Files that are read as their job options and mappings say."""

from collections.abc import Iterator

from tests.corpus.file_case import Failure, FileCase, RowError, raw, text

TWO = ({"key": "article", "type": "text", "required": True}, {"key": "quantity", "type": "number"})
ONE = ({"key": "article", "type": "text"},)
DAYS = ({"key": "day", "type": "date"}, {"key": "until", "type": "date"})
LAMP, RUG = {"article": "Lamp", "quantity": 1}, {"article": "Rug", "quantity": 2}
NO_DATE = "invalid_date"


def _reading() -> Iterator[FileCase]:
    # Commas are in every line, so that detection alone would take them.
    places = "article;quantity,place\nLamp, Leeds;1,Cork\nRug, Perth;2,Cork\n"
    for value in (";", "semicolon"):
        yield FileCase(
            f"delimiter={value}",
            text(places),
            [{"article": "Lamp, Leeds"}, {"article": "Rug, Perth"}],
            found={"delimiter": ";"},
            options={"delimiter": value},
            fields=ONE,
        )
    for value, delimiter in {"tab": "\t", "pipe": "|", "comma": ",", "~": "~", ":": ":"}.items():
        yield FileCase(
            f"delimiter={value}",
            text("article,quantity\nLamp,1\nRug,2\n".replace(",", delimiter)),
            [LAMP, RUG],
            found={"delimiter": delimiter},
            options={"delimiter": value},
            fields=TWO,
        )
    quoted = "article,quantity\n\"Lamp\",1\n'Rug',2\n"
    for value, quote, articles in (
        ("none", None, ['"Lamp"', "'Rug'"]),
        ("single", "'", ['"Lamp"', "Rug"]),
        ("double", '"', ["Lamp", "'Rug'"]),
        ("'", "'", ['"Lamp"', "Rug"]),
    ):
        yield FileCase(
            f"quote={value}",
            text(quoted),
            [{"article": article, "quantity": number} for number, article in enumerate(articles, 1)],
            found={"quote": quote},
            options={"quote": value},
            fields=TWO,
        )
    yield FileCase(
        "quote=none keeps a line that ends in a quote's cell",
        text('article,quantity\n"Lamp,1\nRug,2\n'),
        [{"article": '"Lamp', "quantity": 1}, RUG],
        options={"quote": "none"},
        fields=TWO,
    )
    # The bytes are letters in each of these.
    cells = b"article,quantity\n\xe4\xf6\xfc,1\n"
    for encoding, article in {"cp1252": "äöü", "ISO-8859-1": "äöü", "cp1251": "дць", "cp1253": "δφό"}.items():
        yield FileCase(
            f"encoding={encoding}",
            raw(cells),
            [{"article": article, "quantity": 1}],
            options={"encoding": encoding},
            fields=TWO,
        )
    for encoding in ("utf-16", "utf-16-le", "shift_jis", "utf-8-sig", "gb18030", "utf-32"):
        yield FileCase(
            f"encoding={encoding}",
            text("article,quantity\n梯子,1\nx,y\n", encoding),
            [{"article": "梯子", "quantity": 1}],
            [RowError(2, 3, "quantity", "invalid_number", "y")],
            options={"encoding": encoding},
            fields=TWO,
        )
    yield FileCase(
        "encoding=utf-16 for a file that is not",
        text("article,quantity\nLamp,1\n"),
        failure=Failure("unsupported_format", "not in the encoding utf-16"),
        options={"encoding": "utf-16"},
        fields=TWO,
    )
    yield FileCase(
        "encoding=utf-8 keeps rows of another encoding out",
        raw("article,quantity\nLamp,1\nKühlschrank,2\nBürostuhl,3\nRug,2\n".encode("cp1252")),
        [LAMP, RUG],
        [
            RowError(2, 3, "article", "invalid_character", "K\ufffdhlschrank"),
            RowError(3, 4, "article", "invalid_character", "B\ufffdrostuhl"),
        ],
        options={"encoding": "utf-8"},
        fields=TWO,
    )
    yield FileCase(
        "header_row=3",
        text("article,quantity\nChair,9\narticle,quantity\nLamp,1\n,3\nRug,2\n"),
        [LAMP, RUG],
        [RowError(2, 5, "article", "required", "")],
        found={"headerRow": 3},
        options={"header_row": "3"},
        fields=TWO,
    )
    yield FileCase(
        "header_row counts empty lines and records, not lines",
        text('"Stock\nlist"\n\narticle,quantity\nLamp,1\nRug,x\n'),
        [LAMP],
        [RowError(2, 6, "quantity", "invalid_number", "x")],
        found={"headerRow": 3},
        options={"header_row": "3"},
        fields=TWO,
    )
    yield FileCase(
        "header_row behind the end",
        text("article,quantity\nLamp,1\n"),
        failure=Failure("header_missing", "no record 9 to be its header"),
        options={"header_row": "9"},
        fields=TWO,
    )
    yield FileCase(
        "options of several kinds at once",
        raw("Liste\narticle~quantity\n'L~mp'~1\n'Stühle\n'~x\nRug~2".encode("cp1252")),
        [{"article": "L~mp", "quantity": 1}, RUG],
        [RowError(2, 4, "quantity", "invalid_number", "x")],
        options={"delimiter": "~", "quote": "single", "encoding": "cp1252", "header_row": "2"},
        fields=TWO,
    )


def _dates() -> Iterator[FileCase]:
    yield FileCase(
        "date_formats for every date field",
        text("day,until\n31/12/2024,1/2/2025\n2024-12-30,45292\n12/31/2024,\n"),
        [{"day": "2024-12-31", "until": "2025-02-01"}, {"day": "2024-12-30", "until": "2024-01-01"}],
        [RowError(3, 4, "day", NO_DATE, "12/31/2024")],
        options={"date_formats": "DD/MM/YYYY"},
        fields=DAYS,
    )
    yield FileCase(
        "several date_formats, and a day that two of them read differently",
        text("day,until\n31/12/2024,12/31/2024\n03/04/2024,2024-03-04\n05/05/2024,\n1. Mar 24,\n"),
        [{"day": "2024-12-31", "until": "2024-12-31"}, {"day": "2024-05-05"}, {"day": "2024-03-01"}],
        [RowError(2, 3, "day", NO_DATE, "03/04/2024")],
        options={"date_formats": ["DD/MM/YYYY", "MM/DD/YYYY", "%d. %b %y"]},
        fields=DAYS,
    )
    yield FileCase(
        "a mapping's date_formats come before the job's",
        text("day,until\n03/04/2024,03/04/2024\n"),
        [{"day": "2024-03-04", "until": "2024-04-03"}],
        options={"date_formats": "DD/MM/YYYY"},
        mapping={"day": {"field": "day", "date_formats": ["MM/DD/YYYY"]}, "until": "until"},
        fields=DAYS,
    )


def _transforms() -> Iterator[FileCase]:
    choices = [{"value": "m", "label": "Male"}, {"value": "f", "label": "Female"}, {"value": "x"}]
    yield FileCase(
        "values and default",
        text("Kind;Paid\nM;bezahlt\nweiblich;offen\n;\ndivers;vielleicht\n"),
        [{"kind": "m", "paid": True}, {"kind": "f", "paid": False}, {"kind": "x", "paid": False}],
        [
            RowError(4, 5, "kind", "invalid_option", "divers"),
            RowError(4, 5, "paid", "invalid_boolean", "vielleicht"),
        ],
        mapping={
            "Kind": {"field": "kind", "values": {"männlich": "m", "weiblich": "f"}, "default": "x"},
            "Paid": {"field": "paid", "values": {"bezahlt": True, "offen": False}, "default": False},
        },
        fields=[{"key": "kind", "type": "select", "options": choices}, {"key": "paid", "type": "checkbox"}],
    )
    yield FileCase(
        "case, normalize and separator",
        text(
            "Article,Code,Post,Phone,Mail,Tags\n"
            "steel LADDER,ab-1,k1a0b6,(613) 555-0123 ext. 4,Shop@Example.org,red|blue\n"
            "garden hose,b,K1A 0B6,555-0123,shop at example,red|green\n"
        ),
        [
            {
                "article": "Steel Ladder",
                "code": "AB-1",
                "post": "K1A 0B6",
                "phone": "+16135550123",
                "mail": "shop@example.org",
                "tags": ["red", "blue"],
            }
        ],
        [
            RowError(2, 3, "phone", "invalid_phone", "555-0123"),
            RowError(2, 3, "mail", "invalid_email", "shop at example"),
            RowError(2, 3, "tags", "invalid_option", "red|green"),
        ],
        mapping={
            "Article": {"field": "article", "case": "title"},
            "Code": {"field": "code", "case": "upper"},
            "Post": {"field": "post", "normalize": "postal_code"},
            "Phone": {"field": "phone", "normalize": "phone"},
            "Mail": {"field": "mail", "normalize": "email"},
            "Tags": {"field": "tags", "separator": "|"},
        },
        fields=[
            *({"key": key, "type": "text"} for key in ("article", "code", "post")),
            {"key": "phone", "type": "phone"},
            {"key": "mail", "type": "email"},
            {"key": "tags", "type": "multiselect", "options": [{"value": "red"}, {"value": "blue"}]},
        ],
    )
    yield FileCase(
        "headers are matched ignoring case, spaces and punctuation, others left out",
        text("ARTICLE , other;x, Quan-tity\nLamp,y,1\n"),
        [LAMP],
        fields=TWO,
    )
    yield FileCase(
        "a header of a required field that the mapping names and the file lacks",
        text("article,quantity\nLamp,1\n"),
        failure=Failure("mapped_header_missing", "Thing"),
        mapping={"Thing": "article", "quantity": "quantity"},
        fields=TWO,
    )
    yield FileCase(
        "a header that the mapping names and the file lacks",
        text("article,quantity\nLamp,1\n"),
        [{"article": "Lamp"}],
        mapping={"article": "article", "Price": "quantity"},
        fields=TWO,
    )


CASES: tuple[FileCase, ...] = (*_reading(), *_dates(), *_transforms())
