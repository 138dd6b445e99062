"""Rich text of many tags becomes the same in the product and in the twin.

Apart from the other cases: patterns that need backtracking would take too long for texts of this length.
"""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from import_worker.forms.types.markup import MAX_MARKS, sanitise_markup
from tests.agreement.characters import odd_text
from tests.agreement.contacts import MARKUP
from tests.twin.markup import sanitise

PIECES = (
    "<p>", "</p>", "<li>", "</li>", "<ul>", "</ul>", "<b>", "</b>", "<P class=x>", "</B >", "<!-- ", "-->", "<!-->",
    "<br>", "<br/>", "</br>", "<", "</", "<a href='https://e.org/'>", "</a>", "<opTION>", "</Option", "<script",
    "</SCRIPT>", "<?x>", "</>", "</ p>", "<b\u00a0x>", "<p/>", "x", "\u0130", "<b\u2028>", "<!x>", "<textarea>",
    "</textarea>", "<noscript>", "</noscript\t>", "<ol", ">", '"', "<span title='", "<blockquote>", "<em>", "</em><i>",
    "&lt;", "&nbsp;",
)  # fmt: skip

pieces = st.one_of(st.sampled_from(PIECES), st.sampled_from(PIECES), st.sampled_from(MARKUP), odd_text)
EXAMPLES = 100


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(pieces, min_size=1, max_size=40), st.integers(1, 40))
def test_texts_of_many_tags_are_simplified_alike(parts: list[str], times: int) -> None:
    text = "".join(parts) * times
    for piece in ("<p>", "</ul>", "<b>", "<"):
        long = text + piece * (MAX_MARKS + 1)
        assert (sanitise_markup(long) == sanitise(long)) is True, parts
