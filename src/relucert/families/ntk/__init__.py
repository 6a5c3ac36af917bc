"""Wide networks: training to zero loss, and the Gram matrices of infinite width."""
