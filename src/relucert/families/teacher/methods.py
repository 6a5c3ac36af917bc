"""The methods that a claim of this family may name. Nothing is imported here: to say a claim is to be quick."""

HESSIAN, SYMMETRIC, SIGNED = POINTS = ("hessian", "symmetric-hessian", "signed-hessian")
RUNS, SIGNED_RUNS = OF_RUNS = ("runs", "signed-runs")  # the second with signs of output weights and a slope
OWNERS, CONVERGES = "owners", "converges"
NOT_ISOLATED, TO_GLOBAL = "global-minimum-not-isolated", "converges-to-global-minimum"  # their verdicts
SPLIT, ZERO, TRAINED, COLLAPSED = WIDER = ("split", "zero-neuron", "trained-output-weights", "collapsed")
METHODS = (*POINTS, *OF_RUNS, OWNERS, CONVERGES, *WIDER)
MANIFOLDS = {
    "spurious-minimum": "spurious-minima",
    "global-minimum": "global-minima",
    "local-minimum": "local-minima",
    "strict-saddle": "strict-saddles",
}  # verdicts with trained output weights
