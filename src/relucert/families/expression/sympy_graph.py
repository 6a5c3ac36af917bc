"""A loss from a SymPy expression. SymPy is an optional package: docs/adr/0015-expressions.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from relucert.base.errors import InputError
from relucert.families.expression.exact_values import Exact
from relucert.families.expression.graph import Builder, Graph

FUNCTIONS = {
    "exp": "exp", "sin": "sin", "cos": "cos", "asin": "asin", "atan": "atan", "tanh": "tanh", "erf": "erf",
    "Abs": "abs",
}  # names of SymPy's classes  # fmt: skip
KNOWN = "+ - * / ** sqrt log pi Max Min " + " ".join(sorted(FUNCTIONS))
SHOWN = 60  # characters of an expression in a message
SMALL = 24  # subexpressions of one that SymPy prints
OUTLINE_DEPTH, OUTLINE_ARGUMENTS = 3, 3  # of one that it does not
INFIX = {"Add": " + ", "Mul": "*", "Pow": "**"}


def sympy() -> Any:
    """The package. Raises InputError where it is not installed."""
    try:
        import sympy as found
    except ImportError as error:
        raise InputError(
            "SymPy is not installed: pip install 'relucert[expressions]', or write the loss in Python (Loss.trace)"
        ) from error
    return found


class _Walk(NamedTuple):
    sp: Any
    build: Builder
    places: dict[Any, int]  # nodes of expressions
    exact: Exact


def from_sympy(expr: Any, variables: Sequence[Any], constraints: Sequence[Any] = ()) -> Graph:
    """The graph of an expression of the variables, in this order. Raises InputError."""
    sp = sympy()
    walk = _Walk(sp, Builder(), {}, Exact())
    for i, x in enumerate(_variables(sp, variables)):
        if x in walk.places:
            raise InputError(f"the variable {x} is given twice")
        walk.places[x] = walk.build.add("param", i, place=str(x))
    roots = [
        _root(walk, e, what) for e, what in [(expr, "the loss"), *((c, "a constraint") for c in constraints)]
    ]
    graph = walk.build.graph(roots[0], len(variables), constraints=roots[1:])
    walk.exact.warn()
    return graph


def _variables(sp: Any, given: Any) -> list[Any]:
    found = list(given) if not isinstance(given, sp.Basic) or isinstance(given, sp.MatrixBase) else [given]
    for x in found:
        if not isinstance(x, sp.Expr):
            raise InputError(
                f"variables: {x!r} is not a symbol of SymPy; give them as sympy.symbols makes them"
            )
    return found


def _root(walk: _Walk, expr: Any, what: str) -> int:
    expr = walk.sp.sympify(expr)
    if not isinstance(expr, walk.sp.Expr) or expr.is_Matrix:
        raise InputError(
            f"{what} is {_shown(expr)}, not an expression that is a number; give one entry, or a sum"
        )
    for part in _after_their_parts(walk, expr):
        try:
            walk.places[part] = _node(walk, part)
        except InputError as error:
            raise InputError(f"{error}; in {_shown(expr)}") from error
    return walk.places[expr]


def _after_their_parts(walk: _Walk, expr: Any) -> Iterator[Any]:
    """Subexpressions without a node, each after those that it needs; not recursive."""
    stack = [(expr, False)]
    while stack:
        part, ready = stack.pop()
        if part in walk.places:
            continue
        if ready:
            yield part
        else:
            stack.append((part, True))
            stack += [(x, False) for x in reversed(_needed(walk.sp, part)) if x not in walk.places]


def _needed(sp: Any, part: Any) -> list[Any]:
    """What a node needs: the arguments, without exponents that are numbers, or those of a known pattern."""
    found = _pattern(sp, part)
    if found is not None:
        return [found[1]]
    if isinstance(part, sp.Pow) and isinstance(part.exp, sp.Rational):
        return [part.base]
    if isinstance(part, sp.Pow) and part.base is sp.E:
        return [part.exp]
    if isinstance(part, sp.Mul):
        below = [_inverted(sp, x) for x in part.args if _inverse(sp, x)]
        return [x for x in part.args if not _inverse(sp, x)] + below
    if isinstance(part, sp.Number | sp.NumberSymbol):
        return []
    return list(part.args)


def _inverse(sp: Any, x: Any) -> bool:
    """Whether a factor is written as a divisor."""
    if not (isinstance(x, sp.Pow) and isinstance(x.exp, sp.Rational)):
        return False
    return bool(x.exp < 0) and _pattern(sp, x) is None


def _inverted(sp: Any, x: Any) -> Any:
    """1/x of a divisor; not evaluated, since SymPy then asks for the sign of all that is inside."""
    return x.base if x.exp == -1 else sp.Pow(x.base, -x.exp, evaluate=False)


def _pattern(sp: Any, part: Any) -> tuple[str, Any] | None:
    """log(1 + e^u) and 1/(1 + e^-u), which have functions of their own."""
    if isinstance(part, sp.log) and len(part.args) == 1 and (u := _one_and_exp(sp, part.args[0])) is not None:
        return "softplus", u
    if isinstance(part, sp.Pow) and part.exp == -1 and (u := _one_and_exp(sp, part.base)) is not None:
        return "sigmoid", -u
    return None


def _one_and_exp(sp: Any, part: Any) -> Any:
    if isinstance(part, sp.Add) and len(part.args) == 2 and sp.S.One in part.args:
        other = part.args[1] if part.args[0] == 1 else part.args[0]
        if isinstance(other, sp.exp):
            return other.args[0]
    return None


def _node(walk: _Walk, part: Any) -> int:
    sp, build, name = walk.sp, walk.build, _shown(part)
    at = [walk.places[x] for x in _needed(sp, part)]
    if (found := _pattern(sp, part)) is not None:
        return build.add(found[0], at[0], place=name)
    if isinstance(part, sp.Number | sp.NumberSymbol | sp.core.numbers.ImaginaryUnit):
        return _number(walk, part)
    if isinstance(part, sp.Add):
        return build.sum(at, name)
    if isinstance(part, sp.Mul):
        return _product(walk, part, at)
    if isinstance(part, sp.Pow):
        return _power(build, part, at, name) if len(at) == 1 else _exp_log(build, at, name)
    if isinstance(part, sp.Max | sp.Min):
        return _largest(build, at, least=isinstance(part, sp.Min), place=name)
    operation = type(part).__name__
    if operation == "log":
        logs = [build.add("log", a, place=name) for a in at]
        return logs[0] if len(logs) == 1 else build.add("div", *logs, place=name)
    if operation in FUNCTIONS and len(at) == 1:
        return build.add(FUNCTIONS[operation], at[0], place=name)
    if part.is_Symbol or operation in ("Indexed", "MatrixElement"):
        raise InputError(
            f"{part} is free: add it to the variables, or put a number in its place, expr.subs({part}, ..)"
        )
    raise InputError(f"{name}: {operation} is not among the operations of a loss; rewrite it with {KNOWN}")


def _number(walk: _Walk, part: Any) -> int:
    sp, build, name = walk.sp, walk.build, _shown(part)
    if part is sp.pi:
        return build.add("pi")
    if part is sp.E:
        return build.add("exp", build.add("const", Fraction(1)), place=name)
    if isinstance(part, sp.Float):
        if part._prec <= 53:
            return build.add("const", walk.exact(float(part), f"in {name}"))
        part = sp.Rational(part)
    if isinstance(part, sp.Rational) and part.is_finite:
        return build.add("const", Fraction(int(part.p), int(part.q)), place=name)
    raise InputError(
        f"{name} is not a real number that a loss takes; use integers, fractions, decimals and pi"
    )


def _product(walk: _Walk, part: Any, at: list[int]) -> int:
    build, name = walk.build, _shown(part)
    below = sum(_inverse(walk.sp, x) for x in part.args)
    halves = [at[: len(at) - below], at[len(at) - below :]]
    found = []
    for half in halves:
        product = half[0] if half else build.add("const", Fraction(1))
        for factor in half[1:]:
            product = build.add("square", product) if factor == product else build.add("mul", product, factor)
        found.append(product)
    if not below:
        return found[0]
    return build.add("div", *found, place=name)


def _power(build: Builder, part: Any, at: list[int], name: str) -> int:
    """base^(p/q), or e^u."""
    base, exponent = at[0], part.exp
    if not exponent.is_Rational:
        return build.add("exp", base, place=name)
    p, q = int(exponent.p), int(exponent.q)
    if q == 2:
        base = build.add("sqrt", base, place=name)
    elif q != 1:
        scaled = build.add("mul", build.add("const", Fraction(p, q)), build.add("log", base, place=name))
        return build.add("exp", scaled, place=name)
    if p == 1:
        return base
    return build.add("square", base, place=name) if p == 2 else build.add("powi", base, p, place=name)


def _exp_log(build: Builder, at: list[int], name: str) -> int:
    return build.add("exp", build.add("mul", at[1], build.add("log", at[0], place=name)), place=name)


def _largest(build: Builder, at: list[int], *, least: bool, place: str) -> int:
    given = [build.add("neg", a) for a in at] if least else at
    found = given[0]
    for a in given[1:]:
        zero = [b for b, other in ((found, a), (a, found)) if _is_zero(build, other)]
        found = build.add("relu", zero[0], place=place) if zero else build.add("max", found, a, place=place)
    return build.add("neg", found, place=place) if least else found


def _is_zero(build: Builder, index: int) -> bool:
    return bool(build.nodes[index] == ("const", Fraction(0)))


def _shown(part: Any) -> str:
    """For people: what SymPy prints of it, cut off; of what is larger, its outermost operations.

    SymPy prints all of an expression, and recursively: with a name for each part that is quadratic, and may not end.
    """
    text = str(part) if _is_small(part) else _outline(part, OUTLINE_DEPTH)
    return text if len(text) <= SHOWN else text[: SHOWN - 2] + ".."


def _is_small(part: Any) -> bool:
    """Whether it has at most SMALL subexpressions; not recursive."""
    left, count = [part], 0
    while left:
        count += 1
        if count + len(left) > SMALL:
            return False
        left += getattr(left.pop(), "args", ())
    return True


def _outline(part: Any, depth: int) -> str:
    arguments = getattr(part, "args", ())
    if not arguments:
        return str(part)
    if depth == 0:
        return ".."
    inside = [_outline(x, depth - 1) for x in arguments[:OUTLINE_ARGUMENTS]]
    inside += [".."] * (len(arguments) > OUTLINE_ARGUMENTS)
    operation = type(part).__name__
    if operation in INFIX:
        return f"({INFIX[operation].join(inside)})"
    return f"{operation}({', '.join(inside)})"
