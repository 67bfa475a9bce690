"""Many messages at once: which speak of the same matter, and which would be made one without asking.

Needs numpy, scipy and scikit-learn (the extra ``understanding``).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from lifang.core import geo
from lifang.core.errors import Invalid
from lifang.understanding.alike import names as said
from lifang.understanding.alike.text import TITLE, features

#: a message is asked for together with its nearest: so many, each by its likeness to this power
NEIGHBOURS = 15
POWER = 2.0
EXPANSION = 1.5
#: messages that share a name become one from this mean likeness on (docs/understanding.md has how it
#: was chosen: on pairs of our own and on real messages other than those it is judged by)
BOUND = 0.55
#: these are the same words: no name has to be shared
VERBATIM = 0.75
#: and of these, about the same division, so much is taken for a shared name
OF_ONE_DIVISION = 0.4
#: groups of so many are joined where most of both name the same thing; and
#: who names nothing joins a group of at least `CROWD` if so many of the nearest `VOTERS` are in it and
#: the mean likeness to it is `CROWD_BOUND`
NAMESAKES = 3
CROWD, VOTERS, VOTES, CROWD_BOUND = 4, 10, 6, 0.6
#: with positions, this near counts as a shared name, and farther than that is another matter (metres)
NEAR, FAR = 150.0, 1_000.0
#: and so is what was said a year earlier (seconds)
AGO = 365 * 86_400.0
#: a key in more texts than this is no name
COMMON_SHARE, COMMON_LEAST, COMMON_MOST = 0.03, 60, 400
_ROWS = 256
_PAIRS = 20_000
#: the largest tangle that is clustered exactly, as its distances take n² / 2 numbers
TANGLE = 4_000
#: pairs below the first are not looked at; the others cut a tangle that is too large
CUTS = (BOUND / 2, BOUND, 0.6, 0.8)


@dataclass(frozen=True)
class Message:
    id: str
    title: str
    text: str
    #: seconds since any one moment, and WGS-84 degrees, where they are known
    time: float | None = None
    lng: float | None = None
    lat: float | None = None

    @property
    def whole(self) -> str:
        return f"{self.title} {self.text}"


def _metres(a: Message, b: Message) -> float | None:
    if a.lng is None or a.lat is None or b.lng is None or b.lat is None:
        return None
    return geo.metres((a.lng, a.lat), (b.lng, b.lat))


def _elsewhere(a: Message, b: Message) -> bool:
    """Too far apart in place or time to be one matter, as far as either is known."""
    away = _metres(a, b)
    if away is not None and away > FAR:
        return True
    return a.time is not None and b.time is not None and abs(a.time - b.time) > AGO


class Corpus:
    """Messages as rows of a sparse matrix, each of length 1."""

    def __init__(self, messages: Sequence[Message]) -> None:
        try:
            import numpy as np
            import scipy.sparse as sparse
            from sklearn.feature_extraction.text import TfidfVectorizer
        except ImportError as missing:
            raise Invalid(
                "understanding.extra",
                _("缺少程序包 %(name)s，请先安装：pip install 'lifang[understanding]'")
                % {"name": missing.name},
            ) from missing
        self._np, self._sparse = np, sparse
        self.messages = messages

        def table(texts: list[str]) -> Any:
            made = TfidfVectorizer(analyzer=features, sublinear_tf=True, dtype=np.float32)
            try:
                return made.fit_transform(texts)
            except ValueError:  # not one letter in any of them
                return sparse.csr_matrix((len(texts), 1), dtype=np.float32)

        whole = table([m.whole for m in messages])
        titles = table([m.title for m in messages])
        share = 1 / (1 + TITLE)
        self.rows = sparse.hstack([whole * share**0.5, titles * (TITLE * share) ** 0.5]).tocsr()
        self._names = [said.names(m.whole) for m in messages]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for i, keys in enumerate(self._names):
            for key in keys:
                self._holders[key].append(i)
        self._nearest, self._near = self._neighbours()
        self.expanded = self._expand()

    def _neighbours(self) -> tuple[Any, Any]:
        """The nearest of each message, and how alike they are: two arrays of (n, k)."""
        np = self._np
        n = len(self.messages)
        k = max(1, min(NEIGHBOURS, n - 1))
        nearest = np.zeros((n, k), dtype=np.int64)
        near = np.zeros((n, k), dtype=np.float32)
        other = self.rows.T.tocsc()
        for start in range(0, n, _ROWS):
            block = (self.rows[start : start + _ROWS] @ other).toarray()
            lines = np.arange(len(block))
            block[lines, lines + start] = -1.0
            found = np.argpartition(-block, k - 1, axis=1)[:, :k]
            nearest[start : start + len(block)] = found
            near[start : start + len(block)] = np.clip(block[lines[:, None], found], 0, 1)
        return nearest, near

    def _expand(self) -> Any:
        """Each message with the words of its nearest (query expansion, Rocchio 1971), of length 1."""
        np = self._np
        n, k = self._nearest.shape
        weights = self._sparse.csr_matrix(
            (EXPANSION * self._near.ravel() ** POWER, self._nearest.ravel(), np.arange(0, n * k + 1, k)),
            shape=(n, n),
        )  # fmt: skip
        wide = (self.rows + weights @ self.rows).tocsr()
        length = np.sqrt(np.asarray(wide.multiply(wide).sum(axis=1)).ravel())
        return self._sparse.diags(1 / np.maximum(length, 1e-9)) @ wide

    def _rare(self, key: str) -> bool:
        """Whether a key is a name: what very many say is none."""
        most = min(COMMON_MOST, max(COMMON_LEAST, int(COMMON_SHARE * len(self.messages))))
        return len(self._holders[key]) <= most

    def ranked(self, position: int) -> list[int]:
        """All other messages, the most alike first; equal ones in the order of the corpus."""
        np = self._np
        scores = (self.expanded[position] @ self.rows.T).toarray().ravel()
        scores[position] = -np.inf
        return [int(i) for i in np.argsort(-scores, kind="stable")[:-1]]

    def merged(self) -> list[int]:
        """Which messages would be made one without asking: a group number for each.

        Two messages may be one only if they name the same thing and no different places, or are word
        for word the same. Groups are joined by the mean likeness of all their pairs (average linkage).
        A message that names nothing follows its nearest where these agree.
        """
        areas = [said.divisions(m.whole) for m in self.messages]
        pairs = self._pairs_sharing_names(areas)
        groups = self._joined(pairs, self._scores(pairs))
        self._join_namesakes(groups)
        self._let_go(groups)
        self._follow_the_crowd(groups, areas)
        return groups

    def _pairs_sharing_names(self, areas: Sequence[set[str]]) -> list[tuple[int, int]]:
        pairs = {
            (a, b)
            for key, own in self._holders.items()
            if self._rare(key)
            for n, a in enumerate(own)
            for b in own[n + 1 :]
        }
        verbatim = {
            (min(i, int(j)), max(i, int(j)))
            for i, (others, likes) in enumerate(zip(self._nearest, self._near, strict=True))
            for j, like in zip(others, likes, strict=True)
            if like >= VERBATIM or (like >= OF_ONE_DIVISION and areas[i] & areas[int(j)])
        }
        possible = pairs | verbatim | self._pairs_near()
        return sorted(
            p
            for p in possible
            if not said.apart(areas[p[0]], areas[p[1]])
            and not _elsewhere(self.messages[p[0]], self.messages[p[1]])
        )

    def _pairs_near(self) -> set[tuple[int, int]]:
        """Pairs within ``NEAR`` metres, among each message's nearest in words."""
        return {
            (min(i, int(j)), max(i, int(j)))
            for i, others in enumerate(self._nearest)
            if self.messages[i].lng is not None
            for j in others
            if (away := _metres(self.messages[i], self.messages[int(j)])) is not None
            and away <= NEAR
        }

    def _scores(self, pairs: Sequence[tuple[int, int]]) -> Any:
        np = self._np
        found = [np.zeros(0, dtype=np.float32)]
        for start in range(0, len(pairs), _PAIRS):
            some = np.array(pairs[start : start + _PAIRS])
            a, b = self.expanded[some[:, 0]], self.expanded[some[:, 1]]
            found.append(np.asarray(a.multiply(b).sum(axis=1)).ravel())
        return np.concatenate(found)

    def _nearest_first(self) -> Any:
        np = self._np
        order = np.argsort(-self._near, axis=1, kind="stable")
        return np.take_along_axis(self._nearest, order, axis=1)

    def _joined(self, pairs: Sequence[tuple[int, int]], scores: Any) -> list[int]:
        np = self._np
        n = len(self.messages)
        groups = list(range(n))
        ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        graph = self._sparse.csr_matrix(
            (scores.astype(np.float64), (ends[:, 0], ends[:, 1])), shape=(n, n)
        )
        self._split(graph, list(range(n)), 0, groups)
        return groups

    def _split(self, graph: Any, among: list[int], step: int, groups: list[int]) -> None:
        """Cluster what hangs together; a tangle too large for that is first cut at stronger likeness."""
        from scipy.cluster.hierarchy import fcluster, linkage
        from scipy.sparse.csgraph import connected_components

        np = self._np
        n = len(self.messages)
        part = graph[among][:, among]
        part.data[part.data < CUTS[step]] = 0
        part.eliminate_zeros()
        members: dict[int, list[int]] = defaultdict(list)
        for i, tangle in enumerate(connected_components(part, directed=False)[1]):
            members[int(tangle)].append(i)
        for inside in members.values():
            own = [among[i] for i in inside]
            if len(own) > TANGLE and step + 1 < len(CUTS):
                self._split(graph, own, step + 1, groups)
            elif 1 < len(own) <= TANGLE:
                inner = part[inside][:, inside].toarray()
                far = 1 - np.clip(inner + inner.T, 0, 1)
                tree = linkage(far[np.triu_indices(len(own), 1)], "average")
                for i, group in zip(own, fcluster(tree, 1 - BOUND, "distance"), strict=True):
                    groups[i] = (own[0] + 1) * (n + 1) + int(group)

    def _join_namesakes(self, groups: list[int]) -> None:
        """Groups of which most name the same thing and that are alike on the whole: some of their pairs share no
        name, which kept them apart."""
        np = self._np
        members: dict[int, list[int]] = defaultdict(list)
        for i, group in enumerate(groups):
            members[group].append(i)
        able = {g: own for g, own in members.items() if len(own) >= NAMESAKES}
        named: dict[str, list[int]] = defaultdict(list)
        for group, own in able.items():
            keys = Counter(k for i in own for k in self._names[i])
            for key, n in keys.items():
                if n > len(own) / 2 and self._rare(key):
                    named[key].append(group)
        middles = {
            g: np.asarray(self.expanded[own].mean(axis=0)).ravel() for g, own in able.items()
        }
        becomes = {g: g for g in able}
        for groups_of in named.values():
            for n, a in enumerate(groups_of):
                for b in groups_of[n + 1 :]:
                    if becomes[a] != becomes[b] and float(middles[a] @ middles[b]) >= BOUND:
                        old, new = becomes[b], becomes[a]
                        becomes = {g: new if t == old else t for g, t in becomes.items()}
        for i, group in enumerate(groups):
            groups[i] = becomes.get(group, group)

    def _let_go(self, groups: list[int]) -> None:
        """Whoever came into a crowd by its name alone, and is not like it, stands alone again."""
        np = self._np
        members: dict[int, list[int]] = defaultdict(list)
        for i, group in enumerate(groups):
            members[group].append(i)
        for own in members.values():
            if len(own) < CROWD:
                continue
            middle = np.asarray(self.expanded[own].mean(axis=0)).ravel()
            for i, likeness in zip(own, self.expanded[own] @ middle, strict=True):
                if likeness < CROWD_BOUND:
                    groups[i] = -i - 1

    def _follow_the_crowd(self, groups: list[int], areas: Sequence[set[str]]) -> None:
        np = self._np
        members: dict[int, list[int]] = defaultdict(list)
        for i, group in enumerate(groups):
            members[group].append(i)
        crowds = {g: own for g, own in members.items() if len(own) >= CROWD}
        nearest = self._nearest_first()[:, :VOTERS]
        for i in range(len(groups)):
            votes = Counter(g for j in nearest[i] if (g := groups[int(j)]) in crowds)
            if groups[i] in crowds or not votes:
                continue
            group, n = votes.most_common(1)[0]
            own = crowds[group]
            elsewhere = sum(
                said.apart(areas[i], areas[j]) or _elsewhere(self.messages[i], self.messages[j])
                for j in own
            )
            if n < VOTES or elsewhere > len(own) / 5:
                continue
            middle = np.asarray(self.expanded[own].mean(axis=0)).ravel()
            if float((self.expanded[i] @ middle).item()) >= CROWD_BOUND:
                groups[i] = group
