"""The octopus function of Du et al. (2017)."""
