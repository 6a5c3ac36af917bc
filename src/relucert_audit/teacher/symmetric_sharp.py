"""The Lipschitz constant called "sharp" at symmetric points: docs/theorem/teacher.md section 7, Theorem B' with
multiplicities, by the exact sums over blocks of coordinates in docs/audit.md."""

from typing import NamedTuple

from relucert_audit.exact import Symmetric
from relucert_audit.format import Dyadic
from relucert_audit.interval import Interval, dyadic, maximum, minimum, pi, root
from relucert_audit.teacher import sharp
from relucert_audit.teacher.sharp import Frame, Other, Row, Turn
from relucert_audit.teacher.symmetric import ZERO, Pair, SymmetricLandscape


class Orbit(NamedTuple):
    """`number` vectors z that a neuron w meets, alike under the permutations that fix w. height: (+-) |n_z|;
    sums: of A z - C w over each block, so that of nbar times its length; moved: the block in which those
    permutations move an entry of z, and this entry of A z - C w, less the others there."""

    number: int
    kind: int
    pair: Pair
    height: Interval
    sums: list[int]
    moved: tuple[int, int] | None


def lipschitz_sharp(at: SymmetricLandscape, radius: Dyadic) -> Interval:
    """On the ball of this radius below every |w_i|."""
    return minimum([at.lipschitz(radius), theorem_b_sharp(at, dyadic(*radius))])


def theorem_b_sharp(at: SymmetricLandscape, rho: Interval) -> Interval:
    n, unit = sum(x.size for _, x in at.neurons), dyadic(1, 2 * at.exponent)
    pairs = {(x, y): pair for x, y, _, same, pair in at.meetings if not same}
    cosines = {key: pair.cosine for key, pair in pairs.items()}
    products = {key: pair.c * unit for key, pair in pairs.items()}
    ones, squares = [dyadic(1, 0) for _ in at.neurons], [a * unit for a in at.squares]
    units = root(stretch(at, ones, cosines)) if n > 1 else ZERO
    frame = Frame(n, at.k, units, root(1 + stretch(at, squares, products)))
    return sharp.from_rows([row_of(at, j, rho) for j, _ in at.neurons], frame, rho)


def stretch(
    at: SymmetricLandscape, squares: list[Interval], products: dict[tuple[int, int], Interval]
) -> Interval:
    """Upper bound of the largest eigenvalue of the neurons' matrix with these entries, on the diagonal and
    off it, which commutes with the permutations."""
    sizes = [x.size for _, x in at.neurons]

    def entry(b: int, c: int) -> Interval:
        return products.get((b, c), ZERO)  # 0 for a single neuron of its kind

    level = [squares[b] - entry(b, b) for b, _ in at.neurons]
    full = [[entry(b, c) * p * q for c, q in enumerate(sizes)] for b, p in enumerate(sizes)]
    for b, p in enumerate(sizes):
        full[b][b] += level[b] * p
    return maximum([norm_of(at.fixed(full, sizes)), *(level[b] for b, p in enumerate(sizes) if p > 1)]).b


def norm_of(h: Symmetric) -> Interval:
    return sharp.eigenvalue(h.mantissa, h.exponent, h.error)


def row_of(at: SymmetricLandscape, j: int, rho: Interval) -> Row:
    near: list[Other] = []
    far: list[Other] = []
    pulling, orbits = [], orbits_of(at, j)
    for x in orbits:
        neuron, length = x.kind < at.first_target, at.norms[x.kind]
        acute = Turn(x.pair.sine, abs(x.pair.cosine))
        other = Other(x.number, neuron, length, sharp.tilt(rho if neuron else ZERO, length), acute)
        if sharp.is_far(x.pair.share):
            far.append(other)
            pulling.append(x)
        else:
            near.append(other)
    sizes = blocks_of(at, j)
    return Row(at.norms[j], near, far, bend(at, j, orbits, sizes), skewness(at, pulling, sizes))


def blocks_of(at: SymmetricLandscape, j: int) -> list[int]:
    """Sizes of the blocks of coordinates: the classes, less the neuron's own index, which comes last."""
    home = at.kinds[j].home
    return [p - (c == home) for c, p in enumerate(at.sizes)] + [1] * (home is not None)


def orbits_of(at: SymmetricLandscape, j: int) -> list[Orbit]:
    w, sizes, found = at.kinds[j], blocks_of(at, j), []
    for x, y, number, same, pair in at.meetings:
        if x != j:
            continue
        z = at.kinds[y]
        across, own = pair.a * z.generic - pair.c * w.generic, pair.a * z.own
        sums = [size * int(across[c]) for c, size in enumerate(sizes[: at.m])]
        if w.home is not None:
            sums.append(int(across[w.home]) - pair.c * w.own + (own if same else 0))
        moved = None if same or z.home is None else (z.home, own)
        if moved:
            sums[moved[0]] += own
        height = pair.pull * 2 * pi() * at.norms[j]
        found.append(Orbit(number // w.size, y, pair, height, sums, moved))
    return found


def bend(at: SymmetricLandscape, j: int, orbits: list[Orbit], sizes: list[int]) -> Interval:
    """|B_i|: on vectors that are constant on blocks, and on those of sum 0 on one block."""
    w, places = at.kinds[j], [r for r, size in enumerate(sizes) if size]
    own = [size * int(w.generic[c]) for c, size in enumerate(sizes[: at.m])]
    own += [int(w.generic[w.home]) + w.own] if w.home is not None else []
    total = sum((x.height * x.number for x in orbits), ZERO)
    apart = dict.fromkeys((r for r in places if sizes[r] > 1), total)
    full = [[-total * (own[r] * own[q]) / at.squares[j] for q in places] for r in places]
    for r, row in zip(places, full, strict=True):
        row[places.index(r)] += total * sizes[r]
    for x in (x for x in orbits if x.pair.area):
        weight = x.height / (x.pair.a * x.pair.area)
        for r, row in zip(places, full, strict=True):
            for i, q in enumerate(places):
                row[i] += weight * (x.number * x.sums[r] * x.sums[q])
        if x.moved and x.moved[0] in apart:
            apart[x.moved[0]] += weight * x.moved[1] ** 2
    common = norm_of(at.fixed(full, [sizes[r] for r in places]))
    return maximum([common, *(abs(x) for x in apart.values())]).b


def skewness(at: SymmetricLandscape, far: list[Orbit], sizes: list[int]) -> Interval:
    """g without C."""
    size, total = ZERO, [ZERO for _ in sizes]
    for x in far:
        along = at.norms[x.kind] * x.pair.cosine * (x.number if x.kind < at.first_target else -x.number)
        size += abs(along)
        length = root(dyadic(x.pair.a * x.pair.area, 0))
        total = [y + along * part / length for y, part in zip(total, x.sums, strict=True)]
    mean = root(sum((y**2 / p for y, p in zip(total, sizes, strict=True) if p), ZERO))
    return minimum([2 * size, 2 * mean + 2 * size / (3 * root(dyadic(3, 0)))]).b
