"""The methods that a claim of this family may name. Nothing is imported here: to say a claim is to be quick."""

ONE_HIDDEN_LAYER_CNN = "one-hidden-layer-cnn"
HALF_SPACE, SPECTRUM, LANDSCAPE, HESSIAN = POINTS = ("half-space", "spectrum", "landscape", "hessian")
INVARIANT_REGION, ENCLOSED_TRAJECTORY = RUNS = ("invariant-region", "enclosed-trajectory")
METHODS = (*POINTS, *RUNS)
