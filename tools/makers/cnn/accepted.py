"""True certificates."""

from __future__ import annotations

from judge.documents import Json
from makers.cnn.points import PLAIN, THREE, TO_GLOBAL, TO_SPURIOUS, descent, edges, near, whole
from makers.folder import Files
from relucert.families.cnn.problem import CnnProblem


def accepted(files: Files) -> dict[str, Json]:
    above, below = edges()
    one = CnnProblem.from_text("-1/3", "1", 2)
    made = {
        "landscape-spurious": whole(THREE),
        "landscape-none": whole(PLAIN),
        "landscape-k-1": whole(one),
        "landscape-s-0": whole(CnnProblem.from_text("1,-1", "1/3", 2)),
        "landscape-k-2": whole(CnnProblem.from_text("2,-1", "1", 2)),
        "landscape-parallel-to-ones": whole(CnnProblem.from_text("2,2,2", "1", 5)),
        "landscape-huge": whole(CnnProblem.from_text("1e200,-3e199,7", "1e-100", 10**9)),
        "landscape-just-above": whole(above),
        "landscape-just-below": whole(below),
        "global": near(THREE, 0),
        "global-exact": near(CnnProblem.from_text("1,-2", "1", 3), 0),
        "half-space-spurious": near(THREE, 1),
        "half-space-flat": near(PLAIN, 1),
        "half-space-k-1": near(one, 1),
        "saddle": near(THREE, 2),
        "not-critical": near(THREE, 1, 0.25),
        "not-critical-s-0": near(CnnProblem.from_text("1,-1", "1", 2), 2, 0.25),
        "region-global": descent(PLAIN, [0.5, -1.0, 0.25], [0.5, 0.25], "0.125"),
        "region-spurious": descent(THREE, [-1.0, 0.5], [-1.0, 0.5, 0.0], "1/16"),
        "trajectory-global": descent(*TO_GLOBAL, "1/50"),
        "trajectory-spurious": descent(*TO_SPURIOUS, "1/50"),
        "trajectory-k-1": descent(one, [-1.0, 0.125], [0.25], "3/2"),
        "trajectory-antiparallel": descent(THREE, [-1.0], [1.0, 0.5, 0.0], "1/16"),
    }
    for name, document in made.items():
        files.put("accept", name, "", document)
    return made
