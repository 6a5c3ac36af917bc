"""Values, gradients and Hessians of a graph in balls, and what they prove."""
