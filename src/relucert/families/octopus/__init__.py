"""The octopus function of Du et al. (2017): gradient descent needs exponential time to escape its saddles."""
