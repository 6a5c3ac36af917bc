"""The blocks of the Hessian, each in a basis in which s = 0 is an ordinary point (docs/theorem/uniform.md, A).

For one pair of neurons u.Hess f.u is (h = |w||v| sin, kap_w = u_w.w/|w|^2, n_v the part of v orthogonal to w)

    2 pi D^2 f = (n_v.u_w + n_w.u_v)^2/h - h (kap_w - kap_v)^2 + h |u_w|^2/|w|^2 + h |u_v|^2/|v|^2 + 2 (pi - t) u_w.u_v,

so that a block is a sum of few terms of rank 1. All forms here are 2 pi times those of the Hessian."""

from collections.abc import Sequence
from typing import NamedTuple

from relucert_audit.interval import dyadic, pi
from relucert_audit.uniform.dual import Dual, root, square
from relucert_audit.uniform.system import Geometry, geometry

Row = Sequence[Dual | None]  # a linear form in the coefficients of the basis; None stands for 0


class Form:
    """A symmetric bilinear form: the entries on and above the diagonal, and those of the Gram matrix."""

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size
        places = [(i, j) for i in range(size) for j in range(i, size)]
        self.form = {place: Dual(dyadic(0, 0)) for place in places}
        self.gram = dict(self.form)

    def add(self, weight: Dual, u: Row) -> None:
        """Add weight u u^T."""
        for i, x in enumerate(u):
            if x is not None:
                part = weight * x
                for j in range(i, self.size):
                    if (y := u[j]) is not None:
                        self.form[i, j] += part * y

    def add_both(self, weight: Dual, u: Row, v: Row) -> None:
        """Add weight (u v^T + v u^T)."""
        for i in range(self.size):
            for j in range(i, self.size):
                for x, y in ((u[i], v[j]), (v[i], u[j])):
                    if x is not None and y is not None:
                        self.form[i, j] += weight * x * y

    def add_gram(self, weight: Dual, entries: dict[tuple[int, int], Dual]) -> None:
        """Squared lengths of directions: part of the Gram matrix, and with a weight of the form."""
        for place, x in entries.items():
            self.gram[place] += x
            self.form[place] += weight * x


class Common(NamedTuple):
    """What the blocks share: pi, pi - angle of two neurons, A_i, A_k, a1 = a + (m - 1) b, a2 = a + (m - 2) b."""

    g: Geometry
    x: Sequence[Dual]
    one: Dual
    whole: Dual
    ww: Dual
    wk: Dual
    A: Dual
    Ak: Dual
    a1: Dual
    a2: Dual
    t: Dual  # 1/sqrt(1 - 2 s^2), so that 1/sqrt(m - 1) = s t


def common(x: Sequence[Dual], s: Dual) -> Common:
    g, whole = geometry(x, s), Dual(pi())
    half = Dual(whole.v / 2)
    one = Dual(dyadic(1, 0))
    return Common(
        g, x, one, whole, half + g.s4 * g.arc_ww, half + g.s2 * g.arc_wk, g.s2 * g.A2,
        g.s2 * g.B2 - g.s * g.y / g.r, g.a + g.s2 * x[1] * (1 - 2 * g.s2), g.a + g.s2 * x[1] * (1 - 3 * g.s2),
        1 / root(1 - 2 * g.s2),
    )  # fmt: skip


def blocks(x: Sequence[Dual], s: Dual) -> list[Form]:
    """All blocks of the Hessian in R^(k d), d > k: of R^(k k) first, then of the coordinates beyond k."""
    c = common(x, s)
    return [standard(c), trivial(c), symmetric(c), alternating(c), outside(c)]


def plus(u: Row, weight: Dual, v: Row) -> list[Dual | None]:
    """u + weight v."""
    out: list[Dual | None] = []
    for x, y in zip(u, v, strict=True):
        out.append(x if y is None else weight * y if x is None else x + weight * y)
    return out


def standard(of: Common) -> Form:
    """For y in R^m with sum 0 and |y| = 1, and s t = 1/sqrt(m - 1):
    u_i = y_i e_i | s t y_i sum_{j != i} e_j | s^2 t sum_{j != i} y_j e_j | y_i e_k, and u_k = sum_j y_j e_j."""
    g, (_, be, ga, ep, _), t, one = of.g, of.x, of.t, of.one
    s, s2, s4, p2, z = g.s, g.s2, g.s4, g.p2, g.z
    s3 = s * s2
    out = Form("standard", 5)
    # sum |u_i|^2 and |u_k|^2
    cross = -(s3 * square(t))
    out.add_gram(of.whole + of.A - of.ww, {(0, 0): one, (1, 1): one, (2, 2): s2, (3, 3): one, (1, 2): cross})
    out.add_gram(of.whole + of.Ak, {(4, 4): one})
    # pi - angle: |sum u_i|^2, and sum u_i . u_k twice
    total: Row = [one, -(s * t), 1 / t, None, None]
    last: Row = [None, None, None, None, one]
    out.add(of.ww, total)
    out.add_both(of.wk, total, last)
    # u_i.w_i = kap y_i
    kap: Row = [g.a, s3 * be / t, -(s2 * s4 * t * be), s2 * ga, None]
    out.add(-((of.A + g.sin_ww) / p2), kap)
    # two of the first k - 1: u_i.n_j = alp y_i + bet y_j, and alp + bet = s rho
    rho: Row = [s3 * be, t * of.a2, s * t * (g.a - 2 * s4 * be), s * ga, None]
    out.add((1 - 3 * s2) / (p2 * g.sin_ww), plus(rho, -(s3 * g.C / p2), kap))
    # w_i and w_k
    the: Row = [s2 * ep, s * ep / t, -(s4 * t * ep), g.f, g.a - s4 * be]
    out.add(1 / (g.p * g.r * g.sin_wk), plus(the, -(s2 * g.D / p2), kap))
    # targets: e_j, e_i and e_k with w_i, and e_i with w_k
    eps = plus([None, t, None, None, None], -(s3 * be / p2), kap)
    out.add(-((1 - 2 * s2) / (g.p * g.sin_ij)), eps)
    third: Row = [None, None, t, None, None]
    out.add(-(s2 * (1 - 2 * s2) / (g.p * g.sin_ij)), third)
    out.add_both(s3 / (g.p * g.sin_ij), eps, third)
    back = g.a / p2
    nu: Row = [s2 * g.z2 / p2, -(back * s * be / t), back * s4 * t * be, -(back * ga), None]
    out.add(-(s2 / z), nu)
    out.add(-(1 / (g.p * g.sin_ik)), plus([None, None, None, one, None], -(s2 * ga / p2), kap))
    out.add(-(1 / (g.r * g.sin_ki)), last)
    return out


def trivial(of: Common) -> Form:
    """u_i = s e_i/sqrt m | s sum_{j != i} e_j/sqrt(m (m - 1)) | s e_k/sqrt m, and u_k = sum_j e_j/sqrt m | e_k."""
    g, (_, be, ga, ep, _), t, one = of.g, of.x, of.t, of.one
    s, s2, s4, p2, r2 = g.s, g.s2, g.s4, g.p2, g.r2
    s3, n1, n2, q = s * s2, g.q2, 1 - 2 * g.s2, 1 / root(g.q2)
    out = Form("trivial", 5)
    out.add_gram(of.whole + of.A - of.ww, {(0, 0): s2, (1, 1): s2, (2, 2): s2})
    out.add_gram(of.whole + of.Ak, {(3, 3): one, (4, 4): one})
    # pi - angle: |sum u_i|^2, and sum u_i . u_k twice; sum u_i = (along sum e_j)/sqrt m + (across) e_k
    along: Row = [s, 1 / t, None, None, None]
    out.add(of.ww, along)
    out.add(of.ww * n1, [None, None, one, None, None])
    out.add_both(of.wk, along, [None, None, None, one, None])
    out.add_both(of.wk / q, [None, None, one, None, None], [None, None, None, None, one])
    # u_i.w_i = s^2 kap, u_k.w_k = kk
    kap: Row = [q * g.a, q * s3 * be / t, q * s2 * ga, None, None]
    kk: Row = [None, None, None, s * ep / q, g.f]
    out.add(n1 / p2 * (n2 * g.sin_ww - s4 * g.A2), kap)
    out.add_both(n1 * g.sin_wk / (g.p * g.r), kap, kk)
    out.add(-(of.Ak / r2), kk)
    # two of the first k - 1: u_i.n_j = s^3 alp
    alp = plus([q * s3 * be, q * t * of.a2, q * s * ga, None, None], -(s3 * g.C / p2), kap)
    out.add(2 * s2 * n1 * n2 / (p2 * g.sin_ww), alp)
    # w_i and w_k: u_i.n_k + u_k.n_i = s the
    the: Row = [q * s3 * ep, q * s2 * ep / t, q * s * g.f, q * of.a1, s * ga]
    the = plus(plus(the, -(s3 * g.D / p2), kap), -(s * g.D / r2), kk)
    out.add(n1 / (g.p * g.r * g.sin_wk), the)
    # targets: e_j, e_i, e_k with w_i
    eps = plus([None, q * t, None, None, None], -(s3 * be / p2), kap)
    out.add(-(s2 * n1 * n2 / (g.p * g.sin_ij)), eps)
    back = q * g.a / p2
    nu: Row = [q * s2 * g.z2 / p2, -(back * s * be / t), -(back * ga), None, None]
    out.add(-(s4 * n1 / g.z), nu)
    out.add(-(s2 * n1 / (g.p * g.sin_ik)), plus([None, None, q, None, None], -(s2 * ga / p2), kap))
    # targets: e_i and e_k with w_k
    out.add(-(n1 / (g.r * g.sin_ki)), plus([None, None, None, q, None], -(s * ep / r2), kk))
    out.add(-(s * g.y / g.r), [None, None, None, -(g.f / g.r), s * g.y])
    return out


def symmetric(of: Common) -> Form:
    """u_i = sum_j M_ij e_j, M symmetric with diagonal and row sums 0."""
    out = alternating(of)
    out.name = "(m-2,2)"
    b = of.g.s4 * of.x[1]
    out.add(2 * square(of.g.a - b) / (of.g.p2 * of.g.sin_ww), [of.one])
    return out


def alternating(of: Common) -> Form:
    """u_i = sum_j M_ij e_j, M antisymmetric with row sums 0."""
    out = Form("(m-2,1,1)", 1)
    out.add_gram(of.whole + of.A - of.ww - 1 / (of.g.p * of.g.sin_ij), {(0, 0): of.one})
    return out


def outside(of: Common) -> Form:
    """Theorem M: u_i = s y/sqrt m and u_k = y, for y orthogonal to all neurons and targets (d > k). On u_i = y_i y with
    sum y_i = 0 the form is larger than `alternating` by 1/(p sin_ij)."""
    g = of.g
    out = Form("outside", 2)
    out.add_gram(of.whole + of.A - of.ww, {(0, 0): g.s2})
    out.add_gram(of.whole + of.Ak, {(1, 1): of.one})
    out.add(of.ww * g.q2, [of.one, None])
    out.add_both(of.wk * root(g.q2), [of.one, None], [None, of.one])
    return out
