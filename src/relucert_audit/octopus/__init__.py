"""The octopus function of Du et al.: docs/spec/octopus-v1.md, section 16 of docs/theorem/octopus.md."""
