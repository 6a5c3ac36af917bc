"""The octopus by its definition, in any arithmetic: value and gradient, region by region, and gradient descent."""


class OutsideError(ValueError):
    """The point is not in D."""


def place(x, tau):
    """Of |x|: k, and whether it is a buffer (k + 1) or a cell (k)."""
    a = [abs(v) for v in x]
    k = 0
    while k < len(a) and a[k] >= 2 * tau:
        k += 1
    waits = a[k + 1 :]
    if any(v > 6 * tau for v in a[:k]) or any(v > tau for v in waits):
        raise OutsideError(x)
    return k, k < len(a) and a[k] > tau


def pieces(z, L, gamma, tau):
    """g_1, g_1', g_2, g_2' at z in [tau, 2 tau]."""
    s = (z - tau) / tau
    u = 1 - s
    # the integral of g_1'/tau^2 over s, term by term
    fall = -2 * gamma * (s + s**2 / 2 - 5 * s**3 / 3 + 3 * s**4 / 4) - L * (14 * s**3 / 3 - 5 * s**4 / 2)
    g1 = -gamma * tau**2 + tau**2 * fall
    d1 = tau * (-2 * gamma * u**2 * (1 + 3 * s) - L * s**2 * (14 - 10 * s))
    g2 = -gamma + (L + gamma) * u**3 * (10 - 15 * u + 6 * u**2)
    d2 = -30 * (L + gamma) * s**2 * u**2 / tau
    return g1, d1, g2, d2


def value(x, L, gamma, tau):
    k, buffer = place(x, tau)
    nu = tau**2 * (37 * L + 13 * gamma) / 6
    a = [abs(v) for v in x]
    total = sum(L * (v - 4 * tau) ** 2 for v in a[:k]) - k * nu
    if not buffer:
        return total + (-gamma * a[k] ** 2 if k < len(a) else 0) + sum(L * v**2 for v in a[k + 1 :])
    g1, _, g2, _ = pieces(a[k], L, gamma, tau)
    return total + g1 + (g2 * a[k + 1] ** 2 if k + 1 < len(a) else 0) + sum(L * v**2 for v in a[k + 2 :])


def gradient(x, L, gamma, tau):
    k, buffer = place(x, tau)
    sign = [1 if v >= 0 else -1 for v in x]
    a = [abs(v) for v in x]
    g = [2 * L * (v - 4 * tau) for v in a[:k]] + [2 * L * v for v in a[k:]]
    if k < len(a) and not buffer:
        g[k] = -2 * gamma * a[k]
    elif k < len(a):
        _, d1, g2, d2 = pieces(a[k], L, gamma, tau)
        y = a[k + 1] if k + 1 < len(a) else 0
        g[k] = d1 + d2 * y**2
        if k + 1 < len(a):
            g[k + 1] = 2 * g2 * y
    return [s * v for s, v in zip(sign, g, strict=True)]


def times(x, L, gamma, tau, eta, most):
    """T_1, .., T_d by gradient descent itself, as far as they come within so many steps; raises OutsideError."""
    found = []
    for t in range(most + 1):
        while len(found) < len(x) and abs(x[len(found)]) >= 2 * tau:
            found.append(t)
        if len(found) == len(x):
            break
        x = [v - eta * g for v, g in zip(x, gradient(x, L, gamma, tau), strict=True)]
    return found
