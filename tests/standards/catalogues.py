"""Made-up catalogues as hypothesis draws them."""

from hypothesis import strategies as st

from lifang.standards.choices import CategoryKind, LimitUnit
from lifang.standards.rules import (
    CatalogueDoc,
    CategoryDoc,
    ConditionDoc,
    clean_name,
    clean_text,
    clean_words,
)

names = st.text(min_size=1, max_size=20).map(clean_name).filter(bool)
texts = st.text(min_size=1, max_size=40).map(clean_text).filter(bool)
limits = st.decimals("0.01", "99999", places=2)


@st.composite
def conditions(draw: st.DrawFn, number: int, default: bool) -> ConditionDoc:
    return ConditionDoc(
        number=number,
        text=draw(texts),
        limit=draw(limits),
        unit=draw(st.sampled_from(LimitUnit.values)),
        closing=draw(texts),
        photos_before=draw(st.integers(0, 9)),
        photos_after=draw(st.integers(0, 9)),
        default=default,
        active=draw(st.booleans()),
    )


@st.composite
def categories(draw: st.DrawFn, *, kind: str, code: str, key: str, parent: str) -> CategoryDoc:
    n = draw(st.integers(0, 3))
    default = draw(st.integers(1, n)) if n else 0
    return CategoryDoc(
        kind=kind,
        code=code,
        key=key,
        name=draw(names),
        parent=parent,
        words=draw(st.text(max_size=20).map(clean_words)),
        help=draw(st.text(max_size=20).map(clean_text)),
        public=draw(st.booleans()),
        priority=draw(st.integers(0, 9)),
        order=int(code),
        active=draw(st.booleans()),
        conditions=tuple(draw(conditions(i, i == default)) for i in range(1, n + 1)),
    )


@st.composite
def catalogues(draw: st.DrawFn) -> CatalogueDoc:
    found: list[CategoryDoc] = []
    for kind in CategoryKind.values:
        for i in range(1, draw(st.integers(0, 2)) + 1):
            major = f"{i:02}"
            key = f"{kind}-m{i}"
            found.append(draw(categories(kind=kind, code=major, key=key, parent="")))
            for j in range(1, draw(st.integers(0, 2)) + 1):
                minor = f"{major}{j:02}"
                found.append(draw(categories(kind=kind, code=minor, key=f"{key}.n{j}", parent=key)))
    return CatalogueDoc("made", "1", "目录", "", tuple(found))
